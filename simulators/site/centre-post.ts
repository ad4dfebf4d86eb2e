import type { CebManifest } from "../../protocols/ceb/messages.ts";
import type { Clock } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { manifestReturn, usualCourse, writeManifestReturns } from "../customs/receipts.ts";
import type { ParcelDocuments } from "../documents/parcel-documents.ts";
import { writeDocuments } from "../documents/write-documents.ts";
import type { DocumentPost } from "../scenarios/forwarding.ts";
import { documentsOf } from "../scenarios/parcel-documents.ts";
import type { DocumentPlan } from "../scenarios/parcel-stream.ts";
import { createSeededEntropy } from "../world/chance.ts";
import { createCentreClient, wordsOf } from "./centre-client.ts";

/** Parcels a message; the specification allows 100. */
const parcelsPerMessageMax = 50;
/** Parcels whose documents wait for a centre that does not answer; beyond, the oldest are lost. */
const waitingMax = 5_000;
/** Manifests that customs may still say something about. */
const manifestsMax = 5_000;
const retryMs = 1_000;
/** Then the documents are given up: a centre that is there refuses the whole message each time. */
const attemptsMax = 300;
/** Customs' steps, when it takes any. */
const betweenStepsMs = 200;

/** What was delivered, and what the centre would not take. */
export interface PostCounters {
  readonly parcelsSent: number;
  readonly elementsRefused: number;
  readonly receiptsSent: number;
  readonly attemptsFailed: number;
  readonly parcelsLost: number;
}

export interface CentrePost extends DocumentPost {
  send(plan: DocumentPlan): Promise<void>;
  sendReceipt(plan: DocumentPlan, status: number): Promise<void>;
  counters(): PostCounters;
  stop(): void;
}

export interface CentrePostOptions {
  readonly centreUrl: string;
  readonly seed: number;
  readonly clock: Clock;
  /** Whether customs goes through its usual steps, up to 800, for plain goods that agree. */
  readonly customsReleases: boolean;
  /** Each different refusal once, in the centre's words. */
  onRefused(reason: string): void;
  /** The centre can no longer be reached, and why; null when it can again. */
  onReach(why: string | null): void;
}

interface Waiting {
  readonly documents: ParcelDocuments;
  readonly isAccepted: boolean;
  readonly isAgreeing: boolean;
  attempts: number;
  /** Called after the first attempt too when it failed; what failed is tried again. */
  readonly answered: () => void;
}

/** Enterprises', carriers' and customs' way to the centre: CEB XML and acceptances over HTTP. */
export function createCentrePost(options: CentrePostOptions): CentrePost {
  const { seed, clock } = options;
  const client = createCentreClient(options.centreUrl, (reason) => options.onRefused(reason));
  const entropy = createSeededEntropy(seed, "envelopes");
  const counters = {
    parcelsSent: 0,
    receiptsSent: 0,
    attemptsFailed: 0,
    parcelsLost: 0,
  };
  const manifests = new Map<string, CebManifest>();
  let waiting: Waiting[] = [];
  let isSending = false;
  let isReached = true;
  let isStopped = false;

  const reach = (why: string | null): void => {
    if (why !== null) counters.attemptsFailed += 1;
    if ((why === null) === isReached) return;
    isReached = why === null;
    options.onReach(why);
  };

  const postCourse = async (agreeing: readonly ParcelDocuments[]): Promise<void> => {
    for (const { status, at } of usualCourse(clock.wall(), betweenStepsMs)) {
      const returns = agreeing.map(({ manifest }) =>
        manifestReturn(manifest, { status, at }, entropy),
      );
      if (returns.length > 0) await client.postXml(writeManifestReturns(returns, entropy));
    }
  };

  const deliver = async (batch: readonly Waiting[]): Promise<void> => {
    const documents = batch.map((each) => each.documents);
    for (const xml of writeDocuments(documents, entropy)) await client.postXml(xml);
    await Promise.all(
      batch
        .filter(({ isAccepted }) => isAccepted)
        .map(({ documents }) => client.postAcceptance(documents.acceptance)),
    );
    if (options.customsReleases) {
      await postCourse(batch.filter(({ isAgreeing }) => isAgreeing).map((each) => each.documents));
    }
  };

  const giveUpOld = (batch: readonly Waiting[]): void => {
    for (const each of batch) each.attempts += 1;
    const before = waiting.length;
    waiting = waiting.filter(({ attempts }) => attempts < attemptsMax);
    counters.parcelsLost += before - waiting.length;
  };

  const sendAll = async (): Promise<void> => {
    if (isSending) return;
    isSending = true;
    for (;;) {
      if (waiting.length === 0 || isStopped) break;
      const batch = waiting.slice(0, parcelsPerMessageMax);
      try {
        await deliver(batch);
        const sent = new Set(batch);
        waiting = waiting.filter((each) => !sent.has(each));
        counters.parcelsSent += batch.length;
        for (const { answered } of batch) answered();
        reach(null);
      } catch (error) {
        reach(wordsOf(error));
        for (const { answered } of waiting) answered();
        giveUpOld(batch);
        await pause(clock, retryMs);
      }
    }
    isSending = false;
  };

  const remember = (manifest: CebManifest): void => {
    manifests.set(manifest.head.logisticsNo, manifest);
    if (manifests.size <= manifestsMax) return;
    for (const oldest of manifests.keys()) {
      manifests.delete(oldest);
      break;
    }
  };

  return {
    send(plan) {
      const documents = documentsOf(plan, seed, clock.wall());
      remember(documents.manifest);
      if (waiting.length >= waitingMax) {
        waiting.shift();
        counters.parcelsLost += 1;
      }
      return new Promise<void>((answered) => {
        waiting.push({
          documents,
          isAccepted: plan.isAccepted,
          isAgreeing: plan.contradiction === null && plan.declaration.category === "plain",
          attempts: 0,
          answered,
        });
        void sendAll();
      });
    },
    async sendReceipt(plan, status) {
      const manifest = manifests.get(plan.declaration.waybill);
      if (manifest === undefined) return;
      const said = manifestReturn(manifest, { status, at: clock.wall() }, entropy);
      try {
        await client.postXml(writeManifestReturns([said], entropy));
        counters.receiptsSent += 1;
      } catch (error) {
        reach(wordsOf(error));
      }
    },
    counters: () => ({ ...counters, elementsRefused: client.refusedTotal() }),
    stop() {
      isStopped = true;
    },
  };
}

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.schedule(monotonicMs(clock.monotonic() + ms), () => resolve());
  });
