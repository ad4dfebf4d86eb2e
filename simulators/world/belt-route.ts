import type { Exit } from "../../protocols/sorting.ts";
import type { Body, Gate, Route } from "./body.ts";
import { createDiverter, type Diverter } from "./diverter.ts";
import { createEye, type Eye } from "./eye.ts";
import type { DiverterLayout } from "./layout.ts";
import { createScaleSpot, createScannerSpots, createXrayGates } from "./belt-places.ts";
import { faultsAt, type LineParts } from "./line-parts.ts";

/** Everything a body passes on one belt, and the things on it that others look at or move. */
export interface BeltRoute extends Route {
  readonly eyes: ReadonlyMap<string, Eye>;
  readonly diverters: ReadonlyMap<Exit, Diverter>;
}

export function createBeltRoute(parts: LineParts): BeltRoute {
  const { layout, bodies, encoder, oracle } = parts;
  const eyes = new Map<string, Eye>();
  const diverters = new Map<Exit, Diverter>();

  const makeEye = (eyeId: string, positionMm: number, placeMm = positionMm): Gate => {
    const eye = createEye({
      positionMm,
      encoder,
      faults: faultsAt(parts, placeMm),
      onEdge: (isBlocked) => parts.devices().sorter.eyeChanged(eyeId, isBlocked, encoder.count()),
    });
    eyes.set(eyeId, eye);
    return {
      positionMm,
      entered(body) {
        oracle.onEyeCovered(body.parcel.truthId, eyeId, encoder.count());
        eye.gate.entered(body);
      },
      left: (body) => eye.gate.left(body),
    };
  };

  /** A body for which there is no room stands before the eye and covers it until there is. */
  const fallInto = (exit: Exit, body: Body, eye: Gate): void => {
    const chute = parts.chutes[exit];
    if (chute.hasRoom()) {
      chute.received();
      eye.left(body);
    } else {
      chute.whenRoom(() => fallInto(exit, body, eye));
    }
  };

  const makeChuteRoute = ({ exit, chuteEyeId, mouthMm }: DiverterLayout): Route => {
    // A chute is a route of its own, on which its eye stands at 0.
    const eye = makeEye(chuteEyeId, 0, mouthMm);
    const gate: Gate = {
      positionMm: 0,
      entered(body) {
        bodies.end(body, { kind: "exit", exit, why: "diverted" });
        eye.entered(body);
      },
      left: (body) => fallInto(exit, body, eye),
    };
    return { gates: [gate], spots: [] };
  };

  const makeDiverter = (diverterLayout: DiverterLayout): Gate => {
    const { exit, chuteEyeAfterMm } = diverterLayout;
    const chuteRoute = makeChuteRoute(diverterLayout);
    const diverter = createDiverter({
      layout: diverterLayout,
      belt: parts.belt,
      faults: faultsAt(parts, diverterLayout.mouthMm),
      hasRoom: () => parts.chutes[exit].hasRoom(),
      divert: (body, frontMm) => bodies.moveOnto(body, chuteRoute, frontMm + chuteEyeAfterMm),
      graze: (body, byMm) => bodies.slideBack(body, byMm),
    });
    diverters.set(exit, diverter);
    return diverter.gate;
  };

  const makeEnd = (eyeId: string, positionMm: number): Gate => {
    const eye = makeEye(eyeId, positionMm);
    return {
      positionMm,
      entered: (body) => eye.entered(body),
      left(body) {
        if (!bodies.onBelt.has(body)) return eye.left(body);
        bodies.end(body, { kind: "exit", exit: layout.endExit, why: "endOfBelt" });
        fallInto(layout.endExit, body, eye);
      },
    };
  };

  const lastEye = layout.eyes.length - 1;
  const gates = [
    ...layout.eyes.map(({ eyeId, positionMm }, index) =>
      index === lastEye ? makeEnd(eyeId, positionMm) : makeEye(eyeId, positionMm),
    ),
    ...layout.diverters.map(makeDiverter),
    ...createXrayGates(parts),
  ];
  const spots = [...createScannerSpots(parts), ...createScaleSpot(parts)];
  return {
    gates: gates.sort((a, b) => a.positionMm - b.positionMm),
    spots: spots.sort((a, b) => a.positionMm - b.positionMm),
    eyes,
    diverters,
  };
}
