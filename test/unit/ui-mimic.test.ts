// Goal: the drawn line is the line, to scale, and a finger finds the parcel it means (S2, T2).
// Method: the pure layout, looks and picking of the page on the fixture site's default line.
import { describe, expect, test } from "vitest";
import { fixtureEpoch, fixtureScene } from "../../control-ui/fixtures/site.ts";
import { pickParcel, type DrawnParcel } from "../../control-ui/web/lanes/drawn-parcel.ts";
import { placeLabels } from "../../control-ui/web/lanes/label-places.ts";
import { layoutMimic, placeOf, unknownStretch } from "../../control-ui/web/lanes/mimic-layout.ts";
import { lookOf } from "../../control-ui/web/lanes/parcel-look.ts";
import { shortWaybills } from "../../control-ui/web/shell/short-waybill.ts";
import { conditionsText } from "../../protocols/words/condition.ts";
import { beltCount } from "../../protocols/units.ts";
import { voices } from "../../protocols/words/words.ts";

const how = { isAwaited: false, label: "0999" };
const scene = fixtureScene("healthy", fixtureEpoch);
const line = scene.line["L1"]!;
const widths = [1_896, 1_256, 1_000, 760];
const layoutAt = (widthPx: number) => layoutMimic(line, { widthPx, heightPx: 350 });

describe("layout", () => {
  test.each(widths)("everything along the belt has one scale, at %i px", (widthPx) => {
    const layout = layoutAt(widthPx);
    const scale = (layout.beltRightPx - layout.beltLeftPx) / line.lengthMm;
    for (const { kind, leftPx, rightPx } of layout.beltPlaces) {
      const place = line.beltPlaces.find((each) => each.kind === kind && each.toMm >= 0)!;
      if (kind === "xray") {
        expect((rightPx - leftPx) / (place.toMm - place.fromMm)).toBeCloseTo(scale, 9);
      }
    }
    for (const branch of layout.branches) {
      expect(branch.xPx).toBeCloseTo(layout.beltLeftPx + branch.atMm * scale, 9);
    }
  });

  test.each(widths)(
    "chutes do not touch, stay on screen and under their mouths, at %i px",
    (px) => {
      const { branches, branchHalfPx } = layoutAt(px);
      expect(branches.map(({ exit }) => exit)).toEqual(["red", "green", "inspection"]);
      for (const [index, branch] of branches.entries()) {
        const right = branch.chuteLeftPx + branch.chuteWidthPx;
        const next = branches[index + 1];
        expect(right).toBeLessThan(next?.chuteLeftPx ?? px);
        expect(branch.mouthXPx - branchHalfPx).toBeGreaterThanOrEqual(branch.chuteLeftPx - 1);
        expect(branch.mouthXPx + branchHalfPx).toBeLessThanOrEqual(right + 1);
      }
    },
  );
});

describe("law 7: what lies unknown on the belt after a start", () => {
  const layout = layoutAt(1_896);
  const at = (knownFrom: number | null, now: number) =>
    unknownStretch(
      { knownFromCount: knownFrom === null ? null : beltCount(knownFrom), mmPerCount: 2 },
      now,
      layout,
    );

  test("all of it, then ever less, then nothing", () => {
    const whole = { leftPx: layout.beltLeftPx, rightPx: layout.beltRightPx };
    expect(at(100, 100)).toEqual(whole);
    expect(at(100, 90)).toEqual(whole);
    expect(at(100, 600)?.leftPx).toBeCloseTo(layout.beltLeftPx + 1_000 * layout.pxPerMm, 9);
    expect(at(100, 100 + line.lengthMm / 2)).toBeNull();
    expect(at(null, 100)).toBeNull();
  });
});

describe("where a parcel is drawn", () => {
  const layout = layoutAt(1_896);
  const middleY = (layout.beltTopPx + layout.beltBottomPx) / 2;

  test("on the belt while nothing is decided", () => {
    expect(placeOf(29_000, null, layout)).toMatchObject({ yPx: middleY, isOnBranch: false });
  });

  test("on its branch once it was decided for that exit, at 45°", () => {
    const place = placeOf(28_900, "red", layout)!;
    const branch = layout.branches[0]!;
    expect(place.isOnBranch).toBe(true);
    expect(place.xPx - branch.xPx).toBeCloseTo(place.yPx - middleY, 9);
  });

  test("past the red branch when it was decided for green", () => {
    expect(placeOf(28_900, "green", layout)).toMatchObject({ isOnBranch: false });
    expect(placeOf(31_500, "green", layout)).toMatchObject({ isOnBranch: true });
  });

  test("not at all once it is in a chute", () => {
    expect(placeOf(40_000, "inspection", layout)).toBeNull();
  });
});

