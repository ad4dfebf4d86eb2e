import type { StampedFact } from "../../protocols/facts.ts";
import { exits } from "../../protocols/sorting.ts";
import type { CentreActOf } from "./acts/acts.ts";
import { restoreSessions, toldSessions, type LineSessions } from "./lines/line-sessions.ts";
import type { PassBook } from "./lines/passes.ts";
import type { SceneState } from "./page/scene.ts";

/**
 * What the centre writes down now and then, so that a restart need not tell every fact again: how
 * far each chain has been told, where its open passes and the stories that are held begin, each
 * line's newest session, the counts, and the lines' last words on themselves: states, and conditions
 * that hold.
 */
export interface Checkpoints {
  /** With each fact of a line. */
  noteFact(stamped: StampedFact): void;
  make(appliedSeqs: ReadonlyMap<string, number>): CentreActOf<"checkpoint">;
  /** Sessions, and the last word of each kind, for `make` after a restart. */
  restore(checkpoint: CentreActOf<"checkpoint">): void;
}

export interface CheckpointSources {
  readonly passes: PassBook;
  readonly sessions: LineSessions;
  readonly scene: SceneState;
  /** By chain, where stories begin that an earlier run held and this one has not read yet. */
  readonly storiesUnreadFrom: () => ReadonlyMap<string, number>;
}

export function createCheckpoints(sources: CheckpointSources): Checkpoints {
  const standing = new Map<string, StampedFact>();
  const note = (stamped: StampedFact): void => {
    const { fact, lineId } = stamped;
    if (fact.kind === "sessionOpened") forgetConditions(lineId);
    const key = standingKey(stamped);
    if (key === null) return;
    if (fact.kind === "condition" && !fact.holds) standing.delete(key);
    else standing.set(key, stamped);
  };
  /** A session tells anew what holds. */
  const forgetConditions = (lineId: string): void => {
    for (const [key, { fact, lineId: owner }] of standing) {
      if (fact.kind === "condition" && owner === lineId) standing.delete(key);
    }
  };
  return {
    noteFact: note,
    make: (appliedSeqs) => ({
      kind: "checkpoint",
      chains: placesOf(sources, appliedSeqs),
      exits: [...sources.scene.lines].flatMap(([lineId, { view }]) =>
        exits.map((exit) => ({ lineId, exit, count: view.exits[exit].count })),
      ),
      standing: [...standing.values()],
      sessions: [...toldSessions(sources.sessions)],
    }),
    restore: (checkpoint) => {
      restoreSessions(sources.sessions, checkpoint.sessions ?? []);
      for (const stamped of checkpoint.standing) note(stamped);
    },
  };
}

/** Facts of which only the last counts; null for the others. */
function standingKey({ lineId, fact }: StampedFact): string | null {
  if (fact.kind === "lineState") return `${lineId} state`;
  if (fact.kind === "chute") return `${lineId} chute ${fact.exit}`;
  if (fact.kind === "deviceHealth") return `${lineId} device ${fact.deviceId}`;
  if (fact.kind === "condition") return `${lineId} condition ${fact.code} ${fact.key}`;
  return null;
}

function placesOf(
  { passes, storiesUnreadFrom }: CheckpointSources,
  appliedSeqs: ReadonlyMap<string, number>,
): CentreActOf<"checkpoint">["chains"] {
  const openFrom = new Map<string, number>();
  const storiesFrom = new Map(storiesUnreadFrom());
  for (const { first, isEnded, isEndUntold } of passes.byId.values()) {
    const { chain, seq } = first;
    storiesFrom.set(chain, Math.min(storiesFrom.get(chain) ?? seq, seq));
    // One whose end is untold may still be told of, by what a person brings in.
    if (!isEnded || isEndUntold) openFrom.set(chain, Math.min(openFrom.get(chain) ?? seq, seq));
  }
  return [...appliedSeqs].map(([chain, appliedSeq]) => ({
    chain,
    appliedSeq,
    openFromSeq: openFrom.get(chain) ?? appliedSeq + 1,
    storiesFromSeq: storiesFrom.get(chain) ?? appliedSeq + 1,
  }));
}
