import { zDeviceReason, type DeviceReason } from "../../protocols/device-reasons.ts";
import { traceNameCharsMax, type SeenOnWire, type TraceWay } from "../../protocols/trace.ts";
import type { MonotonicMs } from "../../protocols/units.ts";
import type { Direction, WireNews } from "./device-tap.ts";
import { hexText } from "./hex-text.ts";
import { isNoValue, type FoundVariable, type NoValue, type VariableValue } from "./variables.ts";

/** What a tap has heard as people are shown it, in the order of coming: by a probe and by a trace. */
export interface NewsShown {
  wire(news: WireNews, at: MonotonicMs): readonly SeenOnWire[];
  dialect(direction: Direction, message: unknown): readonly SeenOnWire[];
}

/** More of one thing is left out, and said so. */
export interface ShownMax {
  readonly bytes: number;
  readonly chars: number;
}

/**
 * Variables are polled many times a second: one is shown when it has changed, and at most this often,
 * since counts and signs of life always have.
 */
const variableEveryMs = 1_000;

export function createNewsShown(max: ShownMax): NewsShown {
  const shown = new Map<string, { readonly text: string; readonly at: MonotonicMs }>();
  let readAt: MonotonicMs | null = null;
  const plain = (value: unknown): Content =>
    value instanceof Uint8Array ? ofBytes(value, max) : ofText(jsonText(value), max);

  const changed = (
    values: ReadonlyMap<string, VariableValue | NoValue>,
    at: MonotonicMs,
  ): readonly SeenOnWire[] => {
    const seen: SeenOnWire[] = [];
    for (const [key, value] of values) {
      const text = valueText(value);
      const last = shown.get(key);
      if (last !== undefined && (last.text === text || at - last.at < variableEveryMs)) continue;
      shown.set(key, { text, at });
      seen.push(seenAs("in", ofText(`${key} = ${text}`, max)));
    }
    return seen;
  };

  return {
    wire(news, at) {
      switch (news.kind) {
        case "state":
          return [stateSeen(news)];
        case "bytes":
          // Of a controller that answers, variables tell what the bytes of each poll would.
          if (readAt !== null && at - readAt < variableEveryMs) return [];
          return [seenAs(news.direction, ofBytes(news.bytes, max))];
        case "message": {
          const retained = news.isRetained ? " (retained)" : "";
          const name = `${news.topic}${retained}`.slice(0, traceNameCharsMax);
          return [{ ...seenAs(news.direction, ofPayload(news.payload, max)), name }];
        }
        case "event":
          return [seenAs("in", ofText(news.fields.map(fieldText).join(" "), max))];
        case "call":
          return [
            seenAs("out", ofText(`${news.method}(${news.inputs.map(plainText).join(", ")})`, max)),
          ];
        case "found":
          for (const { key, value } of news.variables) {
            if (value !== null) shown.set(key, { text: valueText(value), at });
          }
          return news.variables.map((variable) => ({
            ...seenAs("found", ofText(foundText(variable), max)),
            name: variable.key.slice(0, traceNameCharsMax),
          }));
        case "readings":
          readAt = at;
          return changed(news.values, at);
        case "write": {
          const text = news.values.map(([key, value]) => `${key} = ${plainText(value)}`).join(", ");
          return [seenAs("out", ofText(text, max))];
        }
      }
    },
    dialect(direction, message) {
      if (isReadings(message)) return [];
      if (direction === "out") return [seenAs("said", plain(message))];
      const reason = reasonIfDropped(message);
      return [
        reason === null
          ? seenAs("heard", plain(message))
          : { ...seenAs("dropped", plain(message)), reason },
      ];
    },
  };
}

/** What stands in one frame, without which way it went. */
type Content = Pick<SeenOnWire, "text" | "hex" | "wholeLength">;

function stateSeen({ isOpen, reason }: Extract<WireNews, { kind: "state" }>): SeenOnWire {
  const text = isOpen ? "open" : "closed";
  return {
    ...seenAs("state", { text, hex: null, wholeLength: null }),
    reason: isOpen ? null : reason,
  };
}

