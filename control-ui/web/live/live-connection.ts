import { batch, signal, type Signal } from "@preact/signals";
import { Subject, type Observable } from "rxjs";
import type { Clock, Entropy } from "../../../protocols/time.ts";
import { AlarmLog, type AlarmStorage } from "./alarm-log.ts";
import { liveEvents, type LiveSocket } from "./live-events.ts";
import {
  initialLiveState,
  silentMsMax,
  stepLive,
  type LiveEffect,
  type LiveEvent,
  type LiveState,
} from "./live-machine.ts";
import { SceneStore } from "./scene-store.ts";

export interface LiveOptions {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly storage: AlarmStorage;
  readonly openSocket: () => LiveSocket;
  /** The page has come to the front again. */
  readonly shown: Observable<unknown>;
  readonly station: () => string;
}

/** Runs the live machine on what happens, and keeps scene, alarms and the centre's clock. */
export class LiveConnection {
  readonly scene = new SceneStore();
  readonly alarms: AlarmLog;
  readonly state: Signal<LiveState> = signal(initialLiveState);
  /** The centre's clock, once a second: for what shows a time in words. */
  readonly second: Signal<number> = signal(0);
  readonly #options: LiveOptions;
  readonly #wishes = new Subject<"open" | "close">();
  readonly #stationChanges = new Subject<void>();
  #socket: LiveSocket | null = null;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.alarms = new AlarmLog(options.storage);
  }

  start(): void {
    liveEvents({
      ...this.#options,
      openSocket: () => (this.#socket = this.#options.openSocket()),
      stationChanges: this.#stationChanges,
      wishes: this.#wishes,
    }).subscribe((event) => this.#feed(event));
  }

  /** The centre's clock now. Stands still while the data is frozen, so that all motion stops. */
  now(): number {
    const nowMs = this.#options.clock.monotonic();
    const { isFrozen, lastHeardAtMs, offset } = this.state.peek();
    const lateMs = isFrozen ? Math.max(0, nowMs - lastHeardAtMs - silentMsMax) : 0;
    return nowMs - lateMs + offset.offsetMs;
  }

  /** Milliseconds since anything was heard. */
  dataAgeMs(): number {
    return this.#options.clock.monotonic() - this.state.peek().lastHeardAtMs;
  }

  /** To be called when `station()` answers differently than before. */
  stationChanged(): void {
    this.#stationChanges.next();
  }

  #feed(event: LiveEvent): void {
    const { clock, station } = this.#options;
    const at = { nowMs: clock.monotonic(), station: station() };
    const { state, effects } = stepLive(this.state.peek(), event, at);
    batch(() => {
      this.state.value = state;
      for (const effect of effects) this.#run(effect);
      if (event.kind === "ticked" && this.state.peek().position !== null) {
        this.second.value = Math.floor(this.now() / 1_000) * 1_000;
      }
    });
  }

  #run(effect: LiveEffect): void {
    switch (effect.kind) {
      case "open":
      case "close":
        return this.#wishes.next(effect.kind);
      case "send":
        if (this.#socket?.readyState === openState) {
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
}

/** `WebSocket.OPEN`, which is the same number wherever a socket comes from. */
const openState = 1;
