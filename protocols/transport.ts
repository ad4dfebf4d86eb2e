import type { DeviceReason } from "./device-reasons.ts";

/**
 * What a wire looks like to both of its ends. Real ones (serial, TCP, MQTT) and in-memory ones
 * stand behind the same two interfaces, so that drivers and simulated devices need not know.
 */

/** A stream of bytes without message boundaries: a serial line or a TCP connection. */
export interface ByteLink {
  /** Starts, and keeps reopening with back-off until `close`. Called once. */
  open(handlers: ByteLinkHandlers): void;
  /** False when the link is down or full: the bytes are dropped, never queued for later. */
  write(bytes: Uint8Array): boolean;
  close(): Promise<void>;
}

export interface ByteLinkHandlers {
  onOpen(): void;
  onBytes(chunk: Uint8Array): void;
  onClose(reason: DeviceReason): void;
}

/** Messages by topic: an MQTT broker. */
export interface MessageBus {
  /** Called at once with the present state, then at each change. */
  onState(handler: (isConnected: boolean, reason?: DeviceReason) => void): void;
  /** `filter` as in MQTT (`+`, `#`). Survives reconnects. */
  subscribe(filter: string, handler: (topic: string, payload: Uint8Array) => void): void;
  /** False when not connected: the message is dropped, never queued for later (law 6). */
  publish(topic: string, payload: Uint8Array, options?: PublishOptions): boolean;
  close(): Promise<void>;
}

export interface PublishOptions {
  /** Default 0. */
  readonly qos?: 0 | 1;
  /** Default false. Commands are never retained. */
  readonly retain?: boolean;
}
