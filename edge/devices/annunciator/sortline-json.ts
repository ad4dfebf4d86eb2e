import { z } from "zod";
import {
  restingAnnunciation,
  type Annunciation,
  type SignalName,
} from "../../../protocols/annunciator/annunciation.ts";
import { annunciatorTopics, zAnnunciatorState } from "../../../protocols/annunciator/messages.ts";
import { decodeJson, encodeJson } from "../../../protocols/json-message.ts";
import { speak, unreadable, type Dialect } from "../dialect.ts";
import type { Carriers } from "../wires/carriers.ts";
import { createTopicWire, type TopicMessage, type TopicMessageOut } from "../wires/topic-wire.ts";
import type { AnnunciatorHeard } from "./heard.ts";

export const zAnnunciatorJsonDialect = z.strictObject({
  kind: z.literal("sortline-json").describe("Our own messages as JSON by topic."),
});

const messageBytesMax = 4 * 1024;

const dialect: Dialect<TopicMessage, TopicMessageOut, AnnunciatorHeard, Annunciation> = {
  read({ topic, payload }, _at, out) {
    const state = decodeJson(zAnnunciatorState, payload, messageBytesMax);
    if (state.kind === "invalid") return out.tell(unreadable(`${topic} ${state.why}`));
    const { shows, isSilencePressed } = state.value;
    const names = Object.keys(shows).filter((name): name is SignalName => name in shows);
    out.tell({
      kind: "state",
      shows: new Map(names.map((name) => [name, [shows[name]]])),
      isSilencePressed,
    });
  },
  // It is said again within a second.
  write: (annunciation) => ({
    topic: annunciatorTopics.set,
    payload: encodeJson(annunciation),
    qos: 0,
  }),
};

export const annunciatorJsonCarriers = {
  messages: ({ bus, base }, clock) =>
    speak(dialect, createTopicWire(bus, base, [annunciatorTopics.state]), clock),
  will: { topic: annunciatorTopics.set, payload: encodeJson(restingAnnunciation) },
} satisfies Carriers<AnnunciatorHeard, Annunciation>;
