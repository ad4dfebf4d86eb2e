import type { DeviceReason } from "../../protocols/device-reasons.ts";
import type { ClockSample } from "./clock-offset.ts";
import type { Sending } from "../../protocols/transport.ts";

/**
 * A wire carries messages of one kind in and of another out, and knows nothing of what they mean:
 * bytes of a serial line or TCP, messages by topic, events and calls of an OPC UA server. A dialect
 * on a wire is a wire again (`dialect.ts`), which carries what the device says and what it is told.
 */
export interface Wire<In, Out> {
  /** Starts, and keeps reconnecting until `close`. Called once. */
  open(handlers: WireHandlers<In>): void;
  send(message: Out): Sending;
  /** Connected, yet nothing was heard for long: renew whatever delivers the messages. */
  revive(): void;
  close(): Promise<void>;
}

export interface WireHandlers<In> {
  /**
   * Not necessarily called before the first connection. `reason` says why it is not connected, or,
   * while it is, where nothing has been heard so far.
   */
  onState(isConnected: boolean, reason?: DeviceReason): void;
  onMessage(message: In): void;
  /** What a technician should know of a connection that works; null: no more. */
  onAdvice(advice: DeviceReason | null): void;
  /** What the device's own clock shows, now and then; left out by whoever does not compare it. */
  onClock?(sample: ClockSample): void;
  /** Something came that no dialect is to read; why it was dropped. */
  onDropped(reason: DeviceReason): void;
  /** Something that was sent is known not to have reached the device, in the peer's words. */
  onSendFailed(detail: string): void;
}
