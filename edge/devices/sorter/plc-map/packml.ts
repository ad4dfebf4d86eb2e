import { deviceReason, type DeviceReason } from "../../../../protocols/device-reasons.ts";
import type { MachineState } from "../../../../protocols/sorting.ts";
import type { PlcPackml } from "./meaning.ts";

/** What the machine says of itself, for people; null: nothing any more. */
export interface MachineSays {
  readonly kind: "machineSays";
  readonly reason: DeviceReason | null;
}

/** What a machine's own state and mode say of its belt. */
export type MachineWord =
  | {
      readonly kind: "word";
      /** Somebody has to start it by hand, or works at it: hands may be on the belt. */
      readonly isOut: boolean;
      /** For people; null: it executes, and there is nothing to say. */
      readonly reason: DeviceReason | null;
    }
  /** A number that the map does not name may mean anything. */
  | { readonly kind: "unknown"; readonly why: string };

/**
 * Which states of PackML are the machine's run with its pauses (ISA-TR88.00.02): it goes on by itself
 * from each of them, and what lies on the belt lies there still. Out of all others a person has to
 * reset and start it, after whatever had stopped it.
 *
 * None of them says that the belt stands: motors may run on in a pause, and a belt that is wrongly
 * taken for standing would let a person settle what a reader owes. Whether it moves, `belt.running`
 * says; the state only takes away.
 */
const isOut: Readonly<Record<MachineState, boolean>> = {
  Execute: false,
  Holding: false,
  Held: false,
  Unholding: false,
  Suspending: false,
  Suspended: false,
  Unsuspending: false,
  Completing: false,
  Complete: true,
  Stopping: true,
  Stopped: true,
  Resetting: true,
  Idle: true,
  Starting: true,
  Aborting: true,
  Aborted: true,
  Clearing: true,
};

/** `mode` is not looked at where the map names none. */
export function machineWordOf(
  packml: PlcPackml,
  shown: { readonly state: number; readonly mode: number },
): MachineWord {
  const state = packml.state.states[shown.state];
  if (state === undefined) {
    return { kind: "unknown", why: `packml.state: ${shown.state} is no state that the map names` };
  }
  if (packml.mode !== undefined && shown.mode !== packml.mode.produce) {
    const detail = `mode ${shown.mode}, ${state}`;
    return { kind: "word", isOut: true, reason: deviceReason("otherMode", { detail }) };
  }
  const reason = state === "Execute" ? null : deviceReason("notExecuting", { state });
  return { kind: "word", isOut: isOut[state], reason };
}
