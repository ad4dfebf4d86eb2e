import type { DeviceView, LineView } from "../../../protocols/ui/scene.ts";

/**
 * Whether what the line does is told to the centre now. While it is not heard, or its journal is not
 * taken, what is shown of it is old, whatever it said last.
 */
export const isTold = (line: Pick<LineView, "isHeard" | "conditions">): boolean =>
  line.isHeard && isJournalTaken(line);

/** The sorter tells of the belt: without it nobody knows whether the belt runs. */
export const isBeltTold = (
  { id, isHeard }: Pick<LineView, "id" | "isHeard">,
  devices: readonly Pick<DeviceView, "lineId" | "kind" | "health">[],
): boolean =>
  isHeard &&
  !devices.some(
    ({ lineId, kind, health }) => lineId === id && kind === "sorter" && health !== "receiving",
  );

export const isJournalTaken = ({ conditions }: Pick<LineView, "conditions">): boolean =>
  !conditions.includes("journalNotTaken");
