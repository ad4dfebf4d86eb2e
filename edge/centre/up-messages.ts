import type { UpMessage } from "../../protocols/link.ts";
import type { ClearanceSender } from "../link/clearance-sender.ts";
import type { AgentsHeard } from "./page/agents-heard.ts";
import type { AgentJournals } from "./journals.ts";
import type { AgentStores } from "./alarms/agent-stores.ts";
import { chainNow } from "./lines/generations.ts";
import type { DoubtWatch } from "./doubt-watch.ts";
import type { AgentLink } from "./site-watch.ts";
import type { DeviceTraces } from "./device-traces.ts";
import type { Site } from "./site.ts";
import type { ToldDevices } from "./told-devices.ts";

/** Where each message of a line agent goes. An agent speaks for its own lines only. */
export interface UpMessages {
  take(agentId: string, message: UpMessage): void;
  /** Messages of strangers, and parts that spoke for another agent's line. */
  foreignTotal(): number;
  /** How steady each agent's link was, when it last said so. */
  links(): ReadonlyMap<string, AgentLink>;
  /** Last known totals of each device, as its agent sent them. */
  deviceCounters(): ReadonlyMap<string, Readonly<Record<string, number>>>;
}

export interface UpMessagesOptions {
  readonly agentIds: readonly string[];
  readonly site: Site;
  readonly journals: AgentJournals;
  readonly sender: ClearanceSender;
  readonly doubts: Pick<DoubtWatch, "taken">;
  readonly agents: AgentsHeard;
  readonly stores: AgentStores;
  readonly traces: Pick<DeviceTraces, "take">;
  readonly toldDevices: Pick<ToldDevices, "take">;
  /** False while the centre cannot keep what follows from a message. */
  readonly isTaking: () => boolean;
}

export function createUpMessages(options: UpMessagesOptions): UpMessages {
  const { site, journals, sender } = options;
  const known: ReadonlySet<string> = new Set(options.agentIds);
  const deviceCounters = new Map<string, Readonly<Record<string, number>>>();
  const links = new Map<string, AgentLink>();
  let foreignTotal = 0;

  const isOwn = (agentId: string, lineId: string): boolean => {
    if (site.agentOf(lineId) === agentId) return true;
    foreignTotal += 1;
    return false;
  };

  const takeHealth = (message: Extract<UpMessage, { kind: "health" }>): void => {
    options.toldDevices.take(
      message.lineId,
      message.devices.map(({ id }) => id),
    );
    for (const { id, counters } of message.devices) {
      if (site.scene.devices.get(id)?.lineId === message.lineId) deviceCounters.set(id, counters);
    }
    site.observed.tell({ kind: "health", report: message });
  };

  const takeClaim = (agentId: string, claim: Extract<UpMessage, { kind: "claim" }>): void => {
    const { lineId, passId, waybill } = claim;
    const chain = chainNow(journals.generations, agentId);
    site.claims.ask({ lineId, passId, waybill, chain });
  };

  const take = (agentId: string, message: UpMessage): void => {
    if (message.kind === "leaving") options.agents.left(agentId);
    else options.agents.heard(agentId);
    switch (message.kind) {
      case "hello":
        if (!message.lineIds.every((lineId) => isOwn(agentId, lineId))) return;
        options.stores.back(agentId);
        journals.hello(agentId, message);
        return sender.hello(agentId, {
          stream: message.clearanceStream,
          seq: message.clearanceSeq,
          at: message.at,
        });
      case "alive":
        links.set(agentId, message.link);
        journals.alive(agentId, message.lastSeq);
        return sender.alive(agentId, message.at);
      case "storage":
        return options.stores.storage(agentId, message.report);
      case "leaving":
        return options.stores.leaving(agentId, { code: message.code, why: message.why });
      case "snapshotWanted":
        return sender.snapshotWanted(agentId);
      case "clearanceTaken":
        return options.doubts.taken(agentId, message);
      case "claim":
        // The pass asks again, and a journal that is not acknowledged is sent again.
        if (isOwn(agentId, message.lineId) && options.isTaking()) takeClaim(agentId, message);
        return;
      case "journal":
        if (options.isTaking()) journals.take(agentId, message.records);
        return;
      case "motion":
        for (const belt of message.belts) {
          if (isOwn(agentId, belt.lineId)) site.observed.tell({ kind: "motion", motion: belt });
        }
        return;
      case "health":
        if (isOwn(agentId, message.lineId)) takeHealth(message);
        return;
      case "traceTold":
        return options.traces.take(agentId, message);
    }
  };

  return {
    take: (agentId, message) => {
      if (known.has(agentId)) take(agentId, message);
      else foreignTotal += 1;
    },
    foreignTotal: () => foreignTotal,
    deviceCounters: () => deviceCounters,
    links: () => links,
  };
}
