import { deviceReason, type DeviceReason } from "../../../../protocols/device-reasons.ts";
import type { Clock } from "../../../../protocols/time.ts";
import { WireRefusal } from "../../network-reason.ts";
import type { VariableReadings } from "../../variables.ts";
import { createSubscribedReads, type SubscribedReads } from "./subscribed-reads.ts";
import { grantAdvice, paceMsOf, type SubscriptionGrant } from "./subscription-grant.ts";
import type { ValueWatch } from "./value-watch.ts";
import type { VariablePolls } from "./variable-poll.ts";
import type { OpcuaVariables, OpcuaVariableSource, ReadOnNews } from "./variables.ts";

export interface FollowOptions {
  readonly clock: Clock;
  readonly variables: Pick<OpcuaVariables, "read" | "watch">;
  readonly source: Pick<OpcuaVariableSource, "pollMs" | "subscription">;
  readonly polls: VariablePolls;
  readonly onReadings: (readings: VariableReadings) => void;
  /** Called once; nothing is read after it. */
  readonly onFailed: (error: unknown) => void;
  /** How what was asked of the server differs from what it does, or null. */
  readonly onAdvice: (advice: DeviceReason | null) => void;
  /** What is left may be gone already, with its session; nothing follows from that. */
  readonly leave: (leaving: Promise<void>) => void;
}

/**
 * Reads the variables of one session again and again: as often as `pollMs`, or as a subscription
 * tells of news, where one is wanted. They are polled until the server has granted it, and from the
 * moment on in which it is refused, too slow, ended or silent, for as long as the session lasts.
 */
export function followVariables(options: FollowOptions): { stop(): void } {
  const { subscription } = options.source;
  const poll = (): { stop(): void } =>
    options.polls.start({ ...options, pollMs: options.source.pollMs });
  return subscription === undefined ? poll() : new Follow(options, subscription, poll);
}

class Follow {
  readonly #options: FollowOptions;
  readonly #wanted: ReadOnNews;
  readonly #poll: () => { stop(): void };
  #reading: { stop(): void };
  #news: SubscribedReads | null = null;
  #watch: ValueWatch | null = null;
  #isOver = false;

  constructor(options: FollowOptions, wanted: ReadOnNews, poll: () => { stop(): void }) {
    this.#options = options;
    this.#wanted = wanted;
    this.#poll = poll;
    this.#reading = poll();
    options.variables
      .watch(wanted, {
        onChanged: () => this.#news?.changed(),
        onEnded: (why) => this.#giveUp(deviceReason("subscriptionSilent", { detail: why })),
      })
      .then(
        (watch) => this.#take(watch),
        (error: unknown) => this.#giveUp(refusalOf(error, wanted.everyMsMax)),
      );
  }

  stop(): void {
    this.#isOver = true;
    this.#reading.stop();
    this.#leave();
  }

  #take(watch: ValueWatch): void {
    this.#watch = watch;
    if (this.#isOver) return this.#leave();
    const { grant } = watch;
    const { everyMsMax, keys } = this.#wanted;
    if (paceMsOf(grant) > everyMsMax) return this.#giveUp(tooSlow(grant, everyMsMax));
    const { clock, variables, source, onReadings, onFailed, onAdvice } = this.#options;
    this.#reading.stop();
    this.#news = createSubscribedReads({
      clock,
      variables,
      pollMs: source.pollMs,
      everyMsMax,
      keys,
      onReadings,
      onFailed,
      onSilent: () => this.#giveUp(deviceReason("subscriptionSilent")),
    });
    this.#reading = this.#news;
    onAdvice(grantAdvice(grant));
  }

  /** What is told of it once is not told otherwise later: nothing more is expected of it. */
  #giveUp(reason: DeviceReason): void {
    if (this.#isOver) return;
    this.#leave();
    if (this.#news !== null) {
      this.#news.stop();
      this.#news = null;
      this.#reading = this.#poll();
    }
    this.#options.onAdvice(reason);
  }

  #leave(): void {
    const watch = this.#watch;
    this.#watch = null;
    if (watch !== null) this.#options.leave(watch.stop());
  }
}

function refusalOf(error: unknown, mostMs: number): DeviceReason {
  if (error instanceof WireRefusal && error.reason.code === "publishesTooSlowly") {
    return deviceReason("subscriptionTooSlow", { everyMs: error.reason.params?.everyMs, mostMs });
  }
  const detail = error instanceof Error ? error.message : String(error);
  return deviceReason("subscriptionRefused", { detail });
}

const tooSlow = (grant: SubscriptionGrant, mostMs: number): DeviceReason =>
  deviceReason("subscriptionTooSlow", {
    everyMs: paceMsOf(grant),
    askedMs: grant.everyMs.asked,
    mostMs,
  });
