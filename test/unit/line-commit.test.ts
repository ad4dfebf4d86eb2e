import { describe, expect, it } from "vitest";
import { digestOfClaims } from "../../edge/line/held-claims.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import { beltCount } from "../../protocols/units.ts";
import {
  alarmsOf,
  benchConfig,
  commitMm,
  createLineBench,
  fireMm,
  recordOf,
  stillWanted,
  waybillNo,
  type Bench,
} from "../kit/line-bench.ts";
import { runRides, startRide, type Ride, type RideOptions } from "../kit/line-ride.ts";

/**
 * Goal: decided as late as can be, commanded in time, taken back whenever a reason comes before
 * the diverter moves (laws 4 to 7). Method: one parcel; the reason comes one count before,
 * at and after each of the moments that matter.
 */
const open = (
  options: RideOptions = {},
  record: Partial<ClearanceRecord> = {},
  bench = createLineBench(),
): { bench: Bench; ride: Ride } => {
  bench.start(recordOf(waybillNo(1), record), recordOf(waybillNo(2)));
  return { bench, ride: startRide(bench, { front: 1_000, ...options }) };
};
const licence = { reasons: [{ code: "licenceRequired" as const }] };
const lastDecision = (bench: Bench) => bench.factsOf("decided").at(-1);
const aborts = (bench: Bench) =>
  bench.commands.flatMap((command) => (command.kind === "abort" ? [command.commandId] : []));
const exits = (bench: Bench): string[] => bench.factsOf("left").map(({ exit }) => exit);

describe("commit points", () => {
  it.each([
    ["green", {}, commitMm.green],
    ["red", licence, commitMm.red],
  ] as const)(
    "PR8.1-4: %s is commanded at its commit point, not a count before",
    (exit, record, mm) => {
      const { bench, ride } = open({}, record);
      ride.to(mm - 1);
      expect(bench.diverts()).toEqual([]);
      ride.to(mm);
      expect(bench.diverts()).toEqual([
        {
          kind: "divert",
          commandId: `${ride.passId()}-c1`,
          passId: ride.passId(),
          exit,
          fireAtCount: 1_000 + fireMm[exit],
          releaseAtCount: 1_000 + fireMm[exit] + 80 + 60 + 400 + 60,
          notAfterCount: 1_000 + fireMm[exit] - 20,
        },
      ]);
      expect(lastDecision(bench)).toMatchObject({ exit, waybill: waybillNo(1), recordVersion: 1 });
    },
  );

  it("a diverter follows where the last eye saw the front, not where it was expected", () => {
    const { bench, ride } = open({ without: ["pre-green"] });
    ride.to(30_040);
    bench.eye("pre-green", true);
    ride.to(commitMm.green + 60);
    expect(bench.diverts()[0]?.fireAtCount).toBe(1_000 + fireMm.green + 40);
  });

  it("law 4, PR8.2-9: a parcel without a command goes to the end of the belt, and that is inspection", () => {
    const { bench, ride } = open({ without: ["read", "claim"] });
    ride.to(commitMm.green - 1);
    expect(bench.factsOf("decided")).toEqual([]);
    ride.to(36_000);
    expect(bench.diverts()).toEqual([]);
    expect(lastDecision(bench)).toMatchObject({ exit: "inspection" });
    expect(exits(bench)).toEqual(["inspection"]);
  });

  it.each([
    [commitMm.red - 1, "red"],
    [commitMm.red + 1, "inspection"],
  ] as const)("law 4: a documentary reason with the front at %i mm means %s", (mm, exit) => {
    const { bench, ride } = open();
    ride.to(mm);
    bench.change(recordOf(waybillNo(1), { version: 2, ...licence }));
    ride.to(36_000);
    expect(exits(bench)).toEqual([exit]);
    expect(lastDecision(bench)?.reasons).toEqual([{ code: "licenceRequired" }]);
  });

  it.each([
    [commitMm.green, "green"],
    [commitMm.green + 1, "inspection"],
  ] as const)("PF-09: documents that arrive with the front at %i mm: %s", (mm, exit) => {
    const { bench, ride } = open({}, { reasons: [{ code: "comparisonPending" }] });
    ride.to(mm - 1);
    if (mm > commitMm.green) ride.to(mm);
    bench.change(recordOf(waybillNo(1), { version: 2 }));
    ride.to(36_000);
    expect(exits(bench)).toEqual([exit]);
  });

  it("law 5: an open commit window commits as soon as all is there, and takes back all the same", () => {
    const commit = { ...benchConfig.commit, windowMm: 2_000 };
    const bench = createLineBench({ config: { ...benchConfig, commit } });
    const { ride } = open({}, {}, bench);
    ride.to(commitMm.green - 2_000);
    bench.stand(1_000);
    expect(bench.diverts()).toHaveLength(1);
    bench.change(recordOf(waybillNo(1), { version: 2, ...licence }));
    expect(aborts(bench)).toEqual([bench.diverts()[0]?.commandId]);
    ride.to(36_000);
    expect(bench.diverts()).toHaveLength(1);
    expect(exits(bench)).toEqual(["inspection"]);
  });
});

