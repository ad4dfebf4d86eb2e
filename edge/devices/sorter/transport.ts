import type { DeviceReason } from "../../../protocols/device-reasons.ts";
import type { SorterCommand } from "../../../protocols/sorter/sorter.ts";
import type { Sending } from "../../../protocols/transport.ts";

/** A wire that carries the sorter dialect. It knows nothing of sessions, numbers or life. */
export interface SorterTransport {
  /** Starts, and keeps reconnecting until `close`. Called once. */
  open(handlers: SorterTransportHandlers): void;
  send(command: SorterCommand): Sending;
  /** Connected, yet nothing was heard for long: renew whatever delivers the events. */
  revive(): void;
  /** No handler is called once this has been called. */
  close(): Promise<void>;
}

export interface SorterTransportHandlers {
  /** Not necessarily called before the first connection. */
  onState(isConnected: boolean, reason?: DeviceReason): void;
  /** One event as it came, good or not. */
  onPayload(payload: Uint8Array): void;
  /** A command that was sent is known not to have reached the device, in the peer's words. */
  onCommandFailed(detail: string): void;
}
