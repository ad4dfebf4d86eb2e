import type { Sending } from "../../../protocols/transport.ts";
import type { DevicePort } from "../port.ts";

/**
 * A camera. What it has seen is shown to people and is evidence of nothing: whatever becomes of it, no
 * decision and no belt waits for it.
 */
export interface CameraPort extends DevicePort<StillTaken | StillMissed> {
  /**
   * A still is wanted of what is before it now, under an id of the caller's that never repeats. What
   * comes of it is an event of that id; none comes of what was not sent.
   */
  take(id: string): Sending;
}

/** A JPEG or a PNG, whole. */
export interface StillTaken {
  readonly kind: "still";
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** None has come, or of more than one it is not known which is whose. */
export interface StillMissed {
  readonly kind: "noStill";
  readonly id: string;
}
