import type { SignedEnd } from "../../protocols/generation.ts";
import { imageKindOf } from "../../protocols/image-kind.ts";
import type { Clock, Entropy } from "../../protocols/time.ts";
import type { JournalCopies } from "../journal/copies.ts";
import type { Journal } from "../journal/journal.ts";
import type { LinkCentreEnd } from "../link/port.ts";
import { createActLog, settled, type ActLog, type Soon } from "./acts/act-log.ts";
import { createOwnStorage, type OwnStorageOptions } from "./own-storage.ts";
import { createAgentsHeard, type AgentsHeard } from "./page/agents-heard.ts";
import { agentIdsOf, type CentreConfig } from "./config.ts";
import type { DocumentDesk } from "./documents/desk.ts";
import { createCheckpointWriter, type RestartsBehind } from "./checkpoint-writer.ts";
import { createDoubtWatch, type DoubtWatch } from "./doubt-watch.ts";
import type { GenerationSigner } from "./generation-change.ts";
import { recordIn } from "./documents/waybill-view.ts";
import { createStandingActs, type StandingActs } from "./acts/standing-acts.ts";
import { createDocumentStore } from "../store/document-store.ts";
import { forwarding } from "../store/forwarding.ts";
import type { DocumentStore, StoreJournal } from "../store/port.ts";
import type { ImageStore } from "../images/port.ts";
import { createAgentJournals, type AgentJournals } from "./journals.ts";
import { createAgentStores, type AgentStores } from "./alarms/agent-stores.ts";
import { startLineNews, type LineNews } from "./line-news.ts";
import { createDeviceTraces, type DeviceTraces } from "./device-traces.ts";
import { chainNow, isClosed } from "./lines/generations.ts";
import { restoreCentre } from "./restore.ts";
import { createRounds } from "./rounds.ts";
import { sceneSnapshot, takeOps } from "./page/scene.ts";
import { createDamageHold, type DamageHold } from "./records/damage-hold.ts";
import { conditionsSeen, newSiteWatch, reasonsNotReady } from "./site-watch.ts";
import { lostWarnings } from "./records/older-words.ts";
import { createSite, type DeskHooks, type Site } from "./site.ts";
import { createSocketHub, type SocketHub } from "./page/socket-hub.ts";
import { createUnreadMessages, type UnreadMessages } from "./unread-messages.ts";
import { createToldDevices } from "./told-devices.ts";
import { createUpMessages } from "./up-messages.ts";

/**
 * Role centre: documents, people and all journals in one place. Everything it holds is changed in
 * one thread; what comes in by the link or by HTTP takes effect at once and is answered when it is
 * durable. After a restart the documents' rows, the restore point beside them, what its journal
 * holds behind that point and the copies of the agents' journals give it all back.
 */
export interface Centre {
  readonly site: Site;
  readonly hub: SocketHub;
  readonly images: ImageStore;
  readonly acts: ActLog;
  readonly journals: AgentJournals;
  readonly unreadMessages: UnreadMessages;
  readonly doubts: Pick<DoubtWatch, "heldBack">;
  readonly traces: Pick<DeviceTraces, "begin" | "look">;
  /** Why the centre should not be relied on now; empty when it may. */
  notReadyReasons(): readonly string[];
  /** What agents have sent and nobody here understands; null while there is nothing of the kind. */
  linkRefused(): LinkRefused | null;
  /** What keeps nobody from using it yet: disks that fill up, journals that somebody holds. */
  storageWarnings(): readonly string[];
  /** Lines whose agents have other devices than the file of the centre says. */
  lineDeviceWarnings(): readonly string[];
  /** Behind these records a restart begins to read: what is before them may leave its file. */
  restartsBehind(): RestartsBehind;
  counters(): CentreCounters;
  /** Last known totals of each device, as its agent sent them. */
  deviceCounters(): ReadonlyMap<string, Readonly<Record<string, number>>>;
  /** Resolves when the last checkpoint is durable. Link, journal and copies stay open. */
  stop(): Promise<void>;
}

interface LinkRefused {
  readonly total: number;
  /** Which field or topic was wrong, for people. */
  readonly last: string;
}

