import { deviceReason, type DeviceReason } from "../../protocols/device-reasons.ts";
import type { Clock } from "../../protocols/time.ts";
import type { TemplateParams } from "../../protocols/words/template.ts";
import { deviceReasonClause } from "../../protocols/words/device-reason.ts";
import { trustText, type TrustCode } from "../../protocols/words/trust-words.ts";
import { voices, type Language } from "../../protocols/words/words.ts";
import { addressOfUrl, networkReason } from "../devices/network-reason.ts";
import type { OpcuaReach, Reach } from "../devices/reach.ts";
import { dayOf } from "../../protocols/civil-date.ts";
import { visibleText } from "../../protocols/visible-text.ts";
import { spokenFingerprint, type CertificateFacts } from "../devices/certificate-facts.ts";
import { askServer, type OfferedServer } from "../devices/wires/opcua/offered-server.ts";
import { isRenewal, unfitness } from "../devices/wires/opcua/server-judgement.ts";
import { openServerStore } from "../devices/wires/opcua/server-store.ts";

export interface TrustOptions {
  readonly device: { readonly id: string; readonly reach: Reach };
  readonly certificatesFolder: string;
  readonly clock: Clock;
  readonly language: Language;
  /** Answers for the person. */
  readonly isSaidYes: boolean;
  /** The machine was exchanged: one of other names may take the place of the trusted one. */
  readonly isExchanged: boolean;
  readonly out: (line: string) => void;
  /** What the person types; null where nobody is there. */
  readonly ask: (question: string) => Promise<string | null>;
}

/**
 * Shows the certificate of a device's OPC UA server and writes down that it is trusted at its
 * address, if a person says so. Nothing makes one trusted that is out of date or bears another name.
 * True if it is trusted in the end.
 */
export async function trustServer(options: TrustOptions): Promise<boolean> {
  const { device, language, out } = options;
  const { id, reach } = device;
  const say = (code: TrustCode, params?: TemplateParams): false => {
    out(trustText(language, code, params));
    return false;
  };
  if (reach.kind !== "opcua") return say("noServer", { id, kind: reach.kind });
  if (reach.security.mode === "none") return say("unsecured", { id });
  const offered = await askServer({ ...options, reach }).catch((error: unknown) =>
    networkReason(error, addressOfUrl(reach.endpointUrl)),
  );
  if ("code" in offered) return say("unreached", { why: whole(offered, language) });
  const isDecided = await decide(options, reach, offered);
  if (isDecided === "trust") {
    await openServerStore(options.certificatesFolder).trust(reach.endpointUrl, offered.certificate);
    say("done");
  }
  return isDecided !== "leave";
}

async function decide(
  options: TrustOptions,
  reach: OpcuaReach,
  { certificate, announcedUri }: OfferedServer,
): Promise<"trust" | "already" | "leave"> {
  const { language, out, clock, certificatesFolder, isSaidYes, isExchanged } = options;
  const say = (code: TrustCode, params?: TemplateParams): void =>
    out(trustText(language, code, params));
  const address = addressOfUrl(reach.endpointUrl);
  say("shown", { address });
  show(certificate, options);
  const unfit = unfitness({ shown: certificate, announcedUri, now: clock.wall() });
  if (unfit !== null) {
    const { code, detail } = unfit;
    say("unfit", { why: whole(deviceReason(code, { address, detail }), language) });
    return "leave";
  }
  const trusted = await openServerStore(certificatesFolder).trustedAt(reach.endpointUrl);
  if (trusted.some(({ fingerprint }) => fingerprint === certificate.fingerprint)) {
    say("already");
    return "already";
  }
  const isRenewed = trusted.some((before) => isRenewal(before, certificate));
  for (const before of trusted) {
    say("replaced");
    show(before, options);
  }
  if (trusted.length > 0 && !isRenewed && !isExchanged) {
    say("foreign");
    return "leave";
  }
  say(isRenewed ? "renewal" : "compare");
  if (isSaidYes) return "trust";
  const answer = await options.ask(trustText(language, "question"));
  if (answer?.trim().toLowerCase() === "yes") return "trust";
  say(answer === null ? "nobodyToAsk" : "unchanged");
  return "leave";
}

function show(certificate: CertificateFacts, { language, out }: TrustOptions): void {
  const word = (code: TrustCode, params?: TemplateParams): string =>
    trustText(language, code, params);
  const { subject, applicationUri, fromAt, endsAt } = certificate;
  const rows = [
    [word("subject"), subject],
    [word("applicationUri"), applicationUri ?? word("nobody")],
    [word("fingerprint"), spokenFingerprint(certificate)],
    [word("valid"), word("days", { from: dayOf(fromAt), to: dayOf(endsAt) })],
  ] as const;
  for (const [name, value] of rows) out(`  ${name.padEnd(12)} ${visibleText(value)}`);
}

const whole = (reason: DeviceReason, language: Language): string => {
  const clause = deviceReasonClause(reason, voices[language]);
  return visibleText(reason.detail === undefined ? clause : `${clause} (${reason.detail})`);
};
