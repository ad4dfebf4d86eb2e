import { deviceReason, type DeviceReason } from "../../../../protocols/device-reasons.ts";
import type { Log } from "../../../../protocols/log.ts";
import type { Clock, Entropy, Timer } from "../../../../protocols/time.ts";
import { notConnected, sent, wireFull, type Sending } from "../../../../protocols/transport.ts";
import { monotonicMs, type MonotonicMs } from "../../../../protocols/units.ts";
import { addressOfUrl, WireRefusal } from "../../network-reason.ts";
import { sampleOfAnswer, samplesMin, type ClockSample } from "../../clock-offset.ts";
import type { OpcuaReach } from "../../reach.ts";
import {
  createRefusedLogin,
  delaysOfServer,
  type OfferedFile,
  type RefusedLogin,
} from "../../refused-login.ts";
import { createReopenPace, type ReopenPace } from "../../reopen-pace.ts";
import { createWireLog, type WireLog } from "../../wire-log.ts";
import type { FoundVariable, VariableReadings, VariableWrite } from "../../variables.ts";
import { nameOfNode } from "./nodes.ts";
import type { OpcuaCall, OpcuaEventSource, OpcuaSession } from "./session.ts";
import { createUnderWay, type UnderWay } from "./under-way.ts";
import { followVariables } from "./variable-follow.ts";
import { createVariablePolls, type VariablePolls } from "./variable-poll.ts";
import type { OpcuaVariables, OpcuaVariableSource } from "./variables.ts";

/**
 * A server that several devices share: one session carries them all, because each costs memory at
 * both ends. Reconnects for ever, each time with a new session, so nothing that was asked before a
 * loss can be carried out after it.
 */
export interface OpcuaEndpoint {
  watchEvents(source: OpcuaEventSource, handlers: OpcuaEventHandlers): OpcuaWatch;
  /** Reads variables again and again. Up once the server has shown that they are as they are taken for. */
  watchVariables(source: OpcuaVariableSource, handlers: OpcuaVariableHandlers): OpcuaVariableWatch;
  /**
   * Calls a method. The wire is full when too many calls wait for their answer, in this session.
   * `onFailed` hears of a call that was sent and not carried out, or not answered in time.
   */
  call(call: OpcuaCall, onFailed: (detail: string) => void): Sending;
  close(): Promise<void>;
}

interface OpcuaWatchHandlers {
  /** Up once the server has granted what is watched; down with the reason. */
  onState(isUp: boolean, reason?: DeviceReason): void;
  /** What a technician should know of although it works, whenever that is looked at; or null. */
  onAdvice(advice: DeviceReason | null): void;
  /** What the server's clock shows, now and then. */
  onClock?(sample: ClockSample): void;
}

export interface OpcuaEventHandlers extends OpcuaWatchHandlers {
  onFields(values: readonly unknown[]): void;
}

export interface OpcuaVariableHandlers extends OpcuaWatchHandlers {
  /** Whoever looks on hears what was found at each connection. */
  onFound?(variables: readonly FoundVariable[]): void;
  onReadings(readings: VariableReadings): void;
}

export interface OpcuaWatch {
  /**
   * Nothing came for long although it is up. If other watches are served, this one's item is made
   * anew; if none is, the whole connection is.
   */
  revive(): void;
  stop(): void;
}

export interface OpcuaVariableWatch extends OpcuaWatch {
  /**
   * Each step once the one before it was taken whole. `onFailed` hears of the step that was not;
   * those after it are not tried. The wire is full when too much waits for its answer.
   */
  write(
    steps: readonly (readonly VariableWrite[])[],
    onFailed: (step: number, why: string) => void,
  ): Sending;
}

export interface OpcuaEndpointOptions {
  readonly reach: OpcuaReach;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  /** Opens one session; see `openOpcuaSession`. */
  open(reach: OpcuaReach, onLost: (said: string) => void): Promise<OpcuaSession>;
  /** What to know of beside the session itself; it changes with time, while a session lasts. */
  standingAdvice?(): DeviceReason | null;
  /** Why it was not opened, or is lost. */
  reasonOf(error: unknown, address: string): DeviceReason;
}

/** A watch that heard something within this time shows that the connection as such is alive. */
const aliveMs = 2_000;
const openTimeoutMs = 15_000;
/** The server is asked what time it is: a few times soon, while watches begin, and then so often. */
const clockEveryMs = 10_000;
const clockSoonMs = 400;
const clockSoonTimes = samplesMin + 2;
/** A file is read each time; what is to be seen there comes and goes with the days. */
const adviceEveryMs = 60_000;

