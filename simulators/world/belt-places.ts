import type { DimensionsMm } from "../../protocols/scale/dimensions.ts";
import type { Body, Gate, Spot } from "./body.ts";
import type { TrueContents } from "./contents.ts";
import { faultsAt, type LineParts } from "./line-parts.ts";

/** Half the depth of belt a scanner sees at once: labels of touching parcels are read together. */
const beamHalfMm = 60;
/** A neighbour that reaches this little onto the platform does not disturb the weight. */
const platformEdgeMm = 60;

/** The scanner, and the second one where there is one. */
export function createScannerSpots(parts: LineParts): Spot[] {
  const { scannerMm, witnessMm } = parts.layout;
  const first = createScannerSpot(parts, scannerMm, (labels) =>
    parts.devices().scanner.read(labels),
  );
  if (witnessMm === null) return [first];
  const second = createScannerSpot(parts, witnessMm, (labels) =>
    parts.devices().witness?.read(labels),
  );
  return [first, second];
}

/** One read a parcel, when its middle is in the beam, of every label that is in the beam. */
function createScannerSpot(
  parts: LineParts,
  positionMm: number,
  read: (labels: readonly string[]) => void,
): Spot {
  const { bodies, oracle } = parts;
  const faults = faultsAt(parts, positionMm);
  return {
    positionMm,
    centred() {
      if (faults.fires("scanLost")) return;
      const seen = bodies.between(positionMm - beamHalfMm, positionMm + beamHalfMm);
      const labels = seen.flatMap((body) => body.parcel.labels);
      oracle.onRead(truthIdsOf(seen), labels);
      read(labels);
    },
  };
}

/** The load on the platform when a parcel's middle is over its middle. */
export function createScaleSpot(parts: LineParts): Spot[] {
  const { bodies, oracle } = parts;
  const { scale } = parts.layout;
  if (scale === null) return [];
  const { centreMm, stepG } = scale;
  const fromMm = centreMm - scale.platformMm / 2;
  const toMm = centreMm + scale.platformMm / 2;

  const loadG = (body: Body): number => {
    const frontMm = bodies.frontMm(body);
    const { lengthMm, weightG } = body.parcel;
    const onPlatformMm = Math.min(frontMm, toMm) - Math.max(frontMm - lengthMm, fromMm);
    return weightG * Math.min(1, onPlatformMm / lengthMm);
  };

  const spot: Spot = {
    positionMm: centreMm,
    centred() {
      const loading = bodies.between(fromMm + platformEdgeMm, toMm - platformEdgeMm);
      const totalG = loading.reduce((sumG, body) => sumG + loadG(body), 0);
      const weightG = Math.max(stepG, Math.round(totalG / stepG) * stepG);
      oracle.onWeighed(truthIdsOf(loading), weightG);
      parts.devices().scale.settled(weightG, edgesOf(parts, loading));
    },
  };
  return [spot];
}

/** What a measuring machine above the platform sees as one: from the first front to the last rear. */
function edgesOf({ bodies }: LineParts, loading: readonly Body[]): DimensionsMm | undefined {
  if (loading.length === 0) return undefined;
  const frontMm = Math.max(...loading.map((body) => bodies.frontMm(body)));
  const rearMm = Math.min(...loading.map((body) => bodies.frontMm(body) - body.parcel.lengthMm));
  const widthMm = Math.max(...loading.map(({ parcel }) => parcel.contents.widthMm));
  const heightMm = Math.max(...loading.map(({ parcel }) => heightMmOf(parcel.contents)));
  return {
    length: Math.max(1, Math.round(frontMm - rearMm)),
    width: Math.max(1, Math.round(widthMm)),
    height: heightMm,
  };
}

/** Nothing but such a machine looks at how high a parcel is. */
const heightMmOf = ({ seed }: TrueContents): number => 40 + (Math.abs(Math.trunc(seed)) % 200);

/** The machine's entry eye and its beam; whatever touches is one item to it. */
export function createXrayGates(parts: LineParts): Gate[] {
  const { xray } = parts.layout;
  if (xray === null) return [];
  return [createXrayEntry(parts, xray.entryMm), createXrayBeam(parts, xray.beamMm)];
}

function createXrayEntry(parts: LineParts, positionMm: number): Gate {
  const { encoder, layout } = parts;
  let coveredBy = 0;
  let entryCount = 0;
  return {
    positionMm,
    entered() {
      coveredBy += 1;
      if (coveredBy > 1) return;
      entryCount = encoder.count();
      parts.devices().xray.itemEntered(entryCount);
    },
    left() {
      coveredBy -= 1;
      if (coveredBy > 0) return;
      const lengthMm = (encoder.count() - entryCount) * layout.mmPerCount;
      parts.devices().xray.itemCleared(entryCount, lengthMm);
    },
  };
}

function createXrayBeam(parts: LineParts, positionMm: number): Gate {
  let frontCount = 0;
  let inBeam = 0;
  let scanned: Body[] = [];
  return {
    positionMm,
    entered(body) {
      if (inBeam === 0) frontCount = parts.encoder.count();
      inBeam += 1;
      scanned.push(body);
    },
    left() {
      inBeam -= 1;
      if (inBeam > 0) return;
      const item = scanned;
      scanned = [];
      parts.oracle.onScanned(truthIdsOf(item));
      parts.devices().xray.itemScanned(
        item.map(({ parcel }) => ({ lengthMm: parcel.lengthMm, contents: parcel.contents })),
        frontCount,
      );
    },
  };
}

const truthIdsOf = (bodies: readonly Body[]): string[] => bodies.map((body) => body.parcel.truthId);
