import type { Entropy } from "../../protocols/time.ts";
import type { DeclaredItem, ParcelCategory, ParcelDeclaration } from "../documents/declaration.ts";
import { contradictions, type Contradiction } from "../documents/parcel-documents.ts";
import {
  footprintMm,
  forbiddenKinds,
  type ContentKind,
  type ForbiddenKind,
  type TrueContents,
} from "../world/contents.ts";
import {
  createSeededEntropy,
  exponential,
  happens,
  integer,
  normal,
  pick,
  seedOfRun,
  uniform,
} from "../world/chance.ts";
import type { PhysicalParcel } from "../world/ports.ts";
import { catalogue, hiddenWeightG, type Goods } from "./goods.ts";
import { scenarioOf, type ScenarioOptions } from "./options.ts";
import { createWaybills } from "./waybills.ts";

/** A parcel with everything about it that the world knows and nobody else. */
export interface PlannedParcel {
  readonly physical: PhysicalParcel;
  /** Null: nobody sends documents for it. */
  readonly documents: DocumentPlan | null;
  /** For the oracle: what is forbidden inside though not declared. */
  readonly hidden: ForbiddenKind | null;
  readonly isWeightWrong: boolean;
}

/** What shipper, carrier and customs will say of a parcel, and when. */
export interface DocumentPlan {
  readonly declaration: ParcelDeclaration;
  /** How one of its documents contradicts the others; null when they agree. */
  readonly contradiction: Contradiction | null;
  /** Seconds after induction; null: well before. */
  readonly lateS: number | null;
  readonly isAccepted: boolean;
  /** A customs status sent while the parcel is on the belt, seconds after induction. */
  readonly receipt: { readonly status: number; readonly afterS: number } | null;
}

/** An endless stream of parcels for one line: the same seed, run, options and line give the same. */
export interface ParcelStream {
  next(): PlannedParcel;
  /** A body that nobody sent. */
  foreign(): PhysicalParcel;
}

export interface ParcelStreamOptions {
  readonly seed: number;
  /** See `seedOfRun`; default: the first. */
  readonly run?: number;
  readonly lineIndex: number;
  readonly scenario: ScenarioOptions;
  readonly beltSpeedMmPerS: number;
  /** Names for the oracle; in no way part of what is drawn. Default: counted. */
  readonly truthIdOf?: (index: number) => string;
}

/** Waybills of parcels gone before that a duplicate may bear. */
const rememberedMax = 50;
/** Wrapping around the goods. */
const wrappingG = { from: 40, to: 260 };
/** True weights vary this much around what was declared. */
const weightSpread = 0.006;

export function createParcelStream(options: ParcelStreamOptions): ParcelStream {
  const { seed, run = 1, lineIndex } = options;
  const runSeed = seedOfRun(seed, run);
  const entropy = createSeededEntropy(runSeed, `parcels ${lineIndex}`);
  const foreignEntropy = createSeededEntropy(runSeed, `foreign ${lineIndex}`);
  const nextWaybill = createWaybills({ seed, run, lineIndex, entropy });
  const truthIdOf = options.truthIdOf ?? ((index) => `t${lineIndex}-${index}`);
  const gapMmMean = meanGapMm(options.scenario, options.beltSpeedMmPerS);
  const recent: string[] = [];
  let index = 0;
  let foreignIndex = 0;

  const labelsOf = (waybill: string, scenario: ScenarioOptions): readonly string[] => {
    const isUnreadable = happens(entropy, scenario.labelUnreadable);
    const isDouble = happens(entropy, scenario.doubleLabel);
    const isDuplicate = happens(entropy, scenario.duplicateWaybill);
    const older = recent[integer(entropy, 0, rememberedMax - 1)];
    if (isUnreadable) return [];
    if (isDuplicate && older !== undefined) return [older];
    return isDouble && older !== undefined ? [waybill, older] : [waybill];
  };

  return {
    next() {
      const scenario = scenarioOf(index, options.scenario);
      const waybill = nextWaybill();
      const category = drawCategory(entropy, scenario);
      const wares = drawWares(entropy, category);
      const hidden = happens(entropy, scenario.hiddenContraband)
        ? pick(entropy, forbiddenKinds)
        : null;
      const kinds = wares.map(({ goods }) => goods.looksLike as ContentKind);
      if (hidden !== null) kinds.push(hidden);
      const contents = drawContents(entropy, kinds);
      const lengthMm = drawLengthMm(entropy, contents, scenario);
      const declaration = declare(entropy, { waybill, category, wares, hidden });
      const isWeightWrong = happens(entropy, scenario.weightMismatch);
      const physical: PhysicalParcel = {
        truthId: truthIdOf(index),
        lengthMm,
        gapMm: scenario.gapMmMin + exponential(entropy, gapMmMean - scenario.gapMmMin),
        weightG: drawWeightG(entropy, declaration.grossWeightG, isWeightWrong),
        labels: labelsOf(waybill, scenario),
        contents: { ...contents, widthMm: Math.round(lengthMm * uniform(entropy, 0.58, 0.72)) },
      };
      const documents = drawDocuments(entropy, scenario, declaration);
      index += 1;
      recent.push(waybill);
      if (recent.length > rememberedMax) recent.shift();
      return { physical, documents, hidden, isWeightWrong };
    },
    foreign() {
      foreignIndex += 1;
      const kinds: ContentKind[] = [pick(foreignEntropy, ["clothes", "book", "knife", "teddy"])];
      return {
        truthId: `foreign-${truthIdOf(foreignIndex)}`,
        lengthMm: integer(foreignEntropy, 150, 450),
        gapMm: 0,
        weightG: integer(foreignEntropy, 100, 3_000),
        labels: [],
        contents: { ...drawContents(foreignEntropy, kinds), widthMm: 200 },
      };
    },
  };
}

