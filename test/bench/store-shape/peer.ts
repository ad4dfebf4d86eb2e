import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createDayFiles } from "../../../edge/archive/day-files.ts";
import type { Archive } from "../../../edge/archive/port.ts";
import type { DocumentEvent } from "../../../edge/clearance/events.ts";
import { Bug } from "../../../protocols/bug.ts";
import type { RowJournal, RowWrite } from "../../../edge/journal/kept-rows.ts";
import { MemoryJournal } from "../../../edge/journal/memory-journal.ts";
import { openRowJournal } from "../../../edge/journal/sqlite/sqlite-journal.ts";
import { createDocumentStore } from "../../../edge/store/document-store.ts";
import { createArchiveKeeper } from "../../../edge/store/archive-keeper.ts";
import type { DocumentStore, StoreOutcome, StoreWork } from "../../../edge/store/port.ts";
import { keptKeyOf, noTally, tallyKey, tallyText } from "../../../edge/store/tables.ts";
import { silentLog } from "../../../protocols/log.ts";
import { createSideStoreWatch } from "../../../protocols/side-stores.ts";
import { epochMs } from "../../../protocols/units.ts";
import { createSystemClock } from "../../../simulators/clock/system-clock.ts";
import { percentilesOf, type Percentiles } from "../samples.ts";
import { startAt } from "../../unit/clearance-kit.ts";
import {
  eventsOfParcel,
  eventsUntilReleased,
  releasedMs,
  rowsOfParcel,
  waybillOf,
  workOfEvent,
  workOfLeaving,
} from "./parcels.ts";

/**
 * One measurement of the document store, in a process of its own: `fill FILE N` makes the rows of N
 * parcels, `measure FILE N COUNT` opens them and takes COUNT more in, `memory COUNT` does so with
 * nothing on a disk; `gone FILE COUNT` has COUNT released and archived again. Says what it has measured as one line of JSON.
 */
export interface StoreMeasured {
  /** From opening the file to the first answer. */
  readonly startMs: number;
  readonly cpuMsPerManifest: number;
  readonly lookupMs: Percentiles;
  readonly residentMiB: number;
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
const fillTogether = 500;

async function openFile(file: string): Promise<RowJournal> {
  const opened = await openRowJournal({ file, chain: "centre", clock });
  if (opened.kind === "refused") throw new Bug(opened.why);
  return opened.journal;
}

/** Rows are written as a store would, but without working any of them out. */
async function fill(file: string, total: number): Promise<void> {
  const journal = await openFile(file);
  const template = rowsOfParcel(0);
  const own = waybillOf(0);
  for (let from = 0; from < total; from += fillTogether) {
    const until = Math.min(total, from + fillTogether);
    const rows: RowWrite[] = [];
    for (let index = from; index < until; index += 1) {
      const waybill = waybillOf(index);
      for (const { table, key, text } of template) {
        const named = keptKeyOf({ table, key: key.replaceAll(own, waybill) });
        rows.push({ ...named, place: null, text: text.replaceAll(own, waybill) });
      }
    }
    const tally = noTally();
    for (const { table } of template) tally.counts[table] += until;
    rows.push({ ...tallyKey, place: null, text: tallyText(tally) });
    await new Promise((resolve, reject) => {
      const refusal = journal.appendRows({ entries: [], rows, appliedSeq: 0 }, (outcome) =>
        outcome.kind === "durable" ? resolve(null) : reject(new Bug(outcome.why)),
      );
      if (refusal !== null) reject(new Bug(refusal.why));
    });
  }
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
  { openedAt, held, count }: { openedAt: number; held: number; count: number },
): Promise<Omit<StoreMeasured, "fileMiB">> {
  const store = createDocumentStore({ journal });
  await lookUp(store, 0);
  const startMs = performance.now() - openedAt;
  const samples: number[] = [];
  for (let index = 0; index < (held === 0 ? 0 : lookupsTotal); index += 1) {
    const at = performance.now();
    // All over the file, and none twice in a row.
    await lookUp(store, (index * 7_919) % held);
    samples.push(performance.now() - at);
  }
  const cpuMsPerManifest = await takeIn(store, { from: held, count });
  const residentMiB = process.memoryUsage.rss() / 2 ** 20;
  return { startMs, cpuMsPerManifest, lookupMs: percentilesOf(samples), residentMiB };
}

/** Cases that leave in one go. */
const leavesMax = 100;
const roundOf = 1_000;
/** So many fill what the store holds in memory; until then it grows, as it should. */
const warmUpMin = 6_000;

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
  globalThis.gc?.();
  await nextTurn();
  globalThis.gc?.();
  return process.memoryUsage.rss() / 2 ** 20;
}

async function gone(file: string, count: number): Promise<GoneMeasured> {
  const journal = await openFile(file);
  const store = createDocumentStore({ journal });
  const folder = `${file}-archive`;
  const archive = createDayFiles(folder);
  const warmUp = Math.max(warmUpMin, Math.floor(count / 10));
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
    const count = Number(args[0]);
    const measured = await measure(journal, { openedAt: performance.now(), held: 0, count });
    console.log(JSON.stringify({ ...measured, fileMiB: 0 }));
    return;
  }
  const [file = "", held = "0", count = "0"] = args;
  if (action === "fill") return fill(file, Number(held));
  if (action === "gone") return console.log(JSON.stringify(await gone(file, Number(held))));
  const openedAt = performance.now();
  const journal = await openFile(file);
  const measured = await measure(journal, { openedAt, held: Number(held), count: Number(count) });
  await journal.close();
  const fileMiB = statSync(file).size / 2 ** 20;
  console.log(JSON.stringify({ ...measured, fileMiB }));
}

await main(process.argv.slice(2));
