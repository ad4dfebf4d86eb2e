import type { DeviceReason } from "../../protocols/device-reasons.ts";
import type { FoundVariable, NoValue, VariableValue } from "./variables.ts";

/**
 * Whoever looks on at one device: what goes over its wire, and what its dialect makes of it. Looking
 * on changes nothing, and what is handed out belongs to the wire: it is read at once and not kept.
 */
export interface DeviceTap {
  /** Asked before each piece of news: while nobody looks, none is made. */
  readonly isLooking: boolean;
  onWire(news: WireNews): void;
  /** In the dialect's own words: what it has heard of the device, and what it was given to say. */
  onDialect(direction: Direction, message: unknown): void;
}

export type Direction = "in" | "out";

export type WireNews =
  | { readonly kind: "state"; readonly isOpen: boolean; readonly reason: DeviceReason | null }
  | { readonly kind: "bytes"; readonly direction: Direction; readonly bytes: Uint8Array }
  | {
      readonly kind: "message";
      readonly direction: Direction;
      readonly topic: string;
      readonly payload: Uint8Array;
      /** The broker had kept it. */
      readonly isRetained: boolean;
    }
  /** An event of an OPC UA server: its fields by name. */
  | { readonly kind: "event"; readonly fields: readonly (readonly [string, unknown])[] }
  | { readonly kind: "call"; readonly method: string; readonly inputs: readonly unknown[] }
  /** Variables as they were found, each time before the first of these readings. */
  | { readonly kind: "found"; readonly variables: readonly FoundVariable[] }
  /** All variables at once, by their keys. */
  | {
      readonly kind: "readings";
      readonly values: ReadonlyMap<string, VariableValue | NoValue>;
    }
  | { readonly kind: "write"; readonly values: readonly (readonly [string, unknown])[] };
