import { X509Certificate } from "node:crypto";
import { dayMs, dayOf } from "../../protocols/civil-date.ts";
import { epochMs, type EpochMs } from "../../protocols/units.ts";

/** What people and our judgement go by in a certificate. */
export interface CertificateFacts {
  readonly der: Uint8Array;
  /** SHA-256 over it, in upper-case hex. */
  readonly fingerprint: string;
  /** On one line, such as `CN=Sorter, O=Maker`. */
  readonly subject: string;
  /** What it says that its application is called; null where it does not say. */
  readonly applicationUri: string | null;
  readonly fromAt: EpochMs;
  readonly endsAt: EpochMs;
}

/** Reads PEM or DER; of a chain its first one. Throws where that is no certificate. */
export function readCertificate(bytes: Uint8Array): CertificateFacts {
  const certificate = new X509Certificate(isPem(bytes) ? bytes : firstOfChain(bytes));
  const at = (text: string): EpochMs => epochMs(Date.parse(text));
  return {
    der: certificate.raw,
    fingerprint: certificate.fingerprint256.replaceAll(":", ""),
    subject: certificate.subject.split("\n").toReversed().join(", "),
    applicationUri: uriIn(certificate.subjectAltName ?? ""),
    fromAt: at(certificate.validFrom),
    endsAt: at(certificate.validTo),
  };
}

/** Long enough for whoever looks after the other side to trust a new one. */
const warnedBeforeMs = 60 * dayMs;

type Days = Pick<CertificateFacts, "fromAt" | "endsAt">;

export const isValidAt = ({ fromAt, endsAt }: Days, now: EpochMs): boolean =>
  now >= fromAt && now <= endsAt;

/** Still valid, and soon no more. */
export const endsSoon = ({ endsAt }: Pick<CertificateFacts, "endsAt">, now: EpochMs): boolean =>
  now <= endsAt && endsAt - now <= warnedBeforeMs;

/** As it stands in files. */
export const pemOf = ({ der }: CertificateFacts): string => new X509Certificate(der).toString();

/** In groups of four, as people compare it. */
export const spokenFingerprint = ({ fingerprint }: CertificateFacts): string =>
  (fingerprint.match(/.{1,4}/g) ?? []).join(" ");

/** For whoever wonders why it is not valid now. */
export const daysOf = ({ fromAt, endsAt }: Days, now: EpochMs): string =>
  `valid from ${dayOf(fromAt)} to ${dayOf(endsAt)}, today is ${dayOf(now)}`;

const isPem = (bytes: Uint8Array): boolean => bytes[0] === 0x2d;

/** A server hands over its chain as one string of bytes: structures of ASN.1, each with its length. */
function firstOfChain(bytes: Uint8Array): Uint8Array {
  const short = bytes[1] ?? 0;
  if (bytes[0] !== 0x30 || short < 0x80) return bytes;
  const lengthEndsAt = 2 + (short & 0x7f);
  const length = bytes.subarray(2, lengthEndsAt).reduce((sum, byte) => sum * 256 + byte, 0);
  return bytes.subarray(0, lengthEndsAt + length);
}

/** Node writes a name in quotes, with escapes as JSON has them, where it holds what would end it. */
function uriIn(subjectAltName: string): string | null {
  const found = /(?:^|, )URI:("(?:[^"\\]|\\.)*"|[^,]*)/.exec(subjectAltName)?.[1];
  if (found?.startsWith('"') !== true) return found ?? null;
  return found
    .slice(1, -1)
    .replaceAll(/\\(?:u([0-9a-f]{4})|(.))/gi, (_, code: string | undefined, char: string) =>
      code === undefined ? char : String.fromCharCode(Number.parseInt(code, 16)),
    );
}
