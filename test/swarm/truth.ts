import type { TrueContents } from "../../simulators/world/contents.ts";
import type { PlannedParcel } from "../../simulators/scenarios/parcel-stream.ts";
import type { BodyEnd, Mishap, WorldOracle } from "../../simulators/world/ports.ts";

/**
 * What really happened to each body, heard from the world itself and from devices while this very
 * body was before them. Shares no code with the agents, and knows bodies by their truth, which no
 * agent ever sees.
 */
export interface BodyRecord {
  readonly truthId: string;
  /** Null for a body that nobody sent. */
  readonly plan: PlannedParcel | null;
  readonly inductedAt: number;
  /** Labels of every read in which this body was alone in the beam. */
  readonly reads: (readonly string[])[];
  /** When its label was read on another body, too, while both were on the belt. */
  twinAt: number;
  /** Weights of it alone, as the scale says them. */
  readonly weightsG: number[];
  /** Images of this body alone, by hash, with the algorithm's word on each. */
  readonly images: Map<string, string | null>;
  /** Those that an officer released. */
  readonly releasedImages: Set<string>;
  /** The last eye that it came before: where that stands, and the encoder's count then. */
  lastEye: { readonly eyeId: string; readonly atMm: number; readonly count: number } | null;
  /** Faults that were where it was, while it was there. */
  readonly befell: Set<string>;
  /** A command to take it into green was really for this body. */
  greenCommandedAt: number | null;
  /** It was on the belt while the agent's machine slept, so that nobody knows how old it is. */
  wasSleptThrough: boolean;
  end: BodyEnd | null;
  endedAt: number;
}

export interface Truth extends WorldOracle {
  /** Everything on the belt. */
  readonly bodies: ReadonlyMap<string, BodyRecord>;
  /** Everything that ever was. */
  readonly bodiesTotal: () => number;
  readonly onReleased: (plan: PlannedParcel) => void;
  readonly onBroken: (fault: string) => void;
  readonly onMended: (fault: string) => void;
  readonly onAgentSlept: () => void;
  readonly onOfficerReleased: (imageHash: string) => void;
  /** The X-ray makes a picture of bodies with these contents; whose it is, is not for it to say. */
  readonly onPictured: (contents: readonly TrueContents[]) => void;
  /** The X-ray has made this image: of whatever went through the beam last. */
  readonly onImage: (imageHash: string) => void;
  readonly onVerdict: (imageHash: string, verdict: string) => void;
  /** The line has been told of a read, late or not; what it is not told makes nobody doubtful. */
  readonly onHeard: (labels: readonly string[]) => void;
  /** The line has made an image of what was shown under this name, and calls it so. */
  readonly onNamed: (imageHash: string, shownHash: string) => void;
  /** Where a body's front is by the encoder, from the last eye that it came before. */
  readonly positionMm: (body: BodyRecord) => number;
  /** When the wheels before green were last asked to turn. */
  readonly greenSwungAt: () => number;
}

export interface TruthOptions {
  readonly now: () => number;
  /** The encoder's. */
  readonly count: () => number;
  readonly eyesMm: ReadonlyMap<string, number>;
  readonly onEnded: (body: BodyRecord) => void;
}

/** A mishap is near a body this far from it, at most. */
const nearMm = 2_000;

/** So far beyond the first eye the agent has been told of a body, whatever its wire does. */
const inductedMm = 100;

