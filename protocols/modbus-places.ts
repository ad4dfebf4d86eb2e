import { z } from "zod";
import { modbusAddressMax, modbusOrders, modbusTypes, registersReadMax } from "./modbus.ts";

const zAt = z
  .number()
  .int()
  .min(0)
  .max(modbusAddressMax)
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

/** How registers and coils are named in a map. */
export const modbusKeys = {
  value: valueKeys,
  flag: { ...flagKeys, ...bit },
  toggle: flagKeys,
  list: { ...valueKeys, ...stride },
};

/** Of a map, beside its places: whom to ask, and how. */
export const modbusDeviceKeys = {
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
};

/** Where a variable is, out of what stands beside it. */
export const zModbusPlace = z.object({
  ...valueKeys,
  ...flagKeys,
  type: z.enum(modbusTypes),
  wordOrder: zWordOrder,
  ...bit,
  ...stride,
});