/** What something watched may do while it is the newest attempt of its watch. */
interface Attempt {
  /** Something came; false: nobody wants it any more. */
  heard(): boolean;
  /** The session or subscription that the server had granted has ended. */
  failed(error: unknown): void;
  /** How what this watch was granted differs from what was asked, or null. */
  advise(advice: DeviceReason | null): void;
}

interface Watch {
  readonly kind: "events" | "variables";
  /** Asks a session for what is watched. */
  readonly begin: (session: OpcuaSession, attempt: Attempt) => Promise<{ stop(): Promise<void> }>;
  readonly handlers: OpcuaWatchHandlers;
  /** Grows with each attempt to establish it, so that a late one knows it is not wanted. */
  attempt: number;
  item: { stop(): Promise<void> } | null;
  retry: Timer | null;
  heardAt: MonotonicMs | null;
  advice: DeviceReason | null;
  readonly pace: ReopenPace;
  readonly log: WireLog;
}

export function createOpcuaEndpoint(options: OpcuaEndpointOptions): OpcuaEndpoint {
  return new Endpoint(options);
}

class Endpoint implements OpcuaEndpoint {
  readonly #options: OpcuaEndpointOptions;
  readonly #watches = new Set<Watch>();
  readonly #polls = new WeakMap<OpcuaSession, VariablePolls>();
  #session: OpcuaSession | null = null;
  /** Grows with each attempt to connect. */
  #attempt = 0;
  #retry: Timer | null = null;
  #lookTimer: Timer | null = null;
  #clockTimer: Timer | null = null;
  readonly #pace: ReopenPace;
  readonly #login: RefusedLogin;
  #offered: OfferedFile = null;
  /** Of the present session. */
  #underWay: UnderWay;
  #isClosed = false;
  readonly #address: string;
  readonly #log: Log;
  readonly #wireLog: WireLog;
  #lastReason: DeviceReason;

