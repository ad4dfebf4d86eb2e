import {
  darkAnnunciation,
  lampColours,
  restingAnnunciation,
  type Annunciation,
} from "../../../protocols/annunciator/annunciation.ts";
import type {
  AnnunciatorOutputs,
  AnnunciatorOutputsModbus,
} from "../../../protocols/annunciator/outputs.ts";
import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import type { Holds, MappedVariable } from "../sorter/plc-mapped.ts";
import { startTicker } from "../ticker.ts";
import { createLamps, type SimulatedAnnunciator } from "./light.ts";

/** A map of outputs, whatever carries them. */
export type AnyOutputMap = AnnunciatorOutputs | AnnunciatorOutputsModbus;

export interface OutputMemory {
  readonly variables: readonly MappedVariable[];
  readonly device: SimulatedAnnunciator;
}

const flag: Holds = { kind: "flag" };
const word: Holds = { kind: "whole", least: 0, most: 32_767 };

/** How often the controller looks at what was written, and shows that it runs. */
const cycleMs = 100;
/** Without a sign of life for so long it shows that nobody tells it anything. */
const restAfterMs = 3_000;

/** A controller with a horn and a stack light at its outputs, programmed after the map. */
export function createOutputMemory(
  map: AnyOutputMap,
  clock: Clock,
  onShows: (annunciation: Annunciation) => void = () => {},
): OutputMemory {
  const values = new Map<string, boolean | number>();
  const lamps = createLamps(onShows);
  let life = 0;
  let heardAt: number | null = null;

  const isOn = (key: string): boolean => values.get(key) === true;

  /** What stands in its memory is shown only as long as somebody keeps saying it. */
  const cycle = (): void => {
    if (!lamps.faults().isSilent) life = (life + 1) % 32_768;
    if (heardAt === null) return;
    const isTold = clock.monotonic() < monotonicMs(heardAt + restAfterMs);
    lamps.take(isTold ? written() : restingAnnunciation);
  };

  const written = (): Annunciation => {
    const lit = lampColours.map((colour) => {
      const isFlashing = isOn(`${colour}.flashing`);
      return [colour, !isOn(`${colour}.lit`) ? "off" : isFlashing ? "flashing" : "steady"] as const;
    });
    return { ...darkAnnunciation, ...Object.fromEntries(lit), horn: isOn("horn") };
  };

  const shown = (key: string, holds: Holds, show: () => boolean | number): MappedVariable => ({
    path: key.split("."),
    key,
    holds,
    size: null,
    show,
  });
  const output = (key: string, holds: Holds, take = (_value: boolean | number) => {}) => ({
    ...shown(key, holds, () => values.get(key) ?? (holds.kind === "flag" ? false : 0)),
    take(value: boolean | number) {
      values.set(key, holds.kind === "flag" ? Boolean(value) : value);
      take(value);
    },
  });

  const stopTicker = startTicker(clock, cycleMs, cycle);
  const { silence } = map;
  return {
    variables: [
      shown("life.fromPlc", word, () => life),
      output("life.toPlc", word, () => {
        heardAt = clock.monotonic();
      }),
      ...(silence === undefined
        ? []
        : [shown("silence", flag, () => lamps.isPressed() !== silence.isActiveLow)]),
      ...(map.horn === undefined ? [] : [output("horn", flag)]),
      ...lampColours.flatMap((colour) => {
        const lamp = map[colour];
        if (lamp === undefined) return [];
        const lit = output(`${colour}.lit`, flag);
        return lamp.flashing === undefined ? [lit] : [lit, output(`${colour}.flashing`, flag)];
      }),
    ],
    device: {
      shows: () => lamps.shows(),
      setKey: (isPressed) => lamps.setKey(isPressed),
      setFaults: (faults) => lamps.setFaults(faults),
      restart() {
        values.clear();
        heardAt = null;
        lamps.restart();
      },
      async stop() {
        stopTicker();
      },
    },
  };
}
