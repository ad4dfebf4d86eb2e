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
  /** A function, because devices are connected only when the belt has been built. */
  devices(): LineDevices;
}

/**
 * Faults that are told to the oracle together with the place along the belt where they happened.
 */
export const faultsAt = ({ faults, oracle }: LineParts, positionMm: number): WorldFaults => ({
  fires(site) {
    if (!faults.fires(site)) return false;
    oracle.onMishap({ kind: site, truthId: null, positionMm });
    return true;
  },
  strength: () => faults.strength(),
});