  constructor(options: OpcuaEndpointOptions) {
    this.#options = options;
    this.#address = addressOfUrl(options.reach.endpointUrl);
    this.#log = options.log.child("opcua", { address: this.#address });
    this.#wireLog = createWireLog({ log: this.#log, clock: options.clock });
    this.#lastReason = deviceReason("notConnected", { address: this.#address });
    this.#pace = createReopenPace(options);
    const { user } = options.reach;
    this.#login = createRefusedLogin({
      clock: options.clock,
      passwordFile: user !== undefined && "name" in user ? user.passwordFile : null,
      delaysMs: delaysOfServer(options.entropy),
    });
    this.#underWay = createUnderWay(options.clock);
    if (options.standingAdvice !== undefined) this.#lookLater();
    this.#connect();
  }

  watchEvents(source: OpcuaEventSource, handlers: OpcuaEventHandlers): OpcuaWatch {
    return this.#watch("events", nameOfNode(source.node), handlers, (session, attempt) =>
      session.watchEvents(source, (values) => {
        if (attempt.heard()) handlers.onFields(values);
      }),
    );
  }

  watchVariables(source: OpcuaVariableSource, handlers: OpcuaVariableHandlers): OpcuaVariableWatch {
    let opened: OpcuaVariables | null = null;
    const watch = this.#watch(
      "variables",
      source.namespaceUri,
      handlers,
      async (session, attempt) => {
        const variables = await session.openVariables(source);
        opened = variables;
        handlers.onFound?.(variables.found);
        const following = followVariables({
          clock: this.#options.clock,
          variables,
          source,
          polls: this.#pollsOf(session),
          onReadings: (readings) => {
            if (attempt.heard()) handlers.onReadings(readings);
          },
          onFailed: (error) => attempt.failed(error),
          onAdvice: (advice) => attempt.advise(advice),
          leave: (leaving) => void this.#leave(leaving),
        });
        return {
          async stop() {
            following.stop();
            if (opened === variables) opened = null;
          },
        };
      },
    );
    return {
      ...watch,
      write: (steps, onFailed) =>
        opened === null ? notConnected : this.#write(opened, steps, onFailed),
    };
  }

  #pollsOf(session: OpcuaSession): VariablePolls {
    const polls = this.#polls.get(session) ?? createVariablePolls(this.#options.clock);
    this.#polls.set(session, polls);
    return polls;
  }

  #watch(
    kind: Watch["kind"],
    node: string,
    handlers: OpcuaWatchHandlers,
    begin: Watch["begin"],
  ): OpcuaWatch {
    const watch: Watch = {
      kind,
      begin,
      handlers,
      attempt: 0,
      item: null,
      retry: null,
      heardAt: null,
      advice: null,
      pace: createReopenPace(this.#options),
      log: createWireLog({
        log: this.#log.child(kind, { node }),
        clock: this.#options.clock,
      }),
    };
    this.#watches.add(watch);
    handlers.onState(false, this.#lastReason);
    this.#establish(watch);
    return {
      revive: () => this.#revive(watch),
      stop: () => {
        this.#watches.delete(watch);
        this.#unestablish(watch);
        watch.log.stop();
      },
    };
  }

  #write(
    variables: OpcuaVariables,
    steps: readonly (readonly VariableWrite[])[],
    onFailed: (step: number, why: string) => void,
  ): Sending {
    const underWay = this.#underWay;
    if (underWay.isFull()) return wireFull;
    let step = 0;
    const writeAll = async (): Promise<void> => {
      for (; step < steps.length; step += 1) {
        await underWay.inTime(variables.write(steps[step] ?? []));
      }
    };
    underWay.hold(writeAll(), (why) => {
      if (!this.#isClosed) onFailed(step, why);
    });
    return sent;
  }

  call(call: OpcuaCall, onFailed: (detail: string) => void): Sending {
    const session = this.#session;
    if (session === null) return notConnected;
    const underWay = this.#underWay;
    if (underWay.isFull()) return wireFull;
    underWay.hold(underWay.inTime(session.call(call)), (why) => {
      if (!this.#isClosed) onFailed(why);
    });
    return sent;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#attempt += 1;
    this.#retry?.cancel();
    this.#login.stop();
    this.#lookTimer?.cancel();
    this.#clockTimer?.cancel();
    this.#wireLog.stop();
    for (const watch of this.#watches) {
      this.#unestablish(watch);
      watch.log.stop();
    }
    this.#watches.clear();
    const session = this.#session;
    this.#session = null;
    this.#underWay.end();
    await this.#leave(session?.close());
  }

  #connect(): void {
    this.#retry = null;
    this.#attempt += 1;
    const attempt = this.#attempt;
    const isCurrent = () => attempt === this.#attempt && !this.#isClosed;
    const timeout = this.#after(openTimeoutMs, () => {
      if (isCurrent() && this.#session === null) {
        const seconds = openTimeoutMs / 1_000;
        this.#retryLater(deviceReason("noAnswer", { address: this.#address, seconds }));
      }
    });
    // It is looked at before the session reads it, and known long before a server answers.
    void this.#login.offering().then((offered) => (this.#offered = offered));
    this.#options
      .open(this.#options.reach, (said) => {
        if (isCurrent()) this.#drop(this.#options.reasonOf(said, this.#address));
      })
      .then(
        (session) => {
          timeout.cancel();
          if (!isCurrent()) {
            void this.#leave(session.close());
            return;
          }
          this.#session = session;
          this.#login.taken();
          this.#wireLog.opened();
          for (const watch of this.#watches) this.#establish(watch);
          this.#askTimeLater(session, clockSoonTimes);
        },
        (error: unknown) => {
          timeout.cancel();
          if (!isCurrent()) return;
          const reason = this.#options.reasonOf(error, this.#address);
          this.#retryLater(reason, this.#isLoginRefused(error, reason));
        },
      );
  }

  /** A refusal of our own has offered the server nothing. */
  #isLoginRefused(error: unknown, { code }: DeviceReason): boolean {
    const isOurs = error instanceof WireRefusal;
    return code === "accessDenied" && !isOurs && this.#options.reach.user !== undefined;
  }

  /** The session is gone, or to be given up. */
  #drop(reason: DeviceReason): void {
    const session = this.#session;
    this.#session = null;
    this.#underWay.end();
    this.#underWay = createUnderWay(this.#options.clock);
    void this.#leave(session?.close());
    this.#retryLater(reason);
  }

  /** What is left may be gone already, and then says so; nothing follows from it. */
  async #leave(leaving: Promise<void> | undefined): Promise<void> {
    try {
      await leaving;
    } catch (error) {
      this.#log.debug("not left in order", { error });
    }
  }

  #retryLater(reason: DeviceReason, isLoginRefused = false): void {
    this.#attempt += 1;
    this.#wireLog.closed(reason);
    this.#lastReason = reason;
    this.#retry?.cancel();
    const delayMs = this.#pace.nextDelayMs();
    if (isLoginRefused) this.#login.wait(this.#offered, () => this.#connect());
    else this.#retry = this.#after(delayMs, () => this.#connect());
    for (const watch of this.#watches) {
      this.#unestablish(watch);
      watch.handlers.onState(false, reason);
    }
  }

  #establish(watch: Watch): void {
    const session = this.#session;
    if (session === null) return;
    this.#unestablish(watch);
    const attempt = watch.attempt;
    const isCurrent = () => watch.attempt === attempt && this.#session === session;
    const failed = (error: unknown): void => {
      if (!isCurrent()) return;
      const reason = this.#options.reasonOf(error, this.#address);
      this.#unestablish(watch);
      watch.log.closed(reason);
      watch.handlers.onState(false, reason);
      watch.retry = this.#after(watch.pace.nextDelayMs(), () => this.#establish(watch));
    };
    const heard = (): boolean => {
      if (isCurrent()) watch.heardAt = this.#options.clock.monotonic();
      return isCurrent();
    };
    const advise = (advice: DeviceReason | null): void => {
      if (!isCurrent()) return;
      watch.advice = advice;
      if (watch.item !== null) watch.handlers.onAdvice(this.#adviceOn(watch, session));
    };
    watch.begin(session, { heard, failed, advise }).then((item) => {
      if (!isCurrent()) {
        void this.#leave(item.stop());
        return;
      }
      watch.item = item;
      watch.pace.opened();
      this.#pace.opened();
      watch.log.opened();
      watch.handlers.onState(true);
      watch.handlers.onAdvice(this.#adviceOn(watch, session));
    }, failed);
  }

  #adviceOn({ advice }: Watch, session: OpcuaSession): DeviceReason | null {
    return this.#options.standingAdvice?.() ?? session.advice ?? advice;
  }

  #lookLater(): void {
    this.#lookTimer = this.#after(adviceEveryMs, () => {
      const session = this.#session;
      for (const watch of this.#watches) {
        if (session !== null && watch.item !== null) {
          watch.handlers.onAdvice(this.#adviceOn(watch, session));
        }
      }
      this.#lookLater();
    });
  }

  /** `soonTimes`: so often it is asked soon, since people wait for the first estimate. */
  #askTimeLater(session: OpcuaSession, soonTimes: number): void {
    this.#clockTimer?.cancel();
    this.#clockTimer = this.#after(soonTimes > 0 ? clockSoonMs : clockEveryMs, () => {
      if (this.#session === session) void this.#askTime(session, soonTimes);
    });
  }

  async #askTime(session: OpcuaSession, soonTimes: number): Promise<void> {
    const { clock } = this.#options;
    const askedAt = clock.monotonic();
    try {
      const deviceAtMs = await this.#underWay.inTime(session.readTime());
      const [answeredAt, wallAt] = [clock.monotonic(), clock.wall()];
      // A server that does not say has been asked once.
      if (deviceAtMs === null || this.#session !== session) return;
      const sample = sampleOfAnswer({ askedAt, answeredAt, wallAt, deviceAtMs });
      for (const { item, handlers } of this.#watches) {
        if (item !== null) handlers.onClock?.(sample);
      }
      this.#askTimeLater(session, soonTimes - 1);
    } catch (error) {
      // A session that is lost says so itself, and a server that is slow is asked again.
      this.#log.debug("the time was not read", { error });
      if (this.#session === session) this.#askTimeLater(session, 0);
    }
  }

  #unestablish(watch: Watch): void {
    watch.attempt += 1;
    watch.retry?.cancel();
    watch.retry = null;
    void this.#leave(watch.item?.stop());
    watch.item = null;
    watch.advice = null;
  }

  #revive(watch: Watch): void {
    if (this.#session === null) return;
    const heardSince = this.#options.clock.monotonic() - aliveMs;
    const isServed = ({ heardAt }: Watch): boolean => heardAt !== null && heardAt > heardSince;
    // Where it is asked again and again and is answered, it is the device that says nothing.
    if (watch.kind === "variables" && isServed(watch)) return;
    if ([...this.#watches].some((other) => other !== watch && isServed(other))) {
      this.#establish(watch);
    } else {
      const detail = "connected, but nothing is received";
      this.#drop(deviceReason("connectionLost", { address: this.#address, detail }));
    }
  }

  #after(delayMs: number, fire: () => void): Timer {
    const { clock } = this.#options;
    return clock.schedule(monotonicMs(clock.monotonic() + delayMs), fire);
  }
}
