import type { DownMessage, UpMessage } from "../../protocols/link.ts";
import type { LinkSending } from "../../protocols/transport.ts";

/**
 * The two ends of the link between line agents and the centre. Over MQTT in life, in memory in
 * virtual time and inside one process; neither end can tell.
 *
 * Contract, tested for both by one suite:
 * - `start` is called once. `onState` is called with the present state, then at each change;
 *   messages come one at a time, never from inside a `send`.
 * - `send` says at once what became of the message. It is refused when there is no connection, of
 *   which `onState` has told why, when as much is under way as the wire takes, and when the other end
 *   would not read it for its length; `unsentTotal` counts them all. Nothing is queued for later.
 *   `sent` means handed over, not arrived: messages may be lost, come twice, or come late. Whoever needs more has a sequence number and asks again
 *   (clearance, journal), or treats silence as doubt (claims).
 * - A message that does not fit its schema is refused and counted; the next one still arrives.
 * - A sent message is not changed afterwards by anybody.
 * - Nothing throws, and nothing is delivered after `close` resolves.
 */
export interface LinkAgentEnd {
  readonly agentId: string;
  start(handlers: LinkAgentHandlers): void;
  send(message: UpMessage): LinkSending;
  /**
   * `sha256` is the hash of `bytes`; the centre checks it. A still is refused, the wire being full, while
   * another image is on its way.
   */
  sendImage(passId: string, sha256: string, bytes: Uint8Array): LinkSending;
  counters(): LinkCounters;
  close(): Promise<void>;
}

export interface LinkAgentHandlers {
  onState(isConnected: boolean, reason?: string): void;
  onMessage(message: DownMessage): void;
}

export interface LinkCentreEnd {
  start(handlers: LinkCentreHandlers): void;
  send(agentId: string, message: DownMessage): LinkSending;
  counters(): LinkCounters;
  close(): Promise<void>;
}

/** `agentId` is the wire's word for the sender (topic), not the message's. */
export interface LinkCentreHandlers {
  onState(isConnected: boolean, reason?: string): void;
  onMessage(agentId: string, message: UpMessage): void;
  onImage(agentId: string, passId: string, sha256: string, bytes: Uint8Array): void;
}

/** Totals since start. `lastRefusal` names the field or topic that was wrong, for people. */
export interface LinkCounters {
  readonly sentTotal: number;
  readonly unsentTotal: number;
  readonly receivedTotal: number;
  readonly refusedTotal: number;
  readonly lastRefusal: string | null;
}

/** A JSON message longer than this is refused unread. */
export const linkMessageBytesMax = 8 * 1024 * 1024;
/** Two energies of 2,048 × 2,048 pixels at 16 bit are the most that one packet carries. */
export const linkImageBytesMax = 16 * 1024 * 1024 + 4_096;
