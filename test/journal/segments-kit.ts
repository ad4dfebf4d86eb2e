import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { BugRecord } from "../../protocols/bug.ts";
import type { StoreHealth } from "../../protocols/side-stores.ts";
import { silentLog } from "../../protocols/log.ts";
import { noBugs } from "../kit/no-bugs.ts";
import type { JournalRecord } from "../../protocols/link.ts";
import { chainOn, emptyTail, type ChainTail } from "../../edge/journal/chain.ts";
import { stepEntry, type StepEntry } from "../../edge/journal/entries.ts";
import { appendDurably } from "../../edge/journal/journal.ts";
import {
  createSegmentRoller,
  type SegmentBounds,
  type SegmentRoller,
} from "../../edge/journal/segments/roller.ts";
import type { RollingStore } from "../../edge/journal/segments/rolling-store.ts";
import {
  createSegmentFolder,
  type SegmentFolder,
} from "../../edge/journal/segments/segment-folder.ts";
import type { TakeOutcome } from "../../edge/journal/copies.ts";
import { openJournalCopies } from "../../edge/journal/sqlite/sqlite-copies.ts";
import { openJournal } from "../../edge/journal/sqlite/sqlite-journal.ts";
import { createVirtualClock, type VirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { openRaw, recordsOf } from "./support.ts";

/** Files whose oldest records leave: an agent's journal and the centre's copies, one suite for both. */
export const dayMs = 86_400_000;
const bounds: SegmentBounds = {
  keepMs: dayMs,
  segmentRecords: 10,
  segmentsKeptMs: 1_000 * dayMs,
  segmentBytesMax: null,
};

export const stepAt = (n: number, wallAt: number): StepEntry =>
  stepEntry("L1", { kind: "weight", n, wallAt }, { commands: [], facts: [{ n }] });

const noOutputs = { commands: [], facts: [] } as const;

/** One data folder: it is opened, closed and opened anew. */
export interface Subject {
  readonly folder: string;
  readonly file: string;
  readonly clock: VirtualClock;
  readonly store: () => RollingStore;
  /** So many records more, made now. */
  add(count: number): Promise<void>;
  /** The same, each of so many characters. */
  addLong(count: number, chars: number): Promise<void>;
  /** All that can still be read, also through segments. */
  read(): Promise<readonly JournalRecord[]>;
  readAfter(afterSeq: number, recordsMax: number): Promise<readonly JournalRecord[]>;
  reopen(folder?: SegmentFolder): Promise<void>;
  /** Of copies: records as an agent would send them. */
  take(records: readonly JournalRecord[]): Promise<TakeOutcome>;
}

export type SubjectMaker = (folder: string) => Promise<Subject>;

interface Open {
  readonly store: RollingStore;
  readonly readAfter: Subject["readAfter"];
  append(entries: readonly StepEntry[]): Promise<void>;
  take(records: readonly JournalRecord[]): Promise<TakeOutcome>;
  close(): Promise<void>;
}

export const chain = "L1";
export const segmentsIn = (folder: string): string => join(folder, "segments");
export const filesIn = (folder: string): readonly string[] => {
  const ofChain = join(segmentsIn(folder), chain);
  return existsSync(ofChain) ? readdirSync(ofChain).toSorted() : [];
};

async function makeSubject(
  folder: string,
  name: string,
  open: (file: string, segments: SegmentFolder, clock: VirtualClock) => Promise<Open>,
): Promise<Subject> {
  const clock = createVirtualClock();
  const file = join(folder, name);
  let now = await open(file, createSegmentFolder(segmentsIn(folder)), clock);
  let made = 0;
  onTestFinished(() => now.close());
  return {
    folder,
    file,
    clock,
    store: () => now.store,
    add: async (count) => {
      const entries = Array.from({ length: count }, () => stepAt(++made, clock.wall()));
      await now.append(entries);
    },
    addLong: async (count, chars) => {
      const [wallAt, text] = [clock.wall(), "x".repeat(chars)];
      const entry = (): StepEntry => stepEntry("L1", { n: ++made, wallAt, text }, noOutputs);
      for (let left = count; left > 0; left -= 1) await now.append([entry()]);
    },
    read: () => recordsOf(now),
    readAfter: (afterSeq, recordsMax) => now.readAfter(afterSeq, recordsMax),
    take: (records) => now.take(records),
    reopen: async (segments = createSegmentFolder(segmentsIn(folder))) => {
      await now.close();
      now = await open(file, segments, clock);
    },
  };
}

const ofJournal: SubjectMaker = (folder) =>
  makeSubject(folder, "journal.db", async (file, segments, clock) => {
    const result = await openJournal({ file, chain, clock, segments });
    if (result.kind === "refused") throw new Error(result.why);
    const { journal } = result;
    return {
      store: journal.rolling()!,
      readAfter: (afterSeq, recordsMax) => journal.readAfter(afterSeq, recordsMax),
      append: async (entries) => void (await appendDurably(journal, entries)),
      take: () => Promise.reject(new Error("a journal takes nothing")),
      close: () => journal.close(),
    };
  });

const ofCopies: SubjectMaker = (folder) =>
  makeSubject(folder, "copies.db", async (file, segments) => {
    const result = await openJournalCopies({ file, segments });
    if (result.kind === "refused") throw new Error(result.why);
    const { copies } = result;
    return {
      store: copies.rolling()!,
      readAfter: (afterSeq, recordsMax) => copies.readAfter(chain, afterSeq, recordsMax),
      append: async (entries) => {
        let tail: ChainTail = copies.held(chain).seq === 0 ? emptyTail(chain) : copies.held(chain);
        const records = entries.map((entry) => {
          const record = chainOn(tail, JSON.stringify(entry));
          tail = record;
          return record;
        });
        await copies.take(records);
      },
      take: (records) => copies.take(records),
      close: () => copies.close(),
    };
  });

export const makers = [
  { name: "an agent's journal", make: ofJournal },
  { name: "the centre's copies", make: ofCopies },
] as const satisfies readonly { name: string; make: SubjectMaker }[];

export interface RollerParts {
  readonly store?: RollingStore;
  readonly folder?: SegmentFolder;
  readonly bounds?: Partial<SegmentBounds>;
  readonly mayLeaveUpTo?: (chain: string) => number;
  readonly isCalendarProved?: () => boolean;
  readonly health?: StoreHealth;
  /** Default: they fail the test. */
  readonly bugs?: Pick<BugRecord, "report">;
}

export const rollerOf = (subject: Subject, parts: RollerParts = {}): SegmentRoller =>
  createSegmentRoller({
    store: parts.store ?? subject.store(),
    folder: parts.folder ?? createSegmentFolder(segmentsIn(subject.folder)),
    bounds: { ...bounds, ...parts.bounds },
    mayLeaveUpTo: parts.mayLeaveUpTo ?? (() => Number.POSITIVE_INFINITY),
    ...(parts.isCalendarProved === undefined ? {} : { isCalendarProved: parts.isCalendarProved }),
    health: parts.health ?? { works: () => {}, failed: () => {} },
    clock: subject.clock,
    log: silentLog,
    bugs: parts.bugs ?? noBugs,
    pause: () => Promise.resolve(),
  });

/** Numbers of the records that are in the file itself, looked up by somebody else. */
export async function seqsInFile(file: string): Promise<readonly number[]> {
  const raw = await openRaw(file);
  const rows = await raw.all("SELECT seq FROM record ORDER BY seq");
  await raw.close();
  return rows.map(({ seq }) => Number(seq));
}

/** Numbers that are neither in the file nor in a segment that the disk gives back as it was written. */
export async function lostOf(
  { file, folder, store }: Subject,
  lastSeq: number,
): Promise<readonly number[]> {
  const found = new Set(await seqsInFile(file));
  const segments = createSegmentFolder(segmentsIn(folder));
  for (const segment of store().segmentsOf(chain)) {
    if ((await segments.check(segment)) !== null) continue;
    for (let { firstSeq: seq } = segment; seq <= segment.lastSeq; seq += 1) found.add(seq);
  }
  return Array.from({ length: lastSeq }, (_, index) => index + 1).filter((seq) => !found.has(seq));
}
