import type { DeviceReason } from "../../protocols/device-reasons.ts";
import type { WireNews } from "../devices/device-tap.ts";
import type { DeviceHealth } from "../devices/port.ts";
import type { TopicsSeen } from "./topics-seen.ts";
import { VariablesWatch, type VariablesSeen } from "./variables-seen.ts";

/** What a probe has seen of a device so far; hints are drawn from nothing else. */
export interface Seen {
  /** For how long it was looked at. */
  readonly seconds: number;
  readonly health: DeviceHealth;
  readonly wasOpen: boolean;
  /** The first of the bytes that came in. */
  readonly sample: Uint8Array;
  readonly bytesTotal: number;
  /** Below its own base, live ones only. */
  readonly messagesTotal: number;
  readonly retainedTotal: number;
  /** The last reason for which something that came was not taken. */
  readonly refused: DeviceReason | null;
  readonly variables: VariablesSeen;
  readonly beside: SeenBeside;
}

/** What was looked for elsewhere, because the device's own wire cannot tell it. */
export interface SeenBeside {
  /** Of the same broker; none where there is no broker. */
  readonly topics: TopicsSeen;
  /** Those of any device, this one's included, on which Sparkplug B is spoken. */
  readonly sparkplugTopics: readonly string[];
  /** Other devices' files on this machine; null where the wire is no serial line. */
  readonly serialPaths: readonly string[] | null;
  /** Damaged characters that the port has counted meanwhile; null where nobody counts. */
  readonly lineErrors: number | null;
}

/** Enough for some frames of any dialect. */
export const sampleBytesMax = 4_096;

export class Looking {
  #wasOpen = false;
  #sample = new Uint8Array(0);
  #bytesTotal = 0;
  #messagesTotal = 0;
  #retainedTotal = 0;
  #refused: DeviceReason | null = null;
  readonly #variables = new VariablesWatch();

  onWire(news: WireNews): void {
    this.#variables.onWire(news);
    if (news.kind === "state") this.#wasOpen ||= news.isOpen;
    else if (news.kind === "bytes" && news.direction === "in") this.#take(news.bytes);
    else if (news.kind === "message" && news.direction === "in") {
      if (news.isRetained) this.#retainedTotal += 1;
      else this.#messagesTotal += 1;
    }
  }

  /** What the dialect has made of it; only what it could not read matters here. */
  onHeard(heard: unknown): void {
    if (isDiscarded(heard)) this.#refused = heard.reason;
  }

  seen(seconds: number, health: DeviceHealth, beside: SeenBeside): Seen {
    return {
      seconds,
      health,
      wasOpen: this.#wasOpen,
      sample: this.#sample,
      bytesTotal: this.#bytesTotal,
      messagesTotal: this.#messagesTotal,
      retainedTotal: this.#retainedTotal,
      refused: this.#refused,
      variables: this.#variables.seen(),
      beside,
    };
  }

  #take(bytes: Uint8Array): void {
    this.#bytesTotal += bytes.length;
    const room = sampleBytesMax - this.#sample.length;
    if (room > 0) this.#sample = Buffer.concat([this.#sample, bytes.subarray(0, room)]);
  }
}

const isDiscarded = (heard: unknown): heard is { readonly reason: DeviceReason } =>
  typeof heard === "object" && heard !== null && "kind" in heard && heard.kind === "discarded";
