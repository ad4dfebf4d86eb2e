import { checkJson, parseJson } from "../../../protocols/json-message.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import type { AlarmView, Scene } from "../../../protocols/ui/scene.ts";
import {
  clientMessageBytesMax,
  closeCodes,
  zClientMessage,
  type ClientMessage,
  type SceneOp,
  type ServerMessage,
} from "../../../protocols/ui/socket.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import { createAlarmRecords, type AlarmReader } from "../alarms/alarm-records.ts";
import { createDeltaRing, ringMs } from "./delta-ring.ts";

/**
 * `/ws`: every page sees the same scene (HMI W1-W6). A page gets a snapshot or what it missed, then
 * numbered deltas, at most ten a second and made once for all; a heartbeat each second. A page
 * that does not read is told nothing more until it has caught up, and closed after five seconds of
 * that; it never holds up another. The socket takes no commands: a write is refused (PF-23).
 */
export interface SocketHub {
  /** A new connection; the caller then passes on what the connection does. */
  attach(socket: HubSocket): HubConnection;
  tellAlarm(alarm: AlarmView): void;
  counters(): HubCounters;
  stop(): void;
}

/** The server's end of one connection. Nothing here throws. */
export interface HubSocket {
  send(text: string): void;
  /** Bytes that were sent and that the connection has not taken yet. */
  bufferedBytes(): number;
  close(code: number, why: string): void;
}

interface HubConnection {
  onText(text: string): void;
  onBinary(): void;
  onClosed(): void;
}

export interface SocketHubOptions {
  readonly clock: Clock;
  /** Names this run of the server: deltas of another run cannot be resumed. */
  readonly epoch: string;
  readonly snapshot: () => Scene;
  readonly takeOps: () => readonly SceneOp[];
  /** No panel of this station has been connected for `stationGoneMs`. */
  readonly onStationGone: (station: string) => void;
}

interface HubCounters {
  readonly clients: number;
  readonly alarmsTotal: number;
  readonly deltasTotal: number;
  readonly snapshotsTotal: number;
  readonly resumesTotal: number;
  readonly refusedTotal: number;
  readonly tooSlowTotal: number;
}

export const clientsMax = 64;
const deltaEveryMs = 100;
const heartbeatEveryMs = 1_000;
/** A connection that has more than this unread gets nothing until it has read it (W4). */
export const bufferedBytesMax = 256 * 1024;
export const tooSlowMs = 5_000;
/** A page answers every heartbeat; one that is silent for so long is gone. */
const silentMsMax = 15_000;
const helloMsMax = 5_000;
/** X11: locks are free again within three seconds of a disconnect. */
export const stationGoneMs = 2_000;
const messagesPerSecondMax = 20;
const messagesBurstMax = 40;
/** Messages that do not fit the schema, before the connection is closed. */
const badMessagesMax = 5;

type Hello = Extract<ClientMessage, { kind: "hello" }>;

interface Client {
  readonly socket: HubSocket;
  /** Null until its hello. */
  station: string | null;
  alarms: AlarmReader | null;
  /** The last delta it was sent. */
  seq: number;
  /** Since when it has not read enough; null while it keeps up. */
  slowSince: MonotonicMs | null;
  /** Asked while it did not read: answered when it has caught up. Only the latest counts. */
  waitingHello: Hello | null;
  heardAt: MonotonicMs;
  allowance: number;
  badMessages: number;
  isClosed: boolean;
}

