import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createDayFiles } from "../../../edge/archive/day-files.ts";
import type { Archive } from "../../../edge/archive/port.ts";
import type { DocumentEvent } from "../../../edge/clearance/events.ts";
import { Bug } from "../../../protocols/bug.ts";
import type { RowJournal } from "../../../edge/journal/kept-rows.ts";
import type { SegmentFolder } from "../../../edge/journal/segments/segment-folder.ts";
import { MemoryJournal } from "../../../edge/journal/memory-journal.ts";
import { openRowJournal } from "../../../edge/journal/sqlite/sqlite-journal.ts";
import { createDocumentStore } from "../../../edge/store/document-store.ts";
import { createArchiveKeeper } from "../../../edge/store/archive-keeper.ts";
import type { DocumentStore, StoreOutcome, StoreWork } from "../../../edge/store/port.ts";
import { segmentFolderOf } from "../../../edge/runtime/journal-segments.ts";
import { silentLog } from "../../../protocols/log.ts";
import { createSideStoreWatch } from "../../../protocols/side-stores.ts";
import { epochMs } from "../../../protocols/units.ts";
import { createSystemClock } from "../../../simulators/clock/system-clock.ts";
import { percentilesOf, type Percentiles } from "../samples.ts";
import { startAt } from "../../unit/clearance-kit.ts";
import { centreSettings, type CentreSettings } from "./centre-file.ts";
import { collect } from "./collect.ts";
import { waybillOf } from "./fates.ts";
import { fill } from "./fill.ts";
import {
  eventsOfParcel,
  eventsUntilReleased,
  releasedMs,
  workOfEvent,
  workOfLeaving,
} from "./parcels.ts";

/**
 * What is done to documents without a centre, in a process of its own: `fill CONFIG N` makes the rows
 * of N parcels for a centre that has begun, `measure CONFIG N COUNT` looks them up in its store and
 * takes COUNT more in, `memory COUNT` does so with nothing on a disk; `gone FILE COUNT WARMUP` has
 * COUNT released and archived again, after as many as warm it up. Says what it has measured as one line of JSON.
 */
export interface StoreMeasured {
  readonly cpuMsPerManifest: number;
  readonly lookupMs: Percentiles;
  readonly fileMiB: number;
}

/** Of so many parcels that came, were released and left for the archive. */
export interface GoneMeasured {
  readonly manifests: number;
  /** After the first ones, which fill what is held in memory, and after all of them. */
  readonly startMiB: number;
  readonly endMiB: number;
  /** What stays in the journal's file of each, the journal's own records among it. */
  readonly fileBytesPerManifest: number;
  readonly archiveBytesPerManifest: number;
}

const clock = createSystemClock();
/** Parcels under way at once. */
const togetherMax = 100;
const lookupsTotal = 5_000;
/** Behind all that a centre holds when it is measured. */
const takenInFrom = 50_000_000;

async function openFile(options: {
  readonly file: string;
  readonly chain: string;
  readonly segments?: SegmentFolder;
}): Promise<RowJournal> {
  const opened = await openRowJournal({ ...options, clock });
  if (opened.kind === "refused") throw new Bug(opened.why);
  return opened.journal;
}

const journalFileOf = ({ dataDir }: CentreSettings): string => join(dataDir, "centre.db");

/** The journal of a centre that does not run, as its program opens it. */
const openCentre = (centre: CentreSettings): Promise<RowJournal> =>
  openFile({
    file: journalFileOf(centre),
    chain: centre.agentId,
    segments: segmentFolderOf(centre.dataDir, "centre"),
  });

async function fillCentre(file: string, total: number): Promise<void> {
  const centre = centreSettings(file);
  const journal = await openCentre(centre);
  await fill(journal, { config: centre.documents, at: epochMs(Date.now()) }, total);
  await journal.close();
}

const lookUp = (store: DocumentStore, index: number): Promise<void> =>
  new Promise((resolve, reject) =>
    store.read("cases", waybillOf(index), (read) =>
      read.kind === "value" ? resolve() : reject(new Bug(read.why)),
    ),
  );

async function takeIn(
  store: DocumentStore,
  { from, count }: { readonly from: number; readonly count: number },
  eventsOf: (index: number) => readonly DocumentEvent[] = eventsOfParcel,
): Promise<number> {
  let cpuUs = 0;
  for (let first = from; first < from + count; first += togetherMax) {
    const until = Math.min(from + count, first + togetherMax);
    const parcels = Array.from({ length: until - first }, (_, at) => eventsOf(first + at));
    const before = process.cpuUsage();
    const steps = parcels[0]?.length ?? 0;
    for (let step = 0; step < steps; step += 1) {
      const outcomes = await Promise.all(
        parcels.flatMap((events) => {
          const event = events[step];
          if (event === undefined) return [];
          return [
            new Promise<StoreOutcome<null>>((resolve) =>
              store.transact(workOfEvent(event), resolve),
            ),
          ];
        }),
      );
      const failed = outcomes.find(({ kind }) => kind !== "kept");
      if (failed !== undefined) throw new Bug(`not taken in: ${JSON.stringify(failed)}`);
    }
    const { user, system } = process.cpuUsage(before);
    cpuUs += user + system;
  }
  return cpuUs / 1_000 / count;
}

