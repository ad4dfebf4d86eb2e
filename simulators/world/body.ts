import type { PhysicalParcel } from "./ports.ts";
import type { Waiting } from "./travel-queue.ts";

/** Something a body passes: its front enters, its rear leaves. */
export interface Gate {
  readonly positionMm: number;
  entered(body: Body): void;
  left(body: Body): void;
}

/** Something that happens when the middle of a body is over it. */
export interface Spot {
  readonly positionMm: number;
  centred(body: Body): void;
}

/** A way along which gates and spots stand, in order of travel: the belt, or one chute. */
export interface Route {
  readonly gates: readonly Gate[];
  readonly spots: readonly Spot[];
}

/**
 * A physical body on a route. Its front is at `travel - originMm`. Gates before `leftCount` are
 * behind it, those from `leftCount` to `enteredCount` are covered by it.
 */
export interface Body extends Waiting {
  readonly parcel: PhysicalParcel;
  route: Route;
  originMm: number;
  enteredCount: number;
  leftCount: number;
  centredCount: number;
}

/** A rear clears a gate a hair after it is there, so that bodies that touch are one to an eye. */
const clearanceMm = 1e-4;

/** Travel at which the body next reaches something; null when nothing is left on its route. */
export function nextDueMm(body: Body): number | null {
  const { route, originMm } = body;
  const { lengthMm } = body.parcel;
  let due = Infinity;
  const front = route.gates[body.enteredCount];
  if (front !== undefined) due = originMm + front.positionMm;
  const spot = route.spots[body.centredCount];
  if (spot !== undefined) due = Math.min(due, originMm + spot.positionMm + lengthMm / 2);
  const rear = body.leftCount < body.enteredCount ? route.gates[body.leftCount] : undefined;
  if (rear !== undefined) {
    due = Math.min(due, originMm + rear.positionMm + lengthMm + clearanceMm);
  }
  return due === Infinity ? null : due;
}

/** Lets the one thing happen that is due at `body.dueMm`. */
export function passNext(body: Body): void {
  const { route, originMm, dueMm } = body;
  const { lengthMm } = body.parcel;
  const front = route.gates[body.enteredCount];
  if (front !== undefined && originMm + front.positionMm <= dueMm) {
    body.enteredCount += 1;
    front.entered(body);
    return;
  }
  const spot = route.spots[body.centredCount];
  if (spot !== undefined && originMm + spot.positionMm + lengthMm / 2 <= dueMm) {
    body.centredCount += 1;
    spot.centred(body);
    return;
  }
  const rear = route.gates[body.leftCount];
  if (rear !== undefined) {
    body.leftCount += 1;
    rear.left(body);
  }
}

/** Takes the body out of every gate it covers, as when it is lifted off the belt. */
export function uncoverAll(body: Body): void {
  while (body.leftCount < body.enteredCount) {
    const gate = body.route.gates[body.leftCount];
    body.leftCount += 1;
    gate?.left(body);
  }
}
