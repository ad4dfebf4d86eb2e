import type { Belt } from "./belt.ts";
import type { Body, Gate } from "./body.ts";
import type { DiverterLayout } from "./layout.ts";
import type { WorldFaults } from "./ports.ts";
import { createWaiting, ranks } from "./travel-queue.ts";

/** Travel over turned wheels after which a body's weight follows them for good. */
const gripMm = 80;
/** How far a body is held back on the belt when it is grazed but not taken. */
const grazeMm = 30;
/** Extra swing time of a diverter that is late. */
const lateMsMax = 600;

export interface Diverter {
  readonly gate: Gate;
  swing(isOut: boolean): void;
}

export interface DiverterOptions {
  readonly layout: DiverterLayout;
  readonly belt: Belt;
  readonly faults: WorldFaults;
  /** False when the chute's mouth is blocked, so that a body bounces off. */
  hasRoom(): boolean;
  /** The body now leaves the belt; its front met the turned wheels at `frontMm` of travel. */
  divert(body: Body, frontMm: number): void;
  /** The body was touched and slid back by `byMm`, but stays on the belt. */
  graze(body: Body, byMm: number): void;
}

/**
 * Wheels in the belt that turn a body sideways. A body follows once turned wheels have carried it
 * for `gripMm`; wheels that turn under a body whose middle is already past, or that turn back too
 * early, only graze it.
 */
export function createDiverter(options: DiverterOptions): Diverter {
  const { layout, belt, faults } = options;
  const over: Body[] = [];
  let isOut = false;
  let wanted = false;
  let gripped: { readonly body: Body; readonly fromMm: number } | null = null;

  const dropOver = (body: Body): void => {
    const index = over.indexOf(body);
    if (index >= 0) over.splice(index, 1);
    if (gripped?.body === body) {
      gripped = null;
      belt.remove(grip);
    }
  };

  const grip = createWaiting(ranks.diverter, () => {
    if (gripped === null) return;
    const { body, fromMm } = gripped;
    gripped = null;
    if (!options.hasRoom()) return options.graze(body, grazeMm);
    options.divert(body, fromMm);
  });

  const take = (body: Body): void => {
    if (gripped !== null) return;
    const fromMm = belt.travelMm();
    gripped = { body, fromMm };
    belt.put(grip, fromMm + Math.min(gripMm, body.parcel.lengthMm / 2));
  };

  const turnOut = (): void => {
    isOut = true;
    for (const body of over) {
      const passedMm = belt.travelMm() - body.originMm - layout.mouthMm;
      if (passedMm < body.parcel.lengthMm / 2) take(body);
      else options.graze(body, grazeMm);
    }
  };

  const turnBack = (): void => {
    isOut = false;
    if (gripped === null) return;
    const { body } = gripped;
    gripped = null;
    belt.remove(grip);
    options.graze(body, grazeMm);
  };

  return {
    gate: {
      positionMm: layout.mouthMm,
      entered(body) {
        over.push(body);
        if (isOut) take(body);
      },
      left: dropOver,
    },
    swing(next) {
      if (next === wanted) return;
      wanted = next;
      if (next && faults.fires("diverterDead")) return;
      const lateMs = next && faults.fires("diverterLate") ? faults.strength() * lateMsMax : 0;
      belt.after(layout.swingMs + lateMs, () => {
        if (wanted !== next || isOut === next) return;
        if (next) turnOut();
        else turnBack();
      });
    },
  };
}
