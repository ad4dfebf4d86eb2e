import type { LineView } from "../../../protocols/ui/scene.ts";

/**
 * Whether what the line does is told to the centre now. While it is not heard, or its journal is not
 * taken, what is shown of it is old, whatever it said last.
 */
export const isTold = (line: Pick<LineView, "isHeard" | "conditions">): boolean =>
  line.isHeard && isJournalTaken(line);

export const isJournalTaken = ({ conditions }: Pick<LineView, "conditions">): boolean =>
  !conditions.includes("journalNotTaken");