describe("law 1: tracking unbroken", () => {
  const blindTo = (mm: number) => {
    const { bench, ride } = open({ without: ["pre-green"] });
    ride.to(30_000);
    // The sorter has fallen silent; only our own reckoning says where the belt is.
    bench.moveTo(1_000 + mm);
    bench.tell({ kind: "countReached" });
    return { bench, ride };
  };

  it("no green for a parcel that the eye before its commit point has not seen", () => {
    const { bench } = blindTo(commitMm.green);
    expect(bench.diverts()).toEqual([]);
    expect(lastDecision(bench)).toMatchObject({
      exit: "inspection",
      reasons: [{ code: "trackingLost" }],
    });
  });

  it("nor is it called lost before the sorter says that the belt has moved on", () => {
    const { bench, ride } = blindTo(commitMm.green);
    expect(bench.factsOf("lost")).toEqual([]);
    bench.eye("pre-green", true, 1_000 + 30_000);
    expect(bench.pass(ride.passId()).tracking).toBe("sure");
    bench.runTo(1_000 + 35_000);
    expect(bench.factsOf("lost")).toHaveLength(1);
  });
});

describe("PF-20, PF-17: a reason that comes between command and divert", () => {
  const reasons: readonly (readonly [string, (bench: Bench, ride: Ride) => void])[] = [
    [
      "PF-20 a control",
      (bench) =>
        bench.change(recordOf(waybillNo(1), { version: 2, reasons: [{ code: "manualControl" }] })),
    ],
    ["PF-17, PR8.2-5 green full", (bench) => bench.chute("green", "full")],
    ["green blocked", (bench) => bench.chute("green", "blocked")],
    ["PF-22 an officer", (bench, ride) => bench.officer(ride.passId(), ride.imageHash, "open")],
    [
      "a monitor's transfer",
      (bench, ride) => bench.officer(ride.passId(), ride.imageHash, "review"),
    ],
    ["lost events", (bench) => bench.tell({ kind: "sorterGap", missed: 3 })],
    [
      "sorter silent",
      (bench) =>
        bench.tell({
          kind: "health",
          deviceId: "sorter-1",
          state: "stale",
          reason: { code: "silent" },
        }),
    ],
    [
      "a belt that runs back",
      (bench) =>
        bench.sorter({
          kind: "belt",
          count: beltCount(0),
          speedMmPerS: 1_000,
          isRunning: true,
          emergencyStop: false,
        }),
    ],
    [
      "a pass that the centre holds for over",
      (bench) => {
        const ended = bench.state.passes.map(({ passId }) => passId);
        const seq = bench.state.mirror.seq + 1;
        bench.clearance({ kind: "change", stream: "c-1", seq, records: [], ended });
      },
    ],
    [
      "a gap in the clearance stream",
      (bench) =>
        bench.clearance({
          kind: "heartbeat",
          stream: "c-1",
          seq: bench.state.mirror.seq + 2,
          leaseMs: 60_000,
          heardAt: 0,
          ...digestOfClaims(bench.state.mirror.held),
        }),
    ],
    [
      "PF-16 refused by the device",
      (bench) =>
        bench.sorter({
          kind: "refused",
          commandId: bench.diverts()[0]!.commandId,
          why: "overlap",
        }),
    ],
    [
      "PF-12 cancelled in an emergency stop",
      (bench) =>
        bench.sorter({
          kind: "cancelled",
          commandId: bench.diverts()[0]!.commandId,
          why: "emergencyStop",
        }),
    ],
    [
      "law 5 not sent in time",
      (bench) =>
        bench.tell({
          kind: "commandMissed",
          commandId: bench.diverts()[0]!.commandId,
          why: "late",
        }),
    ],
  ];

  it.each(reasons)(
    "%s: the command is void at once, and inspection is decided",
    (_what, happen) => {
      const { bench, ride } = open();
      ride.to(commitMm.green + 10);
      const [divert] = bench.diverts();
      expect(stillWanted(bench, divert!)).toBe("yes");
      happen(bench, ride);
      expect(stillWanted(bench, divert!)).toBe("no");
      expect(bench.factsOf("aborted").map(({ commandId }) => commandId)).toEqual([
        divert!.commandId,
      ]);
      expect(lastDecision(bench)).toMatchObject({ exit: "inspection" });
      ride.to(36_000);
      expect(bench.diverts()).toHaveLength(1);
      expect(exits(bench)).toEqual(["inspection"]);
    },
  );

  it("the abort leaves where the device may hold the command", () => {
    const { bench, ride } = open();
    ride.to(commitMm.green + 10);
    bench.chute("green", "full");
    expect(aborts(bench)).toEqual([bench.diverts()[0]?.commandId]);
  });

  it.each([
    [-1, "inspection"],
    [0, "green"],
  ] as const)("PF-22: an officer's open %i counts after the diverter moved: %s", (offset, exit) => {
    const { bench, ride } = open();
    ride.to(fireMm.green + Math.min(0, offset));
    bench.officer(ride.passId(), ride.imageHash, "open");
    ride.to(36_000);
    expect(exits(bench)).toEqual([exit]);
    const answered = bench.factsOf("officerAnswered").at(-1);
    expect(answered?.applied).toBe(exit === "inspection");
    if (exit === "green") expect(answered?.why).toBe("tooLate");
  });

  it("what changes once the diverter has moved changes nothing: no abort, no new decision", () => {
    const { bench, ride } = open();
    ride.to(fireMm.green + 1);
    bench.change(recordOf(waybillNo(1), { version: 2, reasons: [{ code: "manualControl" }] }));
    ride.to(36_000);
    expect(aborts(bench)).toEqual([]);
    expect(alarmsOf(bench)).not.toContain("unexpectedInGreen");
    expect(bench.factsOf("left")).toMatchObject([{ exit: "green", expected: "green" }]);
  });

  it("PF-16: a refused red stays a reason, though the papers come in before green", () => {
    const { bench, ride } = open({}, licence);
    ride.to(commitMm.red + 10);
    const commandId = bench.diverts()[0]!.commandId;
    bench.sorter({ kind: "refused", commandId, why: "overlap" });
    bench.change(recordOf(waybillNo(1), { version: 2 }));
    ride.to(36_000);
    expect(bench.diverts()).toHaveLength(1);
    expect(lastDecision(bench)?.reasons.map(({ code }) => code)).toEqual(["divertRefused"]);
    expect(exits(bench)).toEqual(["inspection"]);
  });

  it("a change that leaves the decision as it is leaves the command alone", () => {
    const { bench, ride } = open();
    ride.to(commitMm.green + 10);
    bench.change(recordOf(waybillNo(1), { version: 7 }));
    expect(aborts(bench)).toEqual([]);
    ride.to(36_000);
    expect(exits(bench)).toEqual(["green"]);
  });

  it("a reason that is discharged between red's command and its divert leads on to green", () => {
    const { bench, ride } = open({}, licence);
    ride.to(commitMm.red + 10);
    bench.change(recordOf(waybillNo(1), { version: 2 }));
    ride.to(36_000);
    expect(bench.diverts().map(({ exit }) => exit)).toEqual(["red", "green"]);
    expect(new Set(bench.diverts().map(({ commandId }) => commandId)).size).toBe(2);
    expect(exits(bench)).toEqual(["green"]);
  });
});

