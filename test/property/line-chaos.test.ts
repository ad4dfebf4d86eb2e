import * as fc from "fast-check";
import { expect, it } from "vitest";
import { beltCount } from "../../protocols/units.ts";
import {
  createLineBench,
  hashNo,
  loseMessages,
  recordOf,
  replay,
  waybillNo,
  type Bench,
} from "../kit/line-bench.ts";
import { runRides, startRide, type Ride } from "../kit/line-ride.ts";
import { Witness } from "../kit/line-witness.ts";

/**
 * Goal: no sequence of events, possible or not, breaks a law of the core. Method: healthy parcels
 * ride over the bench while model-based commands throw in whatever a device, a wire or the centre
 * could ever say; the model is a witness that knows the laws and not the code.
 */
interface Line {
  readonly bench: Bench;
  readonly rides: Ride[];
  /** Rear of the parcel that was put on last. */
  rear: number;
}

type Throw = (line: Line) => void;

const command = (name: string, act: Throw): fc.Command<Witness, Line> => ({
  check: () => true,
  run: (witness, line) => {
    act(line);
    expect(witness.violations).toEqual([]);
  },
  toString: () => name,
});

const eyeIds = [
  "induction",
  "xray-entry",
  "pre-red",
  "pre-green",
  "red-chute",
  "green-chute",
  "end",
  "nobody",
];

/** The pass, and the hash of the picture, that a command speaks of: often real, often not. */
const passOf = ({ bench }: Line, index: number): string =>
  bench.state.passes[index]?.passId ?? `L1-e1-${index}`;
const commandOf = ({ bench }: Line, index: number): string =>
  bench.diverts().at(-1 - index)?.commandId ?? "L1-e0-1-c1";

const small = fc.nat(4);
/** The next parcel of a healthy train, documents in order. */
const rideCommand = fc
  .record({ gapMm: fc.integer({ min: 300, max: 4_000 }), lengthMm: fc.constantFrom(90, 300, 800) })
  .map(({ gapMm, lengthMm }) =>
    command(`${lengthMm} mm after ${gapMm}`, (line) => {
      const front = Math.max(line.rear, line.bench.count()) + gapMm;
      line.rear = front + lengthMm;
      const number = line.rides.length + 1;
      line.rides.push(startRide(line.bench, { number, lengthMm, front }));
    }),
  );

const runCommand = fc
  .integer({ min: 1, max: 12_000 })
  .map((mm) =>
    command(`run ${mm}`, ({ bench, rides }) => runRides(bench, rides, bench.count() + mm)),
  );

