import { hash } from "node:crypto";

/** A way in which a server asks who asks: `WWW-Authenticate` has one or several of them. */
export interface Challenge {
  /** In small letters. */
  readonly scheme: string;
  /** By names in small letters. */
  readonly params: ReadonlyMap<string, string>;
}

/**
 * Reads all of them out of one header, or of several that were joined. Values in quotes may hold commas
 * and quotes of their own. What is no challenge ends the reading.
 *
 * @see RFC 9110 11.6.1, 5.6.4
 */
export function readChallenges(header: string): readonly Challenge[] {
  const found: { scheme: string; params: Map<string, string> }[] = [];
  let rest = header.trim();
  while (rest !== "") {
    const param = /^([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/s.exec(rest);
    const scheme = /^([\w!#$%&'*+.^`|~-]+)(?=\s|,|$)/.exec(rest);
    const current = found.at(-1);
    if (param !== null && current !== undefined) {
      const [whole, name = "", quoted, plain = ""] = param;
      current.params.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/gs, "$1") ?? plain);
      rest = rest.slice(whole.length);
    } else if (scheme !== null) {
      found.push({ scheme: (scheme[1] ?? "").toLowerCase(), params: new Map() });
      rest = rest.slice(scheme[0].length);
    } else break;
    rest = rest.replace(/^[\s,]+/, "");
  }
  return found;
}

/** By preference. */
const algorithms = { "sha-512-256": "sha512-256", "sha-256": "sha256", md5: "md5" } as const;
type Algorithm = (typeof algorithms)[keyof typeof algorithms];

export interface Asker {
  readonly name: string;
  readonly password: string;
  readonly method: string;
  /** As it stands in the request: path and query. */
  readonly uri: string;
  /** Drawn anew for each request. */
  readonly clientNonce: string;
}

/**
 * The answer to the best of the Digest challenges that can be answered; null where there is none. Each
 * nonce is used once, so that its count is always 1. A header is bytes, each of them a character here:
 * what the device has written is given back and reckoned with as it came, in whatever code; name and
 * password are UTF-8.
 *
 * @see RFC 7616 3.4, 4; without `qop` as RFC 2069 had it, which some cameras still do
 */
export function digestAnswer(challenges: readonly Challenge[], asker: Asker): string | null {
  for (const [name, algorithm] of Object.entries(algorithms)) {
    for (const { scheme, params } of challenges) {
      if (scheme !== "digest") continue;
      const [known, session] = [name, `${name}-sess`];
      const asked = (params.get("algorithm") ?? "MD5").toLowerCase();
      if (asked !== known && asked !== session) continue;
      const answer = answerTo(params, asker, { algorithm, isOfSession: asked === session });
      if (answer !== null) return answer;
    }
  }
  return null;
}

function answerTo(
  params: Challenge["params"],
  { name, password, method, uri, clientNonce }: Asker,
  { algorithm, isOfSession }: { readonly algorithm: Algorithm; readonly isOfSession: boolean },
): string | null {
  const [realm, nonce, qops] = [params.get("realm"), params.get("nonce"), params.get("qop")];
  if (realm === undefined || nonce === undefined) return null;
  const hasQop = qops !== undefined && qops !== "";
  if (hasQop && !qops.split(",").some((qop) => qop.trim().toLowerCase() === "auth")) return null;
  const digest = (...parts: readonly string[]): string =>
    hash(algorithm, Buffer.from(parts.join(":"), "latin1"), "hex");
  const isHashed = params.get("userhash")?.toLowerCase() === "true";
  const user = isHashed
    ? `username="${digest(inUtf8(name), realm)}"`
    : userOf(name, params.get("charset")?.toLowerCase() === "utf-8");
  const secret = digest(inUtf8(name), realm, inUtf8(password));
  const who = isOfSession ? digest(secret, nonce, clientNonce) : secret;
  const what = digest(method, uri);
  const response = hasQop
    ? digest(who, nonce, onlyCount, clientNonce, "auth", what)
    : digest(who, nonce, what);
  const [opaque, asked] = [params.get("opaque"), params.get("algorithm")];
  return [
    `Digest ${user}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    ...(asked === undefined ? [] : [`algorithm=${asked}`]),
    `response="${response}"`,
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
    ...(hasQop || isOfSession ? [`cnonce=${quoted(clientNonce)}`] : []),
    ...(hasQop ? ["qop=auth", `nc=${onlyCount}`] : []),
    ...(isHashed ? ["userhash=true"] : []),
  ].join(", ");
}

/** Devices that do not say that they know UTF-8 know no other way to be told a name than its bytes. */
const userOf = (name: string, knowsUtf8: boolean): string =>
  knowsUtf8 && /[^ -~]/.test(name)
    ? `username*=UTF-8''${extended(name)}`
    : `username=${quoted(inUtf8(name))}`;

/** @see RFC 5987 3.2.1 */
const extended = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[*'()]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** The bytes of its UTF-8, each a character. */
const inUtf8 = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

const onlyCount = "00000001";
const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
