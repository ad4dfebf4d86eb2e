import { epochMs, type EpochMs } from "../../protocols/units.ts";
import {
  dueAtOf,
  isDueTable,
  rowId,
  rowOfText,
  rowTables,
  rowText,
  sharedRows,
  type DocumentTable,
  type DueTable,
  type OrderedTable,
  type RowOf,
  type RowTable,
} from "../clearance/rows.ts";
import { createWorkingSet, type RowChange } from "../clearance/working-set.ts";
import type { AppendOutcome } from "../journal/journal.ts";
import {
  keptId,
  type RowCursor,
  type RowsCounted,
  type RowsRead,
  type RowWrite,
} from "../journal/kept-rows.ts";
import { createDamageNoter, type DamageNoter } from "./damage.ts";
import { createHeldRows, type HeldRows } from "./held-rows.ts";
import { createLoader, heldOf, type LoadedRows, type Loader } from "./loader.ts";
import type {
  Damage,
  DocumentStore,
  OutgoingText,
  StoreFailure,
  StoreJournal,
  StoreOutcome,
  StoreRead,
  StoreRun,
  StoreWork,
} from "./port.ts";
import {
  keptKeyOf,
  keptKindOf,
  noTally,
  outgoingKey,
  outgoingKind,
  readTally,
  tallyKey,
  tallyText,
  type Tally,
} from "./tables.ts";

export interface DocumentStoreOptions {
  readonly journal: StoreJournal;
  /** Rows that are kept in memory beside those that are at work. Default 50,000. */
  readonly rowsHeldMax?: number;
  /** Hears of each row that is found damaged, once and at once. */
  readonly onDamage?: (why: string) => void;
  /** Beyond this many transactions a further one fails with `busy`. Default 1,000. */
  readonly underWayMax?: number;
}

/** Reads nothing yet: the first who wants something hears whether the rows can be read. */
export const createDocumentStore = (options: DocumentStoreOptions): DocumentStore =>
  new RowStore(options);

/** From a reading of the tally to the next failure. */
interface Session {
  readonly held: HeldRows;
  readonly loader: Loader;
  tally: Tally;
  /** The tally is on the disk, or on its way there: no rows without their count. */
  isCounted: boolean;
}

type End<T> = (outcome: StoreOutcome<T>) => void;

class RowStore implements DocumentStore {
  readonly #journal: StoreJournal;
  readonly #noter: DamageNoter;
  readonly #rowsHeldMax: number;
  readonly #underWayMax: number;
  /** Null while it is not known what the journal's rows are: at first, and after a failure. */
  #session: Session | null = null;
  /** As it was when the last session ended. */
  #lastTally: Tally = noTally();
  /** Who waits for it; null while nobody reads it. */
  #waiting: ((session: Session | StoreFailure) => void)[] | null = null;
  #underWay = 0;
  /** Runs that have changed what is due. */
  #dueChanges = 0;

  constructor(options: DocumentStoreOptions) {
    const { journal, rowsHeldMax = 50_000, underWayMax = 1_000, onDamage = () => {} } = options;
    this.#noter = createDamageNoter(journal, onDamage);
    this.#journal = this.#noter.journal;
    this.#rowsHeldMax = rowsHeldMax;
    this.#underWayMax = underWayMax;
  }