export function createTruth(options: TruthOptions): Truth {
  const bodies = new Map<string, BodyRecord>();
  const plans = new Map<string, PlannedParcel>();
  const owners = new Map<string, BodyRecord>();
  /** What the line calls an image that was shown under another name. */
  const names = new Map<string, string>();
  /** Who on the belt was last read with this label alone, as the line has heard. */
  const bearers = new Map<string, BodyRecord>();
  /** Whose read with this label alone is on its way to the line, oldest first. */
  const unheard = new Map<string, BodyRecord[]>();
  const broken = new Set<string>();
  /** Whom the next image shows; null for nobody, or for several. */
  let pictured: BodyRecord | null = null;
  let greenSwungAt = 0;
  let bodiesTotal = 0;

  const bodyOf = (truthId: string): BodyRecord => {
    const known = bodies.get(truthId);
    if (known !== undefined) return known;
    const body: BodyRecord = {
      truthId,
      plan: plans.get(truthId) ?? null,
      inductedAt: options.now(),
      reads: [],
      twinAt: Infinity,
      weightsG: [],
      images: new Map(),
      releasedImages: new Set(),
      lastEye: null,
      befell: new Set(broken),
      greenCommandedAt: null,
      wasSleptThrough: false,
      end: null,
      endedAt: 0,
    };
    bodies.set(truthId, body);
    bodiesTotal += 1;
    return body;
  };

  const positionMm = ({ lastEye }: BodyRecord): number =>
    lastEye === null ? 0 : lastEye.atMm + options.count() - lastEye.count;

  const onEyeCovered = (truthId: string, eyeId: string, count: number): void => {
    const body = bodies.get(truthId);
    const atMm = options.eyesMm.get(eyeId);
    // A chute's eye stands beside the belt; a body there has left it.
    if (body !== undefined && atMm !== undefined) body.lastEye = { eyeId, atMm, count };
  };

  const onlyOf = (truthIds: readonly string[]): BodyRecord | null => {
    const [only] = truthIds;
    return truthIds.length === 1 && only !== undefined ? bodyOf(only) : null;
  };

  const onRead = (truthIds: readonly string[], labels: readonly string[]): void => {
    const body = onlyOf(truthIds);
    if (body === null) return;
    body.reads.push(labels);
    const [label] = labels;
    if (labels.length !== 1 || label === undefined) return;
    unheard.set(label, [...(unheard.get(label) ?? []), body]);
  };

  const onHeard = (labels: readonly string[]): void => {
    const [label] = labels;
    if (labels.length !== 1 || label === undefined) return;
    const [body, ...rest] = unheard.get(label) ?? [];
    if (body === undefined) return;
    unheard.set(label, rest);
    const other = bearers.get(label);
    bearers.set(label, body);
    if (other === undefined || other === body) return;
    body.twinAt = Math.min(body.twinAt, options.now());
    other.twinAt = Math.min(other.twinAt, options.now());
  };

  const onMishap = ({ kind, truthId, positionMm: atMm }: Mishap): void => {
    for (const body of bodies.values()) {
      const isNear = Math.abs(positionMm(body) - atMm) <= nearMm;
      if (isNear || body.truthId === truthId) body.befell.add(kind);
    }
  };

  return {
    bodies,
    bodiesTotal: () => bodiesTotal,
    positionMm,
    greenSwungAt: () => greenSwungAt,
    onReleased: (plan) => void plans.set(plan.physical.truthId, plan),
    onAgentSlept: () => {
      for (const body of bodies.values()) {
        if (positionMm(body) > inductedMm) body.wasSleptThrough = true;
      }
    },
    onBroken: (fault) => {
      broken.add(fault);
      for (const body of bodies.values()) body.befell.add(fault);
    },
    onMended: (fault) => void broken.delete(fault),
    onOfficerReleased: (imageHash) => void owners.get(imageHash)?.releasedImages.add(imageHash),
    onInducted: (truthId) => void bodyOf(truthId),
    onRead,
    onHeard,
    onWeighed: (truthIds, weightG) => void onlyOf(truthIds)?.weightsG.push(weightG),
    // What the machine makes of it is told by its pictures.
    onScanned: () => {},
    onEyeCovered,
    onSwing: (exit, isOut) => {
      if (exit === "green" && isOut) greenSwungAt = options.now();
    },
    onMishap,
    onParcelEnded: (truthId, end) => {
      const body = bodyOf(truthId);
      body.end = end;
      body.endedAt = options.now();
      bodies.delete(truthId);
      plans.delete(truthId);
      for (const imageHash of body.images.keys()) {
        owners.delete(imageHash);
        names.delete(imageHash);
      }
      for (const [label] of body.reads) {
        if (label === undefined) continue;
        if (bearers.get(label) === body) bearers.delete(label);
        const left = (unheard.get(label) ?? []).filter((one) => one !== body);
        if (left.length > 0) unheard.set(label, left);
        else unheard.delete(label);
      }
      options.onEnded(body);
    },
    onPictured: (contents) => {
      const shown = [...bodies.values()].filter(
        ({ plan }) => plan !== null && contents.includes(plan.physical.contents),
      );
      pictured = contents.length === 1 && shown.length === 1 ? (shown[0] ?? null) : null;
    },
    onImage: (imageHash) => {
      const body = pictured;
      if (body === null) return;
      body.images.set(imageHash, null);
      owners.set(imageHash, body);
    },
    onVerdict(imageHash, verdict) {
      const images = owners.get(imageHash)?.images;
      for (const name of [imageHash, names.get(imageHash)]) {
        if (name !== undefined) images?.set(name, verdict);
      }
    },
    onNamed(imageHash, shownHash) {
      const body = owners.get(shownHash);
      if (body === undefined) return;
      body.images.set(imageHash, body.images.get(shownHash) ?? null);
      owners.set(imageHash, body);
      names.set(shownHash, imageHash);
    },
  };
}
