/**
 * What registers of Modbus are called and can hold (Modbus Application Protocol V1.1b3, 4.3 and 6):
 * 16 bits one of them, 32 bits two of them. A bit, or a coil, is a `bool`.
 */
export type ModbusArea = "holding" | "input" | "coil" | "discrete";
export const modbusTypes = ["bool", "u16", "i16", "u32", "i32", "f32"] as const;
export type ModbusType = (typeof modbusTypes)[number];
export const modbusOrders = ["highFirst", "lowFirst"] as const;
export type ModbusOrder = (typeof modbusOrders)[number];

/** Addresses count from 0, as they stand on the wire. */
export const modbusAddressMax = 65_535;
/** In one request. */
export const registersReadMax = 125;
