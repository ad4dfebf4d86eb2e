import type { ChainEnd } from "../../protocols/generation.ts";
import type { JournalRecord } from "../../protocols/link.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import {
  compareJournals,
  type JournalDisagreement,
  type JournalEnd,
} from "./journal-comparison.ts";
import type { LinkSending } from "../../protocols/transport.ts";
import { isLate, noteHeld, noteWritten, nothingUnacknowledged } from "./unacknowledged.ts";

/**
 * The journal on its way up: every synced record goes to the centre once the centre has said what
 * it holds, in order, in batches, with a bounded number unacknowledged. The journal itself is the
 * queue, so a centre that is away for an hour costs nothing here. An `edge/journal` Journal is one.
 */
export interface JournalSource {
  /** Last synced record; 0 for none. */
  lastSeq(): number;
  /** The same record with its hash; what the first record is tied to where there is none. */
  tail(): JournalEnd;
  /** Records `seq > afterSeq` in order, synced ones only, at most `recordsMax`. */
  readAfter(afterSeq: number, recordsMax: number): Promise<readonly JournalRecord[]>;
  /** Called after each sync. */
  onSynced(handler: () => void): void;
  /** The centre holds everything up to `seq`. False when that is beyond our end. */
  acknowledge(seq: number): boolean;
  /** The furthest of these that it has kept. */
  acknowledgedSeq(): number;
  /** The centre's own journal reaches so far, by its word: kept for the next hello. */
  noteCentre(end: ChainEnd): void;
  notedCentre(): ChainEnd | null;
}

export interface JournalOutbox {
  /** After `hello` was sent anew: nothing goes until the centre has answered. */
  restart(): void;
  /** `hash` is that of the record held last, where the centre says it. */
  onAck(seq: number, hash: string | null): void;
  onWanted(afterSeq: number): void;
  /** The centre has answered the last hello. */
  isOpen(): boolean;
  /** As the last answer to a hello showed; null while the two agree, or before it came. */
  disagreement(): JournalDisagreement | null;
  /** A record has waited too long for its acknowledgement. Asked at least once a second. */
  isLate(): boolean;
  counters(): JournalOutboxCounters;
  stop(): void;
}

export interface JournalOutboxCounters {
  readonly recordsSentTotal: number;
  readonly resendsTotal: number;
  readonly readErrorsTotal: number;
  /** The centre acknowledged more than this journal has: one of the two was replaced. */
  readonly foreignAcksTotal: number;
  readonly ackedSeq: number;
}

export interface JournalOutboxOptions {
  readonly clock: Clock;
  readonly chain: string;
  readonly source: JournalSource;
  readonly onReadFailed: (error: unknown) => void;
  /** False while there is no connection. */
  readonly send: (records: readonly JournalRecord[]) => LinkSending;
}

const batchRecordsMax = 200;
const batchBytesMax = 1024 * 1024;
export const unackedRecordsMax = 4_000;
/** Records synced within this time travel together. */
const gatherMs = 10;
/** Without an acknowledgement for so long, what is unacknowledged is sent again. */
const ackWaitMs = 5_000;

