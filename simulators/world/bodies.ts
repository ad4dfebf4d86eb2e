import type { Belt } from "./belt.ts";
import { nextDueMm, passNext, uncoverAll, type Body, type Route } from "./body.ts";
import type { BodyEnd, PhysicalParcel, WorldOracle } from "./ports.ts";
import { ranks } from "./travel-queue.ts";

/** Every body that is on the belt or still passing a chute's eye, and how it moves on. */
export interface Bodies {
  /** On the belt, in no particular order. */
  readonly onBelt: ReadonlySet<Body>;
  /** The body's front is at 0 of the route when the belt has travelled to `originMm`. */
  add(parcel: PhysicalParcel, originMm: number): Body;
  /** Lets it pass what comes next on its route; call after changing where it is. */
  goOn(body: Body): void;
  moveOnto(body: Body, route: Route, originMm: number): void;
  /** Its journey is over as far as the truth is concerned; it may still cover an eye. */
  end(body: Body, how: BodyEnd): void;
  lift(body: Body): void;
  /** Each lies where the other lay. Neither may cover a gate. */
  swap(one: Body, other: Body): void;
  /** Back along the belt, but never into the body behind. */
  slideBack(body: Body, byMm: number): void;
  /** Where its front is. */
  frontMm(body: Body): number;
  /** Bodies on the belt that reach between two positions, front first. */
  between(fromMm: number, toMm: number): Body[];
}

export interface BodiesOptions {
  readonly belt: Belt;
  readonly oracle: WorldOracle;
  /** Late bound: the belt's route needs the bodies to be built. */
  beltRoute(): Route;
}

export function createBodies(options: BodiesOptions): Bodies {
  const { belt, oracle } = options;
  const onBelt = new Set<Body>();

  const goOn = (body: Body): void => {
    const dueMm = nextDueMm(body);
    if (dueMm === null) belt.remove(body);
    else belt.put(body, dueMm);
  };

  const end = (body: Body, how: BodyEnd): void => {
    if (onBelt.delete(body)) oracle.onParcelEnded(body.parcel.truthId, how);
  };

  const frontMm = (body: Body): number => belt.travelMm() - body.originMm;

  return {
    onBelt,
    goOn,
    end,
    frontMm,
    add(parcel, originMm) {
      const body: Body = {
        parcel,
        route: options.beltRoute(),
        originMm,
        enteredCount: 0,
        leftCount: 0,
        centredCount: 0,
        dueMm: 0,
        putAtMs: 0,
        rank: ranks.body,
        order: 0,
        slot: -1,
        happen() {
          passNext(body);
          // Whoever diverted or lifted it has already put it where it belongs.
          if (body.slot < 0) goOn(body);
        },
      };
      onBelt.add(body);
      oracle.onInducted(parcel.truthId);
      return body;
    },
    moveOnto(body, route, originMm) {
      uncoverAll(body);
      body.route = route;
      body.originMm = originMm;
      body.enteredCount = 0;
      body.leftCount = 0;
      body.centredCount = 0;
      goOn(body);
    },
    lift(body) {
      end(body, { kind: "removedByHand" });
      uncoverAll(body);
      body.enteredCount = body.route.gates.length;
      body.leftCount = body.enteredCount;
      body.centredCount = body.route.spots.length;
      belt.remove(body);
    },
    swap(one, other) {
      const [ofOne, ofOther] = [placeOf(one), placeOf(other)];
      Object.assign(one, ofOther);
      Object.assign(other, ofOne);
      goOn(one);
      goOn(other);
    },
    slideBack(body, byMm) {
      const rearMm = body.originMm + body.parcel.lengthMm;
      let freeMm = byMm;
      for (const other of onBelt) {
        if (other.originMm >= rearMm) freeMm = Math.min(freeMm, other.originMm - rearMm);
      }
      body.originMm += freeMm;
      goOn(body);
    },
    between(fromMm, toMm) {
      const found: Body[] = [];
      for (const body of onBelt) {
        const front = frontMm(body);
        if (front > fromMm && front - body.parcel.lengthMm < toMm) found.push(body);
      }
      return found.sort((a, b) => a.originMm - b.originMm);
    },
  };
}

type Place = Pick<Body, "originMm" | "enteredCount" | "leftCount" | "centredCount">;

/** Where it is on its route, and what it has passed there. */
const placeOf = ({ originMm, enteredCount, leftCount, centredCount }: Body): Place => ({
  originMm,
  enteredCount,
  leftCount,
  centredCount,
});
