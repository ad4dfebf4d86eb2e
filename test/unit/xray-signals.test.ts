/**
 * Goal: a verdict of discrete signals clears the parcel that it is on, and nobody else; whatever is
 * missing, odd or late clears nobody and says why (laws 9 and 16). Method: the machine of the signals,
 * shown one request after the other as a controller would answer them.
 */
import { describe, expect, it } from "vitest";
import { createTracks } from "../../edge/devices/xray/tracks.ts";
import { SignalMachine, trackMaxOf } from "../../edge/devices/xray/signals/machine.ts";
import type { XrayHeard } from "../../edge/devices/xray/heard.ts";
import type { NoValue, VariableValue } from "../../edge/devices/variables.ts";
import { beltCount, monotonicMs } from "../../protocols/units.ts";
import { signalMap, type SignalMapChange, stillSignals } from "../kit/xray-signals.ts";

type Values = Record<string, VariableValue | NoValue>;

const pollMs = 20;

/** A controller that answers each request at once, with a heart that beats. */
function stand(change: SignalMapChange = {}) {
  const map = signalMap(change);
  const machine = new SignalMachine({ map, tracks: createTracks(trackMaxOf(map)) });
  const told: XrayHeard[] = [];
  const out = { tell: (heard: XrayHeard) => void told.push(heard), answer: () => {} };
  const values: Values = { ...stillSignals, "machine.heartbeat": false };
  let at = 0;
  let isBeating = true;
  let serverStart = "1";
  const self = {
    values,
    told,
    machine,
    out,
    /** So many requests, each of which shows what stands there. */
    look(times = 4, tookMs = 1) {
      for (let time = 0; time < times; time += 1) {
        at += pollMs;
        if (isBeating) values["machine.heartbeat"] = Math.floor(at / 100) % 2 === 0;
        machine.read(
          {
            kind: "readings",
            askedAt: monotonicMs(at - tookMs),
            serverStart,
            values: new Map(Object.entries(values)),
          },
          monotonicMs(at),
          out,
        );
      }
    },
    wait(ms: number) {
      at += ms;
    },
    stopHeart() {
      isBeating = false;
    },
    restartServer() {
      serverStart += "1";
    },
    track(passId: string): number {
      const { steps } = machine.write({
        passId,
        entryFromCount: beltCount(0),
        entryToCount: beltCount(0),
        lengthMm: 300,
      });
      return Number(steps[0]?.[0]?.value);
    },
    /** Something enters with this number. */
    enter(track: number, lengthMm = 300) {
      values["entry.track"] = track;
      values["entry.length"] = lengthMm;
      values["entry.times"] = Number(values["entry.times"]) + 1;
    },
    strobe(track: number, bits: "clear" | "suspect" | "both" | "none") {
      values["verdict.track"] = track;
      values["verdict.clear"] = bits === "clear" || bits === "both";
      values["verdict.suspect"] = bits === "suspect" || bits === "both";
      values["verdict.times"] = Number(values["verdict.times"]) + 1;
    },
    signals: () =>
      told.flatMap((heard) =>
        heard.kind === "signal"
          ? [[heard.passId, heard.itemSequence, heard.verdict, heard.why] as const]
          : [],
      ),
    cleared: () =>
      told.flatMap((heard) =>
        heard.kind === "signal" && heard.verdict === "clear" ? [heard.passId] : [],
      ),
    counts: (name: string) =>
      told.reduce(
        (sum, heard) => sum + (heard.kind === "discarded" ? (heard.counts[name] ?? 0) : 0),
        0,
      ),
  };
  return self;
}

/** One whose heart has been seen beating. */
function started(change: SignalMapChange = {}) {
  const it = stand(change);
  it.look(12);
  expect(it.machine.refuses()).toBeNull();
  return it;
}

/** Parcels that have entered, by their numbers. */
function inside(it: ReturnType<typeof stand>, ...passIds: readonly string[]): number[] {
  return passIds.map((passId) => {
    const track = it.track(passId);
    it.enter(track);
    it.look();
    return track;
  });
}

