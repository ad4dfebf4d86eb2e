import type { DeviceReasonCode } from "../../../../protocols/device-reasons.ts";
import { dayOf } from "../../../../protocols/civil-date.ts";
import type { EpochMs } from "../../../../protocols/units.ts";
import { daysOf, endsSoon, type CertificateFacts } from "../../certificate-facts.ts";

/** What a server has shown, and what a person has said of it before. */
export interface ShownServer {
  readonly shown: CertificateFacts;
  /** What the server calls itself in the endpoint that it offers. */
  readonly announcedUri: string | null;
  /** Certificates that are trusted at this very address. */
  readonly trusted: readonly CertificateFacts[];
  readonly trustsAny: boolean;
  readonly now: EpochMs;
}

export type ServerJudgement = { readonly kind: "trusted" } | ServerFault;

interface ServerFault {
  readonly kind: "refused";
  readonly code: DeviceReasonCode;
  readonly detail: string;
}

const refused = (code: DeviceReasonCode, detail: string): ServerFault => ({
  kind: "refused",
  code,
  detail,
});

/**
 * Whether this is the server that is meant. Days and name are looked at first, because no trust
 * mends them; then whether somebody has trusted this certificate at this address. A renewed one is
 * told as that where it bears the names of the one that is trusted, which anybody can write into a
 * certificate: it takes a person all the same.
 * @see OPC 10000-4, 6.1.3 (order of the checks differs; what is refused does not)
 */
export function judgeServer(server: ShownServer): ServerJudgement {
  const { shown, trusted, trustsAny } = server;
  const unfit = unfitness(server);
  if (unfit !== null) return unfit;
  if (trustsAny || trusted.some(({ fingerprint }) => fingerprint === shown.fingerprint)) {
    return { kind: "trusted" };
  }
  if (trusted.length === 0) return refused("notTrusted", identityOf(shown));
  const before = trusted.find((each) => isRenewal(each, shown));
  return before === undefined
    ? refused("certificateForeign", identityOf(shown))
    : refused("certificateRenewed", `${identityOf(shown)}; before it to ${dayOf(before.endsAt)}`);
}

/** What makes a certificate unfit whoever trusts it; null: nothing does. */
export function unfitness({
  shown,
  announcedUri,
  now,
}: Pick<ShownServer, "shown" | "announcedUri" | "now">): ServerFault | null {
  if (now < shown.fromAt) return refused("certificateNotYetValid", daysOf(shown, now));
  if (now > shown.endsAt) return refused("certificateExpired", daysOf(shown, now));
  if (shown.applicationUri === announcedUri && announcedUri !== null) return null;
  const named = shown.applicationUri ?? "nobody";
  return refused("certificateOtherName", `${named}, and the server is ${announcedUri ?? "nobody"}`);
}

/** What to know of the certificate of a server that is spoken to; null: nothing. */
export function endingOf(shown: CertificateFacts, now: EpochMs): ServerFault | null {
  if (now > shown.endsAt) return refused("certificateExpired", daysOf(shown, now));
  return endsSoon(shown, now) ? refused("certificateEnds", daysOf(shown, now)) : null;
}

/** Whether one bears the names of the other and begins no earlier. */
export const isRenewal = (before: CertificateFacts, shown: CertificateFacts): boolean =>
  before.subject === shown.subject &&
  before.applicationUri === shown.applicationUri &&
  before.fromAt <= shown.fromAt;

/** Enough of it to find it again; the command that trusts it shows it whole. */
const identityOf = ({ subject, fingerprint, endsAt }: CertificateFacts): string =>
  `${subject.slice(0, 80)}, SHA-256 ${fingerprint.slice(0, 16)}..., to ${dayOf(endsAt)}`;
