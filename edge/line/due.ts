import { commitAtCountOf } from "./commit.ts";
import { announceAtCountOf, outOfTunnelAtCount } from "./imaging.ts";
import { readersOf, unreadAtCount } from "./reader.ts";
import type { LineState, Pass } from "./state.ts";
import { tokenAtCountOf, triggerOffAtCountOf } from "./tokens.ts";
import { isDue, isOverdue, lostAtCountOf, type Turn } from "./turn.ts";

/**
 * When the passes on the belt next need something. Each event asks, and nearly always nothing has
 * fallen due; so the first count of each kind is kept, and the passes are looked through only once it
 * has come. What is kept is never too late: whoever changes a pass says so. It may be too early, for
 * a pass that has left or was answered meanwhile; that costs one look.
 */
type Asked = Pick<Turn, "state" | "config">;

/** Behind everything else of an event: works out anew what has come, for the next one to ask. */
export function lookAhead(turn: Turn): void {
  const { due } = turn.state;
  if (isDue(turn)) due.atCount = firstDueCount(turn);
  if (isOverdue(turn)) due.reportedCount = firstOverdueCount(turn);
}

/** Of all passes, looked through. */
export const firstDueCount = (asked: Asked): number =>
  firstOf(asked.state.passes, dueAtCountOf(asked));

/** Of all passes, looked through. */
export const firstOverdueCount = (asked: Asked): number =>
  firstOf(asked.state.passes, overdueAtCountOf(asked));

/** A pass is new, or something of it has changed that may bring forward what falls due. */
export function bringForward(turn: Turn, pass: Pass): void {
  const { due } = turn.state;
  due.atCount = Math.min(due.atCount, dueAtCountOf(turn)(pass));
  due.reportedCount = Math.min(due.reportedCount, overdueAtCountOf(turn)(pass));
}

/** What was to be found missing once the sorter had reported that count has come. */
export function hasCome({ due }: LineState, atCount: number): void {
  if (atCount <= due.reportedCount) due.reportedCount = Number.NEGATIVE_INFINITY;
}

/** What a pass needs of us at a count of the belt: to be announced, told of, decided. */
function dueAtCountOf({ config }: Asked): (pass: Pass) => number {
  const announceAtCount = announceAtCountOf(config);
  const commitAtCount = commitAtCountOf(config);
  const tokenAtCount = tokenAtCountOf(config);
  const triggerOffAtCount = triggerOffAtCountOf(config);
  return (pass) =>
    Math.min(
      announceAtCount(pass),
      commitAtCount(pass),
      tokenAtCount(pass),
      triggerOffAtCount(pass),
    );
}

/** What a pass lacks once the sorter itself has reported a count: a read, an image, its next eye. */
function overdueAtCountOf({ state, config }: Asked): (pass: Pass) => number {
  const readers = readersOf({ state, config });
  const lostAtCount = lostAtCountOf(config);
  return (pass) => {
    let next = Math.min(outOfTunnelAtCount(pass, config), lostAtCount(pass));
    for (const reader of readers) next = Math.min(next, unreadAtCount(reader, pass, config));
    return next;
  };
}

function firstOf(passes: readonly Pass[], atCount: (pass: Pass) => number): number {
  let first = Number.POSITIVE_INFINITY;
  for (const pass of passes) first = Math.min(first, atCount(pass));
  return first;
}
