import type { JournalCopies } from "../journal/copies.ts";
import type { Journal } from "../journal/journal.ts";
import type { KeptClearance } from "../clearance/config.ts";
import { centreItself, tellActs, type ActLog, type ToldAct } from "./acts/act-log.ts";
import type { CentreActOf } from "./acts/acts.ts";
import { createParameterBook } from "./acts/parameter-book.ts";
import type { AgentJournals } from "./journals.ts";
import { isClosed } from "./lines/generations.ts";
import type { JournalIntake } from "./lines/journal-intake.ts";
import { orderPasses } from "./lines/passes.ts";
import type { Site } from "./site.ts";
import { shareStories, storyRecordsMax } from "./lines/story-shares.ts";

/**
 * Gives the centre back what it knew: first its own acts in order, then what the copies of the
 * agents' journals tell, from where the oldest story begins that was held at the last checkpoint.
 * Answers how many acts could not be read.
 */
export async function restoreCentre(
  stores: {
    readonly journal: Pick<Journal, "readAfter">;
    readonly copies: Pick<JournalCopies, "chains">;
  },
  { site, journals, acts }: RestoredParts,
): Promise<number> {
  const { intake, generations } = journals;
  let unreadableTotal = 0;
  let checkpoint: CentreActOf<"checkpoint"> | null = null;
  const parameters = createParameterBook();
  let isJudgedBy = false;
  for await (const told of tellActs(stores.journal)) {
    if (told.kind === "unreadable") {
      unreadableTotal += 1;
      continue;
    }
    const { act } = told;
    if (act.kind === "checkpoint") {
      checkpoint = act;
      site.claims.restoredUpTo();
    } else if (act.kind === "parameterVersion" || act.kind === "parameters") {
      const taken = parameters.take(act);
      if (taken?.kind === "broken") unreadableTotal += 1;
      if (taken?.kind !== "kept") continue;
      site.desk.judgeBy(taken.kept);
      isJudgedBy = true;
    } else {
      if (act.kind === "desk" && !isJudgedBy) {
        site.desk.judgeBy(await firstParametersOf(stores.journal));
        isJudgedBy = true;
      }
      restoreAct(site, journals, told);
    }
  }
  site.desk.judgeBy(null);
  // Before anything is judged by them: what the lines tell now may be news.
  for (const act of parameters.actsFor(site.desk.ownParameters())) acts.write(act, centreItself);
  if (checkpoint !== null) restoreCheckpoint(site, intake, checkpoint);
  const fromSeqs = fromSeqsOf(checkpoint);
  for (const chain of stores.copies.chains()) {
    await intake.retell(chain, (fromSeqs.get(chain) ?? 1) - 1);
  }
  // Only now is it known which of their passes the closed chains left open.
  const isOver = (chain: string): boolean => isClosed(generations, chain);
  site.endUntold(isOver);
  site.claims.leaveUnsettled(isOver);
  orderPasses(site.passes);
  site.officers.restored();
  // Whatever has held for long enough stands before anybody looks.
  site.alarms.tick();
  return unreadableTotal;
}

interface RestoredParts {
  readonly site: Site;
  readonly journals: AgentJournals;
  readonly acts: Pick<ActLog, "write">;
}

/**
 * What was judged before parameters were journalled is judged by the first that were: with these
 * the centre began that wrote them. Null when there are none yet.
 */
async function firstParametersOf(
  journal: Pick<Journal, "readAfter">,
): Promise<KeptClearance | null> {
  const parameters = createParameterBook();
  for await (const told of tellActs(journal)) {
    if (told.kind === "unreadable") continue;
    const { act } = told;
    if (act.kind !== "parameterVersion" && act.kind !== "parameters") continue;
    const taken = parameters.take(act);
    if (taken?.kind === "kept") return taken.kept;
  }
  return null;
}

/** Open passes are told in any case; stories that are over, as far as reading back may take. */
function fromSeqsOf(checkpoint: CentreActOf<"checkpoint"> | null): ReadonlyMap<string, number> {
  const places = checkpoint?.chains ?? [];
  const wanted = places.map(({ chain, openFromSeq, storiesFromSeq = openFromSeq }) => {
    return [chain, Math.max(openFromSeq - storiesFromSeq, 0)] as const;
  });
  const shares = shareStories(new Map(wanted), storyRecordsMax);
  return new Map(
    places.map(({ chain, openFromSeq }) => [chain, openFromSeq - (shares.get(chain) ?? 0)]),
  );
}

function restoreAct(
  site: Site,
  journals: AgentJournals,
  { act, actor, wallAt }: Extract<ToldAct, { kind: "act" }>,
): void {
  switch (act.kind) {
    case "desk":
      return site.desk.apply(act.input, act.judged);
    case "claim":
    case "claimAsked":
    case "claimEnded":
    case "settled":
      return site.claims.restore(act);
    case "generationAsked": {
      const { agentId, generation } = act;
      const asked = { generation, by: actor ?? centreItself, askedAt: wallAt };
      return journals.restoreAsked(agentId, asked);
    }
    case "generationBegun":
      journals.restoreBegun(act.agentId, act.begun);
      return site.claims.leaveUnsettled((chain) => isClosed(journals.generations, chain));
    case "olderFound":
    case "missingNamed":
    case "olderOver":
    case "lostSeen":
      return journals.older.restore(act);
    case "decision":
      return site.officers.restoreDecision(act);
    case "taskAsked":
      return site.officers.restoreAsked(act.passId);
    case "lock":
    case "broughtIn":
    case "checkpoint":
    case "parameterVersion":
    case "parameters":
      // A lock is a lease, and its officer has to take it again. What was brought in is in the copies,
      // and what followed from it stands in acts of its own.
      return;
  }
}

function restoreCheckpoint(
  site: Site,
  intake: JournalIntake,
  checkpoint: CentreActOf<"checkpoint">,
): void {
  for (const { chain, appliedSeq, openFromSeq } of checkpoint.chains) {
    intake.restore(chain, appliedSeq, openFromSeq);
  }
  for (const { lineId, exit, count } of checkpoint.exits) {
    site.observed.tell({ kind: "exit", lineId, exit, by: count });
  }
  for (const stamped of checkpoint.standing) {
    site.observed.tell({ kind: "fact", stamped, touched: [] });
    site.alarms.tellFact(stamped, { chain: "checkpoint", seq: 0 });
  }
  site.checkpoints.restore(checkpoint);
}
