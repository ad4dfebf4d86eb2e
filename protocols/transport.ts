import type { DeviceReason } from "./device-reasons.ts";

/**
 * What a wire looks like to both of its ends. Real ones (serial, TCP, MQTT) and in-memory ones
 * stand behind the same two interfaces, so that drivers and simulated devices need not know.
 */

/** Why something was not sent. It is dropped, never kept for later (law 6). */
export type NotSentWhy =
  /** The wire is down, or closed. */
  | "notConnected"
  /** The device has not begun a session that a command could belong to. */
  | "noSession"
  /** As much waits to be sent as may wait. */
  | "wireFull";

/** What became of something that was to be sent. That the wire took it is not that it arrived. */
export type Sending =
  | { readonly kind: "sent" }
  | { readonly kind: "refused"; readonly why: NotSentWhy };

export const sent: Sending = { kind: "sent" };
export const notConnected: Sending = { kind: "refused", why: "notConnected" };
export const wireFull: Sending = { kind: "refused", why: "wireFull" };

/**
 * What became of a message of the link between a line's agent and the centre. `tooLong`: longer than
 * the other end reads, whatever the wire would take.
 */
export type LinkSending = Sending | { readonly kind: "refused"; readonly why: "tooLong" };

export const tooLong: LinkSending = { kind: "refused", why: "tooLong" };

/** A stream of bytes without message boundaries: a serial line or a TCP connection. */
export interface ByteLink {
  /** Starts, and keeps reopening with back-off until `close`. Called once. */
  open(handlers: ByteLinkHandlers): void;
  write(bytes: Uint8Array): Sending;
  /**
   * It is open, and nobody answers: ends the connection for that reason, which `onClose` is told
   * before this returns, and makes it anew as after any loss. Absent where it cannot be half dead.
   */
  renew?(reason: DeviceReason): void;
  close(): Promise<void>;
}

export interface ByteLinkHandlers {
  onOpen(): void;
  onBytes(chunk: Uint8Array): void;
  onClose(reason: DeviceReason): void;
}

/**
 * `isRetained`: the broker had kept it from before we subscribed. Nobody knows how old it is, so it
 * tells neither that something happens nor how something stands now.
 */
export type MessageHandler = (topic: string, payload: Uint8Array, isRetained: boolean) => void;

/** What a broker publishes for a client that is gone without having taken its leave; never retained. */
export interface Will {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** Messages by topic: an MQTT broker. */
export interface MessageBus {
  /** Called at once with the present state, then at each change. */
  onState(handler: (isConnected: boolean, reason?: DeviceReason) => void): void;
  /** `filter` as in MQTT (`+`, `#`). Survives reconnects. */
  subscribe(filter: string, handler: MessageHandler): void;
  publish(topic: string, payload: Uint8Array, options?: PublishOptions): Sending;
  /** The longest packet that the broker says it takes; null, or no such function: it says none. */
  packetBytesMax?(): number | null;
  close(): Promise<void>;
}

export interface PublishOptions {
  /** Default 0. */
  readonly qos?: 0 | 1;
  /** Default false. Commands are never retained. */
  readonly retain?: boolean;
  /**
   * Default false. It is of less weight than all others: refused as long as one with QoS 1 is on its way,
   * so that none waits behind more than one of these.
   */
  readonly isMinor?: boolean;
}