describe("how it looks", () => {
  const parcel = Object.values(scene.parcel)[0]!;

  test("known, held, unknown and simulated differ", () => {
    const reasons = [{ code: "randomControl" as const }];
    expect(lookOf({ ...parcel, reasons: [] }, line, how)).toMatchObject({
      kind: "known",
      isHeld: false,
      isSimulated: true,
    });
    expect(lookOf({ ...parcel, reasons }, line, how).isHeld).toBe(true);
    expect(lookOf({ ...parcel, tracking: "unknown" }, line, how)).toMatchObject({
      kind: "unknown",
      label: "?",
    });
    expect(lookOf(parcel, { ...line, mode: "produce" }, how).isSimulated).toBe(false);
  });

  test("the label is the last four digits of the waybill", () => {
    const labels = shortWaybills(["YT7804410999", "HB290000174CN", "YT7804410998"]);
    expect([...labels.values()]).toEqual(["0999", "0174", "0998"]);
    expect(lookOf(parcel, line, { ...how, label: "0999" }).label).toBe("0999");
    expect(lookOf(parcel, line, { ...how, label: undefined }).label).toBe("?");
  });

  test("two waybills of one belt never have one label", () => {
    const alike = ["YT7804410999", "YT7805510999", "HB290000174CN", "YT7804410999"];
    expect([...shortWaybills(alike)]).toEqual([
      ["YT7804410999", "4410999"],
      ["YT7805510999", "5510999"],
      ["HB290000174CN", "0174"],
    ]);
  });
});

describe("labels of parcels that stand close", () => {
  const widthOf = () => 36;
  const row = (count: number, everyPx: number, shiftPx = 0): DrawnParcel[] =>
    Array.from({ length: count }, (_, index) => ({
      passId: `p${index}`,
      look: lookOf(Object.values(scene.parcel)[0]!, line, how),
      place: { xPx: shiftPx + index * everyPx, yPx: 80, isOnBranch: false },
      lengthPx: 10,
    }));
  const shown = (parcels: readonly DrawnParcel[], had: ReadonlySet<string> = new Set()): string[] =>
    placeLabels(parcels, widthOf, had)
      .flatMap(({ parcel, leftX }) => (leftX === null ? [] : parcel.passId))
      .toSorted();

  test("every parcel of the belt has its place, and no two labels touch", () => {
    const places = placeLabels(row(40, 17), widthOf, new Set());
    expect(new Set(places.map(({ parcel }) => parcel.passId)).size).toBe(40);
    const lefts = places.flatMap(({ leftX }) => leftX ?? []).toSorted((a, b) => a - b);
    expect(lefts.length).toBeGreaterThan(10);
    for (const [index, left] of lefts.slice(1).entries()) {
      expect(left - lefts[index]!).toBeGreaterThan(36);
    }
    expect(shown(row(20, 60))).toHaveLength(20);
    expect(shown(row(61, 60))).toEqual([]);
  });

  test("who waits for a person has one before its neighbours", () => {
    const parcels = row(9, 17).map((parcel, index) =>
      index === 4 ? { ...parcel, look: { ...parcel.look, isAwaited: true } } : parcel,
    );
    expect(shown(parcels)).toContain("p4");
  });

  test("numbers stay where they are while parcels come and leave", () => {
    const before = shown(row(30, 17));
    const after = shown(row(30, 17, 9).slice(2, -1), new Set(before));
    const gone = new Set(["p0", "p1", "p29"]);
    for (const passId of before) if (!gone.has(passId)) expect(after).toContain(passId);
  });
});

describe("T2: a finger picks the nearest parcel within 20 mm", () => {
  const at = (passId: string, xPx: number): DrawnParcel => ({
    passId,
    look: lookOf(Object.values(scene.parcel)[0]!, line, how),
    place: { xPx, yPx: 80, isOnBranch: false },
    lengthPx: 16,
  });
  const parcels = [at("a", 100), at("b", 160)];

  test("the nearer of two", () => {
    expect(pickParcel(parcels, { xPx: 125, yPx: 90 }, 40)?.passId).toBe("a");
    expect(pickParcel(parcels, { xPx: 135, yPx: 90 }, 40)?.passId).toBe("b");
  });

  test("40 px away is picked, 41 is not", () => {
    expect(pickParcel(parcels, { xPx: 160, yPx: 120 }, 40)?.passId).toBe("b");
    expect(pickParcel(parcels, { xPx: 160, yPx: 121 }, 40)).toBeNull();
  });
});

test("conditions are said in the reader's words, those of one code at once", () => {
  const say = (conditions: string[], language: "en" | "zh-CN" = "en"): string =>
    conditionsText(conditions, voices[language]);
  expect(say(["chuteNotReady:inspection"])).toBe("Inspection chute is not ready");
  expect(say(["xrayNotReady"])).toBe("the X-ray is not ready");
  expect(say(["xrayNotReady:beamOff"])).toBe("the X-ray is not ready: the beam is off");
  const lost = ["deviceDown:L1-xray", "emergencyStop", "deviceDown:L1-sorter"];
  expect(say(lost)).toBe("no answer from L1-xray, L1-sorter; emergency stop");
  expect(say(lost, "zh-CN")).toBe("L1-xray、L1-sorter 无应答；急停");
  expect(say(["somethingNew:1"])).toContain("somethingNew:1");
});
