import type { DevicePort } from "../port.ts";

/**
 * An in-motion scale. One reading a parcel: the driver reports only settled weights, so motion,
 * out-of-range and negative readings are counted and dropped. Stamped by the shell at arrival.
 */
export interface ScalePort extends DevicePort<ScaleReading> {}

export interface ScaleReading {
  readonly kind: "weight";
  /** Gross grams, 1 to 1,000,000. */
  readonly weightG: number;
}
