import { system, type Actor } from "../../protocols/actor.ts";
import type { Condition } from "../../protocols/alarms.ts";
import type { StampedFact } from "../../protocols/facts.ts";
import type { ImageKind } from "../../protocols/image-kind.ts";
import type { ClaimAnswer } from "../../protocols/link.ts";
import type { Clock } from "../../protocols/time.ts";
import type { AlarmView } from "../../protocols/ui/scene.ts";
import type { OfficerVerdict } from "../../protocols/verdicts.ts";
import { createSiteAlarms, type SiteAlarms } from "./alarms/site-alarms.ts";
import { settled, writeDurably, type ActLog } from "./acts/act-log.ts";
import { createCheckpoints, type Checkpoints } from "./checkpoint.ts";
import { createClaimDesk, type ClaimDesk } from "./claims/claim-desk.ts";
import type { CentreConfig } from "./config.ts";
import type { DeskOptions, DocumentDesk } from "./documents/desk.ts";
import { createReleaseQueue, type ReleaseQueue } from "./documents/release-queue.ts";
import {
  createImageRequests,
  type ImageRequests,
  type ImageSource,
} from "./lines/image-requests.ts";
import type { ImageStore } from "../images/port.ts";
import type { Standing } from "../link/journal-standing.ts";
import type { DocumentStore } from "../store/port.ts";
import { createOfficerDesk, type OfficerDesk } from "./officers/officer-desk.ts";
import type { FactAge } from "./lines/chain-intake.ts";
import { newLineSessions, noteFact, standingOf, type PassStanding } from "./lines/line-sessions.ts";
import {
  endUntold,
  newPassBook,
  takeFact,
  type JournalPlace,
  type PassBook,
  type PassState,
} from "./lines/passes.ts";
import type { AgentsHeard } from "./page/agents-heard.ts";
import { createSceneStream, type SceneStream } from "./page/scene-stream.ts";
import {
  createStoryReader,
  type StoryReader,
  type StoryReaderOptions,
} from "./lines/story-reader.ts";
import { countNow, newScene, type SceneState } from "./page/scene.ts";
import type { LinkSending } from "../../protocols/transport.ts";

/**
 * What the centre knows and what follows from it: documents, passes, claims, officers' tasks and
 * the scene. Synchronous and in one thread; the wires are around it (`centre.ts`).
 */
export interface Site {
  readonly desk: DocumentDesk;
  readonly passes: PassBook;
  readonly scene: SceneState;
  /** Takes what the page shows of what the centre observes. */
  readonly observed: SceneStream;
  readonly claims: ClaimDesk;
  readonly officers: OfficerDesk;
  readonly imageRequests: ImageRequests;
  /** What lines have released and the documents do not have yet. */
  readonly releases: ReleaseQueue;
  readonly checkpoints: Checkpoints;
  /** Reads back what passes were over before a restart. */
  readonly stories: StoryReader;
  readonly alarms: SiteAlarms;
  /**
   * One fact, in the order of its line's journal. What is not new has had its effect on documents,
   * claims and counts in an earlier run, and is only remembered.
   */
  tellFact(stamped: StampedFact, place: JournalPlace, age: FactAge): void;
  agentOf(lineId: string): string | null;
  linesOf(agentId: string): readonly string[];
  /** The centre begins or ceases to take this agent's journal. */
  journalStands(agentId: string, now: Standing, before: Standing): void;
  /** The passes in these chains are on no belt any more; how they ended nobody has told. */
  endUntold(isClosed: (chain: string) => boolean): void;
  /** All of the chain has been told: what it left open did not end, and what it released it did. */
  endPassesOf(chain: string, by: Actor): void;
  counters(): Readonly<Record<string, number>>;
}

/** The desk as the centre makes it: what comes in is journalled, what happens is counted. */
export type DeskHooks = Required<Pick<DeskOptions, "store" | "entriesOf" | "onFact" | "onBug">>;

export interface SiteOptions {
  readonly config: CentreConfig;
  readonly clock: Clock;
  readonly acts: ActLog;
  readonly images: Pick<ImageStore, "has">;
  /** Of the agents' journals, where stories are read back from. */
  readonly copies: StoryReaderOptions["copies"];
  readonly store: DocumentStore;
  readonly createDesk: (hooks: DeskHooks) => DocumentDesk;
  /** A bug of ours in something that nobody waits for. */
  readonly onBug: (thrown: unknown) => void;
  readonly agents: Pick<AgentsHeard, "isHeard" | "changes">;
  readonly journals: {
    readonly isTaken: (agentId: string) => boolean;
    /** The chain that the agent writes now. */
    readonly chainOf: (agentId: string) => string;
    readonly isClosed: (chain: string) => boolean;
    /** By chain, the last record that has been told. */
    readonly toldSeqs: () => ReadonlyMap<string, number>;
  };
  /** See `ClaimDeskOptions`. */
  readonly answerClaim: (agentId: string, answer: ClaimAnswer, isHeld: boolean) => void;
  readonly onPassEnded: (agentId: string, passId: string) => void;
  readonly sendVerdict: (agentId: string, verdict: OfficerVerdict) => void;
  readonly askImage: (imageHash: string, from: ImageSource) => LinkSending;
  readonly onContestChanged: (waybill: string) => void;
  readonly onAlarm: (alarm: AlarmView) => void;
}

