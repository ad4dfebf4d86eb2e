import { topicMatches } from "../../protocols/topic-filter.ts";
import type { MessageBus } from "../../protocols/transport.ts";
import type { Wires } from "../devices/wires/wires.ts";

/** So many topics are told apart on either side of the base; a busy broker has more. */
const topicsMax = 200;

/** What came at a device's broker, beside what its dialect reads. */
export interface TopicsSeen {
  /** Not below the device's base. */
  readonly elsewhere: readonly string[];
  /** Below its base, told by others than us, and the dialect reads none of them. */
  readonly unread: readonly string[];
  /** The dialect reads them, and nothing came there but what the broker had kept. */
  readonly silent: readonly string[];
}

/** Who reads and tells which topics of one device, and which come. */
export class TopicsWatch {
  readonly #base: string;
  readonly #elsewhere = new Set<string>();
  readonly #below = new Set<string>();
  readonly #live = new Set<string>();
  readonly #read = new Set<string>();
  readonly #told = new Set<string>();

  constructor(base: string) {
    this.#base = base;
  }

  /** The same wires, for the device alone: what it subscribes to and publishes is noted. */
  wiresOf(wires: Wires): Wires {
    return {
      ...wires,
      messageBus: (reach, id, will) => this.#noted(wires.messageBus(reach, id, will)),
    };
  }

  take(topic: string, isRetained: boolean): void {
    const isBelow = topic.startsWith(`${this.#base}/`);
    const topics = isBelow ? this.#below : this.#elsewhere;
    if (topics.size < topicsMax) topics.add(topic);
    if (isBelow && !isRetained && this.#live.size < topicsMax) this.#live.add(topic);
  }

  seen(): TopicsSeen {
    const read = [...this.#read];
    const isRead = (topic: string): boolean => read.some((filter) => topicMatches(filter, topic));
    const live = [...this.#live];
    return {
      elsewhere: [...this.#elsewhere],
      unread: [...this.#below].filter((topic) => !isRead(topic) && !this.#told.has(topic)),
      silent: read.filter((filter) => !live.some((topic) => topicMatches(filter, topic))),
    };
  }

  #noted(bus: MessageBus): MessageBus {
    return {
      ...bus,
      subscribe: (filter, handler) => {
        this.#read.add(filter);
        bus.subscribe(filter, handler);
      },
      publish: (topic, payload, options) => {
        this.#told.add(topic);
        return bus.publish(topic, payload, options);
      },
    };
  }
}
