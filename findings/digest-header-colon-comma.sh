#!/usr/bin/env bash
# Software: digest-header 1.1.0 from npm, which makes the answers of a client of HTTP Digest.
# Expected: a Digest answer is reckoned with the whole password and the whole realm. RFC 7617 forbids a
#   colon in a user's name alone, and a realm is a quoted string, which may hold commas (RFC 9110 5.6.4).
# Seen: of a password with a colon only what stands before it is used, and a realm is cut at its comma,
#   in the answer and in what is reckoned. The device then answers 401 to the right password, without a
#   word of why. A challenge that names SHA-256 is answered with MD5, and no algorithm is named.
# Ends with 0 while this is so, with 1 when it has changed, with 2 when the package cannot be fetched.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . digest-header@1.1.0 >/dev/null || exit 2

cat >try.cjs <<'JS'
const { createHash } = require("node:crypto");
const digest = require("digest-header");
const md5 = (text) => createHash("md5").update(text).digest("hex");
const field = (answer, name) => new RegExp(`${name}="?([^",]+)`).exec(answer)?.[1];

/** What the answer would be for this password and realm, with what the answer says of itself. */
function responseFor(answer, realm, password) {
  const what = [md5(`cam:${realm}:${password}`), "n1", field(answer, "nc"), field(answer, "cnonce"), "auth"];
  return md5([...what, md5("GET:/still")].join(":"));
}

const colon = digest("GET", "/still", 'Digest realm="Cam", nonce="n1", qop="auth"', "cam:one:two");
const isCutAtColon = field(colon, "response") === responseFor(colon, "Cam", "one");
const isWhole = field(colon, "response") === responseFor(colon, "Cam", "one:two");
console.log(`password one:two: reckoned with "one" ${isCutAtColon}, with "one:two" ${isWhole}`);

const comma = digest("GET", "/still", 'Digest realm="Cam, east", nonce="n1", qop="auth"', "cam:pass");
const realm = field(comma, "realm");
const isRealmCut = realm === "Cam" && field(comma, "response") === responseFor(comma, "Cam", "pass");
console.log(`realm "Cam, east": the answer has "${realm}", and is reckoned with it ${isRealmCut}`);

const sha = digest("GET", "/still", 'Digest realm="Cam", nonce="n1", qop="auth", algorithm=SHA-256', "cam:pass");
const length = field(sha, "response").length;
const isNamed = /algorithm/.test(sha);
console.log(`algorithm=SHA-256: a response of ${length} digits (MD5 has 32), algorithm named ${isNamed}`);

process.exit(isCutAtColon && !isWhole && isRealmCut && length === 32 && !isNamed ? 0 : 1);
JS
node try.cjs
