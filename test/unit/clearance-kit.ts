import { epochOfChinaTime } from "../../protocols/ceb/calendar.ts";
import type { DocumentEvent } from "../../edge/clearance/events.ts";
import { applyDocumentEvent } from "../../edge/clearance/apply.ts";
import { zClearanceConfig, type ClearanceConfig } from "../../edge/clearance/config.ts";
import type { Effects } from "../../edge/clearance/outcome.ts";
import { prepareClearance } from "../../edge/clearance/parameters.ts";
import { createDocumentState, type ManifestCase } from "../../edge/clearance/state.ts";
import { zClearanceRecord, type ClearanceRecord } from "../../protocols/clearance.ts";
import { epochMs, type EpochMs } from "../../protocols/units.ts";
import type {
  DeclaredItem,
  ParcelCategory,
  ParcelDeclaration,
} from "../../simulators/documents/declaration.ts";
import {
  documentsFor,
  type Contradiction,
  type ParcelDocuments,
} from "../../simulators/documents/parcel-documents.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";

/** 2026-11-02 10:00 in China. */
export const startAt = epochMs(Date.UTC(2026, 10, 2, 2, 0, 0));
export const minuteMs = 60_000;
export const later = (minutes: number): EpochMs => epochMs(startAt + minutes * minuteMs);

/** An element with other values in its head. */
export const withHead = <E extends { readonly head: object }>(
  element: E,
  change: Partial<E["head"]>,
): E => ({ ...element, head: { ...element.head, ...change } });

/** A guid that no drawn one is. */
export const guidOf = (last: number): string =>
  `00000000-0000-0000-0000-${String(last).padStart(12, "0")}`;

/** Sample conditions, as a site's tariff would bring them. */
const sampleRules = [
  { prefix: "8105", licences: "4xy", taxable: [], source: "sample" },
  { prefix: "2202", licences: "AB", taxable: [], source: "sample" },
  { prefix: "0507", licences: "8E", taxable: [], source: "sample" },
  { prefix: "7202", licences: "", taxable: ["export"], source: "sample" },
  { prefix: "61", licences: "", taxable: [], source: "sample" },
  { prefix: "701971", licences: "3", taxable: [], source: "sample" },
  { prefix: "9022", licences: "16", taxable: ["import"], source: "sample" },
];

export const testConfig = (changes: Partial<ClearanceConfig> = {}): ClearanceConfig => ({
  ...zClearanceConfig.parse({
    authority: "site",
    documentMatrix: {
      "9610": ["order", "receipt", "waybill"],
      "1210": ["order", "receipt", "waybill"],
      "1239": ["order", "receipt", "waybill"],
      "9710": ["order", "waybill"],
      "9810": ["order", "waybill"],
    },
    documentWaitMs: 30 * minuteMs,
    storedWaitMs: 24 * 60 * minuteMs,
    weightTolerancePct: 5,
    weightToleranceG: 20,
    documentsMax: 1_000,
    parkedMax: 100,
    controlsMax: 100,
    parameters: [testParameters()],
  }),
  ...changes,
});

export const testParameters = (
  changes: Partial<ClearanceConfig["parameters"][number]> = {},
): ClearanceConfig["parameters"][number] => ({
  version: "rules-1",
  validFrom: epochMs(0),
  inspectionRate: 0,
  machinePassRatio: 1,
  drawSecretHex: "5a".repeat(32),
  rules: sampleRules.map((rule) => ({ ...rule, taxable: rule.taxable as ("export" | "import")[] })),
  ...changes,
});

const goodsOf: Readonly<Record<ParcelCategory, DeclaredItem>> = {
  plain: goods("6115299000", "连裤袜", 80),
  licence: goods("8105202000", "未锻轧钴样品", 300),
  ledger: goods("2202990019", "植物饮料", 600),
  prohibited: goods("0507100010", "动物牙制品", 200),
  taxable: goods("7202600000", "镍铁样品", 400),
};

function goods(hsCode: string, name: string, unitWeightG: number): DeclaredItem {
  const model = "样品";
  return { hsCode, name, model, qty: 2, unitWeightG, unitPriceCents: 2_990, material: "organic" };
}

function parcelOf(waybill: string, category: ParcelCategory = "plain"): ParcelDeclaration {
  const item = goodsOf[category];
  return { waybill, category, items: [item], grossWeightG: item.qty * item.unitWeightG + 60 };
}

export const documentsOf = (
  waybill: string,
  category: ParcelCategory = "plain",
  contradiction: Contradiction | null = null,
): ParcelDocuments =>
  documentsFor(parcelOf(waybill, category), {
    entropy: createSeededEntropy(7, waybill),
    at: startAt,
    contradiction,
  });

type EventBody = DocumentEvent extends infer E
  ? E extends DocumentEvent
    ? Omit<E, "at">
    : never
  : never;

/** The five events of a parcel's documents, in the usual order. */
export const eventsOf = (documents: ParcelDocuments): readonly EventBody[] => [
  { kind: "order", order: documents.order },
  { kind: "moneyReceipt", receipt: documents.receipt },
  { kind: "waybill", waybill: documents.waybill },
  { kind: "manifest", manifest: documents.manifest },
  { kind: "acceptance", acceptance: documents.acceptance },
];

function arrivalOf(event: EventBody): EpochMs {
  if (event.kind !== "manifestReturn" && event.kind !== "documentReturn") return startAt;
  const saidAt = epochOfChinaTime(event.receipt.head.returnTime) ?? startAt;
  return epochMs(Math.max(startAt, saidAt));
}

/** A document state with its rules, and every record it gives checked against the contract. */
export class Documents {
  readonly state = createDocumentState();
  private readonly rules;
  constructor(config: ClearanceConfig = testConfig()) {
    this.rules = prepareClearance(config);
  }

  private lastAt: EpochMs = startAt;
  private nextAt(event: EventBody): EpochMs {
    this.lastAt = epochMs(Math.max(this.lastAt, arrivalOf(event)));
    return this.lastAt;
  }

  /** What customs has said comes when it was said, or later. */
  apply(event: EventBody, at: EpochMs = this.nextAt(event)): Effects {
    const effects = applyDocumentEvent(this.state, { at, ...event }, this.rules);
    for (const record of effects.changed) zClearanceRecord.parse(record);
    return effects;
  }

  take(documents: ParcelDocuments, at: EpochMs = startAt): this {
    for (const event of eventsOf(documents)) this.apply(event, at);
    return this;
  }

  caseOf(waybill: string): ManifestCase {
    const found = this.state.cases.get(waybill);
    if (found === undefined) throw new Error(`no manifest of ${waybill}`);
    return found;
  }

  recordOf(waybill: string): ClearanceRecord {
    const { record } = this.caseOf(waybill);
    if (record === null) throw new Error(`no record of ${waybill}`);
    return record;
  }

  codesOf(waybill: string): readonly string[] {
    return this.recordOf(waybill).reasons.map(({ code }) => code);
  }
}
