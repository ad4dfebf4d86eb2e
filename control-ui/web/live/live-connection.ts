import { batch, signal, type Signal } from "@preact/signals";
import { zServerMessage } from "../../../protocols/ui/socket.ts";
import { AlarmLog } from "./alarm-log.ts";
import {
  initialLiveState,
  silentMsMax,
  stepLive,
  type LiveEffect,
  type LiveEvent,
  type LiveState,
} from "./live-machine.ts";
import { SceneStore } from "./scene-store.ts";

/** How often silence and retries are judged. */
const tickMs = 200;

/** Runs the live machine on a real WebSocket and keeps scene, alarms and the centre's clock. */
export class LiveConnection {
  readonly scene = new SceneStore();
  readonly alarms = new AlarmLog(sessionStorage);
  readonly state: Signal<LiveState> = signal(initialLiveState);
  /** The centre's clock, once a second: for what shows a time in words. */
  readonly second: Signal<number> = signal(0);
  readonly #url: string;
  readonly #station: () => string;
  #socket: WebSocket | null = null;

  constructor(options: { readonly url: string; readonly station: () => string }) {
    this.#url = options.url;
    this.#station = options.station;
  }

  start(): void {
    this.#feed({ kind: "started" });
    setInterval(() => this.#tick(), tickMs);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#feed({ kind: "pageShown" });
    });
  }

  /** The centre's clock now. Stands still while the data is frozen, so that all motion stops. */
  now(): number {
    const state = this.state.peek();
    const silentMs = performance.now() - state.lastHeardAtMs;
    const lateMs = state.isFrozen ? Math.max(0, silentMs - silentMsMax) : 0;
    return performance.now() - lateMs + state.offset.offsetMs;
  }

  /** Milliseconds since anything was heard. */
  dataAgeMs(): number {
    return performance.now() - this.state.peek().lastHeardAtMs;
  }

  /** To be called when `station()` answers differently than before. */
  stationChanged(): void {
    this.#feed({ kind: "stationChanged" });
  }

  #tick(): void {
    this.#feed({ kind: "ticked" });
    const second = Math.floor(this.now() / 1_000) * 1_000;
    if (this.state.peek().position !== null) this.second.value = second;
  }

  #feed(event: LiveEvent): void {
    const at = { nowMs: performance.now(), station: this.#station() };
    const { state, effects } = stepLive(this.state.peek(), event, at);
    batch(() => {
      this.state.value = state;
      for (const effect of effects) this.#run(effect);
    });
  }

  #run(effect: LiveEffect): void {
    switch (effect.kind) {
      case "open":
        return this.#open();
      case "close":
        return this.#abandon();
      case "send":
        if (this.#socket?.readyState === WebSocket.OPEN) {
          this.#socket.send(JSON.stringify(effect.message));
        }
        return undefined;
      case "replaceScene":
        return this.scene.replace(effect.message.scene);
      case "applyDelta":
        for (const op of effect.message.ops) this.scene.apply(op);
        return undefined;
      case "addAlarm":
        return this.alarms.add(effect.message.alarm);
    }
  }

  #open(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    const ifCurrent = (run: () => void) => (): void => {
      if (this.#socket === socket) run();
    };
    socket.addEventListener(
      "open",
      ifCurrent(() => this.#feed({ kind: "opened" })),
    );
    socket.addEventListener(
      "close",
      ifCurrent(() => this.#closed()),
    );
    socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (this.#socket === socket) this.#feed(readMessage(data));
    });
  }

  /** A dead socket may take minutes to report that it has closed, so we do not wait for it. */
  #abandon(): void {
    const socket = this.#socket;
    this.#closed();
    socket?.close();
  }

  #closed(): void {
    this.#socket = null;
    this.#feed({ kind: "closed", draw: Math.random() });
  }
}

function readMessage(data: unknown): LiveEvent {
  if (typeof data !== "string") return { kind: "unreadable" };
  try {
    const message = zServerMessage.safeParse(JSON.parse(data));
    if (message.success) return { kind: "received", message: message.data };
  } catch {
    // Not JSON: handled like any other message that cannot be read.
  }
  return { kind: "unreadable" };
}
