import { z } from "zod";
import type { SorterCommand } from "../../../protocols/sorter/sorter.ts";
import { speak } from "../dialect.ts";
import type { Reach, SerialReach } from "../reach.ts";
import type { Carriers } from "../wires/carriers.ts";
import type { ModbusFraming } from "../wires/modbus/framing.ts";
import { registersReadMax } from "../wires/modbus/pdu.ts";
import { addressMax, modbusOrders, modbusTypes, type ModbusPlace } from "../wires/modbus/places.ts";
import { createRtuFraming, type RtuCharacters } from "../wires/modbus/rtu-framing.ts";
import { createTcpFraming } from "../wires/modbus/tcp-framing.ts";
import { createModbusVariableWire, type ModbusWireOptions } from "../wires/modbus/variable-wire.ts";
import type { SorterHeard } from "./heard.ts";
import { modbusCommandBlock, modbusMisfits } from "./plc-map-modbus-fit.ts";
import { PlcMachine } from "./plc-map/machine.ts";
import type { PlcMeaning } from "./plc-map/meaning.ts";
import { placedVariables, type PlacedVariable } from "./plc-map/placed.ts";
import {
  eventsUntold,
  plcMapFields,
  restartUntold,
  tellsEvents,
  tellsRestart,
} from "./plc-map-schema.ts";
import { wordsOf } from "./session-words.ts";

const zAt = z
  .number()
  .int()
  .min(0)
  .max(addressMax)
  .describe("Address from 0, as on the wire; tools that count from 1 show one more.");
const zByteOrder = z
  .enum(modbusOrders)
  .optional()
  .describe("Of the bytes within a register; default: highFirst.");
const zWordOrder = z
  .enum(modbusOrders)
  .optional()
  .describe("Which register of 32 bits comes first; required for them, since no default is safe.");

const registers = z.enum(["holding", "input"]).describe("Holding or input registers.");
const numbers = modbusTypes.filter((type) => type !== "bool");
const valueKeys = {
  area: registers,
  at: zAt,
  type: z.enum(numbers).describe("What the register is, or the two registers are."),
  wordOrder: zWordOrder,
  byteOrder: zByteOrder,
};

const flagKeys = {
  area: z
    .enum(["holding", "input", "coil", "discrete"])
    .describe("Holding or input register, coil or discrete input."),
  at: zAt,
  type: z
    .enum(["bool", "u16"])
    .default("bool")
    .describe("A coil, or a bit of a register; or a register of its own that is 0 or 1."),
  byteOrder: zByteOrder,
};

const bit = {
  bit: z
    .number()
    .int()
    .min(0)
    .max(15)
    .optional()
    .describe("Which bit of the register is meant, 0 being the lowest."),
};

const stride = {
  stride: z
    .number()
    .int()
    .min(1)
    .max(registersReadMax)
    .optional()
    .describe("Registers from one element to the next; default: as many as an element has."),
};

/** A sorter behind registers and coils, as its engineer has placed its variables. */
export const zSorterPlcMapModbusDialect = z
  .strictObject({
    kind: z
      .literal("plc-map-modbus")
      .describe("Registers and coils; over TCP as Modbus TCP, over a serial line as Modbus RTU."),
    unitId: z
      .number()
      .int()
      .min(0)
      .max(255)
      .describe("Whom to ask; on a serial line 1 to 247. Answers of another are dropped."),
    framing: z
      .enum(["tcp", "rtu"])
      .optional()
      .describe("Default: rtu on a serial line, else tcp. A plain serial server takes rtu on TCP."),
    timeoutMs: z
      .number()
      .int()
      .min(10)
      .max(1_000)
      .default(200)
      .describe("How long the controller may think about a question."),
    registersMax: z
      .number()
      .int()
      .min(4)
      .max(registersReadMax)
      .default(registersReadMax)
      .describe("How many registers the controller gives at once."),
    ...plcMapFields({
      value: valueKeys,
      flag: { ...flagKeys, ...bit },
      toggle: flagKeys,
      list: { ...valueKeys, ...stride },
    }),
  })
  .refine(tellsRestart, restartUntold)
  .refine(tellsEvents, eventsUntold)
  .superRefine((map, context) => {
    // What is not even of its kind is said already.
    if (context.issues.length > 0) return;
    for (const { path, why } of modbusMisfits(modbusVariablesOf(map))) {
      context.addIssue({ code: "custom", path: [...path], message: why });
    }
  });
export type SorterPlcMapModbusDialect = z.infer<typeof zSorterPlcMapModbusDialect>;

/** `countsPerMsMax`: no belt of this sorter is faster. */
export const sorterPlcMapModbusCarriers = (
  map: SorterPlcMapModbusDialect,
  reach: Reach,
  countsPerMsMax: number,
) =>
  ({
    bytes(link, clock, address) {
      const machine = new PlcMachine({ map, countsPerMsMax, nextWord: wordsOf(clock) });
      return speak(machine, openModbusMap(map, reach, { link, clock, address }), clock);
    },
  }) satisfies Carriers<SorterHeard, SorterCommand>;

/** The map's registers on that link. */
export function openModbusMap(
  map: SorterPlcMapModbusDialect,
  reach: Reach,
  on: Pick<ModbusWireOptions, "link" | "clock" | "address">,
) {
  const { pollMs, timeoutMs, registersMax } = map;
  const variables = modbusVariablesOf(map);
  const source = { variables, together: [modbusCommandBlock], pollMs, timeoutMs, registersMax };
  return createModbusVariableWire({ ...on, framing: framingOf(map, reach), source });
}

export const framingKindOf = ({ framing }: SorterPlcMapModbusDialect, reach: Reach) =>
  framing ?? (reach.kind === "serial" ? "rtu" : "tcp");

function framingOf(map: SorterPlcMapModbusDialect, reach: Reach): ModbusFraming {
  const { unitId } = map;
  if (framingKindOf(map, reach) === "tcp") return createTcpFraming(unitId);
  const characters = reach.kind === "serial" ? charactersOf(reach) : networkCharacters;
  return createRtuFraming({ unitId, characters });
}

/** What a character is on that line: one start bit, its own, parity if there is any, stop. */
export const charactersOf = ({
  baudRate,
  dataBits,
  parity,
  stopBits,
}: SerialReach): RtuCharacters => ({
  baudRate,
  bits: 1 + dataBits + Number(parity !== "none") + stopBits,
});
/** Behind a serial server nobody knows; it keeps the line's silences by itself. */
const networkCharacters: RtuCharacters = { baudRate: 115_200, bits: 11 };

/** Each variable of the map with the place where the configuration has it, under the same key. */
export const modbusVariablesOf = (map: PlcMeaning): readonly PlacedVariable<ModbusPlace>[] =>
  placedVariables(map, (place) => zPlace.parse(place));

const zPlace = z.object({
  ...valueKeys,
  ...flagKeys,
  type: z.enum(modbusTypes),
  wordOrder: zWordOrder,
  ...bit,
  ...stride,
});
