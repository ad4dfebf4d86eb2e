import { ofLine } from "../../protocols/alarms.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { Clock, Entropy, Timer } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import type { JournalCopies } from "../journal/copies.ts";
import type { Journal } from "../journal/journal.ts";
import { createClearanceSender } from "../link/clearance-sender.ts";
import type { LeaseRight } from "../link/clearance-stream.ts";
import type { Standing } from "../link/journal-standing.ts";
import type { LinkCentreEnd } from "../link/port.ts";
import {
  centreItself,
  createActLog,
  settled,
  writeDurably,
  type ActLog,
  type Soon,
} from "./acts/act-log.ts";
import { createAgentsHeard, type AgentsHeard } from "./page/agents-heard.ts";
import { agentIdsOf, type CentreConfig } from "./config.ts";
import type { DocumentDesk } from "./documents/desk.ts";
import type { ImageStore } from "../images/port.ts";
import { createAgentJournals, type AgentJournals, type AgentJournalsOptions } from "./journals.ts";
import { chainNow, isClosed } from "./lines/generations.ts";
import { restoreCentre } from "./restore.ts";
import { sceneSnapshot, takeOps } from "./page/scene.ts";
import { createSite, type DeskHooks, type Site } from "./site.ts";
import { createSocketHub, type SocketHub } from "./page/socket-hub.ts";
import { createUpMessages, type AgentLink } from "./up-messages.ts";

/**
 * Role centre: documents, people and all journals in one place. Everything it holds is changed in
 * one thread; what comes in by the link or by HTTP takes effect at once and is answered when it is
 * durable. After a restart its own journal and the copies of the agents' give it all back.
 */
export interface Centre {
  readonly site: Site;
  readonly hub: SocketHub;
  readonly images: ImageStore;
  readonly acts: ActLog;
  readonly journals: AgentJournals;
  /** Why the centre should not be relied on now; empty when it may. */
  notReadyReasons(): readonly string[];
  counters(): CentreCounters;
  /** Last known totals of each device, as its agent sent them. */
  deviceCounters(): ReadonlyMap<string, Readonly<Record<string, number>>>;
  /** Resolves when the last checkpoint is durable. Link, journal and copies stay open. */
  stop(): Promise<void>;
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
  /** The centre's own chain. */
  readonly journal: Pick<Journal, "append" | "readAfter" | "health">;
  readonly copies: Pick<JournalCopies, "take" | "held" | "chains" | "readAfter">;
  readonly images: ImageStore;
  readonly signGeneration: AgentJournalsOptions["sign"];
}

const tickMs = 100;
/** Lines have so long to come back to a centre that has started; silent later, they are lost. */
const firstHeardMsMax = 10_000;
/** Fewer may be a broker that is started anew. */
const cutsPerMinuteMin = 3;
const steady: AgentLink = { cuts: 0, givenUp: 0 };
const checkpointMs = 30_000;
const checkpointFactsMax = 20_000;

/** Restores, then opens the link. Rejects when journal or copies cannot be read. */
export async function startCentre(options: CentreOptions): Promise<Centre> {
  const parts = assemble(options);
  const unreadableTotal = await restoreCentre(options, parts);
  return run(options, parts, unreadableTotal);
}

interface Parts {
  readonly acts: ActLog;
  readonly site: Site;
  readonly hub: SocketHub;
  readonly journals: AgentJournals;
  readonly agents: AgentsHeard;
  /** Sends records to all lines, and leases to an agent; nothing before the link is open. */
  readonly lines: {
    tell: (records: readonly ClearanceRecord[]) => void;
    lease: (agentId: string, standing: Standing) => void;
  };
}