  transact<T>(work: StoreWork<T>, then: (outcome: StoreOutcome<T>) => void): void {
    if (this.#underWay >= this.#underWayMax) {
      const why = `${this.#underWay} transactions are under way`;
      return this.#later(() => then({ kind: "failed", code: "busy", why }));
    }
    this.#underWay += 1;
    const end: End<T> = (outcome) => {
      this.#underWay -= 1;
      then(outcome);
    };
    this.#inSession((session) => {
      if ("code" in session) return end({ kind: "failed", ...session });
      session.loader.load(work, (result) => {
        if (result.kind === "loaded") this.#run(session, work, { loaded: result, end });
        else this.#later(() => end(result));
      });
    });
  }

  read<T extends DocumentTable>(
    table: T,
    key: string,
    then: (read: StoreRead<RowOf<T> | null>) => void,
  ): void {
    this.#inSession((session) => {
      if ("code" in session) return then({ kind: "failed", ...session });
      const row = { table, key };
      const id = rowId(row);
      const held = session.held.get(id);
      if (held === undefined) {
        return this.#journal.readRows([keptKeyOf(row)], (read) => {
          if (read.kind === "failed") return then(read);
          const [found] = read.rows;
          then({ kind: "value", value: found === undefined ? null : rowOfText(table, found.text) });
        });
      }
      const answer = { kind: "value", value: held.value as RowOf<T> | null } as const;
      if (session.held.isDurable(id)) return then(answer);
      this.#settled((outcome) => then(outcome.kind === "durable" ? answer : outcome));
    });
  }

  countOf(table: RowTable): number {
    return (this.#session?.tally ?? this.#lastTally).counts[table];
  }

  readOldest<T extends OrderedTable>(
    table: T,
    rowsMax: number,
    then: (read: StoreRead<readonly RowOf<T>[]>) => void,
  ): void {
    this.#journal.readFirstRows(keptKindOf(table), rowsMax, (read) => {
      if (read.kind === "failed") return then(read);
      then({ kind: "value", value: read.rows.map(({ text }) => rowOfText(table, text)) });
    });
  }

  readNextDueAt(
    tables: readonly DueTable[],
    then: (read: StoreRead<EpochMs | null>) => void,
  ): void {
    const next = (tables: readonly DueTable[], earliest: number | null): void => {
      const [table, ...rest] = tables;
      if (table === undefined) {
        return then({ kind: "value", value: earliest === null ? null : epochMs(earliest) });
      }
      this.#journal.readFirstRows(keptKindOf(table), 1, (read) => {
        if (read.kind === "failed") return then(read);
        const times = read.rows.map(({ text }) => dueAtOf(rowOfText(table, text)));
        const all = earliest === null ? times : [earliest, ...times];
        next(rest, all.length === 0 ? null : Math.min(...all));
      });
    };
    next(tables, null);
  }

  readOutgoing(textsMax: number, then: (read: StoreRead<readonly OutgoingText[]>) => void): void {
    this.#journal.readFirstRows(outgoingKind, textsMax, (read) => {
      if (read.kind === "failed") return then(read);
      const value = read.rows.map(({ key, text }) => ({ place: Number(key), text }));
      then({ kind: "value", value });
    });
  }

  appliedSeq(): number {
    return this.#journal.appliedSeq();
  }

  isCounted(): boolean {
    return this.#session?.isCounted ?? false;
  }

  checkRows(
    from: RowCursor | null,
    rowsMax: number,
    then: (checked: StoreRead<RowCursor | null>) => void,
  ): void {
    this.#journal.checkRows(from, rowsMax, (checked) =>
      then(checked.kind === "failed" ? checked : { kind: "value", value: checked.last }),
    );
  }

  damage(): Damage | null {
    return this.#noter.damage();
  }

  counters(): ReturnType<DocumentStore["counters"]> {
    const { rowsRead = 0, restartsTotal = 0 } = this.#session?.loader.counters() ?? {};
    const rowsHeld = this.#session?.held.size() ?? 0;
    return { rowsHeld, underWay: this.#underWay, rowsRead, restartsTotal };
  }

  /** Runs the work on its rows and hands everything to the journal, in one go. */
  #run<T>(
    session: Session,
    work: StoreWork<T>,
    { loaded, end }: { readonly loaded: LoadedRows; readonly end: End<T> },
  ): void {
    const set = createWorkingSet((table) => session.tally.counts[table]);
    for (const { table, key, held } of loaded.rows.values()) set.load(table, key, held.value);
    for (const row of sharedRows) {
      set.load(row.table, row.key, session.held.get(rowId(row))?.value ?? null);
    }
    for (const [table, keys] of loaded.due) set.loadDue(table, keys);
    let run: StoreRun<T>;
    let changes: readonly RowChange[];
    try {
      run = work.run(set.state);
      changes = set.changes();
    } catch (thrown) {
      loaded.release();
      return this.#later(() => end({ kind: "bug", thrown }));
    }
    const placeOf = (change: RowChange): number | null => {
      const id = rowId(change);
      return (loaded.rows.get(id)?.held ?? session.held.get(id))?.place ?? null;
    };
    const written = writtenBy(session, placeOf, { run, changes });
    const append = {
      entries: run.entries,
      rows: written.rows,
      appliedSeq: work.appliedSeq ?? null,
    };
    const refusal = this.#journal.appendRows(append, (outcome) => {
      if (outcome.kind === "failed") return this.#fail(session, outcome, end);
      for (const change of changes) session.held.settle(change);
      const { firstSeq, lastSeq } = outcome;
      end({ kind: "kept", answer: run.answer, firstSeq, lastSeq });
    });
    if (refusal === null) {
      session.tally = written.tally;
      session.isCounted = true;
      if (changes.some(({ table }) => isDueTable(table))) this.#dueChanges += 1;
      for (const { change, place } of written.placed) {
        session.held.change(change, { value: change.value, place });
      }
      work.ran?.(changes);
    }
    loaded.release();
    if (refusal !== null) this.#later(() => end({ kind: "failed", ...refusal }));
  }

  /** What ran on top of it fails with it; whoever comes next reads what the disk has. */
  #fail<T>(session: Session, failure: StoreFailure, end: End<T>): void {
    if (this.#session === session) {
      this.#session = null;
      this.#lastTally = session.tally;
      session.loader.stop({ code: "behindFailure", why: failure.why });
    }
    end({ kind: "failed", code: failure.code, why: failure.why });
  }

  /** Calls back when everything that ran is durable, or has failed. */
  #settled(then: (outcome: AppendOutcome) => void): void {
    const append = { entries: [], rows: [], appliedSeq: null };
    const refusal = this.#journal.appendRows(append, then);
    if (refusal !== null) this.#later(() => then({ kind: "failed", ...refusal }));
  }

  /** An append's outcome is never told from inside, whatever it is. */
  #later(then: () => void): void {
    this.#journal.append([], then);
  }

  #inSession(then: (session: Session | StoreFailure) => void): void {
    if (this.#session !== null) return then(this.#session);
    if (this.#waiting !== null) {
      this.#waiting.push(then);
      return;
    }
    this.#waiting = [then];
    const done = (session: Session | StoreFailure): void => {
      const waiting = this.#waiting ?? [];
      this.#waiting = null;
      if ("code" in session) this.#noter.note(session);
      else this.#session = session;
      for (const each of waiting) each(session);
    };
    // A journal that has failed opens its file anew for this.
    this.#journal.append([], (outcome) => {
      if (outcome.kind === "failed") return done(outcome);
      const keys = [tallyKey, ...sharedRows.map(keptKeyOf)];
      this.#journal.readRows(keys, (read) => {
        const begun = this.#begin(read);
        if ("code" in begun) return done(begun);
        this.#journal.countRows(rowTables.map(keptKindOf), rowsCountedMax, (counted) =>
          done(whyMiscounted(begun.tally, counted) ?? begun),
        );
      });
    });
  }

  /** A failure where the journal's rows are not such as this store writes. */
  #begin(read: RowsRead): Session | StoreFailure {
    if (read.kind === "failed") return { code: read.code, why: read.why };
    const kept = new Map(read.rows.map((row) => [keptId(row), row]));
    const found = kept.get(keptId(tallyKey));
    if (found === undefined && read.rows.length > 0) {
      return { code: "fileDamaged", why: "rows of documents, and no count of them" };
    }
    const tally = found === undefined ? noTally() : readTally(found);
    if ("code" in tally) return tally;
    const held = createHeldRows(this.#rowsHeldMax);
    for (const key of sharedRows) {
      held.note(key, heldOf(key.table, kept.get(keptId(keptKeyOf(key)))));
    }
    const countOf = (table: RowTable): number => session.tally.counts[table];
    const loader = createLoader({
      journal: this.#journal,
      held,
      countOf,
      dueChanges: () => this.#dueChanges,
    });
    const session: Session = { held, loader, tally, isCounted: found !== undefined };
    return session;
  }
}

