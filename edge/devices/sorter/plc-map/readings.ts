import type { DeviceReason } from "../../../../protocols/device-reasons.ts";
import { beltSpeedMmPerSMax } from "../../../../protocols/sorter/sorter.ts";
import { exits, type ChuteState, type Exit } from "../../../../protocols/sorting.ts";
import type { MonotonicMs } from "../../../../protocols/units.ts";
import { VariableValues } from "../../variable-values.ts";
import type { VariableReadings } from "../../variables.ts";
import type { PlcMeaning, PlcRing } from "./meaning.ts";
import type { LatchSeen, LatchSpec } from "./latches.ts";
import { machineWordOf, type MachineWord } from "./packml.ts";
import type { RingLists } from "./ring.ts";

/** One request's values, as the map means them. Only chutes may be unknown: each stands alone. */
export interface Snapshot {
  readonly askedAt: MonotonicMs;
  readonly count: number;
  /** The controller's session as it names it: its own word, or ours sent back. */
  readonly boot: string | number;
  readonly serverStart: string | null;
  readonly life: string | number;
  readonly speedMmPerS: number;
  readonly isRunning: boolean;
  /** Also while the machine's own state says that somebody has to start it. */
  readonly emergencyStop: boolean;
  /** What the machine says that it does, unless it executes. */
  readonly machine: DeviceReason | null;
  readonly written: number;
  readonly lists: RingLists;
  /** In the order of `latchSpecs`. */
  readonly latches: readonly LatchSeen[];
  readonly ackSeq: number;
  readonly ackCode: number;
  readonly chutes: readonly ChuteSeen[];
}

export interface ChuteSeen {
  readonly exit: Exit;
  readonly state: ChuteState;
  readonly fillPct: number;
}

export type SnapshotRead =
  | { readonly kind: "snapshot"; readonly snapshot: Snapshot }
  /** The first value that is none, by its key. */
  | { readonly kind: "unread"; readonly why: string };

/** A value that is missing makes the whole request unread: half a picture is none. */
export function snapshotOf(
  map: PlcMeaning,
  latches: readonly LatchSpec[],
  readings: VariableReadings,
): SnapshotRead {
  const values = new VariableValues(readings);
  const speedMmPerS = values.number("belt.speed") * map.belt.speed.scale;
  const word = machineOf(map, values);
  const snapshot: Snapshot = {
    askedAt: readings.askedAt,
    count: values.number("count"),
    boot: values.word(map.boot === undefined ? "echo.fromPlc" : "boot"),
    serverStart: readings.serverStart,
    life: values.word("life.fromPlc"),
    speedMmPerS,
    isRunning: values.flag("belt.running", map.belt.running),
    emergencyStop:
      values.flag("belt.emergencyStop", map.belt.emergencyStop) ||
      (word.kind === "word" && word.isOut),
    machine: word.kind === "word" ? word.reason : null,
    ...(map.events === undefined ? noRing : ringOf(map.events, values)),
    latches: latches.map((latch) => latchOf(latch, values)),
    ackSeq: values.number("ack.seq"),
    ackCode: values.number("ack.code"),
    chutes: chutesOf(map, readings),
  };
  const isPossible = speedMmPerS >= 0 && speedMmPerS <= beltSpeedMmPerSMax;
  const why =
    values.why ??
    (isPossible ? null : `belt.speed: ${speedMmPerS} mm/s is none`) ??
    (word.kind === "unknown" ? word.why : null);
  return why === null ? { kind: "snapshot", snapshot } : { kind: "unread", why };
}

const saysNothing: MachineWord = { kind: "word", isOut: false, reason: null };

const machineOf = ({ packml }: PlcMeaning, values: VariableValues): MachineWord =>
  packml === undefined
    ? saysNothing
    : machineWordOf(packml, {
        state: values.number("packml.state"),
        mode: packml.mode === undefined ? 0 : values.number("packml.mode"),
      });

const noRing = { written: 0, lists: { kind: [], what: [], count: [], track: null, seal: null } };

const ringOf = (
  { track, seal }: PlcRing,
  values: VariableValues,
): Pick<Snapshot, "written" | "lists"> => ({
  written: values.number("events.written"),
  lists: {
    kind: values.list("events.kind"),
    what: values.list("events.what"),
    count: values.list("events.count"),
    track: track === undefined ? null : values.list("events.track"),
    seal: seal === undefined ? null : values.list("events.seal"),
  },
});

function latchOf({ path, tells }: LatchSpec, values: VariableValues): LatchSeen {
  const number = (key: string): number => values.number([...path, key].join("."));
  switch (tells.kind) {
    case "twoWay": {
      const [on, off, isOn] = tells.keys;
      return {
        times: number("edges"),
        on: number(on),
        off: number(off),
        isOn: values.flag([...path, isOn].join("."), tells),
        seq: 0,
        track: tells.hasTrack ? number("track") : 0,
      };
    }
    case "once":
      return {
        ...noLatch,
        times: number("times"),
        on: number("at"),
        seq: tells.hasSeq ? number("seq") : 0,
      };
    case "cancelled":
    case "lost":
      return { ...noLatch, times: number("times") };
  }
}

const noLatch = { on: 0, off: 0, isOn: false, seq: 0, track: 0 };

/** A chute of which anything is not told is unknown, and the others are not. */
function chutesOf(map: PlcMeaning, readings: VariableReadings): ChuteSeen[] {
  return exits.flatMap((exit): ChuteSeen[] => {
    const chute = map.chutes[exit];
    if (chute === undefined) return [];
    const values = new VariableValues(readings);
    const isFull = values.flag(`chutes.${exit}.full`, chute.full);
    const isBlocked =
      chute.blocked !== undefined && values.flag(`chutes.${exit}.blocked`, chute.blocked);
    const fillPct =
      chute.fillPct === undefined
        ? Number(isFull) * 100
        : values.number(`chutes.${exit}.fillPct`) * chute.fillPct.scale;
    if (values.why !== null || fillPct < 0 || fillPct > 100) {
      return [{ exit, state: "unknown", fillPct: 0 }];
    }
    return [{ exit, state: isFull ? "full" : isBlocked ? "blocked" : "ready", fillPct }];
  });
}
