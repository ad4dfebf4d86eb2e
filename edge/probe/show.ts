import { encodeJson } from "../../protocols/json-message.ts";
import type { MonotonicMs } from "../../protocols/units.ts";
import { deviceReasonLogText } from "../../protocols/words/device-reason.ts";
import type { Direction, WireNews } from "../devices/device-tap.ts";
import { hexText } from "../devices/hex-text.ts";
import {
  isNoValue,
  type FoundVariable,
  type NoValue,
  type VariableValue,
} from "../devices/variables.ts";

/** How a probe writes down what it sees: lines in the order of coming. */
export interface Show {
  wire(news: WireNews, at: MonotonicMs): readonly string[];
  dialect(direction: Direction, message: unknown): readonly string[];
}

/** More of one thing is left out, and said so. */
const shownBytesMax = 96;
const shownCharsMax = 240;

const arrows = { in: "<", out: ">" } as const;

/**
 * Variables are polled many times a second: one is shown when it has changed, and at most this often,
 * since counts and signs of life always have.
 */
const variableEveryMs = 1_000;

export function createShow(): Show {
  const shown = new Map<string, { readonly text: string; readonly at: MonotonicMs }>();
  let readAt: MonotonicMs | null = null;

  const changed = (
    values: ReadonlyMap<string, VariableValue | NoValue>,
    at: MonotonicMs,
  ): readonly string[] => {
    const lines: string[] = [];
    for (const [key, value] of values) {
      const text = valueText(value);
      const last = shown.get(key);
      if (last !== undefined && (last.text === text || at - last.at < variableEveryMs)) continue;
      shown.set(key, { text, at });
      lines.push(`< ${key} = ${text}`);
    }
    return lines;
  };

  return {
    wire(news, at) {
      switch (news.kind) {
        case "state":
          return [stateText(news)];
        case "bytes":
          // Of a controller that answers, variables tell what the bytes of each poll would.
          if (readAt !== null && at - readAt < variableEveryMs) return [];
          return [`${arrows[news.direction]} ${bytesText(news.bytes)}`];
        case "message": {
          const retained = news.isRetained ? " (retained)" : "";
          return [
            `${arrows[news.direction]} ${news.topic}${retained} ${payloadText(news.payload)}`,
          ];
        }
        case "event":
          return [`< ${news.fields.map(([name, value]) => `${name}=${plain(value)}`).join(" ")}`];
        case "call":
          return [`> ${news.method}(${news.inputs.map(plain).join(", ")})`];
        case "found":
          for (const { key, value } of news.variables) {
            if (value !== null) shown.set(key, { text: valueText(value), at });
          }
          return news.variables.map(foundText);
        case "readings":
          readAt = at;
          return changed(news.values, at);
        case "write":
          return [`> ${news.values.map(([key, value]) => `${key} = ${plain(value)}`).join(", ")}`];
      }
    },
    dialect: (direction, message) =>
      isReadings(message) ? [] : [`  ${direction === "in" ? "=" : "!"} ${plain(message)}`],
  };
}

const valueText = (value: VariableValue | NoValue): string =>
  isNoValue(value) ? `(none: ${value.why})` : plain(value);

/** Nothing on a wire says which of two registers comes first, so a number is shown both ways round. */
function foundText({ key, place, type, value, turned }: FoundVariable): string {
  const shown = value === null ? "" : ` = ${valueText(value)}`;
  const other = turned === null ? "" : `, the other way round ${turned}`;
  return `@ ${key}: ${place}, ${type}${shown}${other}`;
}

function stateText({ isOpen, reason }: Extract<WireNews, { kind: "state" }>): string {
  if (isOpen) return "- connected";
  return reason === null ? "- not connected" : `- not connected: ${deviceReasonLogText(reason)}`;
}

/** A controller's variables are shown as they are; what follows from each poll is not said again. */
const isReadings = (message: unknown): boolean =>
  typeof message === "object" &&
  message !== null &&
  "kind" in message &&
  message.kind === "readings";

function bytesText(bytes: Uint8Array): string {
  const shownBytes = bytes.subarray(0, shownBytesMax);
  const rest = bytes.length > shownBytesMax ? ` and ${bytes.length - shownBytesMax} more` : "";
  return `${hexText(shownBytes)}${rest}  ${Array.from(shownBytes, charOf).join("")}`;
}

/** Control characters get their pictures, bytes beyond ASCII a dot. */
function charOf(byte: number): string {
  if (byte < 0x20) return String.fromCharCode(0x2400 + byte);
  if (byte === 0x7f) return "\u2421";
  return byte < 0x7f ? String.fromCharCode(byte) : "\u00b7";
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Text where it is one, as JSON always is; an image is so many bytes. */
function payloadText(payload: Uint8Array): string {
  try {
    return cut(utf8.decode(payload));
  } catch {
    return bytesText(payload);
  }
}

const plain = (value: unknown): string =>
  value instanceof Uint8Array ? bytesText(value) : cut(utf8.decode(encodeJson(value)));

const cut = (text: string): string => {
  const oneLine = text.replaceAll(/\s+/g, " ");
  return oneLine.length <= shownCharsMax
    ? oneLine
    : `${oneLine.slice(0, shownCharsMax)} (${oneLine.length} characters)`;
};
