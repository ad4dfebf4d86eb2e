import type { SorterCommand } from "../../../protocols/sorter/sorter.ts";
import { encodeCommandTelegram } from "../../../protocols/sorter/telegrams.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";

type NumberedCommand = Exclude<SorterCommand, { readonly kind: "life" }>;

/** Sent, and not acknowledged so far. */
interface Kept {
  readonly number: number;
  readonly command: NumberedCommand;
  times: number;
}

/**
 * How often what moves or permits something is sent under its number before it counts as not taken.
 * What stood behind another one, for which the controller was waiting, is sent once more when that is
 * given up. What takes back or stops is sent until it is acknowledged.
 */
const timesMax = 3;
/** So many may be under way without an acknowledgement. */
const keptMax = 32;

/**
 * Numbers commands, keeps each until it is acknowledged, and says it again. Nothing of it outlives
 * the wire: another wire is another link, with a name of its own and numbers from 1, so that no
 * acknowledgement of before can answer anything, and nothing that moves a diverter is said late.
 */
export function createTelegramSending(answerWithinMs: number) {
  let link = "";
  let nextNumber = 1;
  let kept: Kept[] = [];
  /** What `take` has just made. */
  let newest: Kept | null = null;
  let dueAt: MonotonicMs | null = null;

  const oldest = (): number => kept[0]?.number ?? nextNumber;
  const isUnderWay = (command: NumberedCommand): boolean =>
    kept.some(
      ({ command: other }) =>
        other.kind === "abort" &&
        command.kind === "abort" &&
        other.commandId === command.commandId &&
        other.epoch === command.epoch,
    );
  const say = (one: Kept): Uint8Array => {
    one.times += 1;
    return encodeCommandTelegram(one.command, { link, number: one.number, oldest: oldest() });
  };
  const waitFrom = (at: MonotonicMs): void => {
    dueAt = kept.length === 0 ? null : monotonicMs(at + answerWithinMs);
  };

  return {
    begin(name: string): void {
      link = name;
      nextNumber = 1;
    },
    link: (): string => link,
    /** Not bytes where nothing is to be sent: it is under way already, or too much else is. */
    take(command: NumberedCommand, at: MonotonicMs): Uint8Array | "underWay" | "full" {
      newest = null;
      if (isUnderWay(command)) return "underWay";
      if (kept.length >= keptMax) return "full";
      newest = { number: nextNumber, command, times: 0 };
      nextNumber += 1;
      kept.push(newest);
      if (kept.length === 1) waitFrom(at);
      return say(newest);
    },
    /** The wire has refused what was made last. It never left, and so is never said again. */
    unsend(): void {
      if (newest === null) return;
      kept.pop();
      nextNumber = newest.number;
      newest = null;
      if (kept.length === 0) dueAt = null;
    },
    /** Everything up to this number has arrived. */
    have(number: number, at: MonotonicMs): void {
      if (number < oldest() || number >= nextNumber) return;
      kept = kept.filter((one) => one.number > number);
      waitFrom(at);
    },
    /** Asked for again, from this number on; everything below has arrived, or was given up. */
    repeat(number: number, at: MonotonicMs): Uint8Array[] {
      if (number >= nextNumber) return [];
      kept = kept.filter((one) => one.number >= number);
      waitFrom(at);
      // Asked again and again, it still is not said more often than by itself.
      return kept.filter(({ times }) => times < timesMax).map(say);
    },
    dueAt: (): MonotonicMs | null => dueAt,
    /** No acknowledgement has come in time: all again, but for those that were said often enough. */
    wake(at: MonotonicMs): {
      readonly again: readonly Uint8Array[];
      readonly givenUp: readonly NumberedCommand[];
    } {
      if (dueAt === null || at < dueAt) return { again: [], givenUp: [] };
      const isOver = ({ times, command }: Kept, place: number): boolean =>
        mayBeGivenUp(command) && times >= timesMax + (place === 0 ? 0 : 1);
      const givenUp = kept.filter(isOver).map(({ command }) => command);
      kept = kept.filter((one, place) => !isOver(one, place));
      waitFrom(at);
      return { again: kept.map(say), givenUp };
    },
    lose(): void {
      kept = [];
      newest = null;
      dueAt = null;
    },
  };
}

/** Doubt has to get through, however long it takes; the controller's own life ends what is pending. */
function mayBeGivenUp(command: NumberedCommand): boolean {
  switch (command.kind) {
    case "divert":
      return true;
    case "induction":
      return command.isPermitted;
    case "belt":
      return command.run;
    case "abort":
    case "cancelAll":
      return false;
  }
}

export type TelegramSending = ReturnType<typeof createTelegramSending>;
