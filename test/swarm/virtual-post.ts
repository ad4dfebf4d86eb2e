import type { DocumentDesk } from "../../edge/centre/documents/desk.ts";
import type { Clock } from "../../protocols/time.ts";
import { manifestReturn, writeManifestReturns } from "../../simulators/customs/receipts.ts";
import { writeDocuments } from "../../simulators/documents/write-documents.ts";
import type { DocumentPost } from "../../simulators/scenarios/forwarding.ts";
import { documentsOf } from "../../simulators/scenarios/parcel-documents.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";

/** Documents on their way to the desk as the bytes that HTTP would carry, without HTTP. */
export function createVirtualPost(options: {
  readonly desk: DocumentDesk;
  readonly seed: number;
  readonly clock: Clock;
  readonly onStopped: (waybill: string) => void;
  readonly onRefused: (why: string) => void;
}): DocumentPost {
  const { desk, seed, clock } = options;
  const entropy = createSeededEntropy(seed, "envelopes");
  const encoder = new TextEncoder();
  const guids = new Map<string, ReturnType<typeof documentsOf>["manifest"]>();

  const take = (xml: string): void => {
    const answer = desk.takeCustomsMessage(encoder.encode(xml));
    if (answer.kind === "refused") return options.onRefused(answer.problem.message);
    for (const { accepted, reason } of answer.results) {
      if (!accepted) options.onRefused(reason ?? "without a reason");
    }
  };

  return {
    send: (plan) => {
      const documents = documentsOf(plan, seed, clock.wall());
      guids.set(plan.declaration.waybill, documents.manifest);
      for (const xml of writeDocuments([documents], entropy)) take(xml);
      if (plan.isAccepted) desk.takeAcceptance(documents.acceptance);
    },
    sendReceipt: (plan, status) => {
      const manifest = guids.get(plan.declaration.waybill);
      if (manifest === undefined) return;
      options.onStopped(plan.declaration.waybill);
      const said = manifestReturn(manifest, { status, at: clock.wall() }, entropy);
      take(writeManifestReturns([said], entropy));
    },
  };
}
