import { z } from "zod";
import type { SorterCommand } from "../../../protocols/sorter/sorter.ts";
import { zExit, zId } from "../../../protocols/sorting.ts";
import type { Clock } from "../../../protocols/time.ts";
import { speak } from "../dialect.ts";
import type { Carriers } from "../wires/carriers.ts";
import { createOpcuaVariableWire } from "../wires/opcua/variable-wire.ts";
import type { OpcuaPlace, OpcuaVariable } from "../wires/opcua/variables.ts";
import type { SorterHeard } from "./heard.ts";
import { PlcMachine } from "./plc-map/machine.ts";
import { plcAcks, plcEventKinds } from "./plc-map/meaning.ts";
import { mappedVariables } from "./plc-map/variables.ts";

const nodeKeys = {
  node: z
    .string()
    .max(1_000)
    .regex(/^(?:s=.+|i=\d{1,10}|g=[0-9A-Fa-f-]{36}|b=[A-Za-z0-9+/]+=*)$/, "s=, i=, g= or b=")
    .describe("Node id without its namespace: s=text, i=number, g=GUID or b=base64."),
  namespaceUri: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe("URI of this node's namespace; default: namespaceUri of the map."),
  element: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe("Which element of an array is meant, counted from 0; default: the whole value."),
};

const node = <More extends z.ZodRawShape>(more: More, says: string) =>
  z.strictObject({ ...nodeKeys, ...more }).describe(says);

const plainNode = (says: string) => node({}, says);

const flagNode = (says: string) =>
  node(
    {
      bit: z
        .number()
        .int()
        .min(0)
        .max(31)
        .optional()
        .describe("Which bit of an integer is meant, 0 being the lowest; default: a Boolean."),
      isActiveLow: z
        .boolean()
        .default(false)
        .describe("Whether false, not true, says what the key says."),
    },
    says,
  );

const scaledNode = (says: string) =>
  node(
    { scale: z.number().gt(0).max(1_000_000).default(1).describe("The value times this counts.") },
    says,
  );

const shown = /^(?:0|[1-9]\d{0,8})$/;
const byNumber = <Value extends z.ZodType>(value: Value, says: string) =>
  z.record(z.string().regex(shown, "a number that the controller shows"), value).describe(says);

const zNumber = z.number().int().min(0).max(32_767);

const zRing = z
  .strictObject({
    written: node(
      { bits: z.literal([16, 32]).describe("Width of the index, which wraps.") },
      "How many events have been written since the controller's start; increased last.",
    ),
    size: z
      .number()
      .int()
      .min(8)
      .max(4_096)
      .describe("Entries of the ring, a power of two; at least 2 s of events."),
    kind: node(
      {
        kinds: byNumber(z.enum(plcEventKinds), "What each number of the array means."),
      },
      "Array: what each event tells.",
    ),
    what: plainNode("Array: which eye, sequence number, input or guard each event is about."),
    count: plainNode("Array: the belt count that was latched at each event."),
    eyes: byNumber(zId, "Eyes by their number in `what`."),
    inputs: byNumber(zId, "Inputs that tell pulses, by their number in `what`.").default({}),
    guards: byNumber(zId, "Guards over the belt, by their number in `what`.").default({}),
  })
  .refine(({ size }) => Number.isInteger(Math.log2(size)), {
    path: ["size"],
    message: "must be a power of two: else entries change places when the index wraps",
  })
  .describe("The ring of the controller's newest events: entry n stands at n modulo size.");

const zChute = z.strictObject({
  full: flagNode("Whether the chute takes nothing more."),
  blocked: flagNode("Whether something is stuck in it.").optional(),
  fillPct: scaledNode("How full it is, in percent; default: 100 when full, else 0.").optional(),
});

const zCommand = z
  .strictObject({
    seq: node(
      { bits: z.literal([16, 32]).describe("Sequence numbers stay positive in so many bits.") },
      "Sequence number of the command; written last, and alone.",
    ),
    op: node(
      {
        values: z
          .strictObject({ divert: zNumber, abort: zNumber, cancelAll: zNumber })
          .describe("The numbers by which the controller knows the commands."),
      },
      "Which command it is.",
    ),
    exit: node(
      {
        values: z
          .partialRecord(zExit, zNumber)
          .describe("The numbers by which the controller knows the exits with a diverter."),
      },
      "Which diverter is to move.",
    ),
    fireAt: plainNode("Belt count at which the diverter moves out."),
    releaseAt: plainNode("Belt count from which it may rest again."),
    notAfter: plainNode("Belt count after which the command is to be refused."),
    target: plainNode("The sequence number that an abort takes back."),
    boot: plainNode("The session's word; a command with another is to be refused."),
  })
  .describe("The slot of commands.");

