import type { Exit } from "../../protocols/sorting.ts";
import type { Body, Gate } from "./body.ts";
import type { BeltRoute } from "./belt-route.ts";
import type { LineParts } from "./line-parts.ts";
import type { WorldLayout } from "./layout.ts";
import type { PhysicalParcel } from "./ports.ts";

/** Free belt that a body put on by hand needs before and behind it. */
const handGapMm = 20;
/** Lengths that differ by less look alike to a line. */
const alikeMmMax = 15;
/** How far a parcel slips back on a smooth belt. */
const slipMmMax = 250;

/** What people and bad luck do to a line; each returns false when there was nothing to act on. */
export interface LineHands {
  slipEncoder(ratio: number): void;
  jumpEncoder(byMm: number): void;
  blockChute(exit: Exit, isBlocked: boolean): void;
  /** Takes off the body whose front is nearest to `positionMm`. */
  removeNear(positionMm: number): boolean;
  /** Lays a body on the belt with its front at `positionMm`, if there is room. */
  putOn(parcel: PhysicalParcel, positionMm: number): boolean;
  /**
   * Exchanges the two bodies on this stretch whose lengths differ least, unless no two are alike.
   * The belt stands meanwhile. Answers which two.
   */
  swapAlike(fromMm: number, toMm: number): readonly [PhysicalParcel, PhysicalParcel] | null;
}

export function createHands(parts: LineParts, route: BeltRoute): LineHands {
  const { belt, bodies, encoder, chutes } = parts;
  const endMm = route.gates.at(-1)?.positionMm ?? 0;
  const isInReach = reachOf(parts);
  return {
    slipEncoder: (ratio) => encoder.slip(ratio),
    jumpEncoder: (byMm) => encoder.jump(byMm),
    blockChute: (exit, isBlocked) => (isBlocked ? chutes[exit].block() : chutes[exit].unblock()),
    removeNear(positionMm) {
      let nearest: Body | null = null;
      let nearestMm = Infinity;
      for (const body of bodies.onBelt) {
        const distanceMm = Math.abs(bodies.frontMm(body) - positionMm);
        if (body.route !== route || distanceMm >= nearestMm || !isInReach(body)) continue;
        nearest = body;
        nearestMm = distanceMm;
      }
      if (nearest !== null) bodies.lift(nearest);
      return nearest !== null;
    },
    putOn(parcel, positionMm) {
      const rearMm = positionMm - parcel.lengthMm;
      if (rearMm < 0 || positionMm >= endMm) return false;
      if (bodies.between(rearMm - handGapMm, positionMm + handGapMm).length > 0) return false;
      if (isInTunnel(parts.layout, rearMm, positionMm)) return false;
      const body = bodies.add(parcel, belt.travelMm() - positionMm);
      layDown(body, route.gates, rearMm, positionMm);
      const middleMm = positionMm - parcel.lengthMm / 2;
      body.centredCount = route.spots.filter((spot) => spot.positionMm <= middleMm).length;
      bodies.goOn(body);
      return true;
    },
    swapAlike(fromMm, toMm) {
      const onStretch = [...bodies.onBelt].filter((body) => {
        const frontMm = bodies.frontMm(body);
        const isWithin = frontMm < toMm && frontMm - body.parcel.lengthMm > fromMm;
        const coversNothing = body.leftCount === body.enteredCount;
        return isWithin && coversNothing && body.route === route && isInReach(body);
      });
      const pair = mostAlike(onStretch);
      if (pair === null) return null;
      const [one, other] = pair;
      bodies.swap(one, other);
      return [one.parcel, other.parcel];
    },
  };
}

/** Neighbours by length are enough to look at. */
function mostAlike(bodies: readonly Body[]): readonly [Body, Body] | null {
  const byLength = bodies.toSorted((a, b) => a.parcel.lengthMm - b.parcel.lengthMm);
  let best: readonly [Body, Body] | null = null;
  let bestMm = alikeMmMax;
  for (const [index, longer] of byLength.entries()) {
    const shorter = byLength[index - 1];
    if (shorter === undefined) continue;
    const differenceMm = longer.parcel.lengthMm - shorter.parcel.lengthMm;
    if (differenceMm >= bestMm) continue;
    best = [shorter, longer];
    bestMm = differenceMm;
  }
  return best;
}

const isInTunnel = ({ xray }: WorldLayout, rearMm: number, frontMm: number): boolean =>
  xray !== null && frontMm >= xray.entryMm && rearMm <= xray.exitMm;

/** Nobody reaches into the X-ray's tunnel while the beam is on. */
const reachOf =
  ({ bodies, layout }: LineParts) =>
  (body: Body): boolean => {
    const frontMm = bodies.frontMm(body);
    return !isInTunnel(layout, frontMm - body.parcel.lengthMm, frontMm);
  };

/**
 * Puts a body among the gates: it covers at once those that it lies on, and never meets those
 * behind it.
 */
function layDown(body: Body, gates: readonly Gate[], rearMm: number, frontMm: number): void {
  for (const gate of gates) {
    if (gate.positionMm > frontMm) return;
    body.enteredCount += 1;
    if (gate.positionMm > rearMm) gate.entered(body);
    else body.leftCount += 1;
  }
}

/** The mishaps that may befall a parcel on its way, drawn when it is put on the belt. */
export function drawMishaps(
  parts: LineParts,
  route: BeltRoute,
  mishaps: { readonly body: Body; readonly hands: LineHands; foreignParcel(): PhysicalParcel },
): void {
  const { bodies, encoder, faults, layout, oracle } = parts;
  const { body, hands } = mishaps;
  const { truthId } = body.parcel;
  const endMm = route.gates.at(-1)?.positionMm ?? 0;

  /** Lets it happen when the parcel's front is at a random place along the belt. */
  const somewhere = (act: (positionMm: number) => void): void => {
    const positionMm = faults.strength() * endMm;
    encoder.whenCount(encoder.count() + Math.floor(positionMm / layout.mmPerCount), () =>
      act(positionMm),
    );
  };
  const isInReach = reachOf(parts);
  const isStillThere = (): boolean =>
    bodies.onBelt.has(body) && body.route === route && isInReach(body);

  if (faults.fires("parcelRemovedByHand")) {
    somewhere((positionMm) => {
      if (!isStillThere()) return;
      oracle.onMishap({ kind: "parcelRemovedByHand", truthId, positionMm });
      bodies.lift(body);
    });
  }
  if (faults.fires("parcelSlips")) {
    const byMm = faults.strength() * slipMmMax;
    somewhere((positionMm) => {
      if (!isStillThere()) return;
      oracle.onMishap({ kind: "parcelSlips", truthId, positionMm });
      bodies.slideBack(body, byMm);
    });
  }
  if (faults.fires("foreignParcel")) {
    const foreign = mishaps.foreignParcel();
    somewhere((atMm) => {
      const positionMm = Math.max(foreign.lengthMm, atMm);
      if (!hands.putOn(foreign, positionMm)) return;
      oracle.onMishap({ kind: "foreignParcel", truthId: foreign.truthId, positionMm });
    });
  }
}