describe("PF-22: an officer's release counts only while a commit point lies ahead", () => {
  it.each([
    [commitMm.green - 1, true, "green"],
    [commitMm.green, false, "inspection"],
  ] as const)("released with the front at %i mm: applied %s, %s", (mm, applied, exit) => {
    const { bench, ride } = open({ without: ["officer"] });
    ride.to(mm);
    bench.officer(ride.passId(), ride.imageHash, "release");
    ride.to(36_000);
    expect(bench.factsOf("officerAnswered").at(-1)?.applied).toBe(applied);
    expect(exits(bench)).toEqual([exit]);
  });

  it.each(["open", "review"] as const)("law 3: after %s no release helps", (first) => {
    const { bench, ride } = open({ officer: first });
    ride.to(16_000);
    bench.officer(ride.passId(), ride.imageHash, "release");
    expect(bench.factsOf("officerAnswered").at(-1)).toMatchObject({
      applied: false,
      why: "reasonStands",
    });
    ride.to(36_000);
    expect(exits(bench)).toEqual([first === "open" ? "inspection" : "red"]);
  });

  it("law 3: review after open does not turn inspection into red", () => {
    const { bench, ride } = open({ officer: "open" });
    ride.to(16_000);
    bench.officer(ride.passId(), ride.imageHash, "review");
    ride.to(36_000);
    expect(exits(bench)).toEqual(["inspection"]);
  });

  it("open after review and open after release both count", () => {
    for (const officer of ["review", "release"] as const) {
      const { bench, ride } = open({ officer });
      ride.to(16_000);
      bench.officer(ride.passId(), ride.imageHash, "open");
      ride.to(36_000);
      expect(exits(bench)).toEqual(["inspection"]);
    }
  });

  it("law 9: a release of another image is refused, an open of another image is doubt", () => {
    const { bench, ride } = open();
    ride.to(16_000);
    bench.officer(ride.passId(), "f".repeat(64), "release");
    expect(bench.factsOf("officerAnswered").at(-1)?.why).toBe("imageChanged");
    expect(bench.factsOf("reasonRaised")).toEqual([]);
    bench.officer(ride.passId(), "f".repeat(64), "open");
    expect(bench.factsOf("officerAnswered").at(-1)?.applied).toBe(false);
    ride.to(36_000);
    expect(exits(bench)).toEqual(["inspection"]);
    expect(lastDecision(bench)?.reasons).toEqual([{ code: "imageUnbound" }]);
  });

  it("of a pass that has ended is told, and applied to nothing", () => {
    const { bench } = open();
    bench.officer("L1-e0-1", "f".repeat(64), "release");
    expect(bench.factsOf("officerAnswered")[0]).toMatchObject({ applied: false, why: "passEnded" });
  });
});

