import type { LineDevices, LineMachinery, SorterSide } from "../world/ports.ts";
import type { BeltServer } from "./belt-link.ts";

/** The sorter of a belt whose other devices are processes of their own. */
export interface SorterThere {
  readonly side: SorterSide;
  /** The belt count as it tells it, from another place than the world counts from. */
  readonly count: () => number;
}

/** What reaches them is told; whoever is not there has missed it. */
export function devicesElsewhere(
  { side, count }: SorterThere,
  machinery: LineMachinery,
  belt: Pick<BeltServer, "tell">,
): LineDevices {
  const countOf = (worldCount: number): number =>
    Math.max(0, count() - (machinery.count() - worldCount));
  return {
    sorter: side,
    scanner: {
      read: (labels) =>
        belt.tell({ kind: "read", count: countOf(machinery.count()), labels: [...labels] }),
    },
    scale: {
      settled: (weightG, edgesMm) =>
        belt.tell({ kind: "settled", weightG, ...(edgesMm === undefined ? {} : { edgesMm }) }),
    },
    xray: {
      itemEntered() {},
      itemCleared: (entryCount, lengthMm) =>
        belt.tell({ kind: "itemCleared", entryCount: countOf(entryCount), lengthMm }),
      itemScanned: (bodies, frontCount) =>
        belt.tell({
          kind: "itemScanned",
          bodies: bodies.map(({ lengthMm, contents }) => ({ lengthMm, contents })),
          frontCount: countOf(frontCount),
        }),
    },
  };
}
