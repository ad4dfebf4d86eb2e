import { createHash } from "node:crypto";
import type { MessageBus } from "../../protocols/transport.ts";
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
  /** Weights of it alone, as the scale says them. */
  readonly weightsG: number[];
  /** Images of this body alone, by hash, with the algorithm's word on each. */
  readonly images: Map<string, string | null>;
  /** Those that an officer released. */
  readonly releasedImages: Set<string>;
  /** The encoder's count when it came before each eye. */
  readonly eyes: Map<string, number>;
  /** Faults that were where it was, while it was there. */
  readonly befell: Set<string>;
  /** A command to take it into green was really for this body. */
  greenCommandedAt: number | null;
  end: BodyEnd | null;
  endedAt: number;
}

export interface Truth extends WorldOracle {
  /** Everything on the belt. */
  readonly bodies: ReadonlyMap<string, BodyRecord>;
  readonly onReleased: (plan: PlannedParcel) => void;
  readonly onBroken: (fault: string) => void;
  readonly onMended: (fault: string) => void;
  readonly onOfficerReleased: (imageHash: string) => void;
  /** Stands between the X-ray and its bus: an image is of the body that is in the beam now. */
  readonly wrapBus: (bus: MessageBus, base: string) => MessageBus;
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

export function createTruth(options: TruthOptions): Truth {
  const bodies = new Map<string, BodyRecord>();
  const plans = new Map<string, PlannedParcel>();
  const owners = new Map<string, BodyRecord>();
  const broken = new Set<string>();
  let scanned: readonly string[] = [];
  let greenSwungAt = 0;

  const bodyOf = (truthId: string): BodyRecord => {
    const known = bodies.get(truthId);
    if (known !== undefined) return known;
    const body: BodyRecord = {
      truthId,
      plan: plans.get(truthId) ?? null,
      inductedAt: options.now(),
      reads: [],
      weightsG: [],
      images: new Map(),
      releasedImages: new Set(),
      eyes: new Map(),
      befell: new Set(broken),
      greenCommandedAt: null,
      end: null,
      endedAt: 0,
    };
    bodies.set(truthId, body);
    return body;
  };

  const positionMm = (body: BodyRecord): number => {
    const last = [...body.eyes].at(-1);
    if (last === undefined) return 0;
    const [eyeId, count] = last;
    return (options.eyesMm.get(eyeId) ?? 0) + options.count() - count;
  };

  const learnImage = (payload: Uint8Array): void => {
    const [only] = scanned;
    if (scanned.length !== 1 || only === undefined) return;
    const imageHash = createHash("sha256").update(payload).digest("hex");
    const body = bodyOf(only);
    body.images.set(imageHash, null);
    owners.set(imageHash, body);
  };

  const learnVerdict = (payload: Uint8Array): void => {
    let said: { imageHash?: unknown; verdict?: unknown };
    try {
      said = JSON.parse(new TextDecoder().decode(payload)) as typeof said;
    } catch {
      return;
    }
    const { imageHash, verdict } = said;
    if (typeof imageHash !== "string" || typeof verdict !== "string") return;
    owners.get(imageHash)?.images.set(imageHash, verdict);
  };

  const onlyOf = (truthIds: readonly string[]): BodyRecord | null => {
    const [only] = truthIds;
    return truthIds.length === 1 && only !== undefined ? bodyOf(only) : null;
  };

  const onMishap = ({ kind, truthId, positionMm: atMm }: Mishap): void => {
    for (const body of bodies.values()) {
      const isNear = Math.abs(positionMm(body) - atMm) <= nearMm;
      if (isNear || body.truthId === truthId) body.befell.add(kind);
    }
  };

  return {
    bodies,
    positionMm,
    greenSwungAt: () => greenSwungAt,
    onReleased: (plan) => void plans.set(plan.physical.truthId, plan),
    onBroken: (fault) => {
      broken.add(fault);
      for (const body of bodies.values()) body.befell.add(fault);
    },
    onMended: (fault) => void broken.delete(fault),
    onOfficerReleased: (imageHash) => void owners.get(imageHash)?.releasedImages.add(imageHash),
    onInducted: (truthId) => void bodyOf(truthId),
    onRead: (truthIds, labels) => void onlyOf(truthIds)?.reads.push(labels),
    onWeighed: (truthIds, weightG) => void onlyOf(truthIds)?.weightsG.push(weightG),
    onScanned: (truthIds) => {
      scanned = truthIds;
    },
    onEyeCovered: (truthId, eyeId, count) => void bodies.get(truthId)?.eyes.set(eyeId, count),
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
      for (const imageHash of body.images.keys()) owners.delete(imageHash);
      options.onEnded(body);
    },
    wrapBus: (bus, base) => ({
      ...bus,
      publish: (topic, payload, publishOptions) => {
        if (topic === `${base}/image`) learnImage(payload);
        else if (topic === `${base}/verdict`) learnVerdict(payload);
        return bus.publish(topic, payload, publishOptions);
      },
    }),
  };
}
