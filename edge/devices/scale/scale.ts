import type { DimensionsMm } from "../../../protocols/scale/dimensions.ts";
import type { WeightProof } from "../../../protocols/scale/weight-proof.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import type { Sending } from "../../../protocols/transport.ts";
import type { DevicePort } from "../port.ts";

/**
 * An in-motion scale, which may measure as well. One reading a parcel: the driver reports only settled weights, so motion,
 * out-of-range and negative readings are counted and dropped. Stamped by the shell at arrival.
 */
export interface ScalePort extends DevicePort<ScaleReading> {
  /** A token for the next parcel. One that is not sent leaves its weight unproved. */
  tell(command: ProofCommand): Sending;
}

export interface ScaleReading {
  readonly kind: "weight";
  /** Gross grams, 1 to 1,000,000. */
  readonly weightG: number;
  /** What the scale says of whose it is; empty where it says nothing. */
  readonly proof: WeightProof;
  /** Of a scale that measures too, what it has measured beside this weight; left out where it could not. */
  readonly dimensionsMm?: DimensionsMm;
}
