import type { JournalCopies } from "../journal/copies.ts";
import type { RowJournal } from "../journal/kept-rows.ts";
import type { DocumentStore, StoreFailure } from "../store/port.ts";
import { createRowRestore, type RestoreFailure, type RowRestore } from "../store/restore.ts";
import type { KeptClearance } from "../clearance/config.ts";
import { centreItself, tellActs, type ActLog, type ToldAct } from "./acts/act-log.ts";
import type { CentreActOf } from "./acts/acts.ts";
import { createParameterBook } from "./acts/parameter-book.ts";
import type { StandingActs } from "./acts/standing-acts.ts";
import { timesOf } from "./documents/desk-time.ts";
import type { AgentJournals } from "./journals.ts";
import { isClosed } from "./lines/generations.ts";
import type { JournalIntake } from "./lines/journal-intake.ts";
import type { StoriesWanted } from "./lines/story-reader.ts";
import type { DamageHold } from "./records/damage-hold.ts";
import { readRestorePoint, type RestorePoint } from "./restore-point.ts";
import type { Site } from "./site.ts";
import { shareStories, storyRecordsMax } from "./lines/story-shares.ts";

export interface RestoredParts {
  readonly site: Site;
  readonly journals: AgentJournals;
  readonly acts: Pick<ActLog, "write">;
  readonly standing: Pick<StandingActs, "note">;
  readonly damage: Pick<DamageHold, "restore">;
}

/** Why a centre does not start: what it kept cannot be taken up again. One sentence for people. */
export class RestoreRefused extends Error {}

interface RestoredStores {
  readonly journal: Pick<RowJournal, "readAfter" | "readRows" | "appliedSeq">;
  readonly copies: Pick<JournalCopies, "chains">;
  readonly store: DocumentStore;
}

export interface RestoredCentre {
  /** Acts that could not be read. */
  readonly unreadableTotal: number;
  /** The stories that were held at the last checkpoint; they can be read while the centre works. */
  readonly stories: readonly StoriesWanted[];
}

/**
 * Gives the centre back what it knew: what stood at its last restore point, then its own acts behind
 * it in order, then what the copies of the agents' journals tell, from where the oldest pass begins
 * that was open at the last checkpoint. Documents are in their rows; what the journal has behind them
 * is judged again. Rejects with `RestoreRefused` where the disk fails, and where rows are not such as
 * this program has written.
 */
export async function restoreCentre(
  stores: RestoredStores,
  parts: RestoredParts,
): Promise<RestoredCentre> {
  const { site, journals, acts } = parts;
  const { intake, generations } = journals;
  const read = await readRestorePoint(stores.journal);
  if (read.kind === "failed") throw refusalOf(read);
  await mustBeReadable(stores.store);
  if (!stores.store.isCounted()) await mustBeWithoutDocuments(stores.journal);
  const restored = new Restore(stores, parts);
  const { point } = read;
  if (point !== null) restored.takePoint(point);
  for await (const told of tellActs(stores.journal, point?.seq ?? 0)) await restored.take(told);
  await restored.end();
  if (!stores.store.isCounted()) await count(stores.store);
  site.desk.judgeBy(null);
  // Before anything is judged by them: what the lines tell now may be news.
  const own = restored.parameters.actsFor(site.desk.ownParameters());
  for (const act of own) acts.write(act, centreItself);
  const { checkpoint } = restored;
  if (checkpoint !== null) restoreCheckpoint(site, intake, checkpoint);
  const places = new Map(checkpoint?.chains.map((place) => [place.chain, place]));
  for (const chain of stores.copies.chains()) {
    await intake.retell(chain, (places.get(chain)?.openFromSeq ?? 1) - 1);
  }
  // Only now is it known which of their passes the closed chains left open.
  const isOver = (chain: string): boolean => isClosed(generations, chain);
  site.endUntold(isOver);
  site.claims.leaveUnsettled(isOver);
  if (!(await site.claims.restored())) throw new RestoreRefused("documents cannot be read");
  site.officers.restored();
  // Whatever has held for long enough stands before anybody looks.
  site.alarms.tick();
  return { unreadableTotal: restored.unreadableTotal, stories: storiesIn(checkpoint) };
}

/** Rows of another version, or that somebody has changed, are refused here and by name. */
const mustBeReadable = (store: DocumentStore): Promise<void> =>
  new Promise((resolve, reject) =>
    store.read("calendar", "", (read) => {
      if (read.kind === "value") resolve();
      else reject(refusalOf(read));
    }),
  );

/**
 * There is no count of documents, as it is written at the first start. A store whose rows somebody has
 * deleted would go on as if no document had ever come, and forget every hold.
 */
async function mustBeWithoutDocuments(journal: RestoredStores["journal"]): Promise<void> {
  const appliedSeq = journal.appliedSeq();
  const refused = (why: string): RestoreRefused =>
    refusalOf({ code: "fileDamaged", why: `${why}; put back a whole data folder` });
  const [first] = await journal.readAfter(0, 1);
  if (first !== undefined && first.seq > 1) {
    throw refused(`the records before ${first.seq} have left, and there are no rows of documents`);
  }
  if (appliedSeq === 0) return;
  for await (const told of tellActs(journal)) {
    if (told.kind !== "act" || told.act.kind !== "desk" || told.seq > appliedSeq) continue;
    throw refused(`record ${told.seq} tells of documents, and all their rows are gone`);
  }
}

/** From now on there is a count, also before the first document. */
const count = (store: DocumentStore): Promise<void> =>
  new Promise((resolve, reject) =>
    store.transact(
      {
        events: [],
        appliedSeq: store.appliedSeq(),
        run: () => ({ answer: null, entries: [] }),
      },
      (outcome) => {
        if (outcome.kind === "kept") resolve();
        else if (outcome.kind === "bug") reject(outcome.thrown);
        else reject(refusalOf(outcome));
      },
    ),
  );

