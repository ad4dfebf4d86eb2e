import { fileURLToPath } from "node:url";
import { elementsMax } from "../../../protocols/ceb/messages.ts";
import { Bug } from "../../../protocols/bug.ts";
import { zStory } from "../../../protocols/ui/http.ts";
import { epochMs } from "../../../protocols/units.ts";
import { writeManifestReturns } from "../../../simulators/customs/receipts.ts";
import { writeDocuments } from "../../../simulators/documents/write-documents.ts";
import { createCentreClient } from "../../../simulators/site/centre-client.ts";
import { createSeededEntropy } from "../../../simulators/world/chance.ts";
import { startNode, whileAlive, type BenchChild } from "../child.ts";
import { usageOf } from "../process-usage.ts";
import { papersOf, receiptOf, waybillOf } from "./fates.ts";

/** A whole centre, as `npm run agent` starts it, in a process of its own that is asked over HTTP. */
export interface CentreLoaded {
  /** Of the process, after it has told and taken in as many as below, and collected what it may. */
  readonly residentMiB: number;
  /** Messages and acceptances that a restart finds in the journal behind the last restore point. */
  readonly inputsBehind: number;
  /** What came last. */
  readonly lastWaybill: string;
}

export interface CentreLoad {
  /** Parcels that fill it already. */
  readonly held: number;
  /** So many are asked for, all over those that fill it. */
  readonly looks: number;
  /** So many come before its memory is looked at, and as many again before it is killed. */
  readonly takenIn: number;
}

interface RunningCentre {
  readonly child: BenchChild;
  readonly url: string;
}

const collectOnSignal = fileURLToPath(new URL("collect-on-signal.ts", import.meta.url));

async function startCentre(file: string): Promise<RunningCentre> {
  const child = await startNode({
    name: "centre",
    program: "edge/main.ts",
    args: ["--config", file],
    nodeArgs: ["--expose-gc", "--import", collectOnSignal],
  });
  return { child, url: String(child.ready["url"]) };
}

/** The work's outcome; the process has ended by then, whatever happened. */
async function withCentre<T>(
  file: string,
  end: "stop" | "kill",
  work: (centre: RunningCentre) => Promise<T>,
): Promise<T> {
  const centre = await startCentre(file);
  try {
    return await whileAlive([centre.child], work(centre));
  } finally {
    await centre.child[end]();
  }
}

/** Makes the data folder of a centre that has just begun: its own first records and its count. */
export const beginCentre = (file: string): Promise<void> =>
  withCentre(file, "stop", () => Promise.resolve());

/** Has a centre work whose folder is filled. The folder is left as a killed centre leaves it. */
export async function loadCentre(file: string, load: CentreLoad): Promise<CentreLoaded> {
  const { held, looks, takenIn } = load;
  const residentMiB = await withCentre(file, "stop", async (centre) => {
    await lookUp(centre, { held, looks });
    await takeIn(centre, { from: held, count: takenIn });
    return residentMiBOf(centre);
  });
  const from = held + takenIn;
  const inputsBehind = await withCentre(file, "kill", (centre) =>
    takeIn(centre, { from, count: takenIn }),
  );
  return { residentMiB, inputsBehind, lastWaybill: waybillOf(from + takenIn - 1) };
}

/**
 * From spawning the process of a centre that was killed to its answer about the parcel that came last
 * before; it is killed again, so that the next start finds the same.
 */
export async function restartMsOf(file: string, waybill: string): Promise<number> {
  const startedAt = performance.now();
  return withCentre(file, "kill", async (centre) => {
    await tell(centre, waybill);
    return performance.now() - startedAt;
  });
}

async function residentMiBOf({ child }: RunningCentre): Promise<number> {
  const collected = child.said("collected");
  process.kill(child.pid, "SIGUSR2");
  await collected;
  return usageOf(child.pid).residentMiB;
}

async function tell({ url }: RunningCentre, waybill: string): Promise<void> {
  const response = await fetch(`${url}/api/parcels/${waybill}`);
  const text = await response.text();
  if (!response.ok) throw new Bug(`${waybill}: HTTP ${response.status} ${text}`);
  const { manifest } = zStory.parse(JSON.parse(text));
  if (manifest === null) throw new Bug(`${waybill}: the centre knows no manifest`);
}

const looksTogether = 20;

/** All over those that it holds, and none twice in a row. */
async function lookUp(
  centre: RunningCentre,
  { held, looks }: { readonly held: number; readonly looks: number },
): Promise<void> {
  for (let from = 0; from < looks; from += looksTogether) {
    const indices = Array.from({ length: looksTogether }, (_, at) => (from + at) * 7_919);
    await Promise.all(indices.map((index) => tell(centre, waybillOf(index % held))));
  }
}

/** Declared, accepted and let go by customs, as everybody sends it; so many inputs it were. */
async function takeIn(
  { url }: RunningCentre,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<number> {
  const refused: string[] = [];
  const client = createCentreClient(url, (reason) => refused.push(reason));
  let inputs = 0;
  for (let first = from; first < from + count; first += elementsMax) {
    const length = Math.min(elementsMax, from + count - first);
    const entropy = createSeededEntropy(first, "envelopes");
    const at = epochMs(Date.now());
    const parcels = Array.from({ length }, (_, index) => papersOf(waybillOf(first + index), at));
    const receipts = parcels.map((papers) => receiptOf(papers, 800, at));
    const xmls = writeDocuments(parcels, entropy);
    for (const xml of xmls) await client.postXml(xml);
    await Promise.all(parcels.map(({ acceptance }) => client.postAcceptance(acceptance)));
    await client.postXml(writeManifestReturns(receipts, entropy));
    inputs += xmls.length + length + 1;
    const [reason] = refused;
    if (reason !== undefined) throw new Bug(`documents were refused: ${reason}`);
  }
  return inputs;
}