const seenAs = (way: TraceWay, content: Content): SeenOnWire => ({
  way,
  name: null,
  ...content,
  reason: null,
});

const valueText = (value: VariableValue | NoValue): string =>
  isNoValue(value) ? `(none: ${value.why})` : plainText(value);

/** Nothing on a wire says which of two registers comes first, so a number is shown both ways round. */
function foundText({ place, type, value, turned }: FoundVariable): string {
  const shown = value === null ? "" : ` = ${valueText(value)}`;
  const other = turned === null ? "" : `, the other way round ${turned}`;
  return `${place}, ${type}${shown}${other}`;
}

/** A controller's variables are shown as they are; what follows from each poll is not said again. */
const isReadings = (message: unknown): boolean => kindOf(message) === "readings";

const kindOf = (message: unknown): unknown =>
  typeof message === "object" && message !== null && "kind" in message ? message.kind : undefined;

function reasonIfDropped(message: unknown): DeviceReason | null {
  const kind = kindOf(message);
  if (kind !== "discarded" && kind !== "dropped") return null;
  if (typeof message !== "object" || message === null || !("reason" in message)) return null;
  return zDeviceReason.safeParse(message.reason).data ?? null;
}

function ofBytes(bytes: Uint8Array, max: ShownMax): Content {
  const isCut = bytes.length > max.bytes;
  const hex = hexText(bytes.subarray(0, max.bytes));
  return { text: null, hex, wholeLength: isCut ? bytes.length : null };
}

/** Text where it is one, as JSON always is; an image is so many bytes. No more is read than is shown. */
function ofPayload(payload: Uint8Array, max: ShownMax): Content {
  const head = payload.subarray(0, utf8BytesMax * max.chars);
  const isWhole = head.length === payload.length;
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  try {
    // A character may lie across the cut.
    const content = ofText(utf8.decode(head, { stream: !isWhole }), max);
    return isWhole ? content : { ...content, wholeLength: payload.length };
  } catch {
    return ofBytes(payload, max);
  }
}
/** Of one character. */
const utf8BytesMax = 4;

const jsonText = (value: unknown): string => JSON.stringify(bounded(value, 0)) ?? "";

/** How much of a text, of a list and of what is within another is made ready; more is never shown. */
const jsonCharsMax = 2_000;
const jsonItemsMax = 256;
const jsonDepthMax = 10;

/**
 * The same, of which JSON can be made in no time: an image within a message is so many bytes, whatever
 * holds it. A Buffer would make a list of its bytes before anybody is asked.
 */
function bounded(value: unknown, depth: number): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string") {
    return value.length > jsonCharsMax ? `${value.slice(0, jsonCharsMax)}...` : value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return `(${value.length} bytes)`;
  if (depth >= jsonDepthMax) return "...";
  if (Array.isArray(value) || isNumbers(value)) {
    return Array.from(value.slice(0, jsonItemsMax), (each: unknown) => bounded(each, depth + 1));
  }
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return bounded(value.toJSON(), depth + 1);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, bounded(each, depth + 1)]),
  );
}

type Numbers =
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;
const isNumbers = (value: object): value is Numbers =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

/** One value among others. */
const plainText = (value: unknown): string =>
  value instanceof Uint8Array
    ? hexText(value.subarray(0, valueBytesMax))
    : oneLineOf(jsonText(value));
const valueBytesMax = 24;

const fieldText = ([name, value]: readonly [string, unknown]): string =>
  `${name}=${plainText(value)}`;

const oneLineOf = (text: string): string => text.replaceAll(/\s+/g, " ");

function ofText(text: string, { chars }: ShownMax): Content {
  const oneLine = oneLineOf(text);
  return oneLine.length <= chars
    ? { text: oneLine, hex: null, wholeLength: null }
    : { text: oneLine.slice(0, chars), hex: null, wholeLength: oneLine.length };
}
