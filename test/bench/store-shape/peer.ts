import { statSync } from "node:fs";
import { Bug } from "../../../protocols/bug.ts";
import type { RowJournal, RowWrite } from "../../../edge/journal/kept-rows.ts";
import { MemoryJournal } from "../../../edge/journal/memory-journal.ts";
import { openRowJournal } from "../../../edge/journal/sqlite/sqlite-journal.ts";
import { createDocumentStore } from "../../../edge/store/document-store.ts";
import type { DocumentStore, StoreOutcome } from "../../../edge/store/port.ts";
import { keptKeyOf, noTally, tallyKey, tallyText } from "../../../edge/store/tables.ts";
import { createSystemClock } from "../../../simulators/clock/system-clock.ts";
import { percentilesOf, type Percentiles } from "../samples.ts";
import { eventsOfParcel, rowsOfParcel, waybillOf, workOfEvent } from "./parcels.ts";

/**
 * One measurement of the document store, in a process of its own: `fill FILE N` makes the rows of N
 * parcels, `measure FILE N COUNT` opens them and takes COUNT more in, `memory COUNT` does so with
 * nothing on a disk. Says what it has measured as one line of JSON.
 */
export interface StoreMeasured {
  /** From opening the file to the first answer. */
  readonly startMs: number;
  readonly cpuMsPerManifest: number;
  readonly lookupMs: Percentiles;
  readonly residentMiB: number;
  readonly fileMiB: number;
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

async function takeIn(store: DocumentStore, from: number, count: number): Promise<number> {
  let cpuUs = 0;
  for (let first = from; first < from + count; first += togetherMax) {
    const until = Math.min(from + count, first + togetherMax);
    const parcels = Array.from({ length: until - first }, (_, at) => eventsOfParcel(first + at));
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
  const cpuMsPerManifest = await takeIn(store, held, count);
  const residentMiB = process.memoryUsage.rss() / 2 ** 20;
  return { startMs, cpuMsPerManifest, lookupMs: percentilesOf(samples), residentMiB };
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
  const openedAt = performance.now();
  const journal = await openFile(file);
  const measured = await measure(journal, { openedAt, held: Number(held), count: Number(count) });
  await journal.close();
  const fileMiB = statSync(file).size / 2 ** 20;
  console.log(JSON.stringify({ ...measured, fileMiB }));
}

await main(process.argv.slice(2));
