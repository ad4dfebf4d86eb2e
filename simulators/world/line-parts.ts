import type { Exit } from "../../protocols/sorting.ts";
import type { Clock } from "../../protocols/time.ts";
import type { Belt } from "./belt.ts";
import type { Bodies } from "./bodies.ts";
import type { Chute } from "./chute.ts";
import type { Encoder } from "./encoder.ts";
import type { WorldLayout } from "./layout.ts";
import type { LineDevices, WorldFaults, WorldOracle } from "./ports.ts";

/** What everything that stands along one belt shares. */
export interface LineParts {
  readonly clock: Clock;
  readonly layout: WorldLayout;
  readonly belt: Belt;
  readonly encoder: Encoder;
  readonly bodies: Bodies;
  readonly chutes: Readonly<Record<Exit, Chute>>;
  readonly faults: WorldFaults;
  readonly oracle: WorldOracle;
  /** Late bound: devices are connected when the belt is built. */
  devices(): LineDevices;
}

/** The faults of something that stands at one place: the oracle hears of each where it is. */
export const faultsAt = ({ faults, oracle }: LineParts, positionMm: number): WorldFaults => ({
  fires(site) {
    if (!faults.fires(site)) return false;
    oracle.onMishap({ kind: site, truthId: null, positionMm });
    return true;
  },
  strength: () => faults.strength(),
});
