import type { SorterCommand, SorterEvent } from "../../../protocols/sorter/sorter.ts";
import type { Sending } from "../../../protocols/transport.ts";
import type { DevicePort } from "../port.ts";

/**
 * The sorter's inputs and outputs: eyes, encoder, diverters, chutes, belt. The sorter fires, the
 * agent decides (law 6); see `protocols/sorter/sorter.ts` for the dialect.
 *
 * The driver keeps the device's life going, watches event numbers, and tells of a gap before it
 * delivers the event after it. It stamps the session epoch on every command.
 */
export interface SorterPort extends DevicePort<SorterEvent | SorterGap> {
  send(command: SorterCommandBody): Sending;
}

/** Events were lost between device and agent, so nothing on the belt is certain any more. */
export interface SorterGap {
  readonly kind: "gap";
  readonly missed: number;
}

type WithoutEpoch<T> = T extends unknown ? Omit<T, "epoch"> : never;
/** A command as the line gives it; the driver adds the epoch of the session it was decided in. */
export type SorterCommandBody = WithoutEpoch<Exclude<SorterCommand, { kind: "life" }>>;
