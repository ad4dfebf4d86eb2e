import { uniform } from "./chance.ts";
import type { Body, Gate } from "./body.ts";
import type { Encoder } from "./encoder.ts";
import type { WorldFaults } from "./ports.ts";

/** Belt counts between the edges of a flickering eye: some outlast a cabinet's debouncing. */
const flickerCounts = { from: 1, to: 15 };

export interface Eye {
  readonly gate: Gate;
  isBlocked(): boolean;
}

export interface EyeOptions {
  readonly positionMm: number;
  readonly encoder: Encoder;
  readonly faults: WorldFaults;
  onEdge(isBlocked: boolean): void;
}

/**
 * A light barrier: blocked while anything covers it, so that bodies that touch are one to it.
 * A loose flap or tape may make it flicker once after an edge.
 */
export function createEye(options: EyeOptions): Eye {
  const { positionMm, encoder, faults } = options;
  let coveredBy = 0;
  let isBlocked = false;
  let isFlickering = false;

  const show = (next: boolean): void => {
    if (next === isBlocked) return;
    isBlocked = next;
    options.onEdge(next);
  };

  const flicker = (): void => {
    isFlickering = true;
    const counts = Math.floor(
      uniform({ next: () => faults.strength() }, flickerCounts.from, flickerCounts.to),
    );
    const at = encoder.count();
    encoder.whenCount(at + counts, () => show(!isBlocked));
    encoder.whenCount(at + 2 * counts, () => {
      isFlickering = false;
      show(coveredBy > 0);
    });
  };

  const coverBy = (change: 1 | -1): void => {
    coveredBy += change;
    if (isFlickering || isBlocked === coveredBy > 0) return;
    show(coveredBy > 0);
    if (faults.fires("eyeBounce")) flicker();
  };

  return {
    gate: {
      positionMm,
      entered: (_body: Body) => coverBy(1),
      left: (_body: Body) => coverBy(-1),
    },
    isBlocked: () => isBlocked,
  };
}
