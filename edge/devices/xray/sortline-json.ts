import { hash } from "node:crypto";
import { crc32 } from "node:zlib";
import { z } from "zod";
import { decodeJson, encodeJson } from "../../../protocols/json-message.ts";
import { checkXrayImage } from "../../../protocols/xray/xray-image.ts";
import {
  zXrayItem,
  zXrayLife,
  zXrayVerdict,
  type XrayAnnounce,
} from "../../../protocols/xray/xray.ts";
import { speak, unreadable, type Dialect } from "../dialect.ts";
import type { Carriers } from "../wires/carriers.ts";
import { createTopicWire, type TopicMessage, type TopicMessageOut } from "../wires/topic-wire.ts";
import type { XrayHeard } from "./heard.ts";

export const zXrayJsonDialect = z.strictObject({
  kind: z
    .literal("sortline-json")
    .describe("Our own messages as JSON by topic, and each image as one message, over MQTT."),
});

/** A verdict with 32 boxes stays below this. */
const messageBytesMax = 32 * 1024;

/** JSON by topic, and images as bytes (`protocols/xray/xray.ts`). */
const dialect: Dialect<TopicMessage, TopicMessageOut, XrayHeard, XrayAnnounce> = {
  read(message, _at, out) {
    // Our own words, come back to us.
    if (message.topic !== "announce") out.tell(xrayMessageHeard(message));
  },
  write: (announcement) => ({ topic: "announce", payload: encodeJson(announcement), qos: 1 }),
};

export const xrayJsonCarriers: Carriers<XrayHeard, XrayAnnounce> = {
  messages: ({ bus, base }, clock) => speak(dialect, createTopicWire(bus, base, ["+"]), clock),
};

/** What a message means by its topic, below the machine's base or within an event. */
export function xrayMessageHeard(message: TopicMessage): XrayHeard {
  switch (message.topic) {
    case "life":
      return decoded(message, zXrayLife, (life) => ({ kind: "life", ...life }));
    case "item":
      return decoded(message, zXrayItem, (item) => ({ kind: "item", ...item }));
    case "verdict":
      return decoded(message, zXrayVerdict, (verdict) => ({ kind: "verdict", ...verdict }));
    case "image":
      return imageOf(message);
    default:
      return unreadable(`${message.topic} unknown topic`);
  }
}

function decoded<T>(
  { topic, payload }: TopicMessage,
  schema: z.ZodType<T>,
  toHeard: (message: T) => XrayHeard,
): XrayHeard {
  const result = decodeJson(schema, payload, messageBytesMax);
  return result.kind === "ok" ? toHeard(result.value) : unreadable(`${topic} ${result.why}`);
}

function imageOf({ topic, payload: bytes }: TopicMessage): XrayHeard {
  const checked = checkXrayImage(bytes, crc32);
  if (checked.kind === "invalid") return unreadable(`${topic} ${checked.why}`);
  const { passId, itemSequence, entryCount, lengthMm } = checked.header;
  const imageHash = hash("sha256", bytes, "hex");
  const pictureHash = hash("sha256", bytes.subarray(checked.pixelsFrom), "hex");
  return {
    kind: "image",
    passId,
    itemSequence,
    ...(entryCount === undefined ? {} : { entryCount }),
    ...(lengthMm === undefined ? {} : { lengthMm }),
    imageHash,
    pictureHash,
    bytes,
  };
}
