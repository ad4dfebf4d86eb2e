import {
  deviceReason,
  type DeviceReason,
  type DeviceReasonCode,
} from "../../protocols/device-reasons.ts";

/**
 * What operating system, TLS and OPC UA servers say of a connection: errno and getaddrinfo codes,
 * and status codes of OPC 10000-4. Libraries put them into their texts; the first that is there counts.
 */
const codeOfWord: readonly (readonly [RegExp, DeviceReasonCode])[] = [
  // A broker without TLS hangs up on what it takes for nonsense.
  [/\bbefore secure TLS connection was established\b/, "securityNotOffered"],
  [/\bECONNREFUSED\b/, "refused"],
  [/\b(?:ECONNRESET|EPIPE)\b/, "connectionLost"],
  [/\bE(?:NETUNREACH|HOSTUNREACH|HOSTDOWN|NETDOWN|ADDRNOTAVAIL|TIMEDOUT)\b/, "unreachable"],
  [/\b(?:ENOTFOUND|EAI_AGAIN)\b/, "unreachable"],
  // We have judged theirs before, so that whatever is said of a certificate is said of ours.
  [/\bBad(?:Certificate\w*|SecurityChecksFailed)\b/, "ourCertificateRefused"],
  [/\bBad(?:UserAccessDenied|IdentityToken\w*)\b|\buser token policy\b/, "accessDenied"],
  [/\bBadNodeId\w*\b/, "unknownThere"],
  // TLS, by the names of OpenSSL and Node. An alert is the peer's word on ours.
  [/\bCERT_HAS_EXPIRED\b/, "certificateExpired"],
  [/\bCERT_NOT_YET_VALID\b/, "certificateNotYetValid"],
  [/\bERR_TLS_CERT_ALTNAME_\w+/, "certificateOtherName"],
  [
    /\b(?:UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY_LEAF)\w*|(?:DEPTH_ZERO_)?SELF_SIGNED_CERT\w*|CERT_(?:SIGNATURE_FAILURE|UNTRUSTED|CHAIN_TOO_LONG)|INVALID_CA)\b/,
    "notTrusted",
  ],
  [/\bERR_SSL_\w*ALERT_(?:\w*CERTIFICATE\w*|UNKNOWN_CA|ACCESS_DENIED)\b/, "ourCertificateRefused"],
  [
    /\bERR_SSL_(?:WRONG_VERSION_NUMBER|UNSUPPORTED_PROTOCOL|\w*ALERT_\w+)|\bEPROTO\b/,
    "securityNotOffered",
  ],
];

/** Thrown where a library's own words would not say what is wrong. */
export class WireRefusal extends Error {
  override readonly name = "WireRefusal";
  readonly reason: DeviceReason;

  constructor(reason: DeviceReason) {
    super(reason.detail ?? reason.code);
    this.reason = reason;
  }
}

/** Why a connection was not made or has ended; what was said stays as detail. */
export function networkReason(error: unknown, address: string): DeviceReason {
  if (error instanceof WireRefusal) return error.reason;
  const detail = describe(error);
  const known = codeOfWord.find(([word]) => word.test(detail))?.[1];
  return deviceReason(known ?? "connectionLost", { address, detail });
}

/** An error's message, and its code where the message does not have it. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code: unknown = "code" in error ? error.code : undefined;
  return typeof code === "string" && !error.message.includes(code)
    ? `${code} ${error.message}`.trim()
    : error.message;
}

/** `host:port` as people write it. */
export const addressOf = (host: string, port: number): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

/** A URL without its path and what may be secret in it. */
export function addressOfUrl(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? url : `${parsed.protocol}//${parsed.host}`;
}

/**
 * A URL as it may be printed, with its path: whatever it gives a value to may be a password, under any
 * name, in the query as well as in the path, and a query without a name is a value as a whole.
 */
export const shownUrl = (url: string): string => `${addressOfUrl(url)}${shownPath(url)}`;

/** What stands behind its host. */
export function shownPath(url: string): string {
  const { host = "", pathname = "", search = "" } = URL.parse(url) ?? {};
  if (host === "") return "";
  return `${withoutValues(pathname)}${search === "" ? "" : `?${queryNames(search)}`}`;
}

const queryNames = (search: string): string =>
  search
    .slice(1)
    .split("&")
    .map((each) => (each.includes("=") ? withoutValues(each) : "…"))
    .join("&");

const withoutValues = (text: string): string => text.replaceAll(/=[^&;/]*/g, "=…");
