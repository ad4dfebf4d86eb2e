import { zXrayItem } from "../../../../protocols/xray/xray.ts";
import type { LatchShown } from "../../settled-latch.ts";
import { VariableValues } from "../../variable-values.ts";
import type { VariableReadings } from "../../variables.ts";
import type { Strobe } from "./ledger.ts";
import type { SignalMeaning } from "./meaning.ts";

/** One request's values, as the map means them. */
export interface SignalSnapshot {
  /** The controller's own word for its session, where it has one. */
  readonly boot: string | number;
  readonly serverStart: string | null;
  readonly isReady: boolean;
  readonly isBeamOn: boolean;
  readonly hasFault: boolean;
  readonly isStopped: boolean;
  readonly heartbeat: boolean;
  readonly entry: EntryShown;
  readonly verdict: VerdictShown;
}

export interface EntryShown extends LatchShown {
  readonly track: number;
  readonly lengthMm: number;
}

export type VerdictShown = LatchShown & Strobe;

export type SnapshotRead =
  | { readonly kind: "snapshot"; readonly snapshot: SignalSnapshot }
  /** The first value that is none, by its key. */
  | { readonly kind: "unread"; readonly why: string };

/** A value that is missing makes the whole request unread: half a picture is none. */
export function signalsOf(map: SignalMeaning, readings: VariableReadings): SnapshotRead {
  const values = new VariableValues(readings);
  const flag = (key: string): boolean => values.flag(key, { isActiveLow: false });
  const lengthMm = values.number("entry.length") * map.entry.length.scale;
  const snapshot: SignalSnapshot = {
    boot: map.boot === undefined ? "" : values.word("boot"),
    serverStart: readings.serverStart,
    isReady: flag("machine.ready"),
    isBeamOn: flag("machine.beamOn"),
    hasFault: values.flag("machine.fault", map.machine.fault),
    isStopped: values.flag("machine.emergencyStop", map.machine.emergencyStop),
    heartbeat: flag("machine.heartbeat"),
    entry: { times: values.number("entry.times"), track: values.number("entry.track"), lengthMm },
    verdict: {
      times: values.number("verdict.times"),
      track: values.number("verdict.track"),
      clear: flag("verdict.clear"),
      suspect: flag("verdict.suspect"),
    },
  };
  const isLength = zXrayItem.shape.lengthMm.safeParse(lengthMm).success;
  const why = values.why ?? misfitOf(map, snapshot) ?? (isLength ? null : lengthText(lengthMm));
  return why === null ? { kind: "snapshot", snapshot } : { kind: "unread", why };
}

const lengthText = (lengthMm: number): string => `entry.length: ${lengthMm} mm is none`;

/** A number beyond its bits would be taken for a smaller one. */
function misfitOf(map: SignalMeaning, { entry, verdict }: SignalSnapshot): string | null {
  for (const [key, shown, { bits }] of [
    ["entry.times", entry.times, map.entry.times],
    ["verdict.times", verdict.times, map.verdict.times],
  ] as const) {
    if (shown < 0 || shown >= 2 ** bits) return `${key}: ${shown} is beyond its bits`;
  }
  return null;
}