/**
 * A sorter behind plain OPC UA variables, as its engineer has named them. What the controller has to
 * do with them is on the page of this folder.
 */
export const zSorterPlcMapDialect = z
  .strictObject({
    kind: z.literal("plc-map"),
    namespaceUri: z
      .string()
      .min(1)
      .max(500)
      .describe("URI of the nodes' namespace; its index is looked up at each connection."),
    pollMs: z
      .number()
      .int()
      .min(5)
      .max(250)
      .default(20)
      .describe("All variables are read in one request, this often."),
    ackMs: z
      .number()
      .int()
      .min(50)
      .max(2_000)
      .default(200)
      .describe("How long a command waits for its number before it is written again."),
    count: node(
      {
        bits: z.literal([16, 24, 32, 64]).describe("Width of the counter; 64 bits never wrap."),
        isSigned: z.boolean().default(false).describe("Whether half of its numbers are negative."),
      },
      "The belt's encoder count.",
    ),
    boot: plainNode("A word that differs after each start of the controller.").optional(),
    echo: z
      .strictObject({
        toPlc: plainNode("Where our word is written; the controller's start-up clears it."),
        fromPlc: plainNode("Where the controller sends it back."),
      })
      .describe("Instead of `boot`: a word of ours, drawn for each session, that comes back.")
      .optional(),
    life: z
      .strictObject({
        fromPlc: plainNode("Changes at least every 500 ms while the controller runs."),
        toPlc: plainNode("Changes every 500 ms while this agent runs and sees."),
      })
      .describe("Signs of life, both ways."),
    belt: z
      .strictObject({
        running: flagNode("Whether the belt runs."),
        speed: scaledNode("Its speed; times `scale` in mm/s."),
        emergencyStop: flagNode("Whether an emergency stop is active."),
        stop: plainNode(
          "Written: true while the belt is to stand. Without it doubt cannot stop it.",
        ).optional(),
      })
      .describe("The belt."),
    induction: plainNode("Written: true while parcels may be put on the belt.").optional(),
    events: zRing,
    chutes: z.partialRecord(zExit, zChute).describe("Whether there is room, for each exit."),
    command: zCommand,
    ack: z
      .strictObject({
        seq: plainNode("Sequence number of the command that was judged last; written last."),
        code: node(
          { codes: byNumber(z.enum(plcAcks), "What each number means.") },
          "What has become of it.",
        ),
      })
      .describe("The controller's answer to the slot of commands."),
  })
  .refine(({ boot, echo }) => (boot === undefined) !== (echo === undefined), {
    path: ["boot"],
    message: "exactly one of boot and echo tells a restart of the controller",
  });
export type SorterPlcMapDialect = z.infer<typeof zSorterPlcMapDialect>;

/** `countsPerMsMax`: no belt of this sorter is faster. */
export const sorterPlcMapCarriers = (map: SorterPlcMapDialect, countsPerMsMax: number) =>
  ({
    opcuaVariables(endpoint, clock) {
      const machine = new PlcMachine({ map, countsPerMsMax, nextWord: wordsOf(clock) });
      const { namespaceUri, pollMs } = map;
      const variables = opcuaVariablesOf(map);
      return speak(
        machine,
        createOpcuaVariableWire(endpoint, { variables, namespaceUri, pollMs }),
        clock,
      );
    },
  }) satisfies Carriers<SorterHeard, SorterCommand>;

/** The calendar, which no earlier session has seen so late; and never twice the same. */
function wordsOf(clock: Clock): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, clock.wall());
    return last;
  };
}

/** Each variable of the map with the place where the configuration has it, under the same key. */
export const opcuaVariablesOf = (map: SorterPlcMapDialect): readonly OpcuaVariable[] =>
  mappedVariables(map).map((variable) => ({ ...variable, place: placeAt(map, variable.key) }));

function placeAt(map: SorterPlcMapDialect, key: string): OpcuaPlace {
  let at: unknown = map;
  for (const part of key.split(".")) at = zFields.parse(at)[part];
  return zPlace.parse(at);
}

const zFields = z.record(z.string(), z.unknown());
const zPlace = z.object({ ...nodeKeys, bit: z.number().optional() });