const chaos: fc.Arbitrary<fc.Command<Witness, Line>>[] = [
  fc
    .integer({ min: 1, max: 12_000 })
    .map((mm) => command(`run ${mm} blindly`, ({ bench }) => bench.moveTo(bench.count() + mm))),
  fc
    .record({
      eyeId: fc.constantFrom(...eyeIds),
      isBlocked: fc.boolean(),
      off: fc.integer({ min: -400, max: 100 }),
    })
    .map(({ eyeId, isBlocked, off }) =>
      command(`${eyeId} ${isBlocked} ${off}`, ({ bench }) => {
        bench.eye(eyeId, isBlocked, bench.count() + off);
      }),
    ),
  fc
    .array(fc.integer({ min: 1, max: 8 }), { maxLength: 3 })
    .map((numbers) =>
      command(`read ${numbers.join()}`, ({ bench }) => void bench.read(...numbers.map(waybillNo))),
    ),
  fc
    .record({ index: small, number: small, granted: fc.boolean() })
    .map(({ index, number, granted }) =>
      command(`claim ${index} ${number} ${granted}`, (line) => {
        line.bench.tell({
          kind: "claimAnswer",
          answer: {
            kind: "claimAnswer",
            lineId: "L1",
            passId: passOf(line, index),
            waybill: waybillNo(number),
            granted,
            why: null,
          },
        });
      }),
    ),
  fc
    .constantFrom(1, 950, 1_000, 2_000)
    .map((weightG) => command(`weight ${weightG}`, ({ bench }) => void bench.weigh(weightG))),
  fc
    .record({
      index: small,
      itemSequence: fc.integer({ min: 1, max: 8 }),
      lengthMm: fc.constantFrom(300, 90),
    })
    .map(({ index, itemSequence, lengthMm }) =>
      command(`item ${index} ${itemSequence}`, (line) => {
        const passId = index === 4 ? null : passOf(line, index);
        const entryCount = beltCount(line.bench.count() - lengthMm);
        line.bench.tell({
          kind: "xrayItem",
          item: { passId, itemSequence, entryCount, lengthMm },
        });
      }),
    ),
  fc
    .record({ index: small, itemSequence: fc.integer({ min: 1, max: 8 }), hash: small })
    .map(({ index, itemSequence, hash }) =>
      command(`image ${index} ${itemSequence} ${hash}`, (line) => {
        const passId = passOf(line, index);
        const hashes = { imageHash: hashNo(hash), pictureHash: hashNo(hash) };
        line.bench.tell({ kind: "xrayImage", passId, itemSequence, ...hashes });
      }),
    ),
  fc
    .record({
      index: small,
      itemSequence: fc.integer({ min: 1, max: 8 }),
      hash: small,
      verdict: fc.constantFrom("clear" as const, "suspect" as const, "unknown" as const),
    })
    .map(({ index, itemSequence, hash, verdict }) =>
      command(`verdict ${index} ${itemSequence} ${hash} ${verdict}`, (line) => {
        const passId = passOf(line, index);
        const imageHash = hashNo(hash);
        line.bench.tell({
          kind: "xrayVerdict",
          verdict: { passId, itemSequence, imageHash, verdict, boxes: [], algorithm: "bench" },
        });
      }),
    ),
  fc
    .record({
      index: small,
      hash: small,
      decision: fc.constantFrom("release" as const, "open" as const, "review" as const),
    })
    .map(({ index, hash, decision }) =>
      command(`officer ${index} ${hash} ${decision}`, (line) => {
        line.bench.officer(passOf(line, index), hashNo(hash), decision);
      }),
    ),
  fc
    .record({ index: small, kind: fc.constantFrom("accepted" as const, "fired" as const) })
    .map(({ index, kind }) =>
      command(`${kind} ${index}`, (line) => {
        const commandId = commandOf(line, index);
        const count = beltCount(line.bench.count());
        line.bench.sorter(kind === "fired" ? { kind, commandId, count } : { kind, commandId });
      }),
    ),
  fc
    .record({ index: small, kind: fc.constantFrom("refused", "cancelled", "commandMissed") })
    .map(({ index, kind }) =>
      command(`${kind} ${index}`, (line) => {
        const commandId = commandOf(line, index);
        if (kind === "refused") line.bench.sorter({ kind, commandId, why: "overlap" });
        if (kind === "cancelled") line.bench.sorter({ kind, commandId, why: "noLife" });
        if (kind === "commandMissed") line.bench.tell({ kind, commandId, why: "late" });
      }),
    ),
  fc
    .record({
      exit: fc.constantFrom("green" as const, "red" as const, "inspection" as const),
      state: fc.constantFrom("ready" as const, "full" as const, "unknown" as const),
    })
    .map(({ exit, state }) =>
      command(`${exit} ${state}`, ({ bench }) => void bench.chute(exit, state)),
    ),
  fc
    .record({ deviceId: fc.constantFrom("sorter-1", "scanner-1", "xray-1"), isUp: fc.boolean() })
    .map(({ deviceId, isUp }) =>
      command(`${deviceId} ${isUp}`, ({ bench }) => {
        const state = isUp ? "receiving" : "stale";
        bench.tell({ kind: "health", deviceId, state, reason: null });
      }),
    ),
  fc
    .record({ number: fc.integer({ min: 1, max: 6 }), isHeld: fc.boolean() })
    .map(({ number, isHeld }) =>
      command(`record ${number} ${isHeld}`, ({ bench }) => {
        const reasons = isHeld ? [{ code: "manualControl" as const }] : [];
        bench.change(recordOf(waybillNo(number), { reasons }));
      }),
    ),
  fc.integer({ min: -3_000, max: 3_000 }).map((off) =>
    command(`belt at ${off}`, ({ bench }) => {
      bench.sorter({
        kind: "belt",
        count: beltCount(Math.max(0, bench.count() + off)),
        speedMmPerS: 1_000,
        isRunning: true,
        emergencyStop: off === 0,
      });
    }),
  ),
  fc
    .constantFrom(100, 5_000, 400_000)
    .map((ms) => command(`stand ${ms}`, ({ bench }) => bench.stand(ms))),
  fc.constant(command("gap", ({ bench }) => loseMessages(bench))),
  fc.constant(
    command("gap for good", ({ bench }) => void bench.tell({ kind: "sorterGap", missed: 1 })),
  ),
  fc.record({ guardId: fc.constantFrom("guard-1", "guard-2"), isOpen: fc.boolean() }).map((guard) =>
    command(`${guard.guardId} ${guard.isOpen ? "open" : "closed"}`, ({ bench }) => {
      bench.guard(guard.isOpen, guard.guardId);
    }),
  ),
  fc.constant(command("session", ({ bench }) => bench.newSession())),
  fc.boolean().map((emergencyStop) =>
    command(`emergency stop ${emergencyStop}`, ({ bench }) => {
      bench.belt(false, emergencyStop);
    }),
  ),
  fc.constant(
    command("reset", ({ bench }) => {
      bench.reset();
    }),
  ),
  fc.constant(command("wake", ({ bench }) => void bench.tell({ kind: "countReached" }))),
];

/** Mostly a train that runs: chaos without evidence would prove nothing about green. */
const commands = [rideCommand, rideCommand, runCommand, runCommand, fc.oneof(...chaos)];

it("laws 1, 5, 8, 11: whatever is thrown at the core", () => {
  let greens = 0;
  fc.assert(
    fc.property(fc.commands(commands, { maxCommands: 40, size: "max" }), (thrown) => {
      const witness = new Witness();
      const bench = createLineBench({ afterStep: witness.afterStep });
      bench.start(...Array.from({ length: 60 }, (_, index) => recordOf(waybillNo(index + 1))));
      const rides: Ride[] = [];
      fc.modelRun(() => ({ model: witness, real: { bench, rides, rear: 0 } }), thrown);
      greens += witness.greens;
      // What is left runs out: every pass ends, once, and nothing is kept of it.
      runRides(bench, rides, bench.count() + 40_000);
      bench.runTo(bench.count() + 40_000);
      expect(witness.violations).toEqual([]);
      expect(witness.open()).toEqual([]);
      expect(bench.state.passes).toEqual([]);
      expect(bench.state.byId.size).toBe(0);
      expect(bench.state.blocked.length).toBeLessThanOrEqual(7);
      expect(replay(bench.told, bench.config)).toEqual([]);
    }),
    { numRuns: Number(process.env["RUNS"] ?? 300) },
  );
  expect(greens).toBeGreaterThan(30);
}, 60_000);