/**
 * A table is counted up to here when a session begins, so that rows which somebody has deleted are
 * missed. Controls are fewer; where there are millions of rows, counting on would take seconds.
 */
const rowsCountedMax = 10_000;

function whyMiscounted(tally: Tally, counted: RowsCounted): StoreFailure | null {
  if (counted.kind === "failed") return { code: counted.code, why: counted.why };
  for (const [index, table] of rowTables.entries()) {
    const said = Math.min(tally.counts[table], rowsCountedMax);
    const found = counted.counts[index] ?? 0;
    if (found === said) continue;
    const all = said === rowsCountedMax ? "or more " : "";
    const why = `the table ${table} has ${found} rows, and ${said} ${all}were written`;
    return { code: "fileDamaged", why };
  }
  return null;
}

/** Where a row stood before. */
type PlaceOf = (change: RowChange) => number | null;

interface Written {
  readonly rows: readonly RowWrite[];
  readonly tally: Tally;
  readonly placed: readonly { readonly change: RowChange; readonly place: number | null }[];
}

/** The rows of one run for the journal, and how many there are with it. */
function writtenBy(
  { tally, isCounted }: Pick<Session, "tally" | "isCounted">,
  placeOf: PlaceOf,
  { run, changes }: { readonly run: StoreRun<unknown>; readonly changes: readonly RowChange[] },
): Written {
  const { outgoing = [], told = [] } = run;
  let { placesGiven } = tally;
  const counts = { ...tally.counts };
  const placed = changes.map((change) => {
    if (change.isLast) placesGiven += 1;
    countChange(counts, change);
    return { change, place: change.isLast ? placesGiven : placeOf(change) };
  });
  const rows: RowWrite[] = placed.map(({ change, place }) => ({
    ...keptKeyOf(change),
    place,
    text: change.value === null ? null : rowText(change.value),
  }));
  for (const text of outgoing) {
    placesGiven += 1;
    rows.push({ ...outgoingKey(placesGiven), place: placesGiven, text });
  }
  for (const place of told) rows.push({ ...outgoingKey(place), place: null, text: null });
  if (rows.length === 0 && isCounted) return { rows, tally, placed };
  const next = { ...tally, counts, placesGiven };
  return {
    rows: [...rows, { ...tallyKey, place: null, text: tallyText(next) }],
    tally: next,
    placed,
  };
}

function countChange(
  counts: Record<RowTable, number>,
  { table, value, wasThere }: RowChange,
): void {
  if (table === "calendar" || wasThere === (value !== null)) return;
  counts[table] += wasThere ? -1 : 1;
}
