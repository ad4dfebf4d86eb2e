import { charsOfHex, type SeenOnWire } from "../trace.ts";
import { visibleText } from "../visible-text.ts";
import { deviceReasonLogText } from "./device-reason.ts";

/** What was seen of a device as one line, at a terminal or copied from the page. */
export const seenLine = (seen: SeenOnWire): string => visibleText(lineOf(seen));

function lineOf({ way, name, text, hex, wholeLength, reason }: SeenOnWire): string {
  if (way === "state") return stateLine(text, reason);
  const named = name === null ? "" : `${name}${way === "found" ? ":" : ""} `;
  const content = hex === null ? textShown(text, wholeLength) : bytesShown(hex, wholeLength);
  return `${marks[way]} ${named}${content}`;
}

/** The help of the programs that print such lines says what they mean. */
const marks = {
  in: "<",
  out: ">",
  heard: "  =",
  dropped: "  =",
  said: "  !",
  found: "@",
} as const;

function stateLine(text: string | null, reason: SeenOnWire["reason"]): string {
  if (text === "open") return "- connected";
  return reason === null ? "- not connected" : `- not connected: ${deviceReasonLogText(reason)}`;
}

const textShown = (text: string | null, wholeLength: number | null): string =>
  `${text ?? ""}${wholeLength === null ? "" : ` (${wholeLength} in all)`}`;

function bytesShown(hex: string, wholeLength: number | null): string {
  const chars = charsOfHex(hex);
  const rest = wholeLength === null ? "" : ` and ${wholeLength - chars.length} more`;
  return `${hex}${rest}  ${chars}`;
}
