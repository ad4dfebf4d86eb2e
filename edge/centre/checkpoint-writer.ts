import { centreItself, type ActLog } from "./acts/act-log.ts";
import type { CentreActOf } from "./acts/acts.ts";
import type { StandingActs } from "./acts/standing-acts.ts";
import type { AgentJournals } from "./journals.ts";
import { pointRow } from "./restore-point.ts";
import type { Site } from "./site.ts";

/**
 * Writes checkpoints, each with the restore point beside it, when enough has come since the last one:
 * a restart begins there.
 */
export interface CheckpointWriter {
  /** Often: writes one where one is due. */
  tick(): void;
  /** Now and then: one is due if anything is new. */
  round(): void;
  /** Writes one now; `then` is called when it is durable, or could not be written. */
  write(then: () => void): void;
  restartsBehind(): RestartsBehind;
}

/** By the last checkpoint of this run that is durable; nothing before there is one. */
export interface RestartsBehind {
  /** Of the centre's own journal. */
  readonly ownSeq: number;
  /** Of the copies, by chain; one that is not named is read from its beginning. */
  readonly copies: ReadonlyMap<string, number>;
}

export interface CheckpointWriterOptions {
  readonly acts: Pick<ActLog, "appendRows" | "counters" | "entriesOf" | "mark">;
  readonly standing: Pick<StandingActs, "all">;
  readonly site: Pick<Site, "checkpoints" | "claims" | "desk" | "passes" | "releases">;
  readonly intake: Pick<AgentJournals["intake"], "applied" | "counters">;
}

const factsMax = 20_000;
/**
 * A restart reads no more acts than about these, at about 0.13 ms each, while no line releases
 * anything; a busy site writes them in two seconds.
 */
const actsMax = 2_000;

export function createCheckpointWriter(options: CheckpointWriterOptions): CheckpointWriter {
  const { acts, standing, site, intake } = options;
  const { claims, desk } = site;
  const written = { facts: intake.counters().factsTotal, acts: 0 };
  let isDue = false;
  let isUnderWay = false;
  let restartsBehind: RestartsBehind = { ownSeq: 0, copies: new Map() };

  /** Of what is so now, as soon as all that it follows from is durable; tried again where it is not. */
  const write: CheckpointWriter["write"] = (then) => {
    // What is learnt and waits for its documents has had no effect yet.
    if (claims.isLearning() || isUnderWay) return then();
    isUnderWay = true;
    const end = (): void => {
      isUnderWay = false;
      then();
    };
    const [{ factsTotal }, { actsTotal }] = [intake.counters(), acts.counters()];
    const isOnBelt = (passId: string): boolean => site.passes.byId.get(passId)?.isEnded === false;
    const checkpoint = site.checkpoints.make(intake.applied());
    const now = {
      checkpoint,
      claims: claims.held(),
      acts: standing.all(isOnBelt),
      times: desk.lastTimes(),
    };
    acts.mark((seq) => {
      if (seq === null) return end();
      isDue = false;
      Object.assign(written, { facts: factsTotal, acts: actsTotal });
      site.releases.whenKept(() => {
        const entries = acts.entriesOf(checkpoint, centreItself);
        const rows = [pointRow({ seq, ...now })];
        // Its own record is an act as well, and nothing new.
        written.acts += 1;
        acts.appendRows({ entries, rows, appliedSeq: null }, ({ kind }) => {
          if (kind === "durable") {
            restartsBehind = { ownSeq: seq, copies: storiesBehind(checkpoint) };
          }
          end();
        });
      });
    });
  };

  return {
    tick: () => {
      isDue ||= intake.counters().factsTotal - written.facts >= factsMax;
      isDue ||= acts.counters().actsTotal - written.acts >= actsMax;
      if (isDue) write(() => {});
    },
    round: () => {
      isDue ||= intake.counters().factsTotal > written.facts;
      isDue ||= acts.counters().actsTotal > written.acts;
    },
    write,
    restartsBehind: () => restartsBehind,
  };
}

/** By chain, the last record that tells of nothing open and of no story that is held. */
const storiesBehind = ({ chains }: CentreActOf<"checkpoint">): ReadonlyMap<string, number> =>
  new Map(
    chains.map(({ chain, appliedSeq, openFromSeq, storiesFromSeq = openFromSeq }) => [
      chain,
      Math.min(appliedSeq, openFromSeq - 1, storiesFromSeq - 1),
    ]),
  );
