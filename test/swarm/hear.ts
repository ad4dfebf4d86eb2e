import type { JournalEntry } from "../../edge/journal/entries.ts";
import type { LineEvent } from "../../edge/line/events.ts";
import type { Truth } from "./truth.ts";

/**
 * What the line is told of reads, late or not. And a machine that knows no passes shows pictures, and
 * the line makes images of them.
 */
export function hear(entry: JournalEntry, { onHeard, onNamed }: Truth): void {
  if (entry.kind !== "step") return;
  const event = entry.event as LineEvent;
  if (event.kind === "read") onHeard(event.codes.map(({ text }) => text));
  if (event.kind === "xrayImage" || event.kind === "xrayImageLost") {
    onNamed(event.imageHash, event.pictureHash);
  }
}