describe("law 9: a verdict clears the parcel that it is on", () => {
  it("by the number that was taken at its entry, and its place among the verdicts", () => {
    const it = started();
    const [first, second] = inside(it, "pass-1", "pass-2");
    it.strobe(first!, "clear");
    it.look();
    it.strobe(second!, "clear");
    it.look();
    expect(it.told.filter(({ kind }) => kind === "item")).toEqual([
      { kind: "item", passId: "pass-1", itemSequence: 1, lengthMm: 300 },
      { kind: "item", passId: "pass-2", itemSequence: 2, lengthMm: 300 },
    ]);
    expect(it.signals()).toEqual([
      ["pass-1", 1, "clear", null],
      ["pass-2", 2, "clear", null],
    ]);
  });

  it("once, and not before four requests have shown its number", () => {
    const it = started();
    const [track] = inside(it, "pass-1");
    it.strobe(track!, "clear");
    it.look(3);
    expect(it.signals()).toEqual([]);
    it.look(20);
    expect(it.signals()).toHaveLength(1);
  });

  it("also where the numbers wrap", () => {
    const it = stand();
    it.values["entry.times"] = 65_535;
    it.values["verdict.times"] = 65_535;
    it.look(12);
    const track = it.track("pass-1");
    Object.assign(it.values, { "entry.times": 0, "entry.track": track, "entry.length": 300 });
    it.look();
    Object.assign(it.values, {
      "verdict.times": 0,
      "verdict.track": track,
      "verdict.clear": true,
    });
    it.look();
    expect(it.cleared()).toEqual(["pass-1"]);
  });
});

describe("PR6.4-1: both bits, or neither, with the strobe", () => {
  it.each(["both", "none"] as const)("%s: no verdict", (bits) => {
    const it = started();
    const [first, second] = inside(it, "pass-1", "pass-2");
    it.strobe(first!, bits);
    it.look();
    expect(it.signals()).toEqual([["pass-1", 1, "unknown", "signalNotOneBit"]]);
    expect(it.counts("signalNotOneBitTotal")).toBe(1);
    it.strobe(second!, "clear");
    it.look();
    expect(it.cleared()).toEqual(["pass-2"]);
  });

  it("bits without a strobe are nothing", () => {
    const it = started();
    inside(it, "pass-1");
    it.values["verdict.clear"] = true;
    it.values["verdict.suspect"] = true;
    it.look(20);
    expect(it.signals()).toEqual([]);
  });
});

describe("a suspicion counts, whatever else is wrong", () => {
  it("of the parcel that it is on", () => {
    const it = started();
    const [track] = inside(it, "pass-1");
    it.strobe(track!, "suspect");
    it.look();
    expect(it.signals()).toEqual([["pass-1", 1, "suspect", null]]);
  });

  it("out of its turn: of the parcel whose number it bears, and nobody in the machine is cleared", () => {
    const it = started();
    const [first, second] = inside(it, "pass-1", "pass-2");
    it.strobe(second!, "suspect");
    it.look();
    it.strobe(first!, "clear");
    it.look();
    expect(it.signals()[0]).toEqual(["pass-2", 1, "suspect", null]);
    expect(it.cleared()).toEqual([]);
  });

  it("on nobody in the machine, while it has a fault, and after its bits have changed", () => {
    const it = started();
    const [track] = inside(it, "pass-1");
    it.values["machine.fault"] = true;
    it.strobe(track!, "suspect");
    it.look(3);
    it.values["verdict.suspect"] = false;
    it.values["verdict.clear"] = true;
    it.look(1);
    expect(it.signals().map(([passId, , verdict]) => [passId, verdict])).toContainEqual([
      "pass-1",
      "suspect",
    ]);
    expect(it.cleared()).toEqual([]);
    it.values["machine.fault"] = false;
    it.strobe(4_711, "suspect");
    it.look();
    expect(it.signals().filter(([, , verdict]) => verdict === "suspect")).toContainEqual([
      null,
      2,
      "suspect",
      null,
    ]);
  });
});

type Stand = ReturnType<typeof stand>;

