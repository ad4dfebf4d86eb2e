import { nameOfChain } from "../../../protocols/chain-name.ts";
import type { JournalRecord } from "../../../protocols/link.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import type { JournalCopies } from "../../journal/copies.ts";
import {
  endUntold,
  newPassBook,
  orderPasses,
  takeFact,
  takeOldFact,
  takePlaceOf,
  type PassBook,
} from "./passes.ts";
import { readFacts } from "./record-facts.ts";

/**
 * Reads the stories of passes that were over before a restart back into the book of passes, while the
 * centre works already: a site of some days has 400,000 records of them, and no line has a lease before
 * a start is over. A second book is made beside the first, in the order of the journals; it takes all
 * that has changed the first one meanwhile, and then its place. So the book is in the end as if all had
 * been told in order, and nobody sees one that is half made. Of what has changed the first one no more
 * is kept than there is room for: the journals have it as well, and are read further then.
 */
export interface StoryReader {
  /** Every change of the book goes through here; `work` may be called again, with the second book. */
  change<T>(work: (book: PassBook) => T): T;
  /** Once, after the restart has told what passes were open. */
  begin(wanted: readonly StoriesWanted[]): void;
  /**
   * True once all is read, for which this waits a moment; false where it takes longer, and while the
   * disk fails, where it is tried again every ten seconds.
   */
  whenRead(): Promise<boolean>;
  /** By chain, where the stories begin that are not read yet: their records are still needed. */
  unreadFrom(): ReadonlyMap<string, number>;
  /** For `/healthz`: why they are not read. */
  warnings(): readonly string[];
  stop(): void;
}

/**
 * Records of one chain, from `fromSeq` up to the last before `beforeSeq`, where the restart began to
 * tell; a chain that is not named it told from its first record on.
 */
export interface StoriesWanted {
  readonly chain: string;
  readonly fromSeq: number;
  readonly beforeSeq: number;
}

export interface StoryReaderOptions {
  readonly book: PassBook;
  readonly copies: Pick<JournalCopies, "readAfter">;
  readonly isLineOf: (agentId: string, lineId: string) => boolean;
  /** By chain, the last record that has been told. */
  readonly toldSeqs: () => ReadonlyMap<string, number>;
  /** Nobody writes this chain any more. */
  readonly isClosed: (chain: string) => boolean;
  readonly clock: Clock;
  readonly onBug: (thrown: unknown) => void;
}

/** About 3 ms of the centre's thread, then everything else has its turn. */
const pageRecordsMax = 100;
const againMs = 10_000;
/** The page waits three seconds for an answer. */
const waitMsMax = 1_000;
/** Readers that wait; whoever comes then is told at once. */
export const waitingMax = 256;
/** Changes that wait for the second book; beyond that they are read from the journals. */
export const changesMax = 100_000;

export const createStoryReader = (options: StoryReaderOptions): StoryReader => new Reader(options);

class Reader implements StoryReader {
  readonly #options: StoryReaderOptions;
  #wanted: readonly StoriesWanted[] = [];
  readonly #older = newPassBook();
  /** By chain, what comes next into the second book; and where that is of before the restart's telling. */
  readonly #nextSeqs = new Map<string, number>();
  readonly #beforeSeqs = new Map<string, number>();
  /** What has changed the book behind what is read; null where the journals have to be read for it. */
  #changes: ((book: PassBook) => void)[] | null = [];
  #isRead = false;
  #failedWhy: string | null = null;
  readonly #waiting = new Set<(isRead: boolean) => void>();
  #again: Timer | null = null;
  #isStopped = false;

  constructor(options: StoryReaderOptions) {
    this.#options = options;
  }

