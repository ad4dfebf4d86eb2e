import { recordBodyCharsMax } from "../../protocols/link.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { JournalEntry } from "./entries.ts";
import type { AppendOutcome, JournalFailure } from "./journal.ts";
import { whyNotKept, type RowAppend } from "./kept-rows.ts";

/** One call of `append`: written whole or not at all. */
export interface Batch {
  readonly bodies: readonly string[];
  readonly chars: number;
  /** Rows that change in the same commit; null for an append without any. */
  readonly rows: BatchRows | null;
  readonly onOutcome: (outcome: AppendOutcome) => void;
}

export type BatchRows = Pick<RowAppend, "rows" | "appliedSeq">;

export interface AppendQueueOptions {
  readonly entriesPendingMax: number;
  readonly charsPendingMax: number;
}

/** A commit takes whole batches up to this much, and at least one. */
const entriesPerCommitMax = 512;
const charsPerCommitMax = 4 * 1024 * 1024;

/** What waits for the next commit: bounded in entries and in characters. */
export class AppendQueue {
  readonly #options: AppendQueueOptions;
  #waiting: Batch[] = [];
  /** Waiting and being synced. */
  #entriesPending = 0;
  #charsPending = 0;

  constructor(options: AppendQueueOptions) {
    this.#options = options;
  }

  /** Null when taken in; otherwise nothing of it was. */
  offer(
    entries: readonly JournalEntry[],
    onOutcome: (outcome: AppendOutcome) => void,
    rows: BatchRows | null = null,
  ): JournalFailure | null {
    if (this.#entriesPending + entries.length > this.#options.entriesPendingMax) {
      return overflow(`${this.#entriesPending} entries wait for the disk`);
    }
    const notKept = whyNotKept(rows?.rows ?? []);
    if (notKept !== null) return notKept;
    const encoded = bodiesOf(entries);
    if (encoded.kind === "refused") return { code: "entryRefused", why: encoded.why };
    const { bodies } = encoded;
    const chars = encoded.chars + charsOfRows(rows);
    if (this.#charsPending + chars > this.#options.charsPendingMax) {
      return overflow(`${this.#charsPending} characters wait for the disk`);
    }
    this.#waiting.push({ bodies, chars, rows, onOutcome });
    this.#entriesPending += bodies.length;
    this.#charsPending += chars;
    return null;
  }

  /** The next commit's batches, at least one if any waits. Each must be settled. */
  take(): readonly Batch[] {
    let entries = 0;
    let chars = 0;
    let count = 0;
    for (const batch of this.#waiting) {
      entries += batch.bodies.length;
      chars += batch.chars;
      const isFull = entries > entriesPerCommitMax || chars > charsPerCommitMax;
      if (count > 0 && isFull) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  takeAll(): readonly Batch[] {
    return this.#waiting.splice(0);
  }

  /** Those with rows; the others wait on. */
  takeRows(): readonly Batch[] {
    const all = this.#waiting;
    this.#waiting = all.filter(({ rows }) => rows === null);
    return all.filter(({ rows }) => rows !== null);
  }

  /** A taken batch has its outcome. */
  settle(batch: Batch, outcome: AppendOutcome): void {
    this.#entriesPending -= batch.bodies.length;
    this.#charsPending -= batch.chars;
    batch.onOutcome(outcome);
  }

  isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  entriesPending(): number {
    return this.#entriesPending;
  }
}

const charsOfRows = (rows: BatchRows | null): number =>
  (rows?.rows ?? []).reduce((chars, { key, text }) => chars + key.length + (text?.length ?? 0), 0);

const overflow = (why: string): JournalFailure => ({ code: "overflow", why });

type Encoded =
  | { readonly kind: "bodies"; readonly bodies: readonly string[]; readonly chars: number }
  | { readonly kind: "refused"; readonly why: string };

/** The entries as records hold them; nothing of them where one has no such form. */
export function bodiesOf(entries: readonly JournalEntry[]): Encoded {
  const bodies: string[] = [];
  let chars = 0;
  for (const [index, entry] of entries.entries()) {
    const body = canonicalJson(entry);
    if (body.kind === "refused") {
      return { kind: "refused", why: `entry ${index}, ${body.path}: ${body.why}` };
    }
    if (body.text.length > recordBodyCharsMax) {
      return { kind: "refused", why: `entry ${index} has ${body.text.length} characters` };
    }
    bodies.push(body.text);
    chars += body.text.length;
  }
  return { kind: "bodies", bodies, chars };
}
