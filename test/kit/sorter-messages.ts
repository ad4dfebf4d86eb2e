import * as fc from "fast-check";
import {
  sorterRefusals,
  type SorterCommand,
  type SorterEvent,
} from "../../protocols/sorter/sorter.ts";
import { chuteStates, exits } from "../../protocols/sorting.ts";
import { beltCount } from "../../protocols/units.ts";

const id = fc.stringMatching(/^[A-Za-z0-9_.-]{1,64}$/);
const count = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map(beltCount);
const exit = fc.constantFrom(...exits);

/** Any command of the dialect. */
export const sorterCommands: fc.Arbitrary<SorterCommand> = fc.oneof(
  fc.record({
    kind: fc.constant("divert" as const),
    commandId: id,
    passId: id,
    exit,
    epoch: id,
    fireAtCount: count,
    releaseAtCount: count,
    notAfterCount: count,
  }),
  fc.record({ kind: fc.constant("abort" as const), commandId: id, epoch: id }),
  fc.record({ kind: fc.constant("induction" as const), epoch: id, isPermitted: fc.boolean() }),
  fc.record({ kind: fc.constant("belt" as const), epoch: id, run: fc.boolean() }),
  fc.record({ kind: fc.constantFrom("life" as const, "cancelAll" as const), epoch: id }),
);

const numbered = { epoch: id, seq: fc.nat() };
/** Any event of the dialect. */
export const sorterEvents: fc.Arbitrary<SorterEvent> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("session" as const, "localReset" as const),
    ...numbered,
    count,
  }),
  fc.record(
    {
      kind: fc.constant("eye" as const),
      ...numbered,
      eyeId: id,
      isBlocked: fc.boolean(),
      count,
      track: fc.nat(),
    },
    { requiredKeys: ["kind", "epoch", "seq", "eyeId", "isBlocked", "count"] },
  ),
  fc.record({
    kind: fc.constant("belt" as const),
    ...numbered,
    count,
    speedMmPerS: fc.double({ min: 0, max: 10_000, noNaN: true }).map((speed) => speed + 0),
    isRunning: fc.boolean(),
    emergencyStop: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("chute" as const),
    ...numbered,
    exit,
    state: fc.constantFrom(...chuteStates),
    fillPct: fc.integer({ min: 0, max: 100 }),
  }),
  fc.record({ kind: fc.constant("accepted" as const), ...numbered, commandId: id }),
  fc.record({
    kind: fc.constant("refused" as const),
    ...numbered,
    commandId: id,
    why: fc.constantFrom(...sorterRefusals),
  }),
  fc.record({ kind: fc.constant("fired" as const), ...numbered, commandId: id, count }),
  fc.record({
    kind: fc.constant("cancelled" as const),
    ...numbered,
    commandId: id,
    why: fc.constantFrom("aborted" as const, "noLife" as const, "emergencyStop" as const),
  }),
  fc.record({ kind: fc.constant("pulse" as const), ...numbered, inputId: id, count }),
  fc.record({
    kind: fc.constant("guard" as const),
    ...numbered,
    guardId: id,
    isOpen: fc.boolean(),
    count,
  }),
);
