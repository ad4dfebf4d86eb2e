import type { Log, LogFields, LogLevel } from "./log.ts";
import type { Clock, Timer } from "./time.ts";
import { monotonicMs, type MonotonicMs } from "./units.ts";

/**
 * Tells what is so of something (a wire, a device, a sender), without flooding the log: a fact that
 * is new is told at once; the same fact of the same subject is told again at most once in `everyMs`,
 * with the number of times that were left out. Nothing is left out for good: what is so in the end
 * has been told `everyMs` later at the latest.
 */
export interface FactLog {
  tell(fact: LogFact): void;
  /** What was left out so far stays untold. */
  stop(): void;
}

export interface LogFact {
  /** Of whom it is so: an address, an id. */
  readonly subject: string;
  /** What is so, as a short code: the same code is the same fact, whatever the fields say. */
  readonly is: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: LogFields;
}

export interface FactLogOptions {
  readonly log: Log;
  readonly clock: Clock;
  /** Default: a minute. */
  readonly everyMs?: number;
  /**
   * Beyond, those give way of which nothing was told for `everyMs`; while there is none, further
   * subjects are told of together. Default 5,000.
   */
  readonly subjectsMax?: number;
}

interface Subject {
  /** When each fact was told last. */
  readonly toldAt: Map<string, MonotonicMs>;
  present: LogFact;
  leftOut: number;
  timer: Timer | null;
}

/** Codes come from short tables; what whoever makes them up as he goes says beyond is one fact. */
const factsMax = 32;
const otherFact = "(others)";

export function createFactLog(options: FactLogOptions): FactLog {
  const { log, clock, everyMs = 60_000, subjectsMax = 5_000 } = options;
  const subjects = new Map<string, Subject>();

  /** The one that was told of longest ago, if it has been quiet long enough to be news again. */
  const forgetOldest = (): void => {
    const [oldest] = subjects;
    if (oldest === undefined) return;
    const [name, { toldAt, timer }] = oldest;
    const quietSince = clock.monotonic() - everyMs;
    const isQuiet = timer === null && [...toldAt.values()].every((at) => at <= quietSince);
    if (isQuiet) subjects.delete(name);
  };

  const subjectOf = (fact: LogFact): Subject => {
    if (!subjects.has(fact.subject) && subjects.size >= subjectsMax) forgetOldest();
    const name =
      subjects.has(fact.subject) || subjects.size < subjectsMax ? fact.subject : "(others)";
    const known = subjects.get(name);
    if (known !== undefined) {
      // Put at the end again, so that the first is the one that was told of longest ago.
      subjects.delete(name);
      subjects.set(name, known);
      return known;
    }
    const subject: Subject = { toldAt: new Map(), present: fact, leftOut: 0, timer: null };
    subjects.set(name, subject);
    return subject;
  };

  const tellNow = (subject: Subject): void => {
    const { level, message, fields, is } = subject.present;
    const { leftOut } = subject;
    subject.timer?.cancel();
    subject.timer = null;
    subject.leftOut = 0;
    subject.toldAt.set(is, clock.monotonic());
    log[level](message, leftOut === 0 ? fields : { ...fields, leftOut });
  };

  /** The code that it is told under: those that would be told at once again give way to it. */
  const codeOf = ({ toldAt }: Subject, is: string): string => {
    if (toldAt.has(is) || toldAt.size < factsMax) return is;
    const quietSince = clock.monotonic() - everyMs;
    for (const [code, at] of toldAt) if (at <= quietSince) toldAt.delete(code);
    return toldAt.size < factsMax ? is : otherFact;
  };

  /** When the subject's present fact may be told; now or in the past for a new one. */
  const dueAt = ({ toldAt, present }: Subject): MonotonicMs => {
    const last = toldAt.get(present.is);
    return last === undefined ? clock.monotonic() : monotonicMs(last + everyMs);
  };

  return {
    tell(fact) {
      const subject = subjectOf(fact);
      const is = codeOf(subject, fact.is);
      const isSame = subject.present.is === is;
      subject.present = { ...fact, is };
      if (dueAt(subject) <= clock.monotonic()) return tellNow(subject);
      subject.leftOut += 1;
      if (isSame && subject.timer !== null) return;
      subject.timer?.cancel();
      subject.timer = clock.schedule(dueAt(subject), () => {
        // The call that is told is not one of those that were left out.
        subject.leftOut -= 1;
        tellNow(subject);
      });
    },
    stop() {
      for (const { timer } of subjects.values()) timer?.cancel();
      subjects.clear();
    },
  };
}
