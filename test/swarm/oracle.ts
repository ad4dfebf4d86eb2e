import { createHash, createHmac } from "node:crypto";
import type { MessageBus } from "../../protocols/transport.ts";
import type { Exit } from "../../protocols/sorting.ts";
import type { PictureSource } from "../../simulators/images/pictures.ts";
import type { TrueContents } from "../../simulators/images/contents.ts";
import type { PlannedParcel } from "../../simulators/scenarios/parcel-stream.ts";
import type { BodyEnd, WorldOracle } from "../../simulators/world/ports.ts";

/**
 * What ought to have happened, worked out from the documents that were sent and from what devices
 * said while this very body was before them. Shares no code with the agents: it knows bodies by
 * their truth, which no agent ever sees.
 */
export interface BodyRecord {
  readonly truthId: string;
  readonly plan: PlannedParcel | null;
  readonly inductedAt: number;
  /** Labels of every read in which this body was alone in the beam. */
  readonly reads: (readonly string[])[];
  /** Reads in which it was not alone. */
  sharedReads: number;
  readonly weightsG: number[];
  /** Images of this body alone, by hash, with the algorithm's word on each. */
  readonly images: Map<string, string | null>;
  sharedScans: number;
  end: BodyEnd | null;
  endedAt: number;
}

export interface Oracle extends WorldOracle {
  readonly bodies: ReadonlyMap<string, BodyRecord>;
  readonly ended: readonly BodyRecord[];
  onReleased(plan: PlannedParcel): void;
  /** Stands between the pictures and the X-ray, and between the X-ray and its bus. */
  wrapPictures(pictures: PictureSource): PictureSource;
  wrapBus(bus: MessageBus, base: string): MessageBus;
  /** An officer released this image. */
  officerReleased(imageHash: string): void;
  /** A receipt or control was sent for a waybill: from then on it is not releasable. */
  stopped(waybill: string, at: number): void;
  /** Why this body must not be in green; empty when it may. */
  reasonsAgainstGreen(body: BodyRecord): string[];
  /** What its documents alone lead to, without faults. */
  expectedOf(body: BodyRecord): Exit;
}

export interface OracleOptions {
  readonly now: () => number;
  readonly drawSecretHex: string;
  readonly inspectionRate: number;
  readonly guidOf: (plan: PlannedParcel) => string | null;
  readonly onEnded: (body: BodyRecord) => void;
}

const weightToleranceG = 60;
const weightTolerancePct = 6;

