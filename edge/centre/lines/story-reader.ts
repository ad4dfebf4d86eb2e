import { nameOfChain } from "../../../protocols/chain-name.ts";
import type { JournalRecord } from "../../../protocols/link.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import type { JournalCopies } from "../../journal/copies.ts";
import { newPassBook, orderPasses, takeOldFact, takePlaceOf, type PassBook } from "./passes.ts";
import { readFacts } from "./record-facts.ts";

/**
 * Reads the stories of passes that were over before a restart back into the book of passes, while the
 * centre works already: a site of some days has 400,000 records of them, and its lines' leases do not
 * outlast the ten seconds that these take. A second book is made beside the first, in the order of the
 * journals; it takes all that has changed the first one meanwhile, and then its place. So the book is
 * in the end as if all had been told in order, and nobody sees one that is half made.
 */
export interface StoryReader {
  /** Every change of the book goes through here; `work` may be called again, with the second book. */
  change<T>(work: (book: PassBook) => T): T;
  /** Once, after the restart has told what passes were open. */
  begin(wanted: readonly StoriesWanted[]): void;
  /**
   * True once all is read; false when the disk failed. It is tried again every ten seconds, until more
   * than `changesMax` changes wait for it; from then on only the next start reads them.
   */
  whenRead(): Promise<boolean>;
  /** By chain, where the stories begin that are not read yet: their records are still needed. */
  unreadFrom(): ReadonlyMap<string, number>;
  /** For `/healthz`: why they are not read. */
  warnings(): readonly string[];
  stop(): void;
}

/** Records of one chain, from `fromSeq` up to the last before `beforeSeq`. */
export interface StoriesWanted {
  readonly chain: string;
  readonly fromSeq: number;
  readonly beforeSeq: number;
}

export interface StoryReaderOptions {
  readonly book: PassBook;
  readonly copies: Pick<JournalCopies, "readAfter">;
  readonly isLineOf: (agentId: string, lineId: string) => boolean;
  readonly clock: Clock;
  readonly onBug: (thrown: unknown) => void;
}

/** About 3 ms of the centre's thread, then everything else has its turn. */
const pageRecordsMax = 100;
const againMs = 10_000;
/** What has changed while the disk fails again and again must not fill the memory. */
export const changesMax = 100_000;

export const createStoryReader = (options: StoryReaderOptions): StoryReader => new Reader(options);

class Reader implements StoryReader {
  readonly #options: StoryReaderOptions;
  #wanted: readonly StoriesWanted[] = [];
  /** What has changed the book since the restart began; null once nothing is read any more. */
  #changes: ((book: PassBook) => void)[] | null = [];
  #failedWhy: string | null = null;
  #waiting: ((isRead: boolean) => void)[] = [];
  #again: Timer | null = null;
  #isStopped = false;

  constructor(options: StoryReaderOptions) {
    this.#options = options;
  }

  change<T>(work: (book: PassBook) => T): T {
    if (this.#changes?.push(work) === changesMax) this.#giveUp();
    return work(this.#options.book);
  }

  begin(wanted: readonly StoriesWanted[]): void {
    this.#wanted = wanted.filter(({ fromSeq, beforeSeq }) => fromSeq < beforeSeq);
    // The restart has told one journal after the other.
    orderPasses(this.#options.book);
    if (this.#wanted.length === 0) this.#done();
    else if (this.#changes !== null) this.#read();
  }

  whenRead(): Promise<boolean> {
    if (this.#failedWhy !== null) return Promise.resolve(false);
    if (this.#changes === null) return Promise.resolve(true);
    return new Promise((resolve) => this.#waiting.push(resolve));
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

  /** What an earlier run held stays wanted, so that no checkpoint lets it leave. */
  #giveUp(): void {
    this.#failedWhy ??= "too much came meanwhile";
    this.#changes = null;
    this.stop();
  }

  #read(): void {
    const end = (older: PassBook | null): void => {
      if (older !== null) this.#end(older);
    };
    this.#readAll()
      .then(end)
      .catch((thrown: unknown) => {
        this.#failedWhy = "a bug of ours";
        this.#tell(false);
        this.#options.onBug(thrown);
      });
  }

  /** Null where the disk has failed, or nobody wants them any more. */
  async #readAll(): Promise<PassBook | null> {
    const older = newPassBook();
    for (const { chain, fromSeq, beforeSeq } of this.#wanted) {
      for (let next = fromSeq; next < beforeSeq;) {
        const records = await this.#page(chain, next, beforeSeq);
        if (records === null || this.#isStopped) return null;
        for (const record of records) this.#take(older, record);
        const last = records.at(-1);
        if (last === undefined) break;
        next = last.seq + 1;
      }
    }
    return older;
  }

  async #page(
    chain: string,
    fromSeq: number,
    beforeSeq: number,
  ): Promise<readonly JournalRecord[] | null> {
    const { copies, clock } = this.#options;
    const recordsMax = Math.min(pageRecordsMax, beforeSeq - fromSeq);
    try {
      return await copies.readAfter(chain, fromSeq - 1, recordsMax);
    } catch (error) {
      if (this.#isStopped) return null;
      this.#failedWhy = error instanceof Error ? error.message : String(error);
      this.#tell(false);
      const at = monotonicMs(clock.monotonic() + againMs);
      this.#again = clock.schedule(at, () => this.#read());
      return null;
    }
  }

  #take(older: PassBook, { chain, seq, body }: JournalRecord): void {
    const { agentId } = nameOfChain(chain);
    for (const stamped of readFacts(body).facts) {
      if (!this.#options.isLineOf(agentId, stamped.lineId)) continue;
      takeOldFact(older, stamped, { chain, seq });
    }
  }

  #end(older: PassBook): void {
    // Given up since the last page came: the second book would lack all that has changed the first.
    if (this.#changes === null) return;
    for (const change of this.#changes) change(older);
    orderPasses(older);
    takePlaceOf(this.#options.book, older);
    this.#done();
  }

  #done(): void {
    this.#changes = null;
    this.#wanted = [];
    this.#failedWhy = null;
    this.#tell(true);
  }

  #tell(isRead: boolean): void {
    for (const then of this.#waiting.splice(0)) then(isRead);
  }
}
