import type { JournalFailure } from "../journal.ts";
import type { JournalFile } from "./journal-file.ts";
import type { SqliteValue } from "./sqlite-file.ts";

/** What one of them writes into the log at most, in a file of long records. */
export const loneWriteBytes = 128 * 1024;
/** So many commits go before what waits for between two of them. */
const commitsBeforeMax = 20;

interface Waiting {
  readonly sql: string;
  readonly values: readonly SqliteValue[];
  readonly onDone: (failure: JournalFailure | null) => void;
}

/**
 * Statements that are no commit of anybody's records, each a transaction of its own on the connection
 * that writes. Commits go first, but not for ever.
 */
export class BetweenCommits {
  readonly #waiting: Waiting[] = [];
  #commitsBefore = 0;

  offer(sql: string, values: readonly SqliteValue[]): Promise<JournalFailure | null> {
    return new Promise((onDone) => this.#waiting.push({ sql, values, onDone }));
  }

  isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Asked before each commit. */
  isDue(isCommitWaiting: boolean): boolean {
    if (this.#waiting.length === 0) return false;
    this.#commitsBefore += 1;
    return !isCommitWaiting || this.#commitsBefore > commitsBeforeMax;
  }

  /** The first of them; one at a time. */
  run(file: JournalFile, onEnd: () => void): void {
    const next = this.#waiting.shift();
    this.#commitsBefore = 0;
    if (next === undefined) return onEnd();
    file.runAlone(next.sql, next.values, (failure) => {
      if (failure === null) file.checkpoints.noteCommit(loneWriteBytes);
      next.onDone(failure);
      onEnd();
    });
  }

  fail(failure: JournalFailure): void {
    for (const { onDone } of this.#waiting.splice(0)) onDone(failure);
  }
}
