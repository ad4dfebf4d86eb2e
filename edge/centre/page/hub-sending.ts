import { isAllowed } from "../../../protocols/actor.ts";
import {
  closeCodes,
  serverMessageRules,
  type ServerMessage,
} from "../../../protocols/ui/socket.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import type { Client, ClientId, Hello, HubState, HubTurn } from "./hub-state.ts";

/**
 * How one page is told: what it lacks, at the pace it reads. A page that does not read is told
 * nothing more until it has caught up, and closed after five seconds of that (HMI W4).
 */

/** A connection that has more than this unread gets nothing until it has read it (W4). */
export const bufferedBytesMax = 256 * 1024;
export const tooSlowMs = 5_000;
/** X11: locks are free again within three seconds of a disconnect. */
export const stationGoneMs = 2_000;

export const textOf = (message: ServerMessage): string => JSON.stringify(message);

export function send({ hub, effects }: HubTurn, to: ClientId, message: ServerMessage): void {
  const client = hub.clients.get(to);
  if (client !== undefined && !isAllowed(serverMessageRules[message.kind], client.role)) return;
  effects.push({ kind: "send", to, text: textOf(message) });
}

/** False while the client must not be sent anything. */
export function mayReceive(turn: HubTurn, client: Client): boolean {
  const { hub, at } = turn;
  const buffered = at.bufferedBytes(client.id);
  if (client.slowSince === null) {
    if (buffered <= bufferedBytesMax) return true;
    client.slowSince = at.now;
    return false;
  }
  if (buffered <= bufferedBytesMax / 4) {
    client.slowSince = null;
    if (client.waitingHello === null) bringUpToDate(turn, client);
    else answerHello(turn, client, client.waitingHello);
    return true;
  }
  if (at.now - client.slowSince > tooSlowMs) {
    hub.totals.tooSlowTotal += 1;
    closeClient(turn, client, { code: closeCodes.tooSlow, why: "does not read" });
  }
  return false;
}

export function answerHello(turn: HubTurn, client: Client, message: Hello): void {
  const { hub, at } = turn;
  const { epoch } = hub;
  client.waitingHello = null;
  const from = message.epoch === epoch ? message.lastSeq : null;
  if (from === null || hub.ring.after(from) === null) return sendSnapshot(turn, client);
  hub.totals.resumesTotal += 1;
  send(turn, client.id, { kind: "resumed", epoch, seq: from, now: at.wall });
  client.seq = from;
  bringUpToDate(turn, client);
}

/** What the client lacks, if little; else everything as it is now. */
function bringUpToDate(turn: HubTurn, client: Client): void {
  const { hub, effects } = turn;
  const missed = hub.ring.after(client.seq);
  const bytes = missed?.reduce((sum, entry) => sum + entry.text.length, 0) ?? 0;
  if (missed === null || bytes > bufferedBytesMax) return sendSnapshot(turn, client);
  for (const { text } of missed) effects.push({ kind: "send", to: client.id, text });
  client.seq = hub.seq;
}

function sendSnapshot({ hub, effects }: HubTurn, client: Client): void {
  if (!isAllowed(serverMessageRules.snapshot, client.role)) return;
  hub.totals.snapshotsTotal += 1;
  // What is marked as changed is in the snapshot, and comes again in the next delta: harmless.
  effects.push({ kind: "sendSnapshot", to: client.id, seq: hub.seq });
  client.seq = hub.seq;
}

export function sendRecords(turn: HubTurn, client: Client): void {
  for (const { recordSeq, alarm } of client.alarms?.due(turn.at.now) ?? []) {
    send(turn, client.id, { kind: "record", recordSeq, alarm });
  }
}

export function closeClient(
  turn: HubTurn,
  client: Client,
  { code, why }: { readonly code: number; readonly why: string },
): void {
  detach(turn, client);
  turn.effects.push({ kind: "close", to: client.id, code, why });
}

/** The connection is no more. Its station is, until its locks have had time to come back. */
export function detach({ hub, at, effects }: HubTurn, { id, station }: Client): void {
  hub.lastClientAt = at.now;
  if (!hub.clients.delete(id) || station === null || isStationHere(hub, station)) return;
  hub.leaving.set(station, monotonicMs(at.now + stationGoneMs));
  effects.push({ kind: "watchStation", station });
}

export const isStationHere = ({ clients }: HubState, station: string): boolean =>
  [...clients.values()].some((client) => client.station === station);
