import { createHmac } from "node:crypto";
import type { Exit } from "../../protocols/sorting.ts";
import type { PlannedParcel } from "../../simulators/scenarios/parcel-stream.ts";
import { createNotices } from "./notices.ts";
import type { BodyRecord } from "./truth.ts";

/**
 * May this body be released? Worked out from the papers that were sent and from what devices and
 * officers said of this very body. Written from the laws, without a look at the agents' code.
 */
export interface Evidence {
  /** Why this body must not go to green by a decision made `at`; empty when it may. */
  readonly reasonsAgainstGreen: (body: BodyRecord, at: number) => string[];
  /** What its papers and label alone lead to. */
  readonly exitByPapers: (body: BodyRecord) => Exit;
  /** Customs has stopped this waybill. */
  readonly stopped: (waybill: string) => void;
  /** The centre has taken an officer's word against the parcel of this image. */
  readonly officerAgainst: (imageHash: string) => void;
  /** Whether the line hears what the centre says. */
  readonly linkChanged: (isHeard: boolean) => void;
  /** It is in green now, once and for all. */
  readonly released: (body: BodyRecord) => void;
}

export interface EvidenceOptions {
  readonly now: () => number;
  readonly imageVerdictBy: "algorithm" | "officer" | "both";
  readonly drawSecretHex: string;
  readonly inspectionRate: number;
  readonly guidOf: (plan: PlannedParcel) => string | null;
}

const weightToleranceG = 60;
const weightTolerancePct = 6;
/** Without the centre, what the line holds counts as long as its lease runs (DESIGN law 12). */
const leaseMs = 15_000;

export function createEvidence(options: EvidenceOptions): Evidence {
  const released = new Set<string>();
  const stops = createNotices({ now: options.now, unheardMs: leaseMs });
  // Nobody's lease covers a word that cannot be heard.
  const objections = createNotices({ now: options.now, unheardMs: Infinity });

  const isDrawn = (plan: PlannedParcel): boolean => {
    const guid = options.guidOf(plan);
    if (guid === null) return false;
    const digest = createHmac("sha256", Buffer.from(options.drawSecretHex, "hex"))
      .update(guid)
      .digest();
    return digest.readUIntBE(0, 6) / 2 ** 48 < options.inspectionRate;
  };

  /** What papers and label say; the same whatever the devices do. */
  const reasonsInPapers = ({ plan }: BodyRecord): string[] => {
    if (plan === null) return ["foreign"];
    const { documents } = plan;
    if (documents === null) return ["noDocuments"];
    const reasons: string[] = [];
    const { waybill, category } = documents.declaration;
    if (plan.physical.labels.length !== 1 || plan.physical.labels[0] !== waybill) {
      reasons.push("label");
    }
    if (category !== "plain") reasons.push(category);
    if (documents.contradiction !== null) reasons.push("contradiction");
    if (!documents.isAccepted) reasons.push("notAccepted");
    if (isDrawn(plan)) reasons.push("randomControl");
    if (plan.isWeightWrong) reasons.push("weightWrong");
    return reasons;
  };

  /** Some image of this body alone has the word that the site demands. */
  const isImageClear = (body: BodyRecord): boolean =>
    [...body.images].some(([imageHash, verdict]) => {
      const isReleased = body.releasedImages.has(imageHash);
      switch (options.imageVerdictBy) {
        case "algorithm":
          return verdict === "clear" || isReleased;
        case "officer":
          return isReleased;
        case "both":
          return verdict !== null && isReleased;
      }
    });

  const isWeightRight = (body: BodyRecord, declaredG: number): boolean => {
    const toleranceG = Math.max(weightToleranceG, (declaredG * weightTolerancePct) / 100);
    return body.weightsG.some((weightG) => Math.abs(weightG - declaredG) <= toleranceG);
  };

  return {
    reasonsAgainstGreen(body, at) {
      const reasons = reasonsInPapers(body);
      const documents = body.plan?.documents ?? null;
      if (documents === null) return reasons;
      const { waybill, grossWeightG } = documents.declaration;
      if (released.has(waybill)) reasons.push("alreadyReleased");
      if (stops.isKnown(waybill, at)) reasons.push("stopped");
      if (documents.lateS !== null && body.inductedAt + documents.lateS * 1_000 > at) {
        reasons.push("documentsLater");
      }
      if (!body.reads.some((labels) => labels.length === 1 && labels[0] === waybill)) {
        reasons.push("notRead");
      }
      if (!isWeightRight(body, grossWeightG)) reasons.push("notWeighed");
      if (!isImageClear(body)) reasons.push("noClearImage");
      const isObjected = [...body.images.keys()].some((hash) => objections.isKnown(hash, at));
      if (isObjected) reasons.push("officerAgainst");
      return reasons;
    },
    exitByPapers(body) {
      const reasons = reasonsInPapers(body);
      if (reasons.length === 0) return "green";
      const documentary = new Set(["licence", "ledger", "taxable"]);
      return reasons.every((reason) => documentary.has(reason)) ? "red" : "inspection";
    },
    stopped: (waybill) => stops.give(waybill),
    officerAgainst: (imageHash) => objections.give(imageHash),
    linkChanged(isHeard) {
      stops.linkChanged(isHeard);
      objections.linkChanged(isHeard);
    },
    released(body) {
      const waybill = body.plan?.documents?.declaration.waybill;
      if (waybill !== undefined) released.add(waybill);
    },
  };
}
