/**
 * What a log line may not say. Secrets are known by the name of their field, and in free text by
 * their shape: a password inside a URL, a bearer token, `password=...`, a private key.
 */
export const redacted = "[redacted]";

/** A field of this name holds a secret, whatever it looks like. */
const secretName =
  /pass(?:word|wd|phrase)|secret|token|credential|authorization|cookie|keyPem|(?:^|[^a-z])key$|Key$|^(?:pass|pwd|pw|pin|psk|auth)$/i;

type Secrets = readonly (readonly [RegExp, string])[];

/**
 * A text in quotes, so far as an escaped quote within it does not end it: as JSON writes it, then as
 * a JSON text within another does, then more deeply, where the first quote ends it.
 */
const quoted = [
  String.raw`"(?:[^"\\]|\\[\s\S])*(?:"|$)`,
  String.raw`'(?:[^'\\]|\\[\s\S])*(?:'|$)`,
  String.raw`\\"(?:[^"\\]|\\\\(?:\\")?|\\[^"\\])*(?:\\"|$)`,
  String.raw`\\+"[^"]*(?:"|$)`,
  String.raw`\\+'[^']*(?:'|$)`,
].join("|");

/**
 * Each begins with words of its own and not with a run of anything: what begins with a run is tried
 * anew from each of its characters, and an address of a few thousand letters holds up its thread.
 */
const secretsNamed = (names: string): Secrets => [
  // The last @ before the host counts: a password may hold one itself.
  [/(:\/\/)[^\s/?#]*@/g, `$1${redacted}@`],
  [/\b(bearer|basic)\s+[\w+/=.~-]+/gi, `$1 ${redacted}`],
  [
    new RegExp(String.raw`((?:${names})\\*["']?\s*[:=]\s*)(?:${quoted}|[^\s,;&}]+)`, "gi"),
    `$1${redacted}`,
  ],
  [/(cookie:)[^\r\n]+/gi, `$1 ${redacted}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*-----|$)/g, redacted],
];
export const secretsInText = secretsNamed(
  "password|passwd|passphrase|pwd|psk|secret|token|api[_-]?key",
);
/** On a device's wire a token is what tells whose read it is, and no secret. */
export const secretsOnWires = secretsNamed("password|passwd|passphrase|pwd|psk|secret|api[_-]?key");

/** What is longer, deeper or more is cut: a line is for reading, not for keeping. */
const textCharsMax = 8_000;
const depthMax = 6;
const itemsMax = 50;

/** Of a text that was cut: the @ that shows what stands before it may lie behind the cut. */
export const addressAtEnd = /(:\/\/)[^\s/?#]*$/;

export function redactText(text: string, secrets: Secrets = secretsInText): string {
  let safe = text.slice(0, textCharsMax);
  for (const [secret, instead] of secrets) safe = safe.replace(secret, instead);
  return text.length > textCharsMax ? `${safe.replace(addressAtEnd, `$1${redacted}`)}…` : safe;
}

/** A value that JSON can carry, without its secrets; an error with its stack and its causes. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (typeof value === "function") return "(function)";
  if (typeof value !== "object" || value === null) return value;
  if (depth >= depthMax) return "…";
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return value.toJSON();
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
  if (Array.isArray(value)) return value.slice(0, itemsMax).map((item) => redact(item, depth + 1));
  return redactFields(value, depth);
}

/** The fields of a line, or of an object within it. */
export function redactFields(fields: object, depth = 0): Record<string, unknown> {
  const safe: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields).slice(0, itemsMax)) {
    const isSecret = secretName.test(name) && value !== null && value !== undefined;
    safe[name] = isSecret ? redacted : redact(value, depth + 1);
  }
  return safe;
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause, ...more } = error;
  return {
    name,
    message: redactText(message),
    ...(stack === undefined ? {} : { stack: redactText(stack) }),
    // What libraries hang onto their errors: a code, a system call, an address.
    ...redactFields(more, depth),
    ...(cause === undefined ? {} : { cause: redact(cause, depth + 1) }),
    // One for each address that was tried, and not among the fields that are listed.
    ...(error instanceof AggregateError ? { errors: redact(error.errors, depth + 1) } : {}),
  };
}
