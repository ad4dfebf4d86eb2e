import { isAllowed, type Role } from "../../../protocols/actor.ts";
import { checkJson, parseJson } from "../../../protocols/json-message.ts";
import type { AlarmView } from "../../../protocols/ui/scene.ts";
import {
  clientMessageBytesMax,
  clientMessageRules,
  closeCodes,
  serverMessageRules,
  zClientMessage,
  type ClientMessage,
  type SceneOp,
} from "../../../protocols/ui/socket.ts";
import { ringMs } from "./delta-ring.ts";
import {
  answerHello,
  bufferedBytesMax,
  closeClient,
  detach,
  isStationHere,
  mayReceive,
  send,
  sendRecords,
  textOf,
} from "./hub-sending.ts";
import type {
  Client,
  ClientId,
  Hello,
  HubEffect,
  HubMoment,
  HubState,
  HubTurn,
} from "./hub-state.ts";

/**
 * The hub's judgement, without sockets and timers: what each page is told, when it is told too
 * much, and what a page may say (HMI W1-W6, PF-23). Events go in with the moment they came; what is
 * to be done on the sockets comes out in order.
 */
export type HubEvent =
  | { readonly kind: "attached"; readonly id: ClientId; readonly role: Role }
  | { readonly kind: "text"; readonly id: ClientId; readonly raw: string }
  | { readonly kind: "binary"; readonly id: ClientId }
  | { readonly kind: "closed"; readonly id: ClientId }
  /** The scene's changes since the last of these; at most ten a second. */
  | { readonly kind: "deltaDue"; readonly ops: readonly SceneOp[] }
  /** Changes of the scene that cannot be told any more: every page needs a whole picture. */
  | { readonly kind: "changesLost" }
  | { readonly kind: "heartbeatDue" }
  | { readonly kind: "alarm"; readonly alarm: AlarmView }
  | { readonly kind: "stationDue"; readonly station: string }
  | { readonly kind: "stopped" };

export const clientsMax = 64;
/** A page answers every heartbeat; one that is silent for so long is gone. */
const silentMsMax = 15_000;
const helloMsMax = 5_000;
/** Added with each heartbeat, which comes once a second. */
const messagesPerSecondMax = 20;
const messagesBurstMax = 40;
/** Messages that do not fit the schema, before the connection is closed. */
const badMessagesMax = 5;

export function stepHub(hub: HubState, event: HubEvent, at: HubMoment): readonly HubEffect[] {
  const turn: HubTurn = { hub, at, effects: [] };
  take(turn, event);
  return turn.effects;
}

function take(turn: HubTurn, event: HubEvent): void {
  const { hub } = turn;
  switch (event.kind) {
    case "attached":
      return attached(turn, event.id, event.role);
    case "text":
    case "binary":
    case "closed": {
      // A connection that was closed here may still say something.
      const client = hub.clients.get(event.id);
      if (client === undefined) return undefined;
      if (event.kind === "text") return said(turn, client, event.raw);
      return event.kind === "binary" ? refuse(turn, client, "text only") : detach(turn, client);
    }
    case "deltaDue":
      return tellChanges(turn, event.ops);
    case "changesLost":
      // The next heartbeat names a delta that no page has got, so each asks for everything.
      hub.seq += 1;
      return hub.ring.skipTo(hub.seq);
    case "heartbeatDue":
      return tellHeartbeat(turn);
    case "alarm":
      return tellAlarm(turn, event.alarm);
    case "stationDue":
      return stationDue(turn, event.station);
    case "stopped":
      for (const client of hub.clients.values()) {
        closeClient(turn, client, { code: 1001, why: "the centre stops" });
      }
  }
}

function attached(turn: HubTurn, id: ClientId, role: Role): void {
  const { hub, at, effects } = turn;
  if (hub.clients.size >= clientsMax) {
    hub.totals.refusedTotal += 1;
    send(turn, id, { kind: "refused", why: `${clientsMax} pages are connected already` });
    effects.push({ kind: "close", to: id, code: closeCodes.tooSlow, why: "too many pages" });
    return;
  }
  hub.clients.set(id, {
    id,
    role,
    station: null,
    alarms: null,
    seq: 0,
    slowSince: null,
    waitingHello: null,
    heardAt: at.now,
    allowance: messagesBurstMax,
    badMessages: 0,
  });
}

