import { z } from "zod";
import { invariant } from "../../protocols/bug.ts";
import { createFactLog } from "../../protocols/fact-log.ts";
import { checkJson, parseJson } from "../../protocols/json-message.ts";
import type { Log } from "../../protocols/log.ts";
import type { SideStoreWatch, StoreHealth } from "../../protocols/side-stores.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { dayOf } from "../../protocols/civil-date.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";
import type { Archive, ArchiveLine } from "../archive/port.ts";
import type { DocumentStore, OutgoingText } from "./port.ts";

/**
 * Brings what has left the documents into the archive. A case leaves its rows in the commit that puts
 * its text out, and its text goes in the commit after the archive has it on its disk: at any moment,
 * over any crash, it is in one of the two or in both.
 */
export interface ArchiveKeeper {
  /** Something may have left. */
  look(): void;
  /** More may leave: what has left before is in the archive, or nearly. */
  isReady(): boolean;
  counters(): Readonly<
    Record<"archivedTotal" | "archiveFailuresTotal" | "daysDroppedTotal", number>
  >;
  start(): void;
  stop(): void;
}

export interface ArchiveKeeperOptions {
  readonly store: Pick<DocumentStore, "readOutgoing" | "transact">;
  readonly archive: Archive;
  /** What is older leaves the archive itself. */
  readonly archiveMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears whether the archive takes what leaves, and whether its old days can be dropped. */
  readonly sideStores: Pick<SideStoreWatch, "healthOf">;
}

/** Texts that go into the archive together. */
const togetherMax = 100;
const lookEveryMs = 10_000;
const dropEveryMs = 3_600_000;
/** An archive that has not answered for so long does not work, whatever it answers then. */
const answerMsMax = 30_000;

const zLeft = z.looseObject({ waybill: z.string(), at: z.number() });

/** Our own text, written by the row beside it. */
function lineOf({ text }: OutgoingText): ArchiveLine {
  const json = parseJson(text);
  const read = json.kind === "ok" ? checkJson(zLeft, json.value) : json;
  invariant(read.kind === "ok", "an outgoing text is no case that has left");
  return { at: read.value.at, text };
}

/** What is asked of the archive, one at a time, and how that goes. */
interface Asking {
  /** False while the last one is not answered. */
  begin(): boolean;
  end(): void;
  fail(why: string): void;
  /** Still not answered, after so long that this is told. */
  isLate(): boolean;
}

export function createArchiveKeeper(options: ArchiveKeeperOptions): ArchiveKeeper {
  const { store, archive, archiveMs, clock, log } = options;
  const facts = createFactLog({ clock, log });
  const totals = { archivedTotal: 0, archiveFailuresTotal: 0, daysDroppedTotal: 0 };
  /** What was put out is more than one turn takes, or the archive does not take it, or not in time. */
  let isBehind = false;
  let timer: Timer | null = null;
  let dropAt = clock.monotonic() as number;

  const asking = (message: string): Asking => {
    const health: StoreHealth = options.sideStores.healthOf("archive");
    let since: MonotonicMs | null = null;
    const tell = (why: string): void => {
      health.failed(why);
      facts.tell({ subject: message, is: why, level: "error", message, fields: { why } });
    };
    return {
      begin: () => {
        if (since !== null) return false;
        since = clock.monotonic();
        return true;
      },
      end: () => {
        since = null;
        health.works();
      },
      fail: (why) => {
        since = null;
        totals.archiveFailuresTotal += 1;
        tell(why);
      },
      isLate: () => {
        const isLate = since !== null && clock.monotonic() - since >= answerMsMax;
        if (isLate) tell("it does not answer");
        return isLate;
      },
    };
  };
  const keeping = asking(
    "what has left the documents cannot be archived, and stays in the journal's file",
  );
  const dropping = asking("days of the archive that are too old cannot be dropped");

  const failed = (why: string): void => {
    isBehind = true;
    keeping.fail(why);
  };

  const take = (texts: readonly OutgoingText[]): void => {
    const told = texts.map(({ place }) => place);
    const run = () => ({ answer: null, entries: [], told });
    store.transact({ events: [], run }, (outcome) => {
      if (outcome.kind === "bug") throw outcome.thrown;
      if (outcome.kind === "failed") return failed(outcome.why);
      totals.archivedTotal += texts.length;
      isBehind = texts.length >= togetherMax;
      keeping.end();
      look();
    });
  };

  const look = (): void => {
    if (!keeping.begin()) return;
    store.readOutgoing(togetherMax, (read) => {
      if (read.kind === "failed") return failed(read.why);
      const texts = read.value;
      if (texts.length === 0) {
        isBehind = false;
        return keeping.end();
      }
      isBehind ||= texts.length >= togetherMax;
      void archive
        .keep(texts.map(lineOf))
        .then((kept) => (kept.kind === "kept" ? take(texts) : failed(kept.why)));
    });
  };

  const drop = async (): Promise<void> => {
    if (!dropping.begin()) return;
    const now = clock.wall();
    const dropped = await archive.dropBefore(dayOf(now - archiveMs), dayOf(now));
    if (dropped.kind === "failed") {
      dropAt = clock.monotonic() + lookEveryMs;
      return dropping.fail(dropped.why);
    }
    dropping.end();
    totals.daysDroppedTotal += dropped.days.length;
    for (const day of dropped.days) log.info("a day of the archive was dropped", { day });
  };

  const watch = (): void => {
    const now = clock.monotonic();
    timer = clock.schedule(monotonicMs(now + lookEveryMs), watch);
    // Both are asked: each tells of itself.
    if ([keeping.isLate(), dropping.isLate()].includes(true)) isBehind = true;
    look();
    if (now < dropAt) return;
    dropAt = now + dropEveryMs;
    void drop();
  };

  return {
    look,
    isReady: () => !isBehind,
    counters: () => totals,
    start: () => {
      if (timer === null) watch();
    },
    stop: () => {
      timer?.cancel();
      timer = null;
    },
  };
}
