import { z } from "zod";
import {
  isActiveLow,
  placed,
  scale,
  times,
  zPollMs,
  type PlaceKeys,
  type Shape,
} from "../mapped-keys.ts";
import { machineStateNumbers, zExit, zId, zMachineState, type MachineState } from "../sorting.ts";
import { sorterRefusals } from "./sorter.ts";

/** What an event can tell. What it is about is an eye, a sequence number, an input or a guard. */
export const plcEventKinds = [
  "blocked",
  "cleared",
  "fired",
  "cancelledAborted",
  "cancelledNoLife",
  "cancelledEmergencyStop",
  "localReset",
  "pulse",
  "guardOpened",
  "guardClosed",
] as const;
export type PlcEventKind = (typeof plcEventKinds)[number];

/** What has become of the command whose sequence number the controller shows. */
export const plcAcks = [
  "accepted",
  "fired",
  "cancelledAborted",
  "cancelledNoLife",
  "cancelledEmergencyStop",
  ...sorterRefusals,
] as const;
export type PlcAck = (typeof plcAcks)[number];

export type PlcOp = "divert" | "abort" | "cancelAll";

const shown = /^(?:0|[1-9]\d{0,8})$/;
const byNumber = <Value extends z.ZodType>(value: Value, says: string) =>
  z.record(z.string().regex(shown, "a number that the controller shows"), value).describe(says);

const zNumber = z.number().int().min(0).max(32_767);

const zRingSize = z
  .number()
  .int()
  .min(8)
  .max(4_096)
  .refine(
    (size) => Number.isInteger(Math.log2(size)),
    "must be a power of two: else entries change places when the index wraps",
  )
  .describe("Entries of the ring, a power of two; at least 2 s of events.");

const zRing = <Value extends Shape, List extends Shape>(value: Value, list: List) =>
  z
    .strictObject({
      written: placed(
        value,
        { bits: z.literal([16, 32]).describe("Width of the index, which wraps.") },
        "How many events have been written since the controller's start; increased last.",
      ),
      size: zRingSize,
      kind: placed(
        list,
        { kinds: byNumber(z.enum(plcEventKinds), "What each number of the array means.") },
        "Array: what each event tells.",
      ),
      what: placed(
        list,
        {},
        "Array: which eye, sequence number, input or guard each event is about.",
      ),
      count: placed(list, {}, "Array: the belt count that was latched at each event."),
      track: placed(
        list,
        {},
        "Array: the controller's own number of the parcel at each eye; 0: it has none.",
      ).optional(),
      seal: placed(
        list,
        {},
        "Array: a number that proves each entry, so that it is taken from the answer that shows it.",
      ).optional(),
      eyes: byNumber(zId, "Eyes by their number in `what`."),
      inputs: byNumber(zId, "Inputs that tell pulses, by their number in `what`.").default({}),
      guards: byNumber(zId, "Guards over the belt, by their number in `what`.").default({}),
    })
    .describe("The ring of the controller's newest events: entry n stands at n modulo size.");

const zTimes = <Value extends Shape>(value: Value) =>
  placed(value, times, "How often it has happened; grows after the count is latched.");
const zEdges = <Value extends Shape>(value: Value) =>
  placed(value, times, "How often it has changed; grows after the count is latched.");

/** Something that happens, with the count of its last time. */
const zOnce = <Value extends Shape, More extends Shape>(value: Value, more: More, says: string) =>
  z
    .strictObject({
      times: zTimes(value),
      at: placed(value, {}, "Belt count of the last time."),
      ...more,
    })
    .describe(says);

const zEyeLatch = <Value extends Shape, Flag extends Shape>(value: Value, flag: Flag) =>
  z.strictObject({
    edges: zEdges(value),
    blockedAt: placed(value, {}, "Belt count at which it was blocked last."),
    clearedAt: placed(value, {}, "Belt count at which it was cleared last."),
    isBlocked: placed(flag, isActiveLow, "Whether it is blocked now."),
    track: placed(
      value,
      {},
      "The controller's own number of what blocked it last; 0: it has none.",
    ).optional(),
  });