export function createJournalOutbox(options: JournalOutboxOptions): JournalOutbox {
  const { clock, source } = options;
  const totals = { recordsSentTotal: 0, resendsTotal: 0, readErrorsTotal: 0, foreignAcksTotal: 0 };
  let ackedSeq = 0;
  let sentSeq = 0;
  /**
   * Grows whenever `sentSeq` is set back, so that the result of a read that began before is
   * dropped.
   */
  let turn = 0;
  let isOpen = false;
  let isStopped = false;
  let isReading = false;
  let disagreement: JournalDisagreement | null = null;
  const unacknowledged = nothingUnacknowledged();
  let pumpTimer: Timer | null = null;
  let ackTimer: Timer | null = null;

  const after = (delayMs: number, fire: () => void): Timer =>
    clock.schedule(monotonicMs(clock.monotonic() + delayMs), fire);

  const pumpSoon = (): void => {
    if (!isOpen || isReading || pumpTimer !== null) return;
    pumpTimer = after(gatherMs, () => {
      pumpTimer = null;
      void pump();
    });
  };

  /** Null when the journal cannot be read now. */
  const read = async (
    afterSeq: number,
    recordsMax: number,
  ): Promise<readonly JournalRecord[] | null> => {
    try {
      return await source.readAfter(afterSeq, recordsMax);
    } catch (error) {
      totals.readErrorsTotal += 1;
      options.onReadFailed(error);
      return null;
    }
  };

  const pump = async (): Promise<void> => {
    const room = unackedRecordsMax - (sentSeq - ackedSeq);
    if (!isOpen || isReading || room <= 0 || sentSeq >= source.lastSeq()) return;
    isReading = true;
    const myTurn = turn;
    const records = (await read(sentSeq, Math.min(room, batchRecordsMax))) ?? [];
    isReading = false;
    if (isOpen && myTurn === turn) {
      const [first] = records;
      if (first !== undefined && first.seq > sentSeq + 1) return endAsGone();
      sendBatch(records);
    }
    pumpSoonIfMore();
  };

  /** What comes next has left this journal and was dropped: the centre can never have it. */
  const endAsGone = (): void => {
    disagreement = { kind: "gone", heldSeq: sentSeq, lastSeq: source.lastSeq() };
    isOpen = false;
  };

  const sendBatch = (records: readonly JournalRecord[]): void => {
    const batch = withinBytes(records);
    const last = batch.at(-1);
    if (last === undefined) return;
    if (options.send(batch).kind !== "sent") {
      // The wire is gone; the hello after its return opens the outbox again.
      isOpen = false;
      return;
    }
    sentSeq = last.seq;
    totals.recordsSentTotal += batch.length;
    ackTimer ??= after(ackWaitMs, resendUnacked);
  };

  const pumpSoonIfMore = (): void => {
    if (sentSeq < source.lastSeq()) pumpSoon();
  };

  const resendUnacked = (): void => {
    ackTimer = null;
    if (!isOpen || sentSeq <= ackedSeq) return;
    totals.resendsTotal += 1;
    setBack(ackedSeq);
  };

  const setBack = (seq: number): void => {
    turn += 1;
    sentSeq = seq;
    pumpSoonIfMore();
  };

  /** The answer to a hello: the outbox opens only for a centre that holds this very journal. */
  const compare = async (seq: number, hash: string): Promise<void> => {
    const myTurn = turn;
    const compared = await compareJournals({ seq, hash }, source.tail(), read);
    if (isStopped || isOpen || myTurn !== turn || compared === null) return;
    const { found, shown } = compared;
    disagreement = found;
    if (found === null) hold(seq);
    else if (found.kind === "empty" || found.kind === "shorter") totals.foreignAcksTotal += 1;
    // The centre sees by it what we have seen, and says so to people.
    if (shown !== null) options.send([shown]);
  };

  const hold = (seq: number): void => {
    noteHeld(unacknowledged, seq);
    if (!source.acknowledge(seq)) totals.foreignAcksTotal += 1;
    const isFirst = !isOpen;
    const before = ackedSeq;
    isOpen = true;
    ackedSeq = Math.min(Math.max(isFirst ? 0 : ackedSeq, seq), source.lastSeq());
    if (isFirst || sentSeq < ackedSeq) setBack(ackedSeq);
    // When the same acknowledgement comes again, the wait for the next one goes on and does not
    // begin anew: else sending again would be put off without end.
    if (isFirst || ackedSeq > before) waitForAck();
    pumpSoonIfMore();
  };

  const waitForAck = (): void => {
    ackTimer?.cancel();
    ackTimer = sentSeq > ackedSeq ? after(ackWaitMs, resendUnacked) : null;
  };

  source.onSynced(pumpSoon);

  return {
    restart: () => {
      isOpen = false;
      turn += 1;
    },
    onAck: (seq, hash) => {
      if (isOpen || hash === null) hold(seq);
      else void compare(seq, hash);
    },
    onWanted: (afterSeq) => {
      if (disagreement !== null) return;
      isOpen = true;
      ackedSeq = Math.min(afterSeq, source.lastSeq());
      setBack(ackedSeq);
    },
    isOpen: () => isOpen,
    disagreement: () => disagreement,
    isLate: () => {
      noteWritten(unacknowledged, source.lastSeq(), clock.monotonic());
      return isLate(unacknowledged, clock.monotonic());
    },
    counters: () => ({ ...totals, ackedSeq }),
    stop: () => {
      isOpen = false;
      isStopped = true;
      pumpTimer?.cancel();
      ackTimer?.cancel();
    },
  };
}

/** At least one record, so that a large one still travels. */
function withinBytes(records: readonly JournalRecord[]): readonly JournalRecord[] {
  let bytes = 0;
  let count = 0;
  for (const record of records) {
    bytes += record.body.length;
    if (count > 0 && bytes > batchBytesMax) break;
    count += 1;
  }
  return records.slice(0, count);
}