  change<T>(work: (book: PassBook) => T): T {
    if (this.#changes?.push(work) === changesMax) this.#changes = null;
    return work(this.#options.book);
  }

  begin(wanted: readonly StoriesWanted[]): void {
    this.#wanted = wanted.filter(({ fromSeq, beforeSeq }) => fromSeq < beforeSeq);
    for (const { chain, fromSeq, beforeSeq } of wanted) {
      this.#nextSeqs.set(chain, fromSeq);
      this.#beforeSeqs.set(chain, beforeSeq);
    }
    // The restart has told one journal after the other.
    orderPasses(this.#options.book);
    if (this.#wanted.length === 0) this.#done();
    else this.#read();
  }

  whenRead(): Promise<boolean> {
    if (this.#isRead) return Promise.resolve(true);
    const isInVain = this.#failedWhy !== null || this.#isStopped;
    if (isInVain || this.#waiting.size >= waitingMax) return Promise.resolve(false);
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const answer = (isRead: boolean): void => {
        this.#waiting.delete(answer);
        timer.cancel();
        resolve(isRead);
      };
      const at = monotonicMs(clock.monotonic() + waitMsMax);
      const timer = clock.schedule(at, () => answer(false));
      this.#waiting.add(answer);
    });
  }

  unreadFrom(): ReadonlyMap<string, number> {
    return new Map(this.#wanted.map(({ chain, fromSeq }) => [chain, fromSeq]));
  }

  warnings(): readonly string[] {
    if (this.#failedWhy === null) return [];
    return [`the stories of before the restart are not read yet: ${this.#failedWhy}`];
  }

  stop(): void {
    this.#isStopped = true;
    this.#again?.cancel();
    this.#tell(false);
  }

  #read(): void {
    this.#readAll().catch((thrown: unknown) => {
      this.#fail("a bug of ours");
      this.#options.onBug(thrown);
    });
  }

  /** Goes on where it was; ends early where the disk fails, or nobody wants them any more. */
  async #readAll(): Promise<void> {
    for (const { chain, beforeSeq } of this.#wanted) {
      if (!(await this.#readUpTo(chain, beforeSeq - 1))) return;
    }
    while (this.#changes === null) {
      this.#changes = [];
      for (const [chain, seq] of this.#options.toldSeqs()) {
        if (!(await this.#readUpTo(chain, seq))) return;
      }
    }
    this.#takeOver(this.#changes);
  }

  async #readUpTo(chain: string, lastSeq: number): Promise<boolean> {
    for (;;) {
      const fromSeq = this.#nextSeqs.get(chain) ?? 1;
      if (fromSeq > lastSeq) return true;
      const records = await this.#page(chain, fromSeq, lastSeq);
      if (records === null || this.#isStopped) return false;
      for (const record of records) this.#take(record);
      // What is held nowhere any more tells no story.
      this.#nextSeqs.set(chain, (records.at(-1)?.seq ?? lastSeq) + 1);
    }
  }

  async #page(
    chain: string,
    fromSeq: number,
    lastSeq: number,
  ): Promise<readonly JournalRecord[] | null> {
    const { copies, clock } = this.#options;
    const recordsMax = Math.min(pageRecordsMax, lastSeq + 1 - fromSeq);
    try {
      const records = await copies.readAfter(chain, fromSeq - 1, recordsMax);
      return records.filter(({ seq }) => seq <= lastSeq);
    } catch (error) {
      if (this.#isStopped) return null;
      this.#fail(error instanceof Error ? error.message : String(error));
      const at = monotonicMs(clock.monotonic() + againMs);
      this.#again = clock.schedule(at, () => this.#read());
      return null;
    }
  }

  #take({ chain, seq, body }: JournalRecord): void {
    const { agentId } = nameOfChain(chain);
    const take = seq < (this.#beforeSeqs.get(chain) ?? 1) ? takeOldFact : takeFact;
    for (const stamped of readFacts(body).facts) {
      if (!this.#options.isLineOf(agentId, stamped.lineId)) continue;
      take(this.#older, stamped, { chain, seq });
    }
  }

  #takeOver(changes: readonly ((book: PassBook) => void)[]): void {
    const { book, isClosed } = this.#options;
    for (const change of changes) change(this.#older);
    // That a chain was closed no journal tells.
    endUntold(this.#older, isClosed);
    orderPasses(this.#older);
    takePlaceOf(book, this.#older);
    this.#done();
  }

  #done(): void {
    this.#isRead = true;
    this.#wanted = [];
    this.#failedWhy = null;
    this.#changes = null;
    takePlaceOf(this.#older, newPassBook());
    this.#tell(true);
  }

  /** What comes while it is not read is in the journals when it is. */
  #fail(why: string): void {
    this.#failedWhy = why;
    this.#changes = null;
    this.#tell(false);
  }

  #tell(isRead: boolean): void {
    for (const answer of this.#waiting) answer(isRead);
  }
}