function tellChanges(turn: HubTurn, ops: readonly SceneOp[]): void {
  const { hub, at, effects } = turn;
  const pages = [...hub.clients.values()].filter(
    ({ station, role }) => station !== null && isAllowed(serverMessageRules.delta, role),
  );
  if (ops.length === 0) {
    for (const client of pages) mayReceive(turn, client);
    return;
  }
  hub.seq += 1;
  const { seq } = hub;
  if (hub.clients.size === 0 && at.now - hub.lastClientAt > ringMs) {
    // Nobody is left who could come back to an earlier delta.
    return hub.ring.skipTo(seq);
  }
  hub.totals.deltasTotal += 1;
  const text = textOf({ kind: "delta", seq, now: at.wall, ops: [...ops] });
  hub.ring.push({ seq, at: at.now, text });
  for (const client of pages) {
    if (!mayReceive(turn, client) || client.seq === seq) continue;
    effects.push({ kind: "send", to: client.id, text });
    client.seq = seq;
  }
}

function tellHeartbeat(turn: HubTurn): void {
  const { hub, at, effects } = turn;
  const text = textOf({ kind: "heartbeat", seq: hub.seq, now: at.wall });
  for (const client of hub.clients.values()) {
    client.allowance = Math.min(client.allowance + messagesPerSecondMax, messagesBurstMax);
    const silentMs = at.now - client.heardAt;
    if (silentMs > (client.station === null ? helloMsMax : silentMsMax)) {
      closeClient(turn, client, { code: closeCodes.tooSlow, why: "silent" });
    } else if (client.station !== null && mayReceive(turn, client)) {
      effects.push({ kind: "send", to: client.id, text });
      sendRecords(turn, client);
    }
  }
}

function tellAlarm(turn: HubTurn, alarm: AlarmView): void {
  const { hub, at } = turn;
  hub.totals.alarmsTotal += 1;
  hub.records.add(alarm);
  for (const client of hub.clients.values()) {
    const isSlow = client.slowSince !== null;
    if (!isSlow && at.bufferedBytes(client.id) <= bufferedBytesMax) sendRecords(turn, client);
  }
}

function stationDue({ hub, at, effects }: HubTurn, station: string): void {
  const dueAt = hub.leaving.get(station);
  // It came back, and maybe left again since: then its time is not over.
  if (dueAt === undefined || dueAt > at.now) return;
  hub.leaving.delete(station);
  if (!isStationHere(hub, station)) effects.push({ kind: "stationGone", station });
}

function said(turn: HubTurn, client: Client, raw: string): void {
  const { hub, at } = turn;
  const limit = overLimit(client, raw);
  if (limit !== null) {
    hub.totals.refusedTotal += 1;
    return closeClient(turn, client, limit);
  }
  client.allowance -= 1;
  client.heardAt = at.now;
  const read = readClientMessage(raw);
  if (read.kind === "refused") return refuse(turn, client, read.why);
  const { message } = read;
  if (!isAllowed(clientMessageRules[message.kind], client.role)) {
    return refuse(turn, client, `${message.kind} is not for the role ${client.role}`);
  }
  if (message.kind === "hello") return hello(turn, client, message);
  if (client.station === null) return refuse(turn, client, "hello comes first");
  if (message.kind === "recordsSeen") client.alarms?.seen(message.upTo);
}

function overLimit(
  { allowance }: Client,
  raw: string,
): { readonly code: number; readonly why: string } | null {
  if (raw.length > clientMessageBytesMax || Buffer.byteLength(raw) > clientMessageBytesMax) {
    return { code: closeCodes.tooBig, why: `more than ${clientMessageBytesMax} bytes` };
  }
  return allowance > 0 ? null : { code: closeCodes.badMessage, why: "too many messages" };
}

function hello(turn: HubTurn, client: Client, message: Hello): void {
  const { hub } = turn;
  client.station = message.station;
  hub.leaving.delete(message.station);
  client.alarms = hub.records.reader(message.station);
  client.waitingHello = message;
  if (!mayReceive(turn, client)) return;
  if (client.waitingHello !== null) answerHello(turn, client, message);
  sendRecords(turn, client);
}

function refuse(turn: HubTurn, client: Client, why: string): void {
  turn.hub.totals.refusedTotal += 1;
  client.badMessages += 1;
  if (client.badMessages > badMessagesMax) {
    return closeClient(turn, client, { code: closeCodes.badMessage, why });
  }
  if (turn.at.bufferedBytes(client.id) <= bufferedBytesMax) {
    send(turn, client.id, { kind: "refused", why });
  }
}

type ReadMessage =
  | { readonly kind: "message"; readonly message: ClientMessage }
  | { readonly kind: "refused"; readonly why: string };

function readClientMessage(raw: string): ReadMessage {
  const parsed = parseJson(raw);
  const read = parsed.kind === "ok" ? checkJson(zClientMessage, parsed.value) : parsed;
  return read.kind === "ok"
    ? { kind: "message", message: read.value }
    : { kind: "refused", why: read.why };
}
