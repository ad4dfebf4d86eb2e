import type { BugRecord } from "../../../protocols/bug.ts";
import { createFactLog } from "../../../protocols/fact-log.ts";
import type { JournalRecord } from "../../../protocols/link.ts";
import type { Log } from "../../../protocols/log.ts";
import type { StoreHealth } from "../../../protocols/side-stores.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import { generationBegun, tailBeforeFirst, type ChainTail } from "../chain.ts";
import type { JournalFailure } from "../journal.ts";
import { isMadeBefore } from "./record-age.ts";
import type { RollingStore } from "./rolling-store.ts";
import { floorOf, nameOfSegment, type Segment, type SegmentName } from "./segment.ts";
import { SegmentError } from "./segment-file.ts";
import type { SegmentFolder } from "./segment-folder.ts";

/**
 * Lets the oldest records of a file leave for segments, and old segments go. A record is removed only
 * when its segment is durable, was read back and is noted: over any crash it is in the file, in a
 * segment, or in both, and the next start goes on with what was begun.
 */
export interface SegmentRoller {
  /** Does what is due now; one call at a time, also when it is called meanwhile. */
  look(): Promise<void>;
  /** What keeps records from leaving, for people; null while nothing does. */
  trouble(): string | null;
  counters(): RollerCounters;
  start(): void;
  /** Resolves when nothing is under way, or in some seconds where that does not end. */
  stop(): Promise<void>;
}

export type RollerCounters = Readonly<
  Record<
    "segmentsTotal" | "recordsLeftTotal" | "segmentsDroppedTotal" | "segmentFailuresTotal",
    number
  >
>;

export interface SegmentBounds {
  /** Records stay in the file for so long at least. */
  readonly keepMs: number;
  /** A segment has so many records, or fewer where they are long; as many stay in the file. */
  readonly segmentRecords: number;
  /** A segment is kept for so long after it was written. */
  readonly segmentsKeptMs: number;
  /** Beyond this, of all chains together, the oldest go earlier; null: never. */
  readonly segmentBytesMax: number | null;
}

export interface SegmentRollerOptions {
  readonly store: RollingStore;
  readonly folder: SegmentFolder;
  readonly bounds: SegmentBounds;
  /** Nobody needs records of this chain up to here for a restart or for its next message. */
  readonly mayLeaveUpTo: (chain: string) => number;
  /** Nobody may ask for records of this chain up to here again. Default: all of them. */
  readonly mayBeDroppedUpTo?: (chain: string) => number;
  /** Hears whether segments can be written. */
  readonly health: StoreHealth;
  /** False while nobody knows what day it is: then nothing is dropped for its age. Default: true. */
  readonly isCalendarProved?: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears of our own bugs: the belt runs on without segments. */
  readonly bugs: Pick<BugRecord, "report">;
  /** Between two pieces of work, for whoever else uses this thread and this file. Default: 10 ms. */
  readonly pause?: () => Promise<void>;
}

const lookEveryMs = 10_000;
/** After failures in a row: a disk that is full is not filled up again and again. */
const lookAfterFailureMsMax = 600_000;
const pauseMs = 10;
/** One step takes a second at most. */
const answerMsMax = 30_000;
const stopMsMax = 5_000;
/** About a millisecond of work, unless one record alone is longer. */
const recordsPerPage = 50;
const bytesPerPage = 256 * 1024;
const recordsPerRemoval = 200;
/** Of bodies, so that a segment can be held in memory when somebody reads it. */
const segmentCharsMax = 16 * 1024 * 1024;