/** The mean gap that, together with belt speed and mean length, makes the wanted rate. */
function meanGapMm(scenario: ScenarioOptions, beltSpeedMmPerS: number): number {
  const pitchMm = (beltSpeedMmPerS * 3_600) / scenario.parcelsPerHour;
  return Math.max(scenario.gapMmMin, pitchMm - typicalLengthMm);
}
/** Mean length of the catalogue's parcels between the default bounds; measured. */
const typicalLengthMm = 285;

function drawCategory(entropy: Entropy, scenario: ScenarioOptions): ParcelCategory {
  let left = entropy.next();
  for (const category of ["licence", "ledger", "taxable", "prohibited"] as const) {
    left -= scenario[category];
    if (left < 0) return category;
  }
  return "plain";
}

interface Ware {
  readonly goods: Goods;
  readonly qty: number;
  readonly unitWeightG: number;
  readonly unitPriceCents: number;
}

const byCategory = new Map<ParcelCategory, readonly Goods[]>();
for (const goods of catalogue) {
  byCategory.set(goods.category, [...(byCategory.get(goods.category) ?? []), goods]);
}

/** One ware that makes the category, and sometimes a plain one beside it. */
function drawWares(entropy: Entropy, category: ParcelCategory): Ware[] {
  const wares = [drawWare(entropy, category)];
  if (happens(entropy, 0.3)) wares.push(drawWare(entropy, "plain"));
  return wares;
}

function drawWare(entropy: Entropy, category: ParcelCategory): Ware {
  const choice = byCategory.get(category) ?? catalogue;
  const goods = choice[Math.floor(entropy.next() * choice.length)] ?? choice[0];
  if (goods === undefined) throw new Error(`the catalogue has no ${category} goods`);
  return {
    goods,
    qty: integer(entropy, 1, goods.qtyMax),
    unitWeightG: integer(entropy, ...goods.unitWeightG),
    unitPriceCents: integer(entropy, ...goods.unitPriceCents),
  };
}

function drawContents(
  entropy: Entropy,
  items: readonly ContentKind[],
): Omit<TrueContents, "widthMm"> {
  return {
    seed: integer(entropy, 0, 0x7fff_ffff),
    wrapping: happens(entropy, 0.35) ? "bag" : "carton",
    items,
  };
}

/** Room for the largest thing, and a little more for each other one. */
function drawLengthMm(
  entropy: Entropy,
  contents: Omit<TrueContents, "widthMm">,
  scenario: ScenarioOptions,
): number {
  const longestMm = Math.max(...contents.items.map((kind) => footprintMm[kind][0]));
  const others = contents.items.length - 1;
  const wantedMm = longestMm * uniform(entropy, 1.12, 1.5) + 70 * others;
  return Math.round(Math.min(scenario.lengthMmMax, Math.max(scenario.lengthMmMin, wantedMm)));
}

/** The declared gross weight includes everything inside: what is hidden is only not named. */
function declare(
  entropy: Entropy,
  parcel: {
    readonly waybill: string;
    readonly category: ParcelCategory;
    readonly wares: readonly Ware[];
    readonly hidden: ForbiddenKind | null;
  },
): ParcelDeclaration {
  const items: DeclaredItem[] = parcel.wares.map(({ goods, qty, unitWeightG, unitPriceCents }) => ({
    hsCode: goods.hsCode,
    name: goods.name,
    model: goods.model,
    qty,
    unitWeightG,
    unitPriceCents,
    material: goods.material,
  }));
  const hiddenSpan = parcel.hidden === null ? undefined : hiddenWeightG[parcel.hidden];
  const hiddenG = hiddenSpan === undefined ? 0 : integer(entropy, ...hiddenSpan);
  const netG = items.reduce((sum, item) => sum + item.qty * item.unitWeightG, 0);
  return {
    waybill: parcel.waybill,
    category: parcel.category,
    items,
    grossWeightG: netG + hiddenG + integer(entropy, wrappingG.from, wrappingG.to),
  };
}

function drawWeightG(entropy: Entropy, declaredG: number, isWrong: boolean): number {
  const spread = Math.max(-3, Math.min(3, normal(entropy))) * weightSpread;
  const wrongBy = uniform(entropy, 1.4, 2.2);
  return Math.max(10, Math.round(declaredG * (1 + spread) * (isWrong ? wrongBy : 1)));
}

function drawDocuments(
  entropy: Entropy,
  scenario: ScenarioOptions,
  declaration: ParcelDeclaration,
): DocumentPlan | null {
  const isMissing = happens(entropy, scenario.documentsMissing);
  const isLate = happens(entropy, scenario.documentsLate);
  const lateS = uniform(entropy, 1, 45);
  const isContradicted = happens(entropy, scenario.comparisonMismatch);
  const contradiction = pick(entropy, contradictions);
  const isAccepted = !happens(entropy, scenario.acceptanceMissing);
  const isInspectionOrdered = happens(entropy, scenario.inspectionOrdered);
  const isStatusUnknown = happens(entropy, scenario.unknownStatus);
  const afterS = uniform(entropy, 1, 32);
  const unknownStatus = pick(entropy, [1_399, 77, -621_004]);
  if (isMissing) return null;
  const status = isInspectionOrdered ? 500 : isStatusUnknown ? unknownStatus : null;
  return {
    declaration,
    contradiction: isContradicted ? contradiction : null,
    lateS: isLate ? lateS : null,
    isAccepted,
    receipt: status === null ? null : { status, afterS },
  };
}