export function createOracle(options: OracleOptions): Oracle {
  const bodies = new Map<string, BodyRecord>();
  const ended: BodyRecord[] = [];
  const plans = new Map<string, PlannedParcel>();
  const byContents = new WeakMap<TrueContents, string>();
  const released = new Set<string>();
  const officerReleases = new Set<string>();
  const stops = new Map<string, number>();
  let scanned: readonly string[] = [];

  const bodyOf = (truthId: string): BodyRecord => {
    const known = bodies.get(truthId);
    if (known !== undefined) return known;
    const body: BodyRecord = {
      truthId,
      plan: plans.get(truthId) ?? null,
      inductedAt: options.now(),
      reads: [],
      sharedReads: 0,
      weightsG: [],
      images: new Map(),
      sharedScans: 0,
      end: null,
      endedAt: 0,
    };
    bodies.set(truthId, body);
    return body;
  };

  const learnImage = (payload: Uint8Array): void => {
    const imageHash = createHash("sha256").update(payload).digest("hex");
    const [only] = scanned;
    if (scanned.length !== 1 || only === undefined) return;
    bodyOf(only).images.set(imageHash, null);
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
    for (const body of bodies.values()) {
      if (body.images.has(imageHash)) body.images.set(imageHash, verdict);
    }
  };

  const isDrawn = (plan: PlannedParcel): boolean => {
    const guid = options.guidOf(plan);
    if (guid === null) return false;
    const digest = createHmac("sha256", Buffer.from(options.drawSecretHex, "hex"))
      .update(guid)
      .digest();
    return digest.readUIntBE(0, 6) / 2 ** 48 < options.inspectionRate;
  };

  /** What documents and labels say; the same whatever the devices do. */
  const reasonsInPapers = (body: BodyRecord): string[] => {
    const { plan } = body;
    if (plan === null) return ["foreign"];
    const { documents } = plan;
    if (documents === null) return ["noDocuments"];
    const reasons: string[] = [];
    const { waybill } = documents.declaration;
    if (plan.physical.labels.length !== 1 || plan.physical.labels[0] !== waybill) {
      reasons.push("label");
    }
    if (documents.declaration.category !== "plain") reasons.push(documents.declaration.category);
    if (documents.contradiction !== null) reasons.push("contradiction");
    if (!documents.isAccepted) reasons.push("notAccepted");
    if (isDrawn(plan)) reasons.push("randomControl");
    if (plan.isWeightWrong) reasons.push("weightWrong");
    return reasons;
  };

  return {
    bodies,
    ended,
    onReleased: (plan) => {
      plans.set(plan.physical.truthId, plan);
      byContents.set(plan.physical.contents, plan.physical.truthId);
    },
    onInducted: (truthId) => void bodyOf(truthId),
    onRead: (truthIds, labels) => {
      const [only] = truthIds;
      if (truthIds.length === 1 && only !== undefined) bodyOf(only).reads.push(labels);
      else for (const truthId of truthIds) bodyOf(truthId).sharedReads += 1;
    },
    onWeighed: (truthIds, weightG) => {
      const [only] = truthIds;
      if (truthIds.length === 1 && only !== undefined) bodyOf(only).weightsG.push(weightG);
    },
    onScanned: (truthIds) => {
      scanned = truthIds;
      if (truthIds.length > 1) for (const truthId of truthIds) bodyOf(truthId).sharedScans += 1;
    },
    onParcelEnded: (truthId, end) => {
      const body = bodyOf(truthId);
      body.end = end;
      body.endedAt = options.now();
      ended.push(body);
      bodies.delete(truthId);
      plans.delete(truthId);
      options.onEnded(body);
      if (end.kind === "exit" && end.exit === "green" && body.plan?.documents != null) {
        released.add(body.plan.documents.declaration.waybill);
      }
    },
    wrapPictures: (pictures) => (items) => {
      scanned = items.flatMap(({ contents }) => byContents.get(contents) ?? ["foreign"]);
      return pictures(items);
    },
    wrapBus: (bus, base) => ({
      ...bus,
      publish: (topic, payload, publishOptions) => {
        if (topic === `${base}/image`) learnImage(payload);
        else if (topic === `${base}/verdict`) learnVerdict(payload);
        return bus.publish(topic, payload, publishOptions);
      },
    }),
    officerReleased: (imageHash) => void officerReleases.add(imageHash),
    stopped: (waybill, at) => {
      if (!stops.has(waybill)) stops.set(waybill, at);
    },
    reasonsAgainstGreen: (body) => {
      const reasons = reasonsInPapers(body);
      const { plan } = body;
      const documents = plan?.documents ?? null;
      if (documents === null) return reasons;
      const { waybill, grossWeightG } = documents.declaration;
      if (released.has(waybill)) reasons.push("alreadyReleased");
      const stoppedAt = stops.get(waybill);
      // What customs said within the last second may be under way still.
      if (stoppedAt !== undefined && stoppedAt < body.endedAt - 1_500) reasons.push("stopped");
      if (documents.lateS !== null && body.inductedAt + documents.lateS * 1_000 > body.endedAt) {
        reasons.push("documentsLater");
      }
      if (!body.reads.some((labels) => labels.length === 1 && labels[0] === waybill)) {
        reasons.push("notRead");
      }
      const toleranceG = Math.max(weightToleranceG, (grossWeightG * weightTolerancePct) / 100);
      if (!body.weightsG.some((weightG) => Math.abs(weightG - grossWeightG) <= toleranceG + 5)) {
        reasons.push("notWeighed");
      }
      const isSeen = [...body.images].some(
        ([hash, verdict]) => verdict === "clear" || officerReleases.has(hash),
      );
      if (!isSeen) reasons.push("noClearImage");
      return reasons;
    },
    expectedOf: (body) => {
      const reasons = reasonsInPapers(body);
      if (reasons.length === 0) return "green";
      const documentary = new Set(["licence", "ledger", "taxable"]);
      return reasons.every((reason) => documentary.has(reason)) ? "red" : "inspection";
    },
  };
}
