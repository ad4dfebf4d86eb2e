import type { PlcAck, PlcEventKind, PlcOp } from "../../../protocols/sorter/plc-map.ts";
import { machineStateNumbers, type Exit, type MachineState } from "../../../protocols/sorting.ts";

/** By which a controller knows exits, commands, kinds of events, and answers. */
export interface PlcNumbers {
  readonly exits: Readonly<Partial<Record<Exit, number>>>;
  readonly ops: Readonly<Record<PlcOp, number>>;
  /** `lost`: something happened that the controller had no room for. */
  ofKind(kind: PlcEventKind | "lost"): number;
  ofAnswer(answer: PlcAck): number;
  ofState(state: MachineState): number;
  /** Of the mode of production. */
  readonly produce: number;
}

/** Of the controller that nobody has given any. */
export const plcNumbers = {
  exits: { green: 1, red: 2, inspection: 3 },
  ops: { divert: 1, abort: 2, cancelAll: 3 },
  kinds: {
    blocked: 1,
    cleared: 2,
    fired: 3,
    cancelledAborted: 4,
    cancelledNoLife: 5,
    cancelledEmergencyStop: 6,
    localReset: 7,
    pulse: 8,
    guardOpened: 9,
    guardClosed: 10,
    lost: 99,
  },
  answers: {
    accepted: 1,
    staleCount: 2,
    staleEpoch: 3,
    noLife: 4,
    overlap: 5,
    queueFull: 6,
    invalid: 7,
    fired: 10,
    cancelledAborted: 11,
    cancelledNoLife: 12,
    cancelledEmergencyStop: 13,
  },
} as const;

export const ownNumbers: PlcNumbers = {
  ...plcNumbers,
  ofKind: (kind) => plcNumbers.kinds[kind],
  ofAnswer: (answer) => plcNumbers.answers[answer],
  ofState: (state) => machineStateNumbers[state],
  produce: 1,
};
