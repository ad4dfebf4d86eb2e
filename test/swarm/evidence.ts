import { createHmac } from "node:crypto";
import type { Exit } from "../../protocols/sorting.ts";
import type { DocumentPlan } from "../../simulators/scenarios/parcel-stream.ts";
import { forgetOldest } from "./forget-oldest.ts";
import { createNotices, underWayMs } from "./notices.ts";
import type { BodyRecord } from "./truth.ts";

/**
 * May this body be released? Worked out from the papers that were sent and from what devices and
 * officers said of this very body. Written from the laws, without a look at the agents' code.
 */
export interface Evidence {
  /** Why this body must not go to green by a decision made `at`; empty when it may. */
  readonly reasonsAgainstGreen: (body: BodyRecord, at: number) => string[];
  /** What its own papers and label lead to when nothing goes wrong. */
  readonly exitByPapers: (body: BodyRecord) => Exit;
  /** The centre has taken this parcel's documents. */
  readonly documentsTaken: (plan: DocumentPlan) => void;
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
  /** Without one nobody weighs. */
  readonly hasScale: boolean;
  /** Of its carrier: lots are drawn for a carrier's waybill, whatever is declared of it. */
  readonly carrierCodeOf: (plan: DocumentPlan) => string;
}

interface Papers {
  readonly takenAt: number;
  readonly grossWeightG: number;
  readonly reasons: readonly string[];
}

const weightToleranceG = 60;
const weightTolerancePct = 6;
/** Without the centre, what the line holds counts as long as its lease runs (law 12). */
const leaseMs = 15_000;

/** Papers of parcels long gone are forgotten: no label is that old. */
const papersKeptMax = 5_000;

export function createEvidence(options: EvidenceOptions): Evidence {
  const papers = new Map<string, Papers>();
  const released = new Set<string>();
  const stops = createNotices({ now: options.now, unheardMs: leaseMs });
  // Nobody's lease covers a word that cannot be heard.
  const objections = createNotices({ now: options.now, unheardMs: Infinity });

  const isDrawn = (plan: DocumentPlan): boolean => {
    if (options.inspectionRate === 0) return false;
    const digest = createHmac("sha256", Buffer.from(options.drawSecretHex, "hex"))
      .update(`control/${options.carrierCodeOf(plan)}/${plan.declaration.waybill}`)
      .digest();
    return digest.readUIntBE(0, 6) / 2 ** 48 < options.inspectionRate;
  };

  /** What is in them against a release. */
  const readPapers = (plan: DocumentPlan): string[] => {
    const { category } = plan.declaration;
    const reasons: string[] = category === "plain" ? [] : [category];
    if (plan.contradiction !== null) reasons.push("contradiction");
    if (!plan.isAccepted) reasons.push("notAccepted");
    if (isDrawn(plan)) reasons.push("randomControl");
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
      const labels = body.plan?.physical.labels ?? [];
      const [waybill] = labels;
      if (labels.length !== 1 || waybill === undefined) return ["label"];
      // The label is all that binds a parcel to papers: of whomever they are, they must allow it.
      const known = papers.get(waybill);
      if (known === undefined || known.takenAt > at) return ["noDocuments"];
      const reasons = [...known.reasons];
      if (released.has(waybill)) reasons.push("alreadyReleased");
      if (body.twinAt + underWayMs <= at) reasons.push("labelTwice");
      if (stops.isKnown(waybill, at)) reasons.push("stopped");
      if (!body.reads.some((read) => read.length === 1 && read[0] === waybill)) {
        reasons.push("notRead");
      }
      if (options.hasScale && !isWeightRight(body, known.grossWeightG)) reasons.push("notWeighed");
      if (!isImageClear(body)) reasons.push("noClearImage");
      const isObjected = [...body.images.keys()].some((hash) => objections.isKnown(hash, at));
      if (isObjected) reasons.push("officerAgainst");
      return reasons;
    },
    exitByPapers({ plan }) {
      const documents = plan?.documents ?? null;
      if (plan === null || documents === null) return "inspection";
      if (options.hasScale && plan.isWeightWrong) return "inspection";
      const { labels } = plan.physical;
      if (labels.length !== 1 || labels[0] !== documents.declaration.waybill) return "inspection";
      const reasons = readPapers(documents);
      if (reasons.length === 0) return "green";
      const documentary = new Set(["licence", "ledger", "taxable"]);
      return reasons.every((reason) => documentary.has(reason)) ? "red" : "inspection";
    },
    documentsTaken(plan) {
      const { waybill, grossWeightG } = plan.declaration;
      papers.set(waybill, { takenAt: options.now(), grossWeightG, reasons: readPapers(plan) });
      if (papers.size > 2 * papersKeptMax) forgetOldest(papers, papersKeptMax);
    },
    stopped: (waybill) => stops.give(waybill),
    officerAgainst: (imageHash) => objections.give(imageHash),
    linkChanged(isHeard) {
      stops.linkChanged(isHeard);
      objections.linkChanged(isHeard);
    },
    released: ({ plan }) => {
      const [waybill] = plan?.physical.labels ?? [];
      if (waybill !== undefined) released.add(waybill);
    },
  };
}