export function createSite(options: SiteOptions): Site {
  const { config, clock, acts, images } = options;
  const agents = new Map(config.lines.map((line) => [line.id, line.agentId]));
  const agentOf = (lineId: string): string | null => agents.get(lineId) ?? null;
  const linesOf = (agentId: string): readonly string[] =>
    config.lines.flatMap((line) => (line.agentId === agentId ? [line.id] : []));
  const deskFacts = new Map<string, number>();
  const totals = { releasesTotal: 0, releasesRefusedTotal: 0, alarmsTotal: 0 };

  const desk = options.createDesk({
    store: options.store,
    entriesOf: (input, by, judged) => acts.entriesOf({ kind: "desk", input, judged }, by),
    onBug: options.onBug,
    onFact: ({ code }) => deskFacts.set(code, (deskFacts.get(code) ?? 0) + 1),
  });
  const releases = createReleaseQueue({
    desk,
    clock,
    onBug: options.onBug,
    onAnswer: ({ accepted }) => {
      if (accepted) totals.releasesTotal += 1;
      else totals.releasesRefusedTotal += 1;
    },
  });
  const passes = newPassBook();
  const sessions = newLineSessions();
  const standing = (pass: Parameters<typeof standingOf>[1]): PassStanding =>
    standingOf(sessions, pass, options.journals.isClosed);
  const claims = createClaimDesk({
    documents: desk,
    releasesUnjudged: (waybill) => releases.unjudgedOf(waybill),
    acts,
    isPassOver: (pass) => standing(pass) === "over",
    mayClaim: (pass) =>
      standing(pass) === "open" && options.journals.isTaken(agentOf(pass.lineId) ?? ""),
    chainOf: (lineId) => options.journals.chainOf(agentOf(lineId) ?? ""),
    answer: (answer, isHeld) => {
      const agentId = agentOf(answer.lineId);
      if (agentId !== null) options.answerClaim(agentId, answer, isHeld);
    },
    onPassEnded: (lineId, passId) => {
      const agentId = agentOf(lineId);
      if (agentId !== null) options.onPassEnded(agentId, passId);
    },
    onContestChanged: options.onContestChanged,
  });
  const officers = createOfficerDesk({
    config,
    clock,
    passes,
    countNow: (lineId) => countNow(scene, lineId, clock.monotonic()),
    isLineHeard: (lineId) => options.agents.isHeard(agentOf(lineId) ?? ""),
    isImageStored: (imageHash) => images.has(imageHash),
    papersOf: (waybill) =>
      new Promise((resolve) =>
        desk.story(waybill, (story) =>
          resolve(story.kind === "seen" ? story.value.papers() : { manifest: null }),
        ),
      ),
    journal: (offered) => writeDurably(acts, offered),
    settled: () => settled(acts),
    sendVerdict: (verdict) => options.sendVerdict(agentOf(verdict.lineId) ?? "", verdict),
    onTaskChanged: (taskId) => observed.tell({ kind: "task", taskId }),
  });
  const scene = newScene(config, passes, officers.tasks, clock.wall());
  const observed = createSceneStream({
    scene,
    clock,
    lines: config.lines,
    hearing: options.agents.changes,
  });
  const imageRequests = createImageRequests(clock, options.askImage);
  const stories = createStoryReader({
    book: passes,
    copies: options.copies,
    isLineOf: (agentId, lineId) => agentOf(lineId) === agentId,
    toldSeqs: options.journals.toldSeqs,
    isClosed: options.journals.isClosed,
    clock,
    onBug: options.onBug,
  });
  const checkpoints = createCheckpoints({
    passes,
    sessions,
    scene,
    storiesUnreadFrom: () => stories.unreadFrom(),
  });

  const release = (stamped: StampedFact): void => {
    const { fact, lineId, wallAt } = stamped;
    if (fact.kind !== "decided" || fact.exit !== "green" || fact.waybill === null) return;
    const { waybill, passId, recordVersion } = fact;
    const done = { waybill, lineId, passId, recordVersion, decidedAt: wallAt };
    releases.add(done, system("line", lineId));
  };

  const learnAnswer = ({ fact, lineId }: StampedFact, { chain }: JournalPlace): void => {
    if (fact.kind !== "claimAnswered") return;
    const { passId, waybill, granted, why } = fact;
    if (granted ? why !== null : why !== "claimedElsewhere") return;
    const request = { lineId, passId, waybill, chain };
    claims.learn(request, granted ? null : "claimedElsewhere", options.journals.isClosed(chain));
  };

  const haveEffect = (
    stamped: StampedFact,
    place: JournalPlace,
    ended: readonly PassState[],
  ): void => {
    learnAnswer(stamped, place);
    release(stamped);
    for (const pass of ended) claims.passEnded(pass.passId);
    const { fact, lineId } = stamped;
    if (fact.kind !== "left" || ended.length === 0) return;
    observed.tell({ kind: "exit", lineId, exit: fact.exit, by: 1 });
  };

  const alarms = createSiteAlarms({
    clock,
    onAlarm: (alarm) => {
      const isNew = alarm.state !== "returned" && !scene.alarms.has(alarm.id);
      if (isNew) totals.alarmsTotal += 1;
      observed.tell({ kind: "alarm", alarm });
      options.onAlarm(alarm);
    },
  });

  /** It is on no belt any more, and how it ended nobody has told: nobody looks at it any more. */
  const leaveBelt = ({ passId }: PassState): void => {
    observed.tell({ kind: "passGone", passId });
    officers.passGone(passId);
  };

  const expectImage = (pass: PassState): void => {
    if (!pass.isEnded && pass.imageHash !== null) expectOfKind("xray", pass, pass.imageHash);
  };

  const expectOfKind = (
    kind: ImageKind,
    { lineId, passId }: PassState,
    imageHash: string,
  ): void => {
    const agentId = agentOf(lineId);
    if (agentId === null || images.has(imageHash)) return;
    imageRequests.expect(kind, imageHash, { agentId, passId });
  };

  const tell: Site["tellFact"] = (stamped, place, age) => {
    const taken = stories.change((book) => takeFact(book, stamped, place));
    const { pass, ended, forgotten } = taken;
    if (forgotten !== null) leaveBelt(forgotten);
    if (options.journals.isClosed(place.chain)) {
      // It tells of what was, not of how the line is.
      if (age === "new") haveEffect(stamped, place, ended);
      return;
    }
    const touched = pass === null || ended.includes(pass) ? ended : [pass, ...ended];
    observed.tell({ kind: "fact", stamped, touched });
    checkpoints.noteFact(stamped);
    if (age === "new") haveEffect(stamped, place, ended);
    alarms.tellFact(stamped, place);
    for (const one of touched) officers.onFact(stamped, one);
    if (pass === null) return;
    if (stamped.fact.kind === "imaged") expectImage(pass);
    // Of the last moment of a pass as well, and there it comes when the pass is over.
    if (stamped.fact.kind === "pictured" && age === "new") {
      expectOfKind("still", pass, stamped.fact.imageHash);
    }
  };

  return {
    desk,
    passes,
    scene,
    observed,
    claims,
    officers,
    imageRequests,
    releases,
    checkpoints,
    stories,
    alarms,
    tellFact: (stamped, place, age) => {
      const hasBegun = noteFact(sessions, stamped, place);
      tell(stamped, place, age);
      // Its passes may have asked before it was heard of.
      if (hasBegun) claims.answerWaiting((lineId) => lineId === stamped.lineId);
    },
    agentOf,
    linesOf,
    journalStands: (agentId, now, before) => {
      for (const id of linesOf(agentId)) {
        if (before.kind === "refused") alarms.tellOwn(id, notTaken(agentId, before), false);
        if (now.kind === "refused") alarms.tellOwn(id, notTaken(agentId, now), true);
        observed.tell({ kind: "journal", lineId: id, isTaken: now.kind !== "refused" });
      }
      if (now.kind === "taken") claims.answerWaiting((lineId) => agentOf(lineId) === agentId);
    },
    endUntold: (isClosed) => {
      const touched = stories.change((book) => endUntold(book, isClosed));
      touched.forEach(leaveBelt);
    },
    endPassesOf: (chain, by) => {
      for (const passId of claims.unsettledPassesOf(chain)) claims.passEnded(passId, by);
    },
    counters: () => ({ ...totals, ...Object.fromEntries(deskFacts) }),
  };
}

type RefusedStanding = Extract<Standing, { kind: "refused" }>;

const notTaken = (agentId: string, { code, why }: RefusedStanding): Condition => ({
  code,
  key: agentId,
  passId: null,
  params: { chain: agentId, why },
});