/** By part and name; all are totals but those named otherwise. */
type CentreCounters = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface CentreOptions {
  readonly config: CentreConfig;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Default: at once, as virtual time has no turns. */
  readonly soon?: Soon;
  readonly createDesk: (hooks: DeskHooks) => DocumentDesk;
  readonly link: LinkCentreEnd;
  /** The centre's own chain, and its documents' rows beside it. */
  readonly journal: CentreJournal;
  readonly copies: Pick<JournalCopies, "take" | "held" | "chains" | "readAfter">;
  /** Rows of documents that are kept in memory. Default: as the store has it. */
  readonly rowsHeldMax?: number;
  readonly images: ImageStore;
  readonly signGeneration: GenerationSigner | null;
  /** Ends of the centre's own chain and of the agents' that an earlier run has signed. Default: none. */
  readonly signedEnds?: readonly SignedEnd[];
  /** Of the centre's own disk and journals, read every second. Default: nobody looks. */
  readonly ownStorage?: OwnStorageOptions["read"];
  /** Of parts that stand beside the centre, for `counters`. Default: there are none. */
  readonly partCounters?: () => CentreCounters;
  /** Hears of each row of the documents that is found damaged. Default: nobody does. */
  readonly onDamage?: (why: string) => void;
  /**
   * Hears each time records of a chain cannot be written or read; that is tried again. Default: nobody
   * does.
   */
  readonly onDiskFailed?: (chain: string, error: unknown) => void;
  /** A bug of ours in something that nobody waits for. Default: it is thrown where nobody catches it. */
  readonly onBug?: (thrown: unknown) => void;
}

type CentreJournal = StoreJournal & Pick<Journal, "readAfter" | "tail" | "health">;

const throwLater = (thrown: unknown): void =>
  queueMicrotask(() => {
    throw thrown;
  });

const tickMs = 100;
const checkpointMs = 30_000;

/** Restores, then opens the link. Rejects when journal or copies cannot be read. */
export async function startCentre(options: CentreOptions): Promise<Centre> {
  const parts = assemble(options);
  const { journal, copies } = options;
  const { store } = parts;
  const { unreadableTotal, stories } = await restoreCentre({ journal, copies, store }, parts);
  await parts.journals.older.judgeSigned(options.signedEnds ?? []);
  const centre = run(options, parts, unreadableTotal);
  parts.site.stories.begin(stories);
  return centre;
}

interface Parts {
  readonly acts: ActLog;
  readonly standing: StandingActs;
  readonly store: DocumentStore;
  readonly site: Site;
  readonly hub: SocketHub;
  readonly journals: AgentJournals;
  readonly agents: AgentsHeard;
  readonly stores: AgentStores;
  /** What the lines are told; nothing before the link is open. */
  readonly lines: Pick<LineNews, "tell" | "answer" | "ended" | "lease" | "holdAll">;
  readonly damage: DamageHold;
}

function assemble(options: CentreOptions): Parts {
  const { config, clock, link, images } = options;
  const { onBug = throwLater, soon, journal, rowsHeldMax } = options;
  const standing = createStandingActs();
  const acts = createActLog(journal, clock, {
    ...(soon === undefined ? {} : { soon }),
    onTaken: (act, actor, wallAt) => standing.note(act, actor, wallAt),
  });
  const store = createDocumentStore({
    journal: journalBehind(acts, journal),
    ...(rowsHeldMax === undefined ? {} : { rowsHeldMax }),
    onDamage: (why) => {
      damage.found(why);
      options.onDamage?.(why);
    },
  });
  const damage = createDamageHold({
    clock,
    acts,
    store,
    onChanged: (isHeld) => lines.holdAll(isHeld),
  });
  const agents = createAgentsHeard(clock, agentIdsOf(config));
  const lines: Parts["lines"] = {
    tell: () => {},
    answer: () => {},
    ended: () => {},
    lease: () => {},
    holdAll: () => {},
  };
  const site = createSite({
    config,
    clock,
    acts,
    images,
    copies: options.copies,
    store,
    createDesk: options.createDesk,
    onBug,
    agents,
    journals: {
      isTaken: (agentId) => journals.standings.of(agentId).kind === "taken",
      chainOf: (agentId) => chainNow(journals.generations, agentId),
      isClosed: (chain) => isClosed(journals.generations, chain),
      toldSeqs: () => journals.intake.applied(),
    },
    answerClaim: (agentId, answer, isHeld) => lines.answer(agentId, answer, isHeld),
    onPassEnded: (agentId, passId) => lines.ended(agentId, passId),
    sendVerdict: (agentId, verdict) => void link.send(agentId, { kind: "officerVerdict", verdict }),
    askImage: (imageHash, { agentId, passId }) =>
      link.send(agentId, { kind: "imageWanted", passId, imageHash }),
    onContestChanged: (waybill) => {
      const record = recordIn(site.desk.watched(waybill));
      if (record !== null) lines.tell([record]);
    },
    onAlarm: (alarm) => hub.tellAlarm(alarm),
  });
  const hub = createSocketHub({
    clock,
    epoch: newId("run", options),
    snapshot: () => sceneSnapshot(site.scene),
    takeOps: () => takeOps(site.scene),
    onStationGone: (station) => site.officers.onStationGone(station),
  });
  const journals = createAgentJournals({
    clock,
    acts,
    agentIds: agentIdsOf(config),
    journal: options.journal,
    copies: options.copies,
    isLineOf: (agentId, lineId) => site.agentOf(lineId) === agentId,
    onFact: (stamped, place, age) => site.tellFact(stamped, place, age),
    leaseMs: config.clearance.leaseMs,
    sign: options.signGeneration,
    send: (agentId, message) => link.send(agentId, message),
    onStanding: (agentId, now, before) => {
      lines.lease(agentId, now);
      site.journalStands(agentId, now, before);
    },
    onBegun: () => {
      const isOver = (chain: string): boolean => isClosed(journals.generations, chain);
      site.claims.leaveUnsettled(isOver);
      site.endUntold(isOver);
    },
    onDiskFailed: (chain, error) => options.onDiskFailed?.(chain, error),
    onComplete: (chain, by) => site.endPassesOf(chain, by),
  });
  const stores = createAgentStores({
    agentIds: agentIdsOf(config),
    tell: (agentId, condition, holds) => {
      for (const lineId of site.linesOf(agentId)) site.alarms.tellOwn(lineId, condition, holds);
    },
    onShown: (agentId, conditions) => {
      for (const lineId of site.linesOf(agentId)) {
        site.observed.tell({ kind: "controller", lineId, conditions });
      }
    },
  });
  return { acts, standing, store, site, hub, journals, agents, stores, lines, damage };
}

