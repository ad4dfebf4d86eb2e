import { interval, map, merge, mergeMap, Subject, timer } from "rxjs";
import { clockScheduler } from "../../../protocols/streams/clock-scheduler.ts";
import type { Role } from "../../../protocols/actor.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { AlarmView, Scene } from "../../../protocols/ui/scene.ts";
import type { SceneOp } from "../../../protocols/ui/socket.ts";
import { stepHub, type HubEvent } from "./hub-machine.ts";
import { stationGoneMs, textOf } from "./hub-sending.ts";
import { newHub, type ClientId, type HubEffect, type HubMoment } from "./hub-state.ts";

/**
 * `/ws`: every page sees the same scene (HMI W1-W6). A page gets a snapshot or what it missed, then
 * numbered deltas, at most ten a second and made once for all; a heartbeat each second. It never
 * holds up another. The socket takes no commands: a write is refused (PF-23). What is judged is
 * in `hub-machine.ts`; here are the sockets and the times.
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
  /** In which it was asked for: says what may be said on it. */
  readonly role: Role;
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

const deltaEveryMs = 100;
const heartbeatEveryMs = 1_000;

export function createSocketHub(options: SocketHubOptions): SocketHub {
  const { clock, epoch } = options;
  const scheduler = clockScheduler(clock);
  const hub = newHub(epoch, clock.monotonic());
  const sockets = new Map<ClientId, HubSocket>();
  const stationsLeft = new Subject<string>();
  let lastId: ClientId = 0;

  const bufferedBytes = (id: ClientId): number => sockets.get(id)?.bufferedBytes() ?? 0;

  const feed = (event: HubEvent): void => {
    const at: HubMoment = { now: clock.monotonic(), wall: clock.wall(), bufferedBytes };
    for (const effect of stepHub(hub, event, at)) run(effect);
  };

  const run = (effect: HubEffect): void => {
    switch (effect.kind) {
      case "send":
        return sockets.get(effect.to)?.send(effect.text);
      case "sendSnapshot": {
        const { to, seq } = effect;
        const scene = options.snapshot();
        const message = { kind: "snapshot", epoch, seq, now: clock.wall(), scene } as const;
        return sockets.get(to)?.send(textOf(message));
      }
      case "close": {
        const socket = sockets.get(effect.to);
        sockets.delete(effect.to);
        return socket?.close(effect.code, effect.why);
      }
      case "watchStation":
        return stationsLeft.next(effect.station);
      case "stationGone":
        return options.onStationGone(effect.station);
    }
  };

  /** A bug in here must not leave pages with a scene that lacks a change and looks whole. */
  const feedChanges = (): void => {
    let ops: readonly SceneOp[] | null = null;
    try {
      ops = options.takeOps();
    } finally {
      if (ops === null) feed({ kind: "changesLost" });
    }
    feed({ kind: "deltaDue", ops });
  };

  // One stream: should it ever end, heartbeats end with the deltas, and every page says that its
  // data is old.
  const times = merge(
    interval(deltaEveryMs, scheduler).pipe(map(() => "changes" as const)),
    interval(heartbeatEveryMs, scheduler).pipe(map(() => ({ kind: "heartbeatDue" }) as const)),
    stationsLeft.pipe(
      mergeMap((station) =>
        timer(stationGoneMs, scheduler).pipe(map(() => ({ kind: "stationDue", station }) as const)),
      ),
    ),
  ).subscribe((due) => (due === "changes" ? feedChanges() : feed(due)));

  return {
    attach: (socket) => {
      const id = (lastId += 1);
      sockets.set(id, socket);
      feed({ kind: "attached", id, role: socket.role });
      return {
        onText: (raw) => feed({ kind: "text", id, raw }),
        onBinary: () => feed({ kind: "binary", id }),
        onClosed: () => {
          sockets.delete(id);
          feed({ kind: "closed", id });
        },
      };
    },
    tellAlarm: (alarm) => feed({ kind: "alarm", alarm }),
    counters: () => ({ clients: hub.clients.size, ...hub.totals }),
    stop: () => {
      times.unsubscribe();
      feed({ kind: "stopped" });
    },
  };
}
