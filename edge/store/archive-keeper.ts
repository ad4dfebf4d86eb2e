import { z } from "zod";
import { invariant } from "../../protocols/bug.ts";
import { createFactLog } from "../../protocols/fact-log.ts";
import { checkJson, parseJson } from "../../protocols/json-message.ts";
import type { Log } from "../../protocols/log.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { dayOf, type Archive, type ArchiveLine } from "../archive/port.ts";
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
}

/** Texts that go into the archive together. */
const togetherMax = 100;
const lookEveryMs = 10_000;
const dropEveryMs = 3_600_000;

const zLeft = z.looseObject({ waybill: z.string(), at: z.number() });

/** Our own text, written by the row beside it. */
function lineOf({ text }: OutgoingText): ArchiveLine {
  const json = parseJson(text);
  const read = json.kind === "ok" ? checkJson(zLeft, json.value) : json;
  invariant(read.kind === "ok", "an outgoing text is no case that has left");
  return { at: read.value.at, text };
}

export function createArchiveKeeper(options: ArchiveKeeperOptions): ArchiveKeeper {
  const { store, archive, archiveMs, clock, log } = options;
  const facts = createFactLog({ clock, log });
  const totals = { archivedTotal: 0, archiveFailuresTotal: 0, daysDroppedTotal: 0 };
  let isAtWork = false;
  /** What was put out is more than one turn takes, or the archive does not take it. */
  let isBehind = false;
  let timer: Timer | null = null;
  let dropAt = clock.monotonic() as number;

  const failed = (why: string): void => {
    totals.archiveFailuresTotal += 1;
    isAtWork = false;
    isBehind = true;
    const message =
      "what has left the documents cannot be archived, and stays in the journal's file";
    facts.tell({ subject: "archive", is: why, level: "error", message, fields: { why } });
  };

  const take = (texts: readonly OutgoingText[]): void => {
    const told = texts.map(({ place }) => place);
    const run = () => ({ answer: null, entries: [], told });
    store.transact({ events: [], run }, (outcome) => {
      if (outcome.kind === "bug") throw outcome.thrown;
      if (outcome.kind === "failed") return failed(outcome.why);
      totals.archivedTotal += texts.length;
      isAtWork = false;
      look();
    });
  };

  const look = (): void => {
    if (isAtWork) return;
    isAtWork = true;
    store.readOutgoing(togetherMax, (read) => {
      if (read.kind === "failed") return failed(read.why);
      const texts = read.value;
      isBehind = texts.length >= togetherMax;
      if (texts.length === 0) {
        isAtWork = false;
        return;
      }
      void archive
        .keep(texts.map(lineOf))
        .then((kept) => (kept.kind === "kept" ? take(texts) : failed(kept.why)));
    });
  };

  const drop = async (): Promise<void> => {
    const now = clock.wall();
    const dropped = await archive.dropBefore(dayOf(now - archiveMs), dayOf(now));
    if (dropped.kind === "failed") return failed(dropped.why);
    totals.daysDroppedTotal += dropped.days.length;
    for (const day of dropped.days) log.info("a day of the archive was dropped", { day });
  };

  const watch = (): void => {
    const now = clock.monotonic();
    timer = clock.schedule(monotonicMs(now + lookEveryMs), watch);
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
