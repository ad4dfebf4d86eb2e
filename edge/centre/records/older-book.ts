import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";

/**
 * What the agents remember of the centre beside what the centre holds, pure. An agent that was told
 * more than is here shows that the centre's records are older than they were: a backup was put back,
 * or a disk has lied about a sync. What was granted, released or controlled since is not here then,
 * so nobody may be granted anything before every agent has told again what it knows, or a person has
 * said which one will not.
 */
export interface OlderBook {
  readonly agents: Map<string, RememberingAgent>;
  /** Null while nothing shows that the records are older. */
  found: FoundOlder | null;
  /** Of the centre's own records, at least; it stands until a person has seen to it. */
  lostActs: number;
}

interface RememberingAgent {
  /** What its last hello remembers has been compared, and what follows from it is kept. */
  isJudged: boolean;
  isNamed: boolean;
  /** The chain that it writes, as its hello said; null: it has said none since the centre started. */
  chain: string | null;
  /** When it last told how far that reaches. */
  aliveAt: MonotonicMs;
  /** By chain, the last record that it has told of or that it was acknowledged. */
  readonly wanted: Map<string, number>;
}

interface FoundOlder {
  /** Whatever was leased before is over by then. */
  readonly leasesOverAt: MonotonicMs;
  /** Agents with the chain of which they were told more, so that each is written down once. */
  readonly shownBy: Set<string>;
}

/** One whose records are not all here. */
export interface AwaitedAgent {
  readonly agentId: string;
  /** It has said hello since the centre started. */
  readonly isHeard: boolean;
  readonly missing: readonly MissingRecords[];
}

export interface MissingRecords {
  readonly chain: string;
  readonly wantedSeq: number;
  readonly heldSeq: number;
}

export interface ShownOlder {
  /** Null where the centre's own signature shows it. */
  readonly agentId: string | null;
  readonly chain: string;
  /** As far as the agent was told that this chain is held. */
  readonly toldSeq: number;
  readonly lostActs: number;
}

const never = monotonicMs(Number.NEGATIVE_INFINITY);

export const newOlderBook = (agentIds: readonly string[]): OlderBook => ({
  agents: new Map(
    agentIds.map((id) => [
      id,
      { isJudged: false, isNamed: false, chain: null, aliveAt: never, wanted: new Map() },
    ]),
  ),
  found: null,
  lostActs: 0,
});

/** It is to be judged what this hello remembers. `isTakenHere`: of the chain that is taken now. */
export function noteHello(
  { agents, found }: OlderBook,
  agentId: string,
  hello: { readonly chain: string; readonly seq: number; readonly isTakenHere: boolean },
): void {
  const agent = agents.get(agentId);
  if (agent === undefined) return;
  agent.isJudged = false;
  agent.chain = hello.chain;
  // An agent that was given up and is here all the same can tell what it knows.
  if (hello.isTakenHere) agent.isNamed = false;
  if (found === null) agent.wanted.clear();
  if (!agent.isNamed) want(agent, hello.chain, hello.seq);
}

export function noteAlive(
  { agents }: OlderBook,
  agentId: string,
  alive: { readonly seq: number; readonly at: MonotonicMs },
): void {
  const agent = agents.get(agentId);
  if (agent === undefined || agent.chain === null || !agent.isJudged) return;
  agent.aliveAt = alive.at;
  if (!agent.isNamed) want(agent, agent.chain, alive.seq);
}

/** True when this agent has not shown it of this chain before. */
export function noteOlder(
  book: OlderBook,
  { agentId, chain, toldSeq, lostActs }: ShownOlder,
  leasesOverAt: MonotonicMs,
): boolean {
  book.found ??= { leasesOverAt, shownBy: new Set() };
  book.lostActs = Math.max(book.lostActs, lostActs);
  const agent = book.agents.get(agentId ?? "");
  if (agent !== undefined && !agent.isNamed) want(agent, chain, toldSeq);
  const shown = `${agentId} ${chain}`;
  if (book.found.shownBy.has(shown)) return false;
  book.found.shownBy.add(shown);
  return true;
}

/** The agent will not come, by a person's word. */
export function nameMissing({ agents }: OlderBook, agentId: string): void {
  const agent = agents.get(agentId);
  if (agent === undefined) return;
  agent.isNamed = true;
  agent.wanted.clear();
}

export function noteOver(book: OlderBook): void {
  book.found = null;
  for (const agent of book.agents.values()) {
    agent.isNamed = false;
    agent.wanted.clear();
  }
}

/** A person has had sent again what was lost. */
export function noteLostSeen(book: OlderBook): void {
  book.lostActs = 0;
}

export interface Holdings {
  /** As far as a chain is held and told. */
  readonly toldSeqOf: (chain: string) => number;
  /** What the agent says of its journal is whole. */
  readonly isWhole: (agentId: string) => boolean;
}

/** Whoever has to be heard, or heard further, before anybody is granted anything. */
export function awaitedAgents(book: OlderBook, holdings: Holdings): readonly AwaitedAgent[] {
  const { found } = book;
  if (found === null) return [];
  return [...book.agents].flatMap(([agentId, agent]) => {
    if (agent.isNamed) return [];
    const missing = [...agent.wanted].flatMap(([chain, wantedSeq]) => {
      const heldSeq = holdings.toldSeqOf(chain);
      return heldSeq < wantedSeq ? [{ chain, wantedSeq, heldSeq }] : [];
    });
    // What it did on its last lease it has written by the time that lease is over.
    const isHeard = agent.chain !== null;
    const isAfterwards = agent.aliveAt >= found.leasesOverAt;
    const isThere = agent.isJudged && isAfterwards && holdings.isWhole(agentId);
    return isThere && missing.length === 0 ? [] : [{ agentId, isHeard, missing }];
  });
}

function want({ wanted }: RememberingAgent, chain: string, seq: number): void {
  wanted.set(chain, Math.max(wanted.get(chain) ?? 0, seq));
}
