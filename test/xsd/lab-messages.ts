import { wrapMessage } from "../../protocols/ceb/envelope.ts";
import { epochMs } from "../../protocols/units.ts";
import {
  disorder,
  manifestReturn,
  orderReturn,
  receiptReturn,
  usualCourse,
  waybillReturn,
  writeManifestReturns,
} from "../../simulators/customs/receipts.ts";
import { drawGuid } from "../../simulators/documents/numbers.ts";
import {
  contradictions,
  documentsFor,
  type ParcelDocuments,
} from "../../simulators/documents/parcel-documents.ts";
import { writeDocuments, writeOrThrow } from "../../simulators/documents/write-documents.ts";
import { defaultScenario } from "../../simulators/scenarios/options.ts";
import { createParcelStream } from "../../simulators/scenarios/parcel-stream.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";

export interface NamedMessage {
  readonly name: string;
  readonly xml: string;
}

const firstAt = epochMs(Date.UTC(2026, 10, 1, 16, 0, 0));
/** Elements a message: from one alone to the most that is allowed. */
const batchSizes = [1, 2, 7, 30, 100] as const;
const statuses = [1, 2, 3, 4, 100, 120, 300, 399, 500, 599, 800, 899, 1_399, -621_004, "?"];

/**
 * Everything the lab emits, from one seed: documents of parcels as its worlds draw them, every
 * way in which they contradict each other, customs' receipts in every status, and envelopes.
 */
export function labMessages(seed: number, parcelsTotal: number): readonly NamedMessage[] {
  const entropy = createSeededEntropy(seed, "documents");
  const stream = createParcelStream({
    seed,
    lineIndex: 0,
    scenario: { ...defaultScenario, licence: 0.2, ledger: 0.15, taxable: 0.1, prohibited: 0.1 },
    beltSpeedMmPerS: 1_000,
  });
  const parcels: ParcelDocuments[] = [];
  while (parcels.length < parcelsTotal) {
    const plan = stream.next().documents;
    if (plan === null) continue;
    const at = epochMs(firstAt + parcels.length * 977_001);
    const contradiction = contradictions[parcels.length % (contradictions.length * 3)] ?? null;
    parcels.push(documentsFor(plan.declaration, { entropy, at, contradiction }));
  }
  const messages: NamedMessage[] = [];
  for (let from = 0, batch = 0; from < parcels.length; batch += 1) {
    const size = batchSizes[batch % batchSizes.length] ?? 1;
    const some = parcels.slice(from, from + size);
    from += size;
    for (const [index, xml] of writeDocuments(some, entropy).entries()) {
      const name = `lab-${batch}-${["303", "403", "505", "603"][index] ?? ""}`;
      messages.push({ name, xml });
      if (batch % 7 === 0) messages.push({ name: `${name}-envelope`, xml: inEnvelope(xml, name) });
    }
    messages.push(...receiptsFor(some, batch, seed));
  }
  return messages;
}

const inEnvelope = (xml: string, name: string): string =>
  wrapMessage(xml, {
    copMsgId: name,
    senderId: "DXPENT0000000001",
    receiverIds: ["DXPEDCCEB0000002"],
    createdAt: "2026-11-02T10:00:00",
    msgType: "CEB603Message",
  });

/** What customs answers to one batch: a receipt a document, manifests in many statuses. */
function receiptsFor(
  parcels: readonly ParcelDocuments[],
  batch: number,
  seed: number,
): readonly NamedMessage[] {
  const entropy = createSeededEntropy(seed, `customs ${batch}`);
  const status = statuses[batch % statuses.length] ?? 800;
  const said = { status, at: epochMs(firstAt + batch * 3_601_007) };
  const courses = parcels.flatMap(({ manifest }) =>
    usualCourse(said.at, 60_000).map((step) => manifestReturn(manifest, step, entropy)),
  );
  const elements = disorder(courses, 0.2, entropy).slice(0, 100);
  const guid = drawGuid(entropy);
  return [
    {
      name: `customs-${batch}-304`,
      xml: writeOrThrow({
        type: "CEB304",
        guid,
        transfer: null,
        elements: parcels.map(({ order }) => orderReturn(order, said, entropy)),
      }),
    },
    {
      name: `customs-${batch}-404`,
      xml: writeOrThrow({
        type: "CEB404",
        guid,
        transfer: null,
        elements: parcels.map(({ receipt }) => receiptReturn(receipt, said, entropy)),
      }),
    },
    {
      name: `customs-${batch}-506`,
      xml: writeOrThrow({
        type: "CEB506",
        guid,
        transfer: null,
        elements: parcels.map(({ waybill }) => waybillReturn(waybill, said, entropy)),
      }),
    },
    {
      name: `customs-${batch}-604`,
      xml: writeManifestReturns(
        parcels.map(({ manifest }) => manifestReturn(manifest, said, entropy)),
        entropy,
      ),
    },
    { name: `customs-${batch}-604-course`, xml: writeManifestReturns(elements, entropy) },
  ];
}