/** The journal as the documents see it: their rows go in the order of all other acts. */
const journalBehind = (acts: ActLog, journal: StoreJournal): StoreJournal => ({
  ...forwarding(journal),
  append: (_nothing, onOutcome) => acts.barrier(onOutcome),
  appendRows: (append, onOutcome) => {
    acts.appendRows(append, onOutcome);
    return null;
  },
});

function run(options: CentreOptions, parts: Parts, unreadableTotal: number): Centre {
  const { config, clock, link, journal, images } = options;
  const { acts, standing, site, hub, journals, agents, stores, damage } = parts;
  const { intake } = journals;
  const { desk, officers } = site;
  const watch = newSiteWatch(clock.monotonic());
  const unreadMessages = createUnreadMessages(clock);
  let linkDownWhy: string | null = "not connected yet";
  const checkpoints = createCheckpointWriter({ acts, standing, site, intake });
  let isStopped = false;

  const news = startLineNews({
    config,
    clock,
    newStreamId: () => newId("stream", options),
    link,
    acts,
    site,
  });
  Object.assign(parts.lines, news);
  damage.start();
  const { claims, alarms } = site;
  const doubts = createDoubtWatch({ clock, sender: news.sender, claims, alarms });

  const traces = createDeviceTraces({
    clock,
    acts,
    agentOf: (deviceId) => {
      const lineId = site.scene.devices.get(deviceId)?.lineId;
      return lineId === undefined ? null : site.agentOf(lineId);
    },
    isHeard: (agentId) => agents.isHeard(agentId),
    ask: (agentId, wanted) => link.send(agentId, wanted),
  });

  const toldDevices = createToldDevices(config.lines);
  const up = createUpMessages({
    agentIds: agentIdsOf(config),
    site,
    journals,
    sender: news.sender,
    doubts,
    agents,
    stores,
    traces,
    toldDevices,
    isTaking: () => acts.isTaking(),
  });

  /** Where what is of no line is told. */
  const [line] = config.lines;

  const storage = createOwnStorage({
    clock,
    read: options.ownStorage,
    tell: (condition, holds) => {
      if (line !== undefined) site.alarms.tellOwn(line.id, condition, holds);
    },
  });

  const onImage = (sha256: string, bytes: Uint8Array): void =>
    images.put(sha256, bytes, (outcome) => {
      // Of stills the store's own counters tell; that one is kept says nothing of X-ray images.
      if (imageKindOf(bytes) === "xray") storage.imagePut(outcome);
      if (outcome.kind !== "stored") return;
      site.imageRequests.arrived(sha256);
      officers.onImageStored(sha256);
    });

  const tellCentre = (): void => {
    const { startedAt } = site.scene.centre;
    const broker = linkDownWhy === null ? "receiving" : "down";
    const centre = { site: config.site, startedAt, agents: agents.view(), broker } as const;
    site.observed.tell({ kind: "centre", centre });
    storage.tick();
  };

  const tick = (): void => {
    acts.tick();
    officers.tick();
    site.imageRequests.tick();
    journals.tick();
    doubts.tick();
    const seen = {
      lines: config.lines,
      isHeard: (agentId: string) => agents.isHeard(agentId),
      links: up.links(),
      calendarDoubt: desk.calendarDoubt(),
      unreadMessage: unreadMessages.latest(),
      areDocumentsFull: desk.isFull(),
      documentsDamage: damage.damage(),
      older: journals.older.view(),
    };
    for (const { lineId, condition, holds } of conditionsSeen(watch, seen, clock.monotonic())) {
      site.alarms.tellOwn(lineId, condition, holds);
    }
    site.alarms.tick();
    claims.tick();
    checkpoints.tick();
  };

  link.start({
    onState: (isConnected, reason) => {
      linkDownWhy = isConnected ? null : (reason ?? "");
      tellCentre();
    },
    onMessage: (agentId, message) => up.take(agentId, message),
    onImage: (agentId, _passId, sha256, bytes) => {
      agents.heard(agentId);
      onImage(sha256, bytes);
    },
  });
  desk.start();
  const rounds = createRounds(clock);
  rounds.every(tickMs, tick);
  rounds.every(1_000, tellCentre);
  rounds.every(checkpointMs, () => checkpoints.round());

  return {
    site,
    hub,
    images,
    acts,
    journals,
    unreadMessages,
    doubts,
    traces,
    notReadyReasons: () =>
      reasonsNotReady({
        isStopped,
        journal: journal.health(),
        documentsDamage: damage.damage(),
        brokenWhy: acts.brokenWhy(),
        linkDownWhy,
        storage: [...storage.reasons(), ...stores.reasons()],
        older: journals.older.view(),
        untaken: journals.reasons(),
        loose: doubts.reasons(),
        links: up.links(),
        agents: agents.view(),
      }),
    restartsBehind: () => checkpoints.restartsBehind(),
    linkRefused: () => {
      const { refusedTotal: total, lastRefusal: last } = link.counters();
      return last === null ? null : { total, last };
    },
    lineDeviceWarnings: () => toldDevices.warnings(),
    storageWarnings: () => [
      ...storage.warnings(),
      ...stores.warnings(),
      ...lostWarnings(journals.older.view()),
      ...site.stories.warnings(),
    ],
    counters: () => ({
      ...options.partCounters?.(),
      storage: storage.counters(),
      claims: { ...site.claims.counters() },
      officers: officers.counters(),
      clearance: { ...news.sender.counters(), records: desk.recordsTotal() },
      intake: { ...intake.counters(), foreignTotal: up.foreignTotal() },
      acts: { ...acts.counters(), unreadableTotal },
      images: { ...images.counters(), ...site.imageRequests.counters() },
      sockets: { ...hub.counters() },
      link: linkCounters(link),
      documents: {
        ...desk.counters(),
        ...site.counters(),
        damageFound: damage.damage()?.findingsTotal ?? 0,
      },
    }),
    deviceCounters: () => up.deviceCounters(),
    stop: async () => {
      isStopped = true;
      rounds.stop();
      damage.stop();
      news.stop();
      doubts.stop();
      hub.stop();
      agents.stop();
      site.observed.stop();
      site.stories.stop();
      desk.stop();
      await link.close();
      await intake.settled();
      // A release that the disk has failed is told again by its line's journal after a restart.
      if (!(await settled(acts)) || site.releases.owed() > 0) return;
      await new Promise<void>((resolve) => checkpoints.write(resolve));
    },
  };
}

/** An id never used before, also not by an earlier run: the calendar and forty bits of chance. */
function newId(prefix: string, options: Pick<CentreOptions, "clock" | "entropy">): string {
  const chance = Math.floor(options.entropy.next() * 2 ** 40);
  return `${prefix}-${options.clock.wall().toString(36)}-${chance.toString(36)}`;
}

function linkCounters(link: LinkCentreEnd): Readonly<Record<string, number>> {
  const { sentTotal, unsentTotal, receivedTotal, refusedTotal } = link.counters();
  return { sentTotal, unsentTotal, receivedTotal, refusedTotal };
}