describe("law 7: a held belt does not keep evidence fresh", () => {
  it.each([
    [19_000, "green"],
    [21_000, "inspection"],
  ] as const)("a lease of 60 s and a belt that stands for %i ms", (ms, exit) => {
    const bench = createLineBench({ leaseMs: 50_000 });
    const { ride } = open({}, {}, bench);
    ride.to(20_000);
    bench.stand(ms - 1_000);
    ride.to(36_000);
    expect(exits(bench)).toEqual([exit]);
  });

  it("a lease that runs out while the belt stands takes an accepted command back", () => {
    const bench = createLineBench({ leaseMs: 60_000 });
    const { ride } = open({}, {}, bench);
    ride.to(commitMm.green + 10);
    bench.stand(40_000);
    expect([...new Set(aborts(bench))]).toEqual([bench.diverts()[0]?.commandId]);
    ride.to(36_000);
    expect(exits(bench)).toEqual(["inspection"]);
  });

  it("PF-16: an abort is repeated with every report until the device has answered", () => {
    const bench = createLineBench({ leaseMs: 60_000 });
    const { ride } = open({}, {}, bench);
    ride.to(commitMm.green + 10);
    bench.stand(20_000);
    const before = aborts(bench).length;
    bench.stand(40_000);
    const repeated = aborts(bench).length - before;
    expect(repeated).toBeGreaterThan(3);
    const commandId = bench.diverts()[0]?.commandId ?? "";
    bench.sorter({ kind: "cancelled", commandId, why: "aborted" });
    const answered = aborts(bench).length;
    bench.stand(10_000);
    expect(aborts(bench)).toHaveLength(answered);
  });

  it("DEV1-B5: an abort ends with its session: in the sorter's next one nobody takes it back again", () => {
    const bench = createLineBench({ leaseMs: 60_000 });
    const { ride } = open({}, {}, bench);
    ride.to(commitMm.green + 10);
    bench.stand(40_000);
    const before = aborts(bench).length;
    expect(before).toBeGreaterThan(0);
    bench.newSession();
    bench.stand(10_000);
    expect(aborts(bench)).toHaveLength(before);
  });

  it("PR8.1-5: a standing belt times nobody out: the parcel is still there when it runs on", () => {
    const { bench, ride } = open();
    ride.to(20_000);
    bench.stand(120_000);
    expect(bench.factsOf("lost")).toEqual([]);
    ride.to(36_000);
    expect(exits(bench)).toEqual(["green"]);
  });

  it.each([
    [300_000 - commitMm.green, "green"],
    [300_001 - commitMm.green, "inspection"],
  ] as const)("a pass stood for %i ms in all", (ms, exit) => {
    const { bench, ride } = open();
    ride.to(20_000);
    bench.wait(ms);
    ride.to(commitMm.green);
    expect(lastDecision(bench)?.exit).toBe(exit);
  });
});

