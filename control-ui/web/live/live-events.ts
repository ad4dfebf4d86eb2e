import { concat, defer, interval, map, merge, Observable, of, switchMap } from "rxjs";
import { checkJson, parseJson } from "../../../protocols/json-message.ts";
import { clockScheduler } from "../../../protocols/streams/clock-scheduler.ts";
import type { Clock, Entropy } from "../../../protocols/time.ts";
import { zServerMessage } from "../../../protocols/ui/socket.ts";
import type { LiveEvent } from "./live-machine.ts";

/** How often silence and retries are judged. */
export const tickMs = 200;

/** The part of a `WebSocket` that the page uses. */
export interface LiveSocket {
  readonly readyState: number;
  send(text: string): void;
  close(): void;
  addEventListener(name: "open" | "close", heard: () => void): void;
  addEventListener(name: "message", heard: (message: { readonly data: unknown }) => void): void;
}

/** Where the events of the page's live connection come from. */
export interface LiveSources {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly openSocket: () => LiveSocket;
  /** The page has come to the front again. */
  readonly shown: Observable<unknown>;
  /** Another person or station sits here. */
  readonly stationChanges: Observable<unknown>;
  /** What the live machine wants of its socket. */
  readonly wishes: Observable<"open" | "close">;
}

/** All that the live machine hears of, joined in the order it happens. */
export function liveEvents(sources: LiveSources): Observable<LiveEvent> {
  const { entropy, wishes } = sources;
  const closed = defer(() => of<LiveEvent>({ kind: "closed", draw: entropy.next() }));
  const opened = concat(socketEvents(sources.openSocket), closed);
  return merge(
    // A dead socket may take minutes to say that it closed: a new wish does not wait for it, and
    // nothing that it still says is heard.
    wishes.pipe(switchMap((wish) => (wish === "open" ? opened : closed))),
    interval(tickMs, clockScheduler(sources.clock)).pipe(
      map((): LiveEvent => ({ kind: "ticked" })),
    ),
    sources.shown.pipe(map((): LiveEvent => ({ kind: "pageShown" }))),
    sources.stationChanges.pipe(map((): LiveEvent => ({ kind: "stationChanged" }))),
    of<LiveEvent>({ kind: "started" }),
  );
}

/** From the opening of one socket to its end; whoever stops listening closes it. */
const socketEvents = (openSocket: () => LiveSocket): Observable<LiveEvent> =>
  new Observable((listener) => {
    const socket = openSocket();
    socket.addEventListener("open", () => listener.next({ kind: "opened" }));
    socket.addEventListener("message", ({ data }) => listener.next(readMessage(data)));
    socket.addEventListener("close", () => listener.complete());
    return () => socket.close();
  });

function readMessage(data: unknown): LiveEvent {
  if (typeof data !== "string") return { kind: "unreadable" };
  const parsed = parseJson(data);
  const message = parsed.kind === "ok" ? checkJson(zServerMessage, parsed.value) : parsed;
  return message.kind === "ok"
    ? { kind: "received", message: message.value }
    : { kind: "unreadable" };
}