async function measure(
  journal: RowJournal,
  { held, count }: { readonly held: number; readonly count: number },
): Promise<Omit<StoreMeasured, "fileMiB">> {
  const store = createDocumentStore({ journal });
  const samples: number[] = [];
  if (held > 0) await lookUp(store, 0);
  for (let index = 0; index < (held === 0 ? 0 : lookupsTotal); index += 1) {
    const at = performance.now();
    // All over the file, and none twice in a row.
    await lookUp(store, (index * 7_919) % held);
    samples.push(performance.now() - at);
  }
  const cpuMsPerManifest = await takeIn(store, { from: takenInFrom, count });
  return { cpuMsPerManifest, lookupMs: percentilesOf(samples) };
}

/** Cases that leave in one go. */
const leavesMax = 100;
const roundOf = 1_000;

const transacted = <T>(store: DocumentStore, work: StoreWork<T>): Promise<T> =>
  new Promise((resolve, reject) =>
    store.transact(work, (outcome) =>
      outcome.kind === "kept" ? resolve(outcome.answer) : reject(new Bug(JSON.stringify(outcome))),
    ),
  );

/** Everything that has been put out goes into the archive, and out of the file. */
async function archiveAll(store: DocumentStore, archive: Archive): Promise<void> {
  const keeper = createArchiveKeeper({
    store,
    archive,
    archiveMs: releasedMs,
    clock,
    log: silentLog,
    sideStores: createSideStoreWatch(),
  });
  for (;;) {
    const read = await new Promise<Parameters<Parameters<DocumentStore["readOutgoing"]>[1]>[0]>(
      (resolve) => store.readOutgoing(1, resolve),
    );
    if (read.kind === "failed") throw new Bug(read.why);
    if (read.value.length === 0) return;
    keeper.look();
  }
}

async function residentMiB(): Promise<number> {
  await collect();
  return process.memoryUsage.rss() / 2 ** 20;
}

/** `warmUp`: so many fill what the store holds in memory; until then it grows, as it should. */
async function gone(
  file: string,
  { count, warmUp }: { readonly count: number; readonly warmUp: number },
): Promise<GoneMeasured> {
  const journal = await openFile({ file, chain: "centre" });
  const store = createDocumentStore({ journal });
  const folder = `${file}-archive`;
  const archive = createDayFiles(folder);
  let at: number = startAt;
  let startMiB = 0;
  let startBytes = 0;
  for (let from = 0; from < warmUp + count; from += roundOf) {
    if (from === warmUp) [startMiB, startBytes] = [await residentMiB(), statSync(file).size];
    const now = epochMs(at);
    await takeIn(store, { from, count: roundOf }, (index) => eventsUntilReleased(index, now));
    at += releasedMs + 1;
    let left = 0;
    for (let more = -1; more !== 0; left += more) {
      more = await transacted(store, workOfLeaving(epochMs(at), leavesMax));
    }
    if (left !== roundOf) throw new Bug(`${left} of ${roundOf} have left`);
    await archiveAll(store, archive);
  }
  const endMiB = await residentMiB();
  await journal.close();
  const archived = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
  return {
    manifests: count,
    startMiB,
    endMiB,
    fileBytesPerManifest: (statSync(file).size - startBytes) / count,
    archiveBytesPerManifest: archived.reduce((sum, size) => sum + size, 0) / (warmUp + count),
  };
}

async function main([action = "", ...args]: readonly string[]): Promise<void> {
  if (action === "memory") {
    const journal = new MemoryJournal({ chain: "centre", clock, recordsKeptMax: 1_000 });
    const measured = await measure(journal, { held: 0, count: Number(args[0]) });
    return console.log(JSON.stringify({ ...measured, fileMiB: 0 }));
  }
  const [file = "", ...numbers] = args;
  const [first = 0, second = 0] = numbers.map(Number);
  if (action === "fill") return fillCentre(file, first);
  if (action === "gone") {
    return console.log(JSON.stringify(await gone(file, { count: first, warmUp: second })));
  }
  const centre = centreSettings(file);
  const journal = await openCentre(centre);
  const measured = await measure(journal, { held: first, count: second });
  await journal.close();
  const fileMiB = statSync(journalFileOf(centre)).size / 2 ** 20;
  console.log(JSON.stringify({ ...measured, fileMiB }));
}

await main(process.argv.slice(2));