describe("PF-01, PF-16: the divert that does not happen", () => {
  it("fires, and the parcel goes straight on: missed at the end, and inspection is what was left", () => {
    const { bench, ride } = open({ without: ["chute"] });
    ride.to(33_900);
    bench.runTo(35_000);
    bench.eye("end", true);
    expect(alarmsOf(bench)).toContain("divertMissed");
    expect(bench.factsOf("left").at(-1)).toMatchObject({ exit: "inspection" });
    expect(lastDecision(bench)?.exit).toBe("inspection");
  });

  it("red fires, and the next eye sees the parcel still on the belt: no green any more", () => {
    const { bench, ride } = open({ without: ["chute"] }, licence);
    ride.to(30_000);
    bench.eye("pre-green", true);
    expect(alarmsOf(bench)).toContain("divertMissed");
    bench.change(recordOf(waybillNo(1), { version: 2 }));
    ride.to(33_900);
    bench.runTo(35_000);
    bench.eye("end", true);
    expect(bench.diverts()).toHaveLength(1);
    expect(exits(bench)).toEqual(["inspection"]);
  });

  it("PF-16: a command that was lost never fires, and is taken back when the parcel is past", () => {
    const { bench, ride } = open({ without: ["accepted", "fired"] });
    ride.to(36_000);
    expect(aborts(bench)).toEqual([bench.diverts()[0]?.commandId]);
    expect(alarmsOf(bench)).toContain("divertMissed");
    expect(exits(bench)).toEqual(["inspection"]);
  });

  it("PR8.2-7: fires, and the parcel arrives nowhere: not confirmed, and its neighbours are doubted", () => {
    const { bench, ride } = open({ without: ["chute", "end"] });
    ride.to(40_000);
    expect(alarmsOf(bench)).toContain("divertNotConfirmed");
    expect(bench.factsOf("lost")).toHaveLength(1);
    // The diverter has moved: nothing is left to take back.
    expect(aborts(bench)).toEqual([]);
  });

  it("a repeated answer of the device changes nothing", () => {
    const { bench, ride } = open();
    ride.to(fireMm.green);
    const commandId = bench.diverts()[0]!.commandId;
    for (const kind of ["accepted", "accepted"] as const) bench.sorter({ kind, commandId });
    bench.sorter({ kind: "fired", commandId, count: beltCount(bench.count()) });
    expect(bench.pass(ride.passId()).commitment?.state).toBe("fired");
    ride.to(36_000);
    expect(exits(bench)).toEqual(["green"]);
  });

  it("an answer to a command of nobody changes nothing", () => {
    const { bench, ride } = open();
    ride.to(commitMm.green + 10);
    bench.sorter({ kind: "refused", commandId: "L1-e0-1-c1", why: "staleEpoch" });
    bench.sorter({ kind: "fired", commandId: "L1-e0-1-c1", count: beltCount(bench.count()) });
    expect(bench.pass(ride.passId()).commitment?.state).toBe("accepted");
  });

  it("a parcel that turns up in another chute leaves no command behind", () => {
    const { bench, ride } = open({ without: ["accepted", "fired"] }, licence);
    ride.to(commitMm.red + 200);
    bench.tell({ kind: "countReached" });
    const [divert] = bench.diverts();
    bench.runTo(1_000 + 31_300);
    expect(divert?.exit).toBe("red");
    expect(bench.factsOf("left")).toEqual([]);
    expect(aborts(bench)).toEqual([divert?.commandId]);
  });
});

describe("law 5: the second look", () => {
  it("finds a lease that has run out since, though no event has told of it", () => {
    const bench = createLineBench({ leaseMs: 40_000 });
    bench.start(recordOf(waybillNo(1)));
    const ride = startRide(bench, { number: 1 });
    ride.to(commitMm.green + 10);
    const [divert] = bench.diverts();
    expect(stillWanted(bench, divert!)).toBe("yes");
    bench.wait(20_000);
    expect(stillWanted(bench, divert!)).toBe("expired");
    bench.tell({ kind: "clearanceChanged" });
    expect(stillWanted(bench, divert!)).toBe("no");
    expect(aborts(bench)).toEqual([divert!.commandId]);
  });
});

describe("law 8: a loss takes its neighbours' commands back", () => {
  it("in the very step that finds it, not with the next event", () => {
    const { bench, ride } = open({ front: 5_000 });
    const ahead = startRide(bench, { number: 2, front: 1_389, labels: [], without: ["end"] });
    // Given up 34,211 counts behind its front, between the other one's command and its divert.
    runRides(bench, [ahead, ride], 35_599);
    const [divert] = bench.diverts();
    expect(stillWanted(bench, divert!)).toBe("yes");
    runRides(bench, [ahead, ride], 35_600);
    expect(bench.factsOf("lost").map(({ passId }) => passId)).toEqual([ahead.passId()]);
    expect(aborts(bench)).toEqual([divert!.commandId]);
  });
});