describe("law 16: no clearance, by name", () => {
  /** Two parcels are in the machine when it happens; then the first one's verdict comes: clear. */
  it.each<[string, string, (it: Stand, tracks: readonly number[]) => void]>([
    ["another's number", "signalOtherNumber", (it, [, second]) => it.strobe(second!, "clear")],
    ["a number of nobody", "signalOtherNumber", (it) => it.strobe(4_711, "clear")],
    ["no number", "signalOtherNumber", (it) => it.strobe(0, "clear")],
    [
      "two strobes between two requests",
      "signalMissed",
      (it, [first, second]) => {
        it.strobe(first!, "suspect");
        it.strobe(second!, "clear");
      },
    ],
    [
      "bits that change behind the strobe",
      "signalUnsteady",
      (it, [first]) => {
        it.strobe(first!, "none");
        it.look(3);
        it.values["verdict.clear"] = true;
      },
    ],
    [
      "a heart that stands still",
      "heartbeatStands",
      (it, [first]) => {
        it.stopHeart();
        it.look(26);
        it.strobe(first!, "clear");
      },
    ],
    [
      "a fault",
      "machineFault",
      (it, [first]) => {
        it.values["machine.fault"] = true;
        it.strobe(first!, "clear");
      },
    ],
    [
      "an emergency stop",
      "emergencyStopped",
      (it, [first]) => {
        it.values["machine.emergencyStop"] = true;
        it.strobe(first!, "clear");
      },
    ],
    [
      "a machine that is not ready",
      "machineNotReady",
      (it, [first]) => {
        it.values["machine.ready"] = false;
        it.strobe(first!, "clear");
      },
    ],
    [
      "an X-ray that is off",
      "beamOff",
      (it, [first]) => {
        it.values["machine.beamOn"] = false;
        it.strobe(first!, "clear");
      },
    ],
    [
      "bad quality once",
      "signalsUnread",
      (it, [first]) => {
        it.values["verdict.clear"] = { kind: "noValue", why: "BadSensorFailure" };
        it.look(1);
        it.strobe(first!, "clear");
      },
    ],
    [
      "an answer that took too long",
      "signalsUnread",
      (it, [first]) => {
        it.look(1, 251);
        it.strobe(first!, "clear");
      },
    ],
    [
      "nothing asked for half a second",
      "signalsUnread",
      (it, [first]) => {
        it.wait(481);
        it.strobe(first!, "clear");
      },
    ],
    [
      "a wire that was lost",
      "connectionLost",
      (it, [first]) => {
        it.machine.lose(it.out);
        it.look(12);
        it.strobe(first!, "clear");
      },
    ],
    [
      "a controller that was started anew",
      "connectionLost",
      (it, [first]) => {
        it.restartServer();
        it.look(12);
        it.strobe(first!, "clear");
      },
    ],
    [
      "numbers that went back",
      "connectionLost",
      (it, [first]) => {
        it.values["entry.times"] = 0;
        it.look(20);
        it.strobe(first!, "clear");
      },
    ],
  ])("%s: %s", (_name, why, happen) => {
    const it = started();
    const tracks = inside(it, "pass-1", "pass-2");
    happen(it, tracks);
    it.look();
    expect(it.cleared()).toEqual([]);
    expect(it.signals()).toContainEqual(["pass-1", 1, "unknown", why]);
  });

  it("a fault while an item is entering is not forgotten before it has settled", () => {
    const it = started();
    const track = it.track("pass-1");
    it.enter(track);
    it.look(1);
    it.values["machine.fault"] = true;
    it.look(1);
    it.values["machine.fault"] = false;
    it.look(2);
    it.strobe(track, "clear");
    it.look();
    expect(it.signals()).toEqual([["pass-1", 1, "unknown", "machineFault"]]);
  });

  it("a fault that is over before an item enters is", () => {
    const it = started();
    it.values["machine.fault"] = true;
    it.look();
    it.values["machine.fault"] = false;
    it.look();
    const [track] = inside(it, "pass-1");
    it.strobe(track!, "clear");
    it.look();
    expect(it.cleared()).toEqual(["pass-1"]);
  });

  it("a verdict that never came stays owed: nobody is cleared until the controller starts anew", () => {
    const it = started();
    inside(it, "pass-1");
    for (const passId of ["pass-2", "pass-3", "pass-4"]) {
      const [track] = inside(it, passId);
      it.strobe(track!, "clear");
      it.look();
    }
    expect(it.cleared()).toEqual([]);
    it.values["entry.times"] = 0;
    it.values["verdict.times"] = 0;
    it.look(20);
    const [track] = inside(it, "pass-5");
    it.strobe(track!, "clear");
    it.look();
    expect(it.cleared()).toEqual(["pass-5"]);
  });

  it.each([
    ["no number", 0],
    ["a number of nobody", 4_711],
  ])("an item that had %s, though its verdict bears the same", (_name, track) => {
    const it = started();
    it.enter(track);
    it.look();
    it.strobe(track, "clear");
    it.look();
    expect(it.told).toContainEqual({
      kind: "item",
      passId: null,
      itemSequence: 1,
      lengthMm: 300,
    });
    expect(it.signals()).toContainEqual([null, 1, "unknown", "signalOtherNumber"]);
    expect(it.cleared()).toEqual([]);
  });

  it("a machine that gives the newest number with each verdict clears nobody of several", () => {
    const it = started();
    const [, second] = inside(it, "pass-1", "pass-2");
    it.strobe(second!, "clear");
    it.look();
    it.strobe(second!, "clear");
    it.look();
    expect(it.cleared()).toEqual([]);
  });

  it("what was in the machine before the connection is nobody's", () => {
    const it = stand();
    it.values["entry.times"] = 3;
    it.values["verdict.times"] = 2;
    it.look(12);
    const track = it.track("pass-1");
    it.strobe(track, "clear");
    it.look();
    expect(it.signals()).toEqual([[null, 3, "unknown", "signalOutOfStep"]]);
    const [second] = inside(it, "pass-2");
    it.strobe(second!, "clear");
    it.look();
    expect(it.cleared()).toEqual(["pass-2"]);
  });
});

