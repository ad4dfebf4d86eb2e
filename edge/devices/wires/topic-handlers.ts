import { isPlainTopic, topicMatches } from "../../../protocols/topic-filter.ts";
import type { MessageHandler } from "../../../protocols/transport.ts";

/** Who hears which messages of a bus, and what its broker has to be asked for. */
export interface TopicHandlers {
  /** True when the filter is new: the broker has not been asked for it yet. */
  add(filter: string, handler: MessageHandler): boolean;
  /** Each filter once, in the order in which they came. */
  readonly filters: () => readonly string[];
  readonly dispatch: MessageHandler;
}

/** A topic without wildcards is looked up; only filters with them are held against each message. */
export function createTopicHandlers(): TopicHandlers {
  const plain = new Map<string, MessageHandler[]>();
  const wildcard: { readonly filter: string; readonly handler: MessageHandler }[] = [];
  const filters = new Set<string>();
  return {
    add(filter, handler) {
      if (!isPlainTopic(filter)) wildcard.push({ filter, handler });
      else plain.set(filter, [...(plain.get(filter) ?? []), handler]);
      const isNew = !filters.has(filter);
      filters.add(filter);
      return isNew;
    },
    filters: () => [...filters],
    dispatch(topic, payload, isRetained) {
      const handlers = plain.get(topic);
      if (handlers !== undefined) {
        for (const handler of handlers) handler(topic, payload, isRetained);
      }
      for (const { filter, handler } of wildcard) {
        if (topicMatches(filter, topic)) handler(topic, payload, isRetained);
      }
    },
  };
}
