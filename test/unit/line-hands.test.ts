import { describe, expect, it } from "vitest";
import type { HandZone } from "../../edge/line/config.ts";
import {
  benchConfig,
  createLineBench,
  induct,
  loseMessages,
  reasonsOf,
  recordOf,
  waybillNo,
  type Bench,
} from "../kit/line-bench.ts";
import { runRides, startRide } from "../kit/line-ride.ts";

/**
 * Goal: whatever hands could reach goes to inspection (law 16). Method: an emergency stop, an open
 * guard, a cleared jam and a reset at the line, with parcels inside and outside their reach.
 */
const zone: HandZone = {
  zoneId: "infeed",
  fromMm: 0,
  toMm: 4_000,
  guardIds: ["guard-1"],
  eyeIds: ["xray-entry"],
};

function bench(zones: readonly HandZone[] = []): Bench {
  const made = createLineBench({
    config: { ...benchConfig, layout: { ...benchConfig.layout, zones } },
  });
  made.start(...[1, 2, 3].map((number) => recordOf(waybillNo(number))));
  return made;
}

describe("after hands could have reached the belt", () => {
  it("an emergency stop makes every parcel on it doubtful, also one put there while it lasts", () => {
    const line = bench();
    const first = induct(line, 1_000);
    line.belt(false, true);
    line.eye("induction", true);
    const second = line.factsOf("inducted").at(-1)!.passId;
    line.belt(true);
    for (const passId of [first, second]) expect(reasonsOf(line, passId)).toContain("handled");
  });

  it("two parcels of one length that are swapped meanwhile both go to inspection", () => {
    const line = bench();
    const rides = [1, 2].map((number) =>
      startRide(line, { number, front: 1_000 + number * 1_000, without: ["fired", "accepted"] }),
    );
    runRides(line, rides, 20_000);
    line.belt(false, true);
    line.stand(10_000);
    line.belt(true);
    runRides(line, rides, 45_000);
    expect(line.factsOf("left").map(({ exit }) => exit)).toEqual(["inspection", "inspection"]);
    expect(line.diverts()).toEqual([]);
  });

  it("takes back what had been commanded", () => {
    const line = bench();
    const ride = startRide(line, { number: 1, front: 1_000, without: ["fired"] });
    ride.to(30_480);
    const [divert] = line.diverts();
    line.belt(false, true);
    expect(line.commands).toContainEqual({ kind: "abort", commandId: divert!.commandId });
  });

  it("a guard reaches its own zone, from when it opens until it closes", () => {
    const line = bench([zone]);
    line.guard(false);
    const far = induct(line, 1_000);
    const near = induct(line, 6_000);
    line.guard(true);
    expect(reasonsOf(line, far)).not.toContain("handled");
    expect(reasonsOf(line, near)).toContain("handled");
    line.eye("induction", true);
    const late = line.factsOf("inducted").at(-1)!.passId;
    expect(reasonsOf(line, late)).toContain("handled");
    line.guard(false);
    expect(reasonsOf(line, far)).not.toContain("handled");
    expect(line.state.machine.conditions).toEqual([]);
  });

  it("a guard reaches who only passes through its zone while it stands open", () => {
    const line = bench([{ ...zone, fromMm: 2_000, toMm: 2_500 }]);
    line.guard(true);
    const passId = induct(line, line.count() + 2_000);
    expect(reasonsOf(line, passId)).toEqual([]);
    for (let ran = 0; ran < 2_500; ran += 500) {
      line.runTo(line.count() + 500);
      line.belt(true);
    }
    expect(reasonsOf(line, passId)).toContain("handled");
  });

  it("a guard may stand open in the sorter's next session, until it is told of or the reset key", () => {
    const line = bench();
    line.guard(true);
    line.guard(false);
    line.newSession();
    expect(line.state.machine.conditions).toContain("guardUnheard:guard-1");
    line.sorter({ kind: "localReset", count: line.state.belt.count });
    expect(line.state.machine.conditions).not.toContain("guardUnheard:guard-1");
  });

  it.each([
    ["lost messages", (line: Bench) => loseMessages(line)],
    ["a new session", (line: Bench) => line.newSession()],
    ["lost messages in a new session", (line: Bench) => (line.newSession(), loseMessages(line))],
  ])("law 16: neither %s nor the reset key closes a guard that was told open", (_what, happen) => {
    const line = bench();
    line.guard(true);
    happen(line);
    line.sorter({ kind: "localReset", count: line.state.belt.count });
    expect(line.state.machine.conditions).toEqual(["guardOpen:guard-1"]);
    expect(line.state.machine.isInductionPermitted).toBe(false);
    const ride = startRide(line, { number: 1, front: line.count() + 1_000 });
    runRides(line, [ride], line.count() + 45_000);
    expect(reasonsOf(line, ride.passId())).toContain("handled");
    expect(line.diverts()).toEqual([]);
    line.guard(false);
    expect(line.state.machine.conditions).toEqual([]);
  });

  it.each([
    ["a guard of a zone, of which the sorter has never told", [zone], null],
    ["a guard that was told closed", [], false],
  ] as const)(
    "lost messages may have opened %s, until it is told of again",
    (_of, zones, isOpen) => {
      const line = bench(zones);
      if (isOpen !== null) line.guard(isOpen);
      line.tell({ kind: "sorterGap", missed: 1 });
      expect(line.state.machine.conditions).toContain("guardUnheard:guard-1");
      expect(line.state.machine.isInductionPermitted).toBe(false);
      const passId = induct(line, line.count() + 1_000);
      line.belt(true);
      expect(reasonsOf(line, passId)).toContain("handled");
      line.guard(false);
      expect(line.state.machine.conditions.filter((code) => code.startsWith("guard"))).toEqual([]);
    },
  );

  it("the reset key settles a guard of which nobody tells again", () => {
    const line = bench();
    line.guard(false);
    line.tell({ kind: "sorterGap", missed: 1 });
    line.sorter({ kind: "localReset", count: line.state.belt.count });
    expect(line.state.machine.conditions.filter((code) => code.startsWith("guard"))).toEqual([]);
  });

  it("a guard of a zone may stand open when a session begins, until it is told of", () => {
    const line = bench([zone]);
    expect(line.state.machine.conditions).toContain("guardUnheard:guard-1");
    line.guard(true);
    expect(line.state.machine.conditions).toContain("guardOpen:guard-1");
    line.guard(false);
    expect(line.state.machine.conditions).toEqual([]);
  });

  it("a guard that is told closed again is no news", () => {
    const line = bench();
    line.guard(true);
    line.guard(false);
    const passId = induct(line, 1_000);
    line.guard(false);
    expect(reasonsOf(line, passId)).toEqual([]);
  });

  it("the reset key ends nothing that the sorter tells of: an open guard and a jam stand", () => {
    const line = bench();
    line.guard(true);
    line.eye("xray-entry", true);
    line.runTo(line.count() + 10_000);
    line.belt(true);
    line.sorter({ kind: "localReset", count: line.state.belt.count });
    for (const condition of ["guardOpen:guard-1", "jam:xray-entry"]) {
      expect(line.state.machine.conditions).toContain(condition);
    }
  });

  it("an eye that is clear again, of whose blocking nothing is known, may have been a jam", () => {
    const line = bench();
    line.eye("xray-entry", true);
    line.tell({ kind: "sorterGap", missed: 1 });
    const passId = induct(line, line.count() + 2_000);
    line.eye("xray-entry", false);
    expect(reasonsOf(line, passId)).toContain("handled");
  });

  it("a guard that no zone names reaches the whole belt", () => {
    const line = bench();
    const passId = induct(line, 1_000);
    line.guard(true);
    expect(reasonsOf(line, passId)).toEqual(["handled"]);
  });

  it("a jam that is cleared was cleared by somebody", () => {
    const line = bench();
    const jammed = induct(line, 1_000);
    line.runTo(6_000);
    line.eye("xray-entry", true);
    const behind = induct(line, 6_500);
    line.runTo(15_000);
    expect(reasonsOf(line, behind)).not.toContain("handled");
    line.eye("xray-entry", false);
    expect(line.state.byId.has(jammed) ? reasonsOf(line, jammed) : ["handled"]).toContain(
      "handled",
    );
    for (const pass of line.state.passes) expect(reasonsOf(line, pass.passId)).toContain("handled");
  });

  it("a reset at the line says that somebody was there", () => {
    const line = bench();
    const passId = induct(line, 1_000);
    line.reset();
    expect(reasonsOf(line, passId)).toEqual(["handled"]);
  });
});