/** The centre's own acts, told again in order. */
class Restore {
  readonly parameters = createParameterBook();
  checkpoint: CentreActOf<"checkpoint"> | null = null;
  unreadableTotal = 0;
  readonly #journal: RestoredStores["journal"];
  readonly #parts: RestoredParts;
  readonly #rows: RowRestore;
  /** Effects of records up to here are in the rows. */
  readonly #appliedSeq: number;
  #isJudgedBy = false;
  /** The next checkpoint is the one that a restore point was made with. */
  #isPointsOwnDue = false;

  constructor({ journal, store }: RestoredStores, parts: RestoredParts) {
    this.#journal = journal;
    this.#parts = parts;
    this.#rows = createRowRestore(store);
    this.#appliedSeq = journal.appliedSeq();
  }

  takePoint({ checkpoint, claims, acts, times }: RestorePoint): void {
    const { site } = this.#parts;
    site.claims.restoreHeld(claims);
    if (times !== null) site.desk.restoreTime(times);
    for (const { act, actor, wallAt } of acts) this.#takeAct({ act, actor, wallAt });
    this.checkpoint = checkpoint;
    this.#isPointsOwnDue = true;
  }

  async take(told: ToldAct): Promise<void> {
    if (told.kind === "unreadable") {
      this.unreadableTotal += 1;
      return;
    }
    const { act, seq } = told;
    if (act.kind === "desk") await this.#takeInput(seq, act);
    else this.#takeAct(told);
  }

  async end(): Promise<void> {
    throwFailure(await this.#rows.end());
  }

  async #takeInput(seq: number, { input, judged }: CentreActOf<"desk">): Promise<void> {
    const { desk } = this.#parts.site;
    desk.restoreTime(timesOf(input));
    if (seq <= this.#appliedSeq) return;
    if (!this.#isJudgedBy) {
      desk.judgeBy(await firstParametersOf(this.#journal));
      this.#isJudgedBy = true;
    }
    throwFailure(await this.#rows.take(seq, desk.workOf(input, judged)));
  }

  #takeAct(told: RestoredAct): void {
    const { act, actor, wallAt } = told;
    const { site, standing } = this.#parts;
    standing.note(act, actor ?? centreItself, wallAt);
    if (act.kind === "checkpoint") {
      // The point's own tells of when the point was made, and stands behind what came meanwhile.
      if (!this.#isPointsOwnDue) site.claims.restoredUpTo();
      this.#isPointsOwnDue = false;
      this.checkpoint = act;
    } else if (act.kind === "parameterVersion" || act.kind === "parameters") {
      const taken = this.parameters.take(act);
      if (taken?.kind === "broken") this.unreadableTotal += 1;
      if (taken?.kind !== "kept") return;
      site.desk.judgeBy(taken.kept);
      this.#isJudgedBy = true;
    } else restoreAct(this.#parts, told);
  }
}

type RestoredAct = Omit<Extract<ToldAct, { kind: "act" }>, "kind" | "seq">;

function throwFailure(failure: RestoreFailure | null): void {
  if (failure?.kind === "bug") throw failure.thrown;
  if (failure?.kind === "failed") throw refusalOf(failure);
}

const refusalOf = ({ code, why }: StoreFailure): RestoreRefused =>
  new RestoreRefused(`${code}: ${why}`);

/**
 * What was judged before parameters were journalled is judged by the first that were: with these
 * the centre began that wrote them. Null when there are none yet.
 */
async function firstParametersOf(
  journal: Pick<RowJournal, "readAfter">,
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

/** Open passes are told already; stories that are over, as far as reading back may take. */
function storiesIn(checkpoint: CentreActOf<"checkpoint"> | null): readonly StoriesWanted[] {
  const places = checkpoint?.chains ?? [];
  const wanted = places.map(({ chain, openFromSeq, storiesFromSeq = openFromSeq }) => {
    return [chain, Math.max(openFromSeq - storiesFromSeq, 0)] as const;
  });
  const shares = shareStories(new Map(wanted), storyRecordsMax);
  return places.map(({ chain, openFromSeq }) => ({
    chain,
    fromSeq: openFromSeq - (shares.get(chain) ?? 0),
    beforeSeq: openFromSeq,
  }));
}

function restoreAct(
  { site, journals, damage }: RestoredParts,
  { act, actor, wallAt }: RestoredAct,
): void {
  switch (act.kind) {
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
    case "damageFound":
    case "damageOver":
      return damage.restore(act);
    case "decision":
      return site.officers.restoreDecision(act);
    case "taskAsked":
      return site.officers.restoreAsked(act.passId);
    case "desk":
    case "lock":
    case "broughtIn":
    case "traceBegun":
    case "checkpoint":
    case "parameterVersion":
    case "parameters":
      // Inputs, checkpoints and parameters are restored above. A lock is a lease, and its officer has to
      // take it again; so is a trace. What was brought in is in the copies, and what followed from it stands in acts
      // of its own.
      return;
  }
}

function restoreCheckpoint(
  site: Site,
  intake: JournalIntake,
  checkpoint: CentreActOf<"checkpoint">,
): void {
  for (const { chain, appliedSeq } of checkpoint.chains) intake.restore(chain, appliedSeq);
  for (const { lineId, exit, count } of checkpoint.exits) {
    site.observed.tell({ kind: "exit", lineId, exit, by: count });
  }
  for (const stamped of checkpoint.standing) {
    site.observed.tell({ kind: "fact", stamped, touched: [] });
    site.alarms.tellFact(stamped, { chain: "checkpoint", seq: 0 });
  }
  site.checkpoints.restore(checkpoint);
}
