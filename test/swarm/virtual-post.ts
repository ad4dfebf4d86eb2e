import { sender } from "../../protocols/actor.ts";
import type { DocumentDesk } from "../../edge/centre/documents/desk.ts";
import type { Clock } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { manifestReturn, writeManifestReturns } from "../../simulators/customs/receipts.ts";
import { writeDocuments } from "../../simulators/documents/write-documents.ts";
import type { DocumentPost } from "../../simulators/scenarios/forwarding.ts";
import type { DocumentPlan } from "../../simulators/scenarios/parcel-stream.ts";
import { documentsOf } from "../../simulators/scenarios/parcel-documents.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";

/** Documents on their way to the desk as the bytes that HTTP would carry, without HTTP. */
export function createVirtualPost(options: {
  readonly desk: DocumentDesk;
  readonly seed: number;
  readonly clock: Clock;
  /** How long whoever takes documents needs to answer each (PF-08). */
  readonly delayMs: number;
  /** The documents of this parcel are at the desk. */
  readonly onTaken: (plan: DocumentPlan) => void;
  readonly onStopped: (waybill: string) => void;
  readonly onRefused: (why: string) => void;
}): DocumentPost {
  const { desk, seed, clock } = options;
  const entropy = createSeededEntropy(seed, "envelopes");
  const encoder = new TextEncoder();
  const guids = new Map<string, ReturnType<typeof documentsOf>["manifest"]>();

  const take = (xml: string): void => {
    const message = { bytes: encoder.encode(xml), by: sender("customs", "virtual") };
    desk.takeCustomsMessage(message, (outcome) => {
      if (outcome.kind !== "kept") return options.onRefused(outcome.kind);
      const { answer } = outcome;
      if (answer.kind === "refused") return options.onRefused(answer.refusal.message);
      for (const { accepted, reason } of answer.results) {
        if (!accepted) options.onRefused(reason ?? "without a reason");
      }
    });
  };

  const sendNow = (plan: DocumentPlan): void => {
    const documents = documentsOf(plan, seed, clock.wall());
    options.onTaken(plan);
    guids.set(plan.declaration.waybill, documents.manifest);
    for (const xml of writeDocuments([documents], entropy)) take(xml);
    if (!plan.isAccepted) return;
    desk.takeAcceptance(documents.acceptance, sender("carrier", "virtual"), () => {});
  };

  const sendReceiptNow = (plan: DocumentPlan, status: number): void => {
    const { waybill } = plan.declaration;
    const manifest = guids.get(waybill);
    if (manifest === undefined) return;
    options.onStopped(waybill);
    const said = manifestReturn(manifest, { status, at: clock.wall() }, entropy);
    take(writeManifestReturns([said], entropy));
  };

  const inTime = (act: () => void): Promise<void> | void => {
    if (options.delayMs === 0) return act();
    return new Promise((resolve) => {
      clock.schedule(monotonicMs(clock.monotonic() + options.delayMs), () => {
        act();
        resolve();
      });
    });
  };

  return {
    send: (plan) => inTime(() => sendNow(plan)),
    sendReceipt: (plan, status) => inTime(() => sendReceiptNow(plan, status)),
  };
}
