import { emptyClearanceMirror } from "../line/clearance-mirror.ts";
import { clearanceMachineId, stepClearance, type ClearanceEvent } from "../line/clearance-step.ts";
import type { LineEvent } from "../line/events.ts";
import { initialLineState } from "../line/state.ts";
import { logicVersion, step } from "../line/step.ts";
import {
  clearanceOfEarlier,
  configOfEarlier,
  eventOfEarlier,
  type EarlierConfig,
} from "./earlier-lines.ts";
import type { MachineOf } from "./replay.ts";

/**
 * The cores of one agent for replay, each configured as its session's `open` entry says. An agent
 * opens its clearance mirror before its lines, and the lines of that session share it. Events are
 * not checked against a schema again: the journal is our own writing, and `verify` is there to
 * check that it still is.
 */
export function createLineMachines(): MachineOf {
  let mirror = emptyClearanceMirror();
  return (open) => {
    if (open.lineId === clearanceMachineId) {
      mirror = emptyClearanceMirror();
      const own = mirror;
      return {
        kind: "machine",
        logicVersion,
        step: (event) => stepClearance(own, clearanceOfEarlier(event as ClearanceEvent)),
      };
    }
    const config = configOfEarlier(open.config as EarlierConfig);
    const state = initialLineState(mirror);
    return {
      kind: "machine",
      logicVersion,
      step: (event) => step(state, eventOfEarlier(event as LineEvent, config), config),
    };
  };
}
