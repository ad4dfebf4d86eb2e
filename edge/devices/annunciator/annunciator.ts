import type { Annunciation } from "../../../protocols/annunciator/annunciation.ts";
import type { Sending } from "../../../protocols/transport.ts";
import type { DevicePort } from "../port.ts";

/**
 * A horn and a stack light. No safety function, and evidence of nothing: whatever becomes of it, no
 * decision and no belt waits for it.
 *
 * The driver says once a second again what is to be shown, because a device that was away has
 * forgotten it. `stop` leaves it at `restingAnnunciation`, which is also what a device is left at when
 * this agent dies: by the broker's word, or by a controller that misses its sign of life.
 */
export interface AnnunciatorPort extends DevicePort<SilencePressed> {
  /** What is shown from now on. Where it does not get through it is said again within a second. */
  show(annunciation: Annunciation): Sending;
}

/** Somebody has pressed the key that silences the horn. It acknowledges nothing. */
export interface SilencePressed {
  readonly kind: "silencePressed";
}
