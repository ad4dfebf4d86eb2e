/**
 * Goal: the lab's parcels are varied, honest where they should be and reproducible. Method: many
 * parcels are drawn, and shares, gaps and weights are compared with what was asked for.
 */
import { describe, expect, test } from "vitest";
import { defaultCarriers, waybillOf } from "../../protocols/barcode/waybill.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { writeDocuments } from "../../simulators/documents/write-documents.ts";
import { createForwarding } from "../../simulators/scenarios/forwarding.ts";
import { catalogue, catalogueRules } from "../../simulators/scenarios/goods.ts";
import {
  defaultScenario,
  openingCases,
  quietScenario,
} from "../../simulators/scenarios/options.ts";
import { documentsOf } from "../../simulators/scenarios/parcel-documents.ts";
import {
  createParcelStream,
  type DocumentPlan,
  type PlannedParcel,
} from "../../simulators/scenarios/parcel-stream.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";

const rules = { carriers: defaultCarriers };

const draw = (
  count: number,
  given: Partial<Parameters<typeof createParcelStream>[0]> = {},
): PlannedParcel[] => {
  const stream = createParcelStream({
    seed: 1,
    lineIndex: 0,
    scenario: defaultScenario,
    beltSpeedMmPerS: 1_000,
    ...given,
  });
  return Array.from({ length: count }, () => stream.next());
};
const share = (parcels: readonly PlannedParcel[], test: (parcel: PlannedParcel) => boolean) =>
  parcels.filter(test).length / parcels.length;

describe("a parcel stream", () => {
  const many = draw(20_000);

  test("is the same for the same seed and line, and another for another", () => {
    expect(draw(50)).toEqual(draw(50));
    expect(draw(50, { seed: 2 })).not.toEqual(draw(50));
    expect(draw(50, { lineIndex: 1 })).not.toEqual(draw(50));
  });

  test.each([1_200, 4_000])("comes at %i parcels an hour, never closer than the gap", (rate) => {
    const parcels = draw(10_000, { scenario: { ...defaultScenario, parcelsPerHour: rate } });
    const lengthMm = parcels.reduce((sum, p) => sum + p.physical.lengthMm + p.physical.gapMm, 0);
    const perHour = (parcels.length * 3_600_000) / lengthMm;
    expect(perHour / rate).toBeGreaterThan(0.97);
    expect(perHour / rate).toBeLessThan(1.03);
    expect(Math.min(...parcels.map((p) => p.physical.gapMm))).toBeGreaterThanOrEqual(320);
    expect(new Set(parcels.map((p) => Math.round(p.physical.gapMm / 50))).size).toBeGreaterThan(20);
  });

  test("keeps to its shares", () => {
    const near = (is: number, wanted: number): void => {
      expect(is).toBeGreaterThan(wanted * 0.8);
      expect(is).toBeLessThan(wanted * 1.2);
    };
    near(
      share(many, (p) => p.documents?.declaration.category === "licence"),
      defaultScenario.licence,
    );
    near(
      share(many, (p) => p.hidden !== null),
      defaultScenario.hiddenContraband,
    );
    near(
      share(many, (p) => p.physical.labels.length === 0),
      defaultScenario.labelUnreadable,
    );
    near(
      share(many, (p) => (p.documents?.contradiction ?? null) !== null),
      defaultScenario.comparisonMismatch,
    );
    near(
      share(many, (p) => p.isWeightWrong),
      defaultScenario.weightMismatch,
    );
  });

  test("weighs what was declared, within 2 %, unless it is meant not to", () => {
    for (const { physical, documents, isWeightWrong } of many) {
      if (documents === null) continue;
      const { grossWeightG } = documents.declaration;
      const offG = Math.abs(physical.weightG - grossWeightG);
      if (isWeightWrong) expect(offG).toBeGreaterThan(0.3 * grossWeightG);
      else expect(offG).toBeLessThan(0.02 * grossWeightG + 1);
    }
  });

  test("declares hidden things as something harmless, and shows them to the beam", () => {
    const hiding = many.filter((p) => p.hidden !== null && p.documents !== null);
    expect(hiding.length).toBeGreaterThan(100);
    for (const { hidden, physical, documents } of hiding) {
      expect(physical.contents.items).toContain(hidden);
      const names = documents?.declaration.items.map((item) => item.hsCode) ?? [];
      expect(names.every((code) => catalogue.some((goods) => goods.hsCode === code))).toBe(true);
    }
  });

  test("bears numbers that a line takes for one waybill, unique but for the duplicates", () => {
    const declared = many.flatMap((p) => p.documents?.declaration.waybill ?? []);
    expect(new Set(declared).size).toBe(declared.length);
    for (const waybill of declared.slice(0, 500)) {
      const codes = [{ text: waybill, aim: "]C0" }];
      expect(waybillOf(codes, rules)).toEqual({ kind: "one", waybill });
    }
  });

  test("of two lines shares no number", () => {
    const numbers = (lineIndex: number) =>
      draw(5_000, { lineIndex }).flatMap((p) => p.documents?.declaration.waybill ?? []);
    const other = new Set(numbers(1));
    expect(numbers(0).filter((waybill) => other.has(waybill))).toEqual([]);
  });

  test("has documents that can be written as the schema wants them", () => {
    const plans = many.flatMap((p) => p.documents ?? []).slice(0, 400);
    for (const plan of plans) {
      const documents = documentsOf(plan, 1, Date.UTC(2026, 10, 1) as never);
      expect(writeDocuments([documents], createSeededEntropy(1, "x"))).toHaveLength(4);
    }
  });

  test("raises nothing unusual in the quiet scenario", () => {
    const quiet = draw(5_000, { scenario: quietScenario });
    expect(quiet.every((p) => p.physical.labels.length === 1)).toBe(true);
    expect(quiet.every((p) => p.documents !== null && p.documents.isAccepted)).toBe(true);
    expect(quiet.some((p) => p.hidden !== null || p.isWeightWrong)).toBe(false);
    const categories = new Set(quiet.map((p) => p.documents?.declaration.category));
    expect(categories).toEqual(new Set(["plain", "licence"]));
  });

  test("opens with what it was asked for, one unusual thing each, and goes on by chance", () => {
    const opening = [...openingCases];
    const seen = (seed: number) => {
      const scenario = { ...defaultScenario, opening };
      return draw(200, { seed, scenario }).map((p) => unusual(p).join());
    };
    for (const seed of [1, 2, 3]) {
      expect(seen(seed).slice(0, opening.length), `seed ${seed}`).toEqual(
        opening.map((each) => (each === "plain" ? "" : each)),
      );
      expect(new Set(seen(seed).slice(opening.length)).size).toBeGreaterThan(4);
    }
  });
});