describe("what the machine says of itself", () => {
  it.each([
    ["ready", {}, "ready", true],
    ["fault", { "machine.fault": true }, "fault", true],
    ["emergency stop", { "machine.emergencyStop": true }, "fault", true],
    ["not ready", { "machine.ready": false }, "notReady", true],
    ["beam off", { "machine.beamOn": false }, "ready", false],
  ] as const)("%s", (_name, values, state, beamOn) => {
    const it = started();
    Object.assign(it.values, values);
    it.look();
    const last = it.told.findLast(({ kind }) => kind === "life");
    expect(last).toMatchObject({ state, beamOn });
  });

  it("nothing at all while its heart stands still", () => {
    const it = started();
    it.stopHeart();
    it.look(26);
    const before = it.told.filter(({ kind }) => kind === "life").length;
    it.look(50);
    expect(it.told.filter(({ kind }) => kind === "life")).toHaveLength(before);
    expect(it.counts("heartbeatStandsTotal")).toBe(1);
  });

  it("a heart that never beat begins nothing", () => {
    const it = stand();
    it.stopHeart();
    it.look(100);
    expect(it.machine.refuses()).toBe("noSession");
    expect(it.told).toEqual([]);
  });

  it("a fault that is energised while all is well is turned round", () => {
    const it = stand({ fault: { isActiveLow: true } });
    it.values["machine.fault"] = true;
    it.look(12);
    expect(it.told.findLast(({ kind }) => kind === "life")).toMatchObject({ state: "ready" });
  });
});

describe("what cannot be read is not read at all", () => {
  it.each<[string, string, VariableValue | NoValue]>([
    ["a number beyond its bits", "entry.times", 65_536],
    ["a verdict's beyond its bits", "verdict.times", 65_536],
    ["a length that is none", "entry.length", -1],
    ["a length of no parcel", "entry.length", 10_001],
    ["bad quality of the heart", "machine.heartbeat", { kind: "noValue", why: "Bad" }],
    ["a number that is a text", "verdict.track", "7"],
  ])("%s", (_name, key, value) => {
    const it = started();
    it.stopHeart();
    const before = it.told.length;
    it.values[key] = value;
    it.look(1);
    expect(it.counts("signalsUnreadTotal")).toBe(1);
    expect(it.told.slice(before).map(({ kind }) => kind)).toEqual(["discarded"]);
  });
});

describe("what it is told", () => {
  it("first the number, then that there is one more", () => {
    const it = started();
    const writes = it.machine.write({
      passId: "pass-1",
      entryFromCount: beltCount(0),
      entryToCount: beltCount(0),
      lengthMm: 300,
    });
    expect(writes.steps).toEqual([
      [{ key: "announce.track", value: expect.any(Number) as number }],
      [{ key: "announce.times", value: 1 }],
    ]);
  });

  it.each([16, 32] as const)(
    "a number that is positive in %s bits, and no other pass's",
    (bits) => {
      const it = started({ trackBits: bits });
      const tracks = Array.from({ length: 200 }, (_, index) => it.track(`pass-${index}`));
      expect(new Set(tracks).size).toBe(200);
      for (const track of tracks) {
        expect(track).toBeGreaterThan(0);
        expect(track).toBeLessThan(2 ** (bits - 1));
      }
    },
  );
});