export function createSegmentRoller(options: SegmentRollerOptions): SegmentRoller {
  const { clock, log, health } = options;
  const facts = createFactLog({ clock, log });
  const run = new Rolling(options);
  let underWay: Promise<void> | null = null;
  let timer: Timer | null = null;
  let isStopped = false;
  let trouble: string | null = null;
  let failuresInARow = 0;
  let lookAt = clock.monotonic();
  const seen = { steps: 0, since: clock.monotonic() };

  const fail = (why: string): void => {
    trouble = why;
    health.failed(why);
    const message = "records that are old cannot leave the journal for a segment, and stay in it";
    facts.tell({ subject: "segments", is: why, level: "error", message, fields: { why } });
  };

  const turn = async (): Promise<void> => {
    const why = await run.turn(() => isStopped);
    if (why === null) {
      trouble = null;
      failuresInARow = 0;
      health.works();
      return;
    }
    failuresInARow += 1;
    const pausedMs = lookEveryMs * 2 ** Math.min(failuresInARow, 10);
    lookAt = monotonicMs(clock.monotonic() + Math.min(pausedMs, lookAfterFailureMsMax));
    fail(why);
  };

  const look = (): Promise<void> => {
    underWay ??= turn().finally(() => {
      underWay = null;
    });
    return underWay;
  };

  /** A folder on another machine may just not answer. */
  const tellIfSilent = (): void => {
    const now = clock.monotonic();
    if (run.steps !== seen.steps) Object.assign(seen, { steps: run.steps, since: now });
    else if (now - seen.since >= answerMsMax) fail("it does not answer");
  };

  const watch = (): void => {
    timer = clock.schedule(monotonicMs(clock.monotonic() + lookEveryMs), () => {
      watch();
      if (underWay !== null) return tellIfSilent();
      if (clock.monotonic() < lookAt) return;
      Object.assign(seen, { steps: run.steps, since: clock.monotonic() });
      void look();
    });
  };

  return {
    look,
    trouble: () => trouble,
    counters: () => run.totals,
    start: () => {
      if (timer === null) watch();
    },
    stop: async () => {
      isStopped = true;
      timer?.cancel();
      facts.stop();
      await Promise.race([underWay, waited(clock, stopMsMax)]);
    },
  };
}

const waited = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.schedule(monotonicMs(clock.monotonic() + ms), resolve);
  });

/** What keeps a chain's records; anything else that is thrown is our own bug. */
class Kept extends Error {}
/** The program ends: what is begun is gone on with by the next start. */
class Stopped extends Error {}

class Rolling {
  readonly totals = {
    segmentsTotal: 0,
    recordsLeftTotal: 0,
    segmentsDroppedTotal: 0,
    segmentFailuresTotal: 0,
  };
  /** Grows while it gets on. */
  steps = 0;
  readonly #options: SegmentRollerOptions;
  readonly #pause: () => Promise<void>;
  /** Chains of which nothing was left half done: noted records are removed, dropped files are gone. */
  readonly #tidied = new Set<string>();
  /** By chain, files that were written and not noted. */
  readonly #unnoted = new Map<string, readonly SegmentName[]>();
  #isStopped = (): boolean => false;

  constructor(options: SegmentRollerOptions) {
    const { clock } = options;
    this.#options = options;
    this.#pause = options.pause ?? (() => waited(clock, pauseMs));
  }

  /** What keeps records from leaving, of the first chain where something does. */
  async turn(isStopped: () => boolean): Promise<string | null> {
    this.#isStopped = isStopped;
    const { store } = this.#options;
    const troubles: string[] = [];
    for (const chain of store.chains()) {
      const why = await this.#orWhy(() => this.#roll(chain));
      if (why === null) continue;
      // What failed may have been done by half, and what was whole then may be so no longer.
      this.#tidied.delete(chain);
      troubles.push(why);
    }
    const why = await this.#orWhy(() => this.#dropOld());
    if (why !== null) {
      this.#tidied.clear();
      troubles.push(why);
    }
    this.totals.segmentFailuresTotal += troubles.length;
    return troubles[0] ?? null;
  }