const zGuardLatch = <Value extends Shape, Flag extends Shape>(value: Value, flag: Flag) =>
  z.strictObject({
    edges: zEdges(value),
    openedAt: placed(value, {}, "Belt count at which it was opened last."),
    closedAt: placed(value, {}, "Belt count at which it was closed last."),
    isOpen: placed(flag, isActiveLow, "Whether it is open now."),
  });

const zLatches = <Value extends Shape, Flag extends Shape>(value: Value, flag: Flag) => {
  const seq = placed(value, {}, "Sequence number of the command that moved it last.");
  return z
    .strictObject({
      eyes: z.record(zId, zEyeLatch(value, flag)).describe("Each eye of the layout."),
      fired: z
        .partialRecord(zExit, zOnce(value, { seq }, "Moves of this exit's diverter."))
        .describe("Each diverter."),
      cancelled: z
        .strictObject({ times: zTimes(value) })
        .describe("The controller has cancelled what was pending, for whatever reason of its own."),
      resets: zOnce(value, {}, "The reset key at the line.").optional(),
      inputs: z
        .record(zId, zOnce(value, {}, "Pulses of an input."))
        .default({})
        .describe("Inputs that tell pulses."),
      guards: z.record(zId, zGuardLatch(value, flag)).default({}).describe("Guards over the belt."),
      lost: z
        .strictObject({ times: zTimes(value) })
        .describe("What the controller knows that it has missed.")
        .optional(),
    })
    .describe("Instead of `events`: of each thing how often it happened, and the last count.");
};

const zChute = <Value extends Shape, Flag extends Shape>(value: Value, flag: Flag) => {
  const flagged = (says: string) => placed(flag, isActiveLow, says);
  return z.strictObject({
    full: flagged("Whether the chute takes nothing more."),
    blocked: flagged("Whether something is stuck in it.").optional(),
    fillPct: placed(
      value,
      scale,
      "How full it is, in percent; default: 100 when full, else 0.",
    ).optional(),
  });
};

const zCommand = <Value extends Shape>(value: Value) =>
  z
    .strictObject({
      seq: placed(
        value,
        { bits: z.literal([16, 32]).describe("Sequence numbers stay positive in so many bits.") },
        "Sequence number of the command; written last, and alone.",
      ),
      op: placed(
        value,
        {
          values: z
            .strictObject({
              divert: zNumber.describe("Move a diverter at a count."),
              abort: zNumber.describe("Take one divert back."),
              cancelAll: zNumber.describe("Take all of them back."),
            })
            .describe("The numbers by which the controller knows the commands."),
        },
        "Which command it is.",
      ),
      exit: placed(
        value,
        {
          values: z
            .partialRecord(zExit, zNumber)
            .describe("The numbers by which the controller knows the exits with a diverter."),
        },
        "Which diverter is to move.",
      ),
      fireAt: placed(value, {}, "Belt count at which the diverter moves out."),
      releaseAt: placed(value, {}, "Belt count from which it may rest again."),
      notAfter: placed(value, {}, "Belt count after which the command is to be refused."),
      target: placed(value, {}, "The sequence number that an abort takes back."),
      boot: placed(value, {}, "The session's word; a command with another is to be refused."),
    })
    .describe("The slot of commands.");

const zAck = <Value extends Shape>(value: Value) =>
  z
    .strictObject({
      seq: placed(value, {}, "Sequence number of the command that was judged last; written last."),
      code: placed(
        value,
        { codes: byNumber(z.enum(plcAcks), "What each number means.") },
        "What has become of it.",
      ),
    })
    .describe("The controller's answer to the slot of commands.");

const zBelt = <Value extends Shape, Flag extends Shape, Toggle extends Shape>(
  value: Value,
  flag: Flag,
  toggle: Toggle,
) =>
  z
    .strictObject({
      running: placed(flag, isActiveLow, "Whether the belt runs."),
      speed: placed(value, scale, "Its speed; times `scale` in mm/s."),
      emergencyStop: placed(flag, isActiveLow, "Whether an emergency stop is active."),
      stop: placed(
        toggle,
        {},
        "Written: true while the belt is to stand. Without it doubt cannot stop it.",
      ).optional(),
    })
    .describe(
      "What the controller tells of the belt: whether it runs, how fast, its emergency stop.",
    );

