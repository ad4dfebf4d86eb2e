import { contentHash } from "../../../edge/clearance/content.ts";
import type { ClearanceConfig } from "../../../edge/clearance/config.ts";
import { rowTables, type RowTable } from "../../../edge/clearance/rows.ts";
import { keptId, type RowJournal, type RowWrite } from "../../../edge/journal/kept-rows.ts";
import { MemoryJournal } from "../../../edge/journal/memory-journal.ts";
import { forwarding } from "../../../edge/store/forwarding.ts";
import type { StoreJournal } from "../../../edge/store/port.ts";
import {
  keptKindOf,
  noTally,
  readTally,
  tallyKey,
  tallyText,
  type Tally,
} from "../../../edge/store/tables.ts";
import { Bug, invariant } from "../../../protocols/bug.ts";
import type { CebManifest } from "../../../protocols/ceb/messages.ts";
import type { EpochMs } from "../../../protocols/units.ts";
import { createVirtualClock } from "../../../simulators/clock/virtual-clock.ts";
import { SyncDesk } from "../../kit/sync-desk.ts";
import { allFates, bring, fateOf, papersOf, waybillOf, type Fate, type Parcel } from "./fates.ts";

/** Of a centre that was given its parcels one after the other, all at one moment. */
export interface Filling {
  readonly config: ClearanceConfig;
  readonly at: EpochMs;
}

/**
 * A desk's rows after these parcels, the count of them among them. The desk is the centre's own, on a
 * store as the centre has it, in memory and in time that stands still; its calendar is proved.
 */
export function rowsByDesk(
  { config, at }: Filling,
  parcels: readonly Parcel[],
): readonly RowWrite[] {
  const clock = createVirtualClock({ wallStartAt: at });
  const { journal, rows } = watched(
    new MemoryJournal({ chain: "centre", clock, hashing: "never" }),
  );
  const desk = new SyncDesk({ config, clock, journal });
  desk.desk.restoreTime({ at, passedAt: at });
  for (const parcel of parcels) bring(desk, parcel, at);
  return rows();
}

/** The journal, and what has become of all rows that were written to it. */
export function watched(inner: StoreJournal): {
  readonly journal: StoreJournal;
  readonly rows: () => readonly RowWrite[];
} {
  const kept = new Map<string, RowWrite>();
  return {
    journal: {
      ...forwarding(inner),
      appendRows: (append, onOutcome) => {
        for (const row of append.rows) {
          if (row.text === null) kept.delete(keptId(row));
          else kept.set(keptId(row), row);
        }
        return inner.appendRows(append, onOutcome);
      },
    },
    rows: () => [...kept.values()],
  };
}

interface Template {
  /** The row of a parcel whose places begin behind this one. */
  readonly rows: readonly ((parcel: Numbers, placesBefore: number) => RowWrite)[];
  readonly counts: readonly (readonly [table: RowTable, rows: number])[];
  readonly placesGiven: number;
}

interface Numbers {
  readonly waybill: string;
  /** Of its manifest's content. */
  readonly hash: string;
}

/**
 * The rows of a parcel of one fate with its numbers left out. All parcels of that fate have the same,
 * with numbers of their own.
 */
function templateOf(filling: Filling, fate: Fate): Template {
  const waybill = waybillOf(0);
  const hash = contentHash(papersOf(waybill, filling.at).manifest);
  const all = rowsByDesk(filling, [{ waybill, fate }]);
  const rows = all.filter((row) => keptId(row) !== keptId(tallyKey));
  const { counts, placesGiven } = tallyIn(all);
  const without = (text: string) => {
    const parts = text.split(hash).map((part) => part.split(waybill));
    return (own: Numbers): string => parts.map((part) => part.join(own.waybill)).join(own.hash);
  };
  invariant(
    rows.some(({ text }) => text?.includes(hash)),
    `${fate}: no row has its manifest's hash`,
  );
  return {
    rows: rows.map(({ kind, key, place, text }) => {
      const [keyOf, textOf] = [without(key), without(text ?? "")];
      return (own, placesBefore) => ({
        kind,
        key: keyOf(own),
        place: place === null ? null : placesBefore + place,
        text: textOf(own),
      });
    }),
    counts: rowTables.flatMap((table) => {
      const count = rows.filter(({ kind }) => kind === keptKindOf(table)).length;
      invariant(count === counts[table], `${fate}: ${table} are not as many as are counted`);
      return count === 0 ? [] : [[table, count] as const];
    }),
    placesGiven,
  };
}

function tallyIn(rows: readonly RowWrite[]): Tally {
  const row = rows.find((each) => keptId(each) === keptId(tallyKey));
  const { text = null } = row ?? {};
  invariant(text !== null, "rows of documents, and no count of them");
  return readable(text);
}

function readable(text: string): Tally {
  const tally = readTally({ ...tallyKey, place: null, text });
  if ("code" in tally) throw new Bug(tally.why);
  return tally;
}

type FilledJournal = Pick<RowJournal, "appendRows" | "readRows">;

/** So many parcels are written in one commit. */
const together = 500;

/**
 * Puts the rows of so many parcels into the journal of a centre that has none yet, as its desk would
 * have written them, but without working any of them out. No record tells of them: a centre's records
 * leave its journal in time, and its rows stay.
 */
export async function fill(journal: FilledJournal, filling: Filling, total: number): Promise<void> {
  const templates = new Map(allFates.map((fate) => [fate, templateOf(filling, fate)]));
  const manifestText = JSON.stringify(papersOf(waybillOf(0), filling.at).manifest);
  const parts = manifestText.split(waybillOf(0));
  const hashOf = (waybill: string): string =>
    contentHash(JSON.parse(parts.join(waybill)) as CebManifest);
  const tally = await tallyOf(journal);
  for (let from = 0; from < total; from += together) {
    const rows: RowWrite[] = [];
    for (let index = from; index < Math.min(total, from + together); index += 1) {
      const template = templates.get(fateOf(index));
      invariant(template !== undefined, "a parcel has no fate");
      const waybill = waybillOf(index);
      const numbers = { waybill, hash: hashOf(waybill) };
      for (const row of template.rows) rows.push(row(numbers, tally.placesGiven));
      for (const [table, count] of template.counts) tally.counts[table] += count;
      tally.placesGiven += template.placesGiven;
    }
    await written(journal, [...rows, { ...tallyKey, place: null, text: tallyText(tally) }]);
  }
}

/** What is counted in a journal without documents. */
const tallyOf = (journal: FilledJournal): Promise<Tally> =>
  new Promise((resolve, reject) =>
    journal.readRows([tallyKey], (read) => {
      if (read.kind === "failed") return reject(new Bug(read.why));
      const [row] = read.rows;
      const tally = row === undefined ? noTally() : readable(row.text);
      const isEmpty = rowTables.every((table) => tally.counts[table] === 0);
      if (isEmpty) resolve(tally);
      else reject(new Bug("a centre that has documents already cannot be filled"));
    }),
  );

const written = (journal: FilledJournal, rows: readonly RowWrite[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const refusal = journal.appendRows({ entries: [], rows, appliedSeq: null }, (outcome) =>
      outcome.kind === "durable" ? resolve() : reject(new Bug(outcome.why)),
    );
    if (refusal !== null) reject(new Bug(refusal.why));
  });
