import { zAcceptanceAnswer, zMessageAnswer } from "../../protocols/ceb/answers.ts";
import type { CebManifest } from "../../protocols/ceb/messages.ts";
import type { Clock } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { manifestReturn, usualCourse, writeManifestReturns } from "../customs/receipts.ts";
import type { ParcelDocuments } from "../documents/parcel-documents.ts";
import { writeDocuments } from "../documents/write-documents.ts";
import type { DocumentPost } from "../scenarios/forwarding.ts";
import { documentsOf } from "../scenarios/parcel-documents.ts";
import { createSeededEntropy } from "../world/chance.ts";

/** Parcels a message; the specification allows 100. */
const parcelsPerMessageMax = 50;
/** Parcels whose documents wait for a centre that does not answer; beyond, the oldest are lost. */
const waitingMax = 5_000;
/** Manifests that customs may still say something about. */
const manifestsMax = 5_000;
const retryMs = 1_000;
const answerMsMax = 10_000;
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
  counters(): PostCounters;
  stop(): void;
}

export interface CentrePostOptions {
  readonly centreUrl: string;
  readonly seed: number;
  readonly clock: Clock;
  /** Whether customs goes through its usual steps, up to 800, for every agreeing manifest. */
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
  /** Called after the first attempt too when it failed; what failed is tried again. */
  readonly answered: () => void;
}

/** Enterprises', carriers' and customs' way to the centre: CEB XML and acceptances over HTTP. */
export function createCentrePost(options: CentrePostOptions): CentrePost {
  const { centreUrl, seed, clock } = options;
  const entropy = createSeededEntropy(seed, "envelopes");
  const counters = {
    parcelsSent: 0,
    elementsRefused: 0,
    receiptsSent: 0,
    attemptsFailed: 0,
    parcelsLost: 0,
  };
  const manifests = new Map<string, CebManifest>();
  const reasonsTold = new Set<string>();
  let waiting: Waiting[] = [];
  let isSending = false;
  let isReached = true;
  let isStopped = false;

  const refused = (reason: string): void => {
    counters.elementsRefused += 1;
    const kind = reason.replace(/\d+/g, "#");
    if (reasonsTold.has(kind) || reasonsTold.size > 100) return;
    reasonsTold.add(kind);
    options.onRefused(reason);
  };

  const reach = (why: string | null): void => {
    if (why !== null) counters.attemptsFailed += 1;
    if ((why === null) === isReached) return;
    isReached = why === null;
    options.onReach(why);
  };

  const postXml = async (xml: string): Promise<void> => {
    const answer = await post(new URL("/api/customs/messages", centreUrl), xml, "application/xml");
    for (const { accepted, reason } of zMessageAnswer.parse(answer).results) {
      if (!accepted) refused(reason ?? "refused without a reason");
    }
  };

  const postAcceptance = async ({ acceptance }: ParcelDocuments): Promise<void> => {
    const url = new URL("/api/carrier/acceptances", centreUrl);
    const answer = await post(url, JSON.stringify(acceptance), "application/json");
    const { accepted, reason } = zAcceptanceAnswer.parse(answer);
    if (!accepted) refused(reason ?? "acceptance refused without a reason");
  };

  const postCourse = async (agreeing: readonly ParcelDocuments[]): Promise<void> => {
    for (const { status, at } of usualCourse(clock.wall(), betweenStepsMs)) {
      const returns = agreeing.map(({ manifest }) =>
        manifestReturn(manifest, { status, at }, entropy),
      );
      if (returns.length > 0) await postXml(writeManifestReturns(returns, entropy));
    }
  };

  const deliver = async (batch: readonly Waiting[]): Promise<void> => {
    const documents = batch.map((each) => each.documents);
    for (const xml of writeDocuments(documents, entropy)) await postXml(xml);
    await Promise.all(
      batch.filter(({ isAccepted }) => isAccepted).map((each) => postAcceptance(each.documents)),
    );
    if (options.customsReleases) {
      await postCourse(batch.filter(({ isAgreeing }) => isAgreeing).map((each) => each.documents));
    }
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
          isAgreeing: plan.contradiction === null,
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
        await postXml(writeManifestReturns([said], entropy));
        counters.receiptsSent += 1;
      } catch (error) {
        reach(wordsOf(error));
      }
    },
    counters: () => ({ ...counters }),
    stop() {
      isStopped = true;
    },
  };
}

async function post(url: URL, body: string, contentType: string): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { "content-type": contentType },
    signal: AbortSignal.timeout(answerMsMax),
  });
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  throw new Error(`${url.pathname}: HTTP ${response.status} ${text.slice(0, 200)}`);
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.schedule(monotonicMs(clock.monotonic() + ms), () => resolve());
  });