/** ISA-TR88.00.02, and OPC 30050; OPC 30060 has other numbers. */
const statesOfStandard: Readonly<Record<string, MachineState>> = Object.fromEntries(
  Object.entries(machineStateNumbers).map(([state, number]) => [
    String(number),
    zMachineState.parse(state),
  ]),
);

const zPackml = <Value extends Shape>(value: Value) =>
  z
    .strictObject({
      state: placed(
        value,
        {
          states: byNumber(
            zMachineState,
            "What each number means; default: the numbers of ISA-TR88.00.02 and OPC 30050.",
          ).default(statesOfStandard),
        },
        "Number of the state that the machine is in.",
      ),
      mode: placed(
        value,
        {
          produce: zNumber.default(1).describe("The number of production."),
        },
        "Number of the machine's mode; in any other than production somebody works at it.",
      ).optional(),
    })
    .describe("What the machine itself says that it is doing (PackML).");

const zAckMs = z
  .number()
  .int()
  .min(50)
  .max(2_000)
  .default(200)
  .describe("How long a command waits for its number before it is written again.");

/**
 * The keys of a map of a sorter's controller, as its engineer has placed its variables. What the
 * controller has to do with them is on the page of `edge/devices/sorter`. The keys are the same
 * whatever carries the variables; where a variable is, each wire says in its own way.
 */
export function plcMapFields<
  Value extends Shape,
  Flag extends Shape,
  Toggle extends Shape,
  List extends Shape,
>({ value, flag, toggle, list }: PlaceKeys<Value, Flag, Toggle, List>) {
  return {
    pollMs: zPollMs,
    ackMs: zAckMs,
    count: placed(
      value,
      {
        bits: z.literal([16, 24, 32, 64]).describe("Width of the counter; 64 bits never wrap."),
        isSigned: z.boolean().default(false).describe("Whether half of its numbers are negative."),
      },
      "The belt's encoder count.",
    ),
    boot: placed(value, {}, "A word that differs after each start of the controller.").optional(),
    echo: z
      .strictObject({
        toPlc: placed(value, {}, "Where our word is written; the controller's start-up clears it."),
        fromPlc: placed(value, {}, "Where the controller sends it back."),
      })
      .describe("Instead of `boot`: a word of ours, drawn for each session, that comes back.")
      .optional(),
    life: z
      .strictObject({
        fromPlc: placed(value, {}, "Changes at least every 500 ms while the controller runs."),
        toPlc: placed(value, {}, "Changes every 500 ms while this agent runs and sees."),
      })
      .describe("Signs of life, both ways."),
    belt: zBelt(value, flag, toggle),
    packml: zPackml(value).optional(),
    induction: placed(toggle, {}, "Written: true while parcels may be put on the belt.").optional(),
    events: zRing(value, list).optional(),
    latches: zLatches(value, flag).optional(),
    chutes: z
      .partialRecord(zExit, zChute(value, flag))
      .describe("Whether there is room, for each exit."),
    command: zCommand(value),
    ack: zAck(value),
  };
}

/** What happens is told by one of the two. */
export const tellsEvents = ({
  events,
  latches,
}: {
  events?: unknown;
  latches?: unknown;
}): boolean => (events === undefined) !== (latches === undefined);
export const eventsUntold = {
  path: ["events"],
  message: "exactly one of events and latches tells what happens",
};

/** Of a map that names both, or neither, nobody could say when its controller has started anew. */
export const tellsRestart = ({ boot, echo }: { boot?: unknown; echo?: unknown }): boolean =>
  (boot === undefined) !== (echo === undefined);
export const restartUntold = {
  path: ["boot"],
  message: "exactly one of boot and echo tells a restart of the controller",
};