  async #orWhy(work: () => Promise<void>): Promise<string | null> {
    try {
      await work();
      return null;
    } catch (error) {
      if (error instanceof Stopped) return null;
      if (error instanceof Kept || error instanceof SegmentError) return error.message;
      this.#options.bugs.report(error, "letting records leave for segments");
      return `a bug of ours: ${String(error)}`;
    }
  }

  async #roll(chain: string): Promise<void> {
    if (!this.#tidied.has(chain)) await this.#tidy(chain);
    while (!this.#isStopped()) {
      const plan = await this.#next(chain);
      if (plan === null) return;
      const segment = await this.#write(plan);
      failing(await this.#options.store.note(segment));
      this.totals.segmentsTotal += 1;
      this.totals.recordsLeftTotal += segment.lastSeq - segment.firstSeq + 1;
      await this.#removeNoted(chain);
    }
  }

  /** What was begun. Nothing is removed before each segment that has it was found to be whole. */
  async #tidy(chain: string): Promise<void> {
    const { store, folder } = this.#options;
    const segments = store.segmentsOf(chain);
    const last = segments.at(-1);
    const [first] = last === undefined ? [] : await this.#stored(chain, 0, 1);
    if (last !== undefined && first !== undefined && first.seq <= last.lastSeq) {
      for (const segment of keptOf(segments)) {
        const wrong = segment.lastSeq < first.seq ? null : await folder.check(segment);
        if (wrong !== null) throw new Kept(wrong);
      }
      await this.#removeNoted(chain);
    }
    const files = await folder.list(chain);
    const names = new Set(files.map(({ firstSeq, lastSeq }) => `${firstSeq}-${lastSeq}`));
    for (const segment of segments) {
      const isThere = names.has(`${segment.firstSeq}-${segment.lastSeq}`);
      if (isThere && segment.droppedAt !== null) await folder.remove(segment);
    }
    const floorSeq = last?.lastSeq ?? 0;
    this.#unnoted.set(
      chain,
      files.filter(({ firstSeq }) => firstSeq > floorSeq),
    );
    this.#tidied.add(chain);
  }

  /** Behind what its next segment begins, and with which record that ends; null while it has to wait. */
  async #next(chain: string): Promise<Plan | null> {
    const { store, bounds, clock, mayLeaveUpTo } = this.#options;
    const floor = floorOf(store.segmentsOf(chain));
    const lastSeq = (floor?.seq ?? 0) + bounds.segmentRecords;
    const [tailSeq, strideRecords] = [store.tailOf(chain).seq, bounds.segmentRecords];
    const staying = tailSeq - bounds.segmentRecords;
    if (lastSeq > Math.min(mayLeaveUpTo(chain), staying)) return null;
    const end = { seq: lastSeq, tailSeq, strideRecords };
    const read = (after: number, max: number): Promise<Page> => this.#stored(chain, after, max);
    if (!(await isMadeBefore(read, end, clock.wall() - bounds.keepMs))) return null;
    const [first] = floor === null ? await this.#stored(chain, 0, 1) : [];
    if (floor === null && first?.seq !== 1) {
      throw new Kept(`${chain}: its first record is missing: run journal verify`);
    }
    const from = floor ?? (first === undefined ? null : tailBeforeFirst(first));
    if (from === null) return null;
    const begun = first === undefined ? null : generationBegun(first.body);
    const begunBody = begun === null ? null : (first?.body ?? null);
    return { from, lastSeq: (await this.#begunBefore(from)) ?? lastSeq, begunBody };
  }

  /** The end of a file that an earlier run has written and not noted, if our records are the same. */
  async #begunBefore(from: ChainTail): Promise<number | null> {
    const { bounds } = this.#options;
    for (const { firstSeq, lastSeq, hashBegins } of this.#unnoted.get(from.chain) ?? []) {
      const isNext = firstSeq === from.seq + 1 && lastSeq <= from.seq + bounds.segmentRecords;
      if (!isNext) continue;
      const [own] = await this.#stored(from.chain, lastSeq - 1, 1);
      if (own?.seq === lastSeq && own.hash.startsWith(hashBegins)) return lastSeq;
    }
    return null;
  }

  async #write({ from, lastSeq, begunBody }: Plan): Promise<Segment> {
    const { folder, clock } = this.#options;
    const written = await folder.write(from, this.#pagesBehind(from, lastSeq));
    return { ...written, begunBody, notedAt: clock.wall(), droppedAt: null };
  }

  async *#pagesBehind({ chain, seq }: ChainTail, lastSeq: number): AsyncGenerator<Page, void> {
    let after = seq;
    let chars = 0;
    while (after < lastSeq && chars < segmentCharsMax) {
      const page = await this.#stored(chain, after, await this.#pageRecords(chain, after, lastSeq));
      const last = page.at(-1);
      if (last === undefined) throw new Kept(`${chain}: record ${after + 1} is missing`);
      yield page;
      after = last.seq;
      for (const { body } of page) chars += body.length;
      await this.#pauseOrStop();
    }
  }

  /** How many records are one piece of work: at least one. */
  async #pageRecords(chain: string, afterSeq: number, lastSeq: number): Promise<number> {
    const recordsMax = Math.min(recordsPerPage, lastSeq - afterSeq);
    const sizes = await this.#orKept(chain, (store) =>
      store.readSizes(chain, afterSeq, recordsMax),
    );
    let bytesLeft = bytesPerPage;
    const tooMany = sizes.findIndex((bytes) => (bytesLeft -= bytes) < 0);
    return tooMany < 0 ? recordsMax : Math.max(1, tooMany);
  }

  async #removeNoted(chain: string): Promise<void> {
    const { store } = this.#options;
    for (;;) {
      const removed = await store.removeNoted(chain, recordsPerRemoval);
      if (removed.kind === "failed") throw new Kept(removed.why);
      if (!removed.isMore) return;
      await this.#pauseOrStop();
    }
  }

  async #pauseOrStop(): Promise<void> {
    await this.#pause();
    this.steps += 1;
    if (this.#isStopped()) throw new Stopped();
  }

  async #dropOld(): Promise<void> {
    const { store, folder, bounds, clock, log } = this.#options;
    const { isCalendarProved = () => true, mayBeDroppedUpTo } = this.#options;
    const mayGo = ({ chain, lastSeq }: Segment): boolean =>
      mayBeDroppedUpTo === undefined || lastSeq <= mayBeDroppedUpTo(chain);
    // From the beginning of each chain, so that what is left of it has no hole.
    const heads = (): readonly Segment[] =>
      store.chains().flatMap((chain) => keptOf(store.segmentsOf(chain)).slice(0, 1).filter(mayGo));
    const bytesKept = (): number =>
      store
        .chains()
        .flatMap((chain) => keptOf(store.segmentsOf(chain)))
        .reduce((total, { bytes }) => total + bytes, 0);
    while (!this.#isStopped()) {
      const [oldest] = heads().toSorted((a, b) => a.notedAt - b.notedAt);
      if (oldest === undefined) return;
      const isOld = isCalendarProved() && clock.wall() - oldest.notedAt > bounds.segmentsKeptMs;
      const isOver = bounds.segmentBytesMax !== null && bytesKept() > bounds.segmentBytesMax;
      if (!isOld && !isOver) return;
      failing(await store.noteDropped(oldest, clock.wall()));
      await folder.remove(oldest);
      this.totals.segmentsDroppedTotal += 1;
      const { chain, firstSeq, lastSeq, lastHash } = oldest;
      const file = nameOfSegment(oldest);
      log.info("a segment of a journal was dropped", { chain, firstSeq, lastSeq, lastHash, file });
    }
  }

  #stored(chain: string, afterSeq: number, recordsMax: number): Promise<Page> {
    return this.#orKept(chain, (store) => store.readStored(chain, afterSeq, recordsMax));
  }

  /** A disk that fails keeps the records where they are. */
  async #orKept<T>(chain: string, read: (store: RollingStore) => Promise<T>): Promise<T> {
    try {
      return await read(this.#options.store);
    } catch (error) {
      throw new Kept(`${chain}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

type Page = readonly JournalRecord[];

const keptOf = (segments: readonly Segment[]): readonly Segment[] =>
  segments.filter(({ droppedAt }) => droppedAt === null);

interface Plan {
  readonly from: ChainTail;
  readonly lastSeq: number;
  readonly begunBody: string | null;
}

function failing(failure: JournalFailure | null): void {
  if (failure !== null) throw new Kept(failure.why);
}