/** Whatever is not plain about a parcel. */
const unusual = ({ physical, documents, hidden, isWeightWrong }: PlannedParcel): string[] => {
  const category = documents?.declaration.category ?? "undocumented";
  const isOnTime = documents?.lateS === null && documents.receipt === null && documents.isAccepted;
  return [
    ...(category === "plain" ? [] : [category]),
    ...(hidden === null ? [] : ["hiddenContraband"]),
    ...((documents?.contradiction ?? null) === null ? [] : ["comparisonMismatch"]),
    ...(isWeightWrong ? ["weightMismatch"] : []),
    ...(physical.labels.length === 1 ? [] : ["labelUnreadable"]),
    ...(isOnTime ? [] : ["documents"]),
  ];
};

describe("the catalogue", () => {
  test("has a rule for everything that is not plain, and for nothing that is", () => {
    for (const { hsCode, category } of catalogue) {
      const isRuled = catalogueRules.some(({ prefix }) => hsCode.startsWith(prefix));
      expect(isRuled, hsCode).toBe(category !== "plain");
    }
  });

  test("shares no heading between plain goods and ruled ones: padded codes inherit its rules", () => {
    for (const { hsCode } of catalogue.filter((goods) => goods.category === "plain")) {
      const heading = hsCode.slice(0, 4);
      expect(catalogueRules.some(({ prefix }) => prefix.startsWith(heading))).toBe(false);
    }
  });
});

describe("forwarding", () => {
  const forward = (given: Partial<PlannedParcel["documents"] & object>, parcelsAhead = 2) => {
    const clock = createVirtualClock();
    const sent: [string, number][] = [];
    let available = 0;
    const [first] = draw(1, { scenario: quietScenario });
    const parcel = { ...first!, documents: { ...first!.documents!, ...given } as DocumentPlan };
    const stream = { next: () => parcel, foreign: () => parcel.physical };
    const forwarding = createForwarding({
      clock,
      stream,
      post: {
        send: () => void sent.push(["documents", clock.monotonic()]),
        sendReceipt: (_plan, status) => void sent.push([`receipt ${status}`, clock.monotonic()]),
      },
      parcelsAhead,
      settleMs: 1_000,
      onAvailable: () => (available += 1),
    });
    return { clock, sent, forwarding, available: () => available };
  };

  test("holds a parcel until its documents have settled: 999 ms no, 1,000 ms yes", () => {
    const { clock, sent, forwarding, available } = forward({});
    forwarding.start();
    expect(sent).toHaveLength(2);
    clock.runFor(999);
    expect(forwarding.next()).toBeNull();
    clock.runFor(1);
    expect(available()).toBeGreaterThan(0);
    expect(forwarding.next()).not.toBeNull();
  });

  test("sends late documents only once the parcel is on the belt (PF-09)", () => {
    const { clock, sent, forwarding } = forward({ lateS: 5 });
    forwarding.start();
    clock.runFor(10_000);
    expect(sent).toEqual([]);
    expect(forwarding.next()).not.toBeNull();
    clock.runFor(4_999);
    expect(sent).toEqual([]);
    clock.runFor(1);
    expect(sent).toEqual([["documents", 15_000]]);
  });

  test("lets customs change its mind while the parcel is on the belt (PF-20)", () => {
    const { clock, sent, forwarding } = forward({ receipt: { status: 500, afterS: 7 } }, 1);
    forwarding.start();
    clock.runFor(1_000);
    forwarding.next();
    clock.runFor(7_000);
    expect(sent).toContainEqual(["receipt 500", 8_000]);
  });
});