export function createSocketHub(options: SocketHubOptions): SocketHub {
  const { clock, epoch } = options;
  const clients = new Set<Client>();
  const ring = createDeltaRing(0);
  const records = createAlarmRecords();
  const leaving = new Map<string, Timer>();
  const totals = {
    alarmsTotal: 0,
    deltasTotal: 0,
    snapshotsTotal: 0,
    resumesTotal: 0,
    refusedTotal: 0,
    tooSlowTotal: 0,
  };
  let seq = 0;
  let lastClientAt: MonotonicMs = clock.monotonic();
  let isStopped = false;
  const timers = new Set<Timer>();

  const every = (periodMs: number, run: () => void): void => {
    const timer = clock.schedule(monotonicMs(clock.monotonic() + periodMs), () => {
      timers.delete(timer);
      if (isStopped) return;
      run();
      every(periodMs, run);
    });
    timers.add(timer);
  };

  const text = (message: ServerMessage): string => JSON.stringify(message);

  const sendSnapshot = (client: Client): void => {
    totals.snapshotsTotal += 1;
    // What is marked as changed is in the snapshot, and comes again in the next delta: harmless.
    const scene = options.snapshot();
    client.socket.send(text({ kind: "snapshot", epoch, seq, now: clock.wall(), scene }));
    client.seq = seq;
  };

  /** What the client lacks, if little; else everything as it is now. */
  const bringUpToDate = (client: Client): void => {
    const missed = ring.after(client.seq);
    const bytes = missed?.reduce((sum, entry) => sum + entry.text.length, 0) ?? 0;
    if (missed === null || bytes > bufferedBytesMax) return sendSnapshot(client);
    for (const entry of missed) client.socket.send(entry.text);
    client.seq = seq;
  };

  const close = (client: Client, code: number, why: string): void => {
    if (client.isClosed) return;
    detach(client);
    client.socket.close(code, why);
  };

  const detach = (client: Client): void => {
    client.isClosed = true;
    lastClientAt = clock.monotonic();
    const { station } = client;
    if (!clients.delete(client) || station === null || isStationHere(station)) return;
    const dueAt = monotonicMs(clock.monotonic() + stationGoneMs);
    leaving.get(station)?.cancel();
    leaving.set(
      station,
      clock.schedule(dueAt, () => {
        leaving.delete(station);
        if (!isStationHere(station)) options.onStationGone(station);
      }),
    );
  };

  const isStationHere = (station: string): boolean =>
    [...clients].some((client) => client.station === station);

  /** False while the client must not be sent anything. */
  const mayReceive = (client: Client): boolean => {
    const buffered = client.socket.bufferedBytes();
    if (client.slowSince === null) {
      if (buffered <= bufferedBytesMax) return true;
      client.slowSince = clock.monotonic();
      return false;
    }
    if (buffered <= bufferedBytesMax / 4) {
      client.slowSince = null;
      if (client.waitingHello === null) bringUpToDate(client);
      else answerHello(client, client.waitingHello);
      return true;
    }
    if (clock.monotonic() - client.slowSince > tooSlowMs) {
      totals.tooSlowTotal += 1;
      close(client, closeCodes.tooSlow, "does not read");
    }
    return false;
  };

  const sendDelta = (): void => {
    const ops = options.takeOps();
    const now = clock.monotonic();
    if (ops.length === 0) {
      for (const client of clients) if (client.station !== null) mayReceive(client);
      return;
    }
    seq += 1;
    if (clients.size === 0 && now - lastClientAt > ringMs) {
      // Nobody is left who could come back to an earlier delta.
      ring.skipTo(seq);
      return;
    }
    totals.deltasTotal += 1;
    const delta = text({ kind: "delta", seq, now: clock.wall(), ops: [...ops] });
    ring.push({ seq, at: now, text: delta });
    for (const client of clients) {
      if (client.station === null || !mayReceive(client) || client.seq === seq) continue;
      client.socket.send(delta);
      client.seq = seq;
    }
  };

  const sendHeartbeat = (): void => {
    const now = clock.monotonic();
    const beat = text({ kind: "heartbeat", seq, now: clock.wall() });
    for (const client of clients) {
      client.allowance = Math.min(client.allowance + messagesPerSecondMax, messagesBurstMax);
      const silentMs = now - client.heardAt;
      if (silentMs > (client.station === null ? helloMsMax : silentMsMax)) {
        close(client, closeCodes.tooSlow, "silent");
      } else if (client.station !== null && mayReceive(client)) {
        client.socket.send(beat);
        sendRecords(client);
      }
    }
  };

  const sendRecords = (client: Client): void => {
    for (const { recordSeq, alarm } of client.alarms?.due(clock.monotonic()) ?? []) {
      client.socket.send(text({ kind: "record", recordSeq, alarm }));
    }
  };

  const hello = (client: Client, message: Hello): void => {
    client.station = message.station;
    leaving.get(message.station)?.cancel();
    leaving.delete(message.station);
    client.alarms = records.reader(message.station);
    client.waitingHello = message;
    if (!mayReceive(client)) return;
    if (client.waitingHello !== null) answerHello(client, message);
    sendRecords(client);
  };

  const answerHello = (client: Client, message: Hello): void => {
    client.waitingHello = null;
    const from = message.epoch === epoch ? message.lastSeq : null;
    if (from === null || ring.after(from) === null) {
      sendSnapshot(client);
    } else {
      totals.resumesTotal += 1;
      client.socket.send(text({ kind: "resumed", epoch, seq: from, now: clock.wall() }));
      client.seq = from;
      bringUpToDate(client);
    }
  };

  const refuse = (client: Client, why: string): void => {
    totals.refusedTotal += 1;
    client.badMessages += 1;
    if (client.badMessages > badMessagesMax) return close(client, closeCodes.badMessage, why);
    if (client.socket.bufferedBytes() <= bufferedBytesMax) {
      client.socket.send(text({ kind: "refused", why }));
    }
  };

  const onText = (client: Client, raw: string): void => {
    if (client.isClosed) return;
    if (raw.length > clientMessageBytesMax || Buffer.byteLength(raw) > clientMessageBytesMax) {
      totals.refusedTotal += 1;
      return close(client, closeCodes.tooBig, `more than ${clientMessageBytesMax} bytes`);
    }
    if (client.allowance <= 0) {
      totals.refusedTotal += 1;
      return close(client, closeCodes.badMessage, "too many messages");
    }
    client.allowance -= 1;
    client.heardAt = clock.monotonic();
    const read = readClientMessage(raw);
    if (read.kind === "refused") return refuse(client, read.why);
    const { message } = read;
    if (message.kind === "hello") return hello(client, message);
    if (client.station === null) return refuse(client, "hello comes first");
    if (message.kind === "recordsSeen") client.alarms?.seen(message.upTo);
  };

  every(deltaEveryMs, sendDelta);
  every(heartbeatEveryMs, sendHeartbeat);

  return {
    attach: (socket) => {
      const client: Client = {
        socket,
        station: null,
        alarms: null,
        seq: 0,
        slowSince: null,
        waitingHello: null,
        heardAt: clock.monotonic(),
        allowance: messagesBurstMax,
        badMessages: 0,
        isClosed: false,
      };
      if (clients.size >= clientsMax) {
        totals.refusedTotal += 1;
        client.isClosed = true;
        socket.send(text({ kind: "refused", why: `${clientsMax} pages are connected already` }));
        socket.close(closeCodes.tooSlow, "too many pages");
      } else clients.add(client);
      return {
        onText: (raw) => onText(client, raw),
        onBinary: () => {
          if (!client.isClosed) refuse(client, "text only");
        },
        onClosed: () => {
          if (!client.isClosed) detach(client);
        },
      };
    },
    tellAlarm: (alarm) => {
      totals.alarmsTotal += 1;
      records.add(alarm);
      for (const client of clients) {
        const isSlow = client.slowSince !== null;
        if (!isSlow && client.socket.bufferedBytes() <= bufferedBytesMax) sendRecords(client);
      }
    },
    counters: () => ({ clients: clients.size, ...totals }),
    stop: () => {
      isStopped = true;
      for (const timer of [...timers, ...leaving.values()]) timer.cancel();
      for (const client of clients) close(client, 1001, "the centre stops");
      for (const timer of leaving.values()) timer.cancel();
    },
  };
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