function assemble(options: CentreOptions): Parts {
  const { config, clock, link, images } = options;
  const acts = createActLog(options.journal, clock, options.soon);
  const agents = createAgentsHeard(clock, agentIdsOf(config));
  const lines: Parts["lines"] = { tell: () => {}, lease: () => {} };
  const site = createSite({
    config,
    clock,
    acts,
    images,
    createDesk: options.createDesk,
    agents,
    journals: {
      isTaken: (agentId) => journals.standings.of(agentId).kind === "taken",
      chainOf: (agentId) => chainNow(journals.generations, agentId),
      isClosed: (chain) => isClosed(journals.generations, chain),
    },
    answerClaim: (agentId, answer) => link.send(agentId, answer),
    sendVerdict: (agentId, verdict) => link.send(agentId, { kind: "officerVerdict", verdict }),
    askImage: (imageHash, { agentId, passId }) =>
      link.send(agentId, { kind: "imageWanted", passId, imageHash }),
    onContestChanged: (waybill) => {
      const record = site.desk.recordOf(waybill);
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
    onComplete: (chain, by) => site.endPassesOf(chain, by),
  });
  return { acts, site, hub, journals, agents, lines };
}

function run(options: CentreOptions, parts: Parts, unreadableTotal: number): Centre {
  const { config, clock, link, journal, images } = options;
  const { acts, site, hub, journals, agents } = parts;
  const { intake } = journals;
  const { desk, claims, officers, scene } = site;
  const timers = new Map<string, Timer>();
  const startedAt = clock.monotonic();
  const heardOnce = new Set<string>();
  let isLinkUp = false;
  let linkReason = "not connected yet";
  let checkpointAtFacts = intake.counters().factsTotal;
  let isStopped = false;

  const sender = createClearanceSender({
    clock,
    agentIds: agentIdsOf(config),
    newStreamId: () => newId("stream", options),
    send: (agentId, message) => link.send(agentId, { kind: "clearance", message }),
    records: function* records() {
      for (const record of desk.recordsSnapshot()) yield claims.seenByLines(record);
    },
    leaseMs: config.clearance.leaseMs,
    heartbeatMs: config.clearance.heartbeatMs,
    whenTold: (then) => acts.settle((isDurable) => isDurable && then()),
  });
  parts.lines.tell = (records) =>
    sender.changed(records.map((record) => claims.seenByLines(record)));
  parts.lines.lease = (agentId, { kind }) => sender.setLease(agentId, leaseFor[kind]);
  // Nobody is heard whole before he has said how far his journal reaches.
  for (const agentId of agentIdsOf(config)) sender.setLease(agentId, leaseFor.awaited);

  // What the lines may rely on is durable first; doubt leaves at once, whatever the disk does.
  const unlisten = desk.onRecordsChanged((records) => {
    const isDoubt = ({ standing }: ClearanceRecord): boolean => standing === "notReleasable";
    // What has changed again since must not follow its own successor.
    const isCurrent = ({ waybill, version }: ClearanceRecord): boolean =>
      desk.recordOf(waybill)?.version === version;
    parts.lines.tell(records.filter(isDoubt));
    acts.whenKept(() =>
      parts.lines.tell(records.filter((record) => !isDoubt(record) && isCurrent(record))),
    );
  });

  const up = createUpMessages({
    agentIds: agentIdsOf(config),
    site,
    journals,
    sender,
    agents,
    isTaking: () => acts.isTaking(),
  });

  const onImage = (sha256: string, bytes: Uint8Array): void =>
    images.put(sha256, bytes, (outcome) => {
      if (outcome.kind !== "stored") return;
      site.imageRequests.arrived(sha256);
      officers.onImageStored(sha256);
    });

  const every = (name: string, periodMs: number, work: () => void): void => {
    const dueAt = monotonicMs(clock.monotonic() + periodMs);
    timers.set(
      name,
      clock.schedule(dueAt, () => {
        if (isStopped) return;
        work();
        every(name, periodMs, work);
      }),
    );
  };

  const tellCentre = (): void => {
    const { startedAt } = scene.centre;
    const broker = isLinkUp ? "receiving" : "down";
    const centre = { site: config.site, startedAt, agents: agents.view(), broker } as const;
    site.observed.tell({ kind: "centre", centre });
  };

  const tick = (): void => {
    acts.tick();
    officers.tick();
    site.imageRequests.tick();
    journals.tick();
    const isStarting = clock.monotonic() - startedAt < firstHeardMsMax;
    for (const { id, agentId } of config.lines) {
      const isHeard = agents.isHeard(agentId);
      if (isHeard) heardOnce.add(id);
      if (heardOnce.has(id) || !isStarting) site.alarms.tellOwn(id, notHeard, !isHeard);
      tellLink(id, isHeard ? up.links().get(agentId) : steady);
    }
    tellCalendar();
    site.alarms.tick();
    if (intake.counters().factsTotal - checkpointAtFacts >= checkpointFactsMax) checkpoint();
  };

  /** A link that is lost again and again carries claims and leases only now and then. */
  const tellLink = (lineId: string, { cuts, givenUp }: AgentLink = steady): void => {
    const of = { key: ofLine, passId: null } as const;
    const unsteady = { code: "linkUnsteady", ...of, params: { cuts } } as const;
    site.alarms.tellOwn(lineId, unsteady, cuts >= cutsPerMinuteMin);
    const lost = { code: "imagesGivenUp", ...of, params: { total: givenUp } } as const;
    site.alarms.tellOwn(lineId, lost, givenUp > 0);
  };

  /** The calendar is the site's; like all that is of no line it is told at the first one. */
  const tellCalendar = (): void => {
    const [line] = config.lines;
    if (line === undefined) return;
    const doubt = desk.calendarDoubt();
    const { why, byMs } = doubt ?? { why: "jumped", byMs: 0 };
    const params = { why, byS: Math.round(byMs / 1_000) };
    const condition = { code: "calendarUnproved", key: ofLine, passId: null, params } as const;
    site.alarms.tellOwn(line.id, condition, doubt !== null);
  };

  const checkpoint = (): void => {
    const { factsTotal } = intake.counters();
    if (factsTotal === checkpointAtFacts) return;
    checkpointAtFacts = factsTotal;
    acts.offer(site.checkpoints.make(intake.applied()), centreItself, () => {});
  };

  link.start({
    onState: (isConnected, reason) => {
      isLinkUp = isConnected;
      linkReason = reason ?? "";
      tellCentre();
    },
    onMessage: (agentId, message) => up.take(agentId, message),
    onImage: (agentId, _passId, sha256, bytes) => {
      agents.heard(agentId);
      onImage(sha256, bytes);
    },
  });
  desk.start();
  every("tick", tickMs, tick);
  every("centre", 1_000, tellCentre);
  every("checkpoint", checkpointMs, checkpoint);

  return {
    site,
    hub,
    images,
    acts,
    journals,
    notReadyReasons: () => {
      const health = journal.health();
      const brokenWhy = acts.brokenWhy();
      return [
        ...(isStopped ? ["centre: stopping"] : []),
        ...(health.state === "writing" ? [] : [`journal: ${health.why ?? health.state}`]),
        ...(brokenWhy === null ? [] : [`journal: an act cannot be written: ${brokenWhy}`]),
        ...(isLinkUp ? [] : [`link: ${linkReason}`]),
        ...journals.reasons(),
        ...[...up.links()].flatMap(([agentId, { cuts, givenUp }]) => [
          ...(cuts < cutsPerMinuteMin
            ? []
            : [`agent ${agentId}: link lost ${cuts} times a minute`]),
          ...(givenUp === 0 ? [] : [`agent ${agentId}: ${givenUp} images cannot be sent`]),
        ]),
        ...agents.view().flatMap(({ id, isHeard }) => (isHeard ? [] : [`agent ${id}: not heard`])),
      ];
    },
    counters: () => ({
      claims: { ...claims.counters() },
      officers: officers.counters(),
      clearance: { ...sender.counters(), records: desk.recordsTotal() },
      intake: { ...intake.counters(), foreignTotal: up.foreignTotal() },
      acts: { ...acts.counters(), unreadableTotal },
      images: { ...images.counters(), ...site.imageRequests.counters() },
      sockets: { ...hub.counters() },
      link: linkCounters(link),
      documents: { ...desk.counters(), ...site.counters() },
    }),
    deviceCounters: () => up.deviceCounters(),
    stop: async () => {
      isStopped = true;
      for (const timer of timers.values()) timer.cancel();
      unlisten();
      sender.stop();
      hub.stop();
      agents.stop();
      site.observed.stop();
      desk.stop();
      await link.close();
      await intake.settled();
      const last = site.checkpoints.make(intake.applied());
      await writeDurably(acts, { act: last, actor: centreItself });
      await settled(acts);
    },
  };
}

/** Claims and leases are for whoever is heard whole. */
const leaseFor = {
  awaited: "withheld",
  taken: "granted",
  refused: "ended",
} as const satisfies Record<Standing["kind"], LeaseRight>;

const notHeard = { code: "lineNotHeard", key: ofLine, passId: null, params: {} } as const;

/** An id never used before, also not by an earlier run: the calendar and forty bits of chance. */
function newId(prefix: string, options: Pick<CentreOptions, "clock" | "entropy">): string {
  const chance = Math.floor(options.entropy.next() * 2 ** 40);
  return `${prefix}-${options.clock.wall().toString(36)}-${chance.toString(36)}`;
}

function linkCounters(link: LinkCentreEnd): Readonly<Record<string, number>> {
  const { sentTotal, unsentTotal, receivedTotal, refusedTotal } = link.counters();
  return { sentTotal, unsentTotal, receivedTotal, refusedTotal };
}
