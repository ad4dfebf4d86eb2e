import { beltCount, type BeltCount } from "../../protocols/units.ts";
import type { Evidence } from "../decision/evidence.ts";
import { countsOf, oncePerLine, type LineConfig } from "./config.ts";
import type { Pass } from "./state.ts";
import type { Turn } from "./turn.ts";

/** More than parcels have room on a belt. */
const straysMax = 256;

const beltLengthCounts = oncePerLine((config) =>
  countsOf(config.layout.end.atMm + config.tracking.lengthMmMax, config),
);

const goneAt = (count: number, config: LineConfig): BeltCount =>
  beltCount(count + beltLengthCounts(config));

/** Every waybill that was read of somebody. */
export function waybillsIn(identity: Evidence["identity"]): readonly string[] {
  switch (identity.kind) {
    case "none":
      return [];
    case "one":
      return [identity.waybill];
    case "several":
      return identity.waybills;
  }
}

export function noteStray({ state, event, config }: Turn, waybill: string): void {
  const others = state.strayLabels.filter(
    (stray) => stray.waybill !== waybill && stray.goneAtCount >= event.count,
  );
  const stray = { waybill, goneAtCount: goneAt(event.count, config) };
  state.strayLabels = [...others, stray].slice(-straysMax);
}

/** This pass is tracked no more, and its parcel may lie on the belt still. */
export function noteStrayOf(turn: Turn, { identity }: Pass): void {
  for (const waybill of waybillsIn(identity)) noteStray(turn, waybill);
}

export const isStray = ({ state, event }: Turn, waybill: string): boolean =>
  state.strayLabels.some((stray) => stray.waybill === waybill && stray.goneAtCount >= event.count);

/** The belt is counted anew, from `count` on, and what is on it is there still. */
export function recountStrays({ state, config }: Turn, count: number): void {
  state.strayLabels = state.strayLabels.map(({ waybill }) => {
    return { waybill, goneAtCount: goneAt(count, config) };
  });
}
