import { ofLine, type Condition } from "../../protocols/alarms.ts";
import type { UpMessage } from "../../protocols/link.ts";
import type { MonotonicMs } from "../../protocols/units.ts";
import type { Damage } from "../store/port.ts";
import type { CentreLineConfig } from "./config.ts";
import type { CalendarDoubt } from "./documents/desk-time.ts";
import type { OlderView } from "./records/older-store.ts";
import { conditionsOfOlder, olderReasons } from "./records/older-words.ts";
import type { UnreadMessage } from "./unread-messages.ts";

/**
 * What the centre sees for itself: of its lines, as conditions for pages and alarms, and of all that
 * it stands on, as reasons why it should not be relied on now. Without clock and wires.
 */
export interface SiteWatch {
  readonly startedAt: MonotonicMs;
  /** Lines that have been heard since. */
  readonly heardOnce: Set<string>;
}

export type AgentLink = Extract<UpMessage, { kind: "alive" }>["link"];

export interface SiteSeen {
  readonly lines: readonly Pick<CentreLineConfig, "id" | "agentId">[];
  readonly isHeard: (agentId: string) => boolean;
  /** How steady each agent's link was, when it last said so. */
  readonly links: ReadonlyMap<string, AgentLink>;
  readonly calendarDoubt: CalendarDoubt | null;
  readonly unreadMessage: UnreadMessage | null;
  /** The document desk refuses something for want of room. */
  readonly areDocumentsFull: boolean;
  readonly documentsDamage: Damage | null;
  /** Whether the centre's records are older than what its agents were told. */
  readonly older: OlderView;
}

export interface SeenCondition {
  readonly lineId: string;
  readonly condition: Condition;
  readonly holds: boolean;
}

/** Lines have so long to come back to a centre that has started; silent later, they are lost. */
const firstHeardMsMax = 10_000;
/** A link that was cut so often in a minute is told as unsteady. Fewer cuts may be a broker's restart. */
const cutsPerMinuteMin = 3;
const steady: AgentLink = { cuts: 0, givenUp: 0, givenUpBytes: 0 };
const ofWholeLine = { key: ofLine, passId: null } as const;
const notHeard = { code: "lineNotHeard", ...ofWholeLine, params: {} } as const;

export const newSiteWatch = (now: MonotonicMs): SiteWatch => ({
  startedAt: now,
  heardOnce: new Set(),
});

/** Everything that can be told of the lines, whether it holds or not. Notes who is heard. */
export function conditionsSeen(
  { startedAt, heardOnce }: SiteWatch,
  seen: SiteSeen,
  now: MonotonicMs,
): readonly SeenCondition[] {
  const isStarting = now - startedAt < firstHeardMsMax;
  const conditions: SeenCondition[] = [];
  for (const { id: lineId, agentId } of seen.lines) {
    const isHeard = seen.isHeard(agentId);
    if (isHeard) heardOnce.add(lineId);
    if (heardOnce.has(lineId) || !isStarting) {
      conditions.push({ lineId, condition: notHeard, holds: !isHeard });
    }
    const link = isHeard ? (seen.links.get(agentId) ?? steady) : steady;
    conditions.push(...conditionsOfLink(lineId, link));
  }
  return [...conditions, ...conditionsOfSite(seen)];
}

/** A link that is lost again and again carries claims and leases only now and then. */
const conditionsOfLink = (
  lineId: string,
  { cuts, givenUp, givenUpBytes: bytes }: AgentLink,
): readonly SeenCondition[] => [
  {
    lineId,
    condition: { code: "linkUnsteady", ...ofWholeLine, params: { cuts } },
    holds: cuts >= cutsPerMinuteMin,
  },
  {
    lineId,
    condition: { code: "imagesGivenUp", ...ofWholeLine, params: { bytes } },
    holds: givenUp > 0,
  },
];

/** The calendar is the site's; like all that is of no line it is told at the first one. */
function conditionsOfSite(seen: SiteSeen): readonly SeenCondition[] {
  const { calendarDoubt, unreadMessage, areDocumentsFull, documentsDamage } = seen;
  const [line] = seen.lines;
  if (line === undefined) return [];
  const lineId = line.id;
  const { why, byMs } = calendarDoubt ?? { why: "jumped", byMs: 0 };
  const calendar = { why, byS: Math.round(byMs / 1_000) };
  const message = { bytes: unreadMessage?.bytes ?? 0 };
  const { why: damageWhy = "", findingsTotal = 0 } = documentsDamage ?? {};
  const damage = { why: damageWhy, total: findingsTotal };
  return [
    {
      lineId,
      condition: { code: "calendarUnproved", ...ofWholeLine, params: calendar },
      holds: calendarDoubt !== null,
    },
    {
      lineId,
      condition: { code: "messageUnread", ...ofWholeLine, params: message },
      holds: unreadMessage !== null,
    },
    {
      lineId,
      condition: { code: "documentsFull", ...ofWholeLine, params: {} },
      holds: areDocumentsFull,
    },
    {
      lineId,
      condition: { code: "documentsDamaged", ...ofWholeLine, params: damage },
      holds: documentsDamage !== null,
    },
    ...conditionsOfOlder(seen.older).map((each) => ({ lineId, ...each })),
  ];
}

export interface Footing {
  readonly isStopped: boolean;
  readonly journal: { readonly state: string; readonly why: string | null };
  readonly documentsDamage: Damage | null;
  /** An act that can never be written. */
  readonly brokenWhy: string | null;
  /** Why there is no connection to the broker; null while there is one. */
  readonly linkDownWhy: string | null;
  /** Of full disks and images that cannot be kept, and the last words of agents that left. */
  readonly storage: readonly string[];
  /** Of the journals that are not taken. */
  readonly untaken: readonly string[];
  readonly older: OlderView;
  /** Of the parcels that may be released although their papers forbid it. */
  readonly loose: readonly string[];
  readonly links: SiteSeen["links"];
  readonly agents: readonly { readonly id: string; readonly isHeard: boolean }[];
}

function damageReasons(damage: Damage | null): readonly string[] {
  if (damage === null) return [];
  const more = damage.findingsTotal - 1;
  return [`documents: ${damage.why}${more > 0 ? `, and ${more} more, which the log names` : ""}`];
}

/** Why the centre should not be relied on now; empty when it may. */
export const reasonsNotReady = ({ journal, brokenWhy, ...footing }: Footing): readonly string[] => [
  ...(footing.isStopped ? ["centre: stopping"] : []),
  ...(journal.state === "writing" ? [] : [`journal: ${journal.why ?? journal.state}`]),
  ...damageReasons(footing.documentsDamage),
  ...(brokenWhy === null ? [] : [`journal: an act cannot be written: ${brokenWhy}`]),
  ...(footing.linkDownWhy === null ? [] : [`link: ${footing.linkDownWhy}`]),
  ...footing.storage,
  ...olderReasons(footing.older),
  ...footing.untaken,
  ...footing.loose,
  ...[...footing.links].flatMap(([agentId, { cuts, givenUp, givenUpBytes: bytes }]) => [
    ...(cuts < cutsPerMinuteMin ? [] : [`agent ${agentId}: link lost ${cuts} times a minute`]),
    ...(givenUp === 0
      ? []
      : [`agent ${agentId}: ${givenUp} images of ${bytes} bytes or more cannot be sent`]),
  ]),
  ...footing.agents.flatMap(({ id, isHeard }) => (isHeard ? [] : [`agent ${id}: not heard`])),
];
