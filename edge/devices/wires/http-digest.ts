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
const algorithms = { "sha-256": "sha256", md5: "md5" } as const;

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
 * nonce is used once, so that its count is always 1.
 *
 * @see RFC 7616 3.4; without `qop` as RFC 2069 had it, which some cameras still do
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
  {
    algorithm,
    isOfSession,
  }: { readonly algorithm: "sha256" | "md5"; readonly isOfSession: boolean },
): string | null {
  const [realm, nonce, qops] = [params.get("realm"), params.get("nonce"), params.get("qop")];
  if (realm === undefined || nonce === undefined) return null;
  const hasQop = qops !== undefined && qops !== "";
  if (hasQop && !qops.split(",").some((qop) => qop.trim().toLowerCase() === "auth")) return null;
  const digest = (...parts: readonly string[]): string => hash(algorithm, parts.join(":"), "hex");
  const secret = digest(name, realm, password);
  const who = isOfSession ? digest(secret, nonce, clientNonce) : secret;
  const what = digest(method, uri);
  const response = hasQop
    ? digest(who, nonce, onlyCount, clientNonce, "auth", what)
    : digest(who, nonce, what);
  const [opaque, asked] = [params.get("opaque"), params.get("algorithm")];
  return [
    `Digest username=${quoted(name)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    ...(asked === undefined ? [] : [`algorithm=${asked}`]),
    `response="${response}"`,
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
    ...(hasQop || isOfSession ? [`cnonce=${quoted(clientNonce)}`] : []),
    ...(hasQop ? ["qop=auth", `nc=${onlyCount}`] : []),
  ].join(", ");
}

const onlyCount = "00000001";
const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
