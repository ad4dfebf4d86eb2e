import type { Actor } from "../../../protocols/actor.ts";
import { nameOfChain } from "../../../protocols/chain-name.ts";
import type { ChainEnd, SignedEnd } from "../../../protocols/generation.ts";
import type { DownMessage, UpMessage } from "../../../protocols/link.ts";
import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import type { JournalCopies } from "../../journal/copies.ts";
import type { Journal } from "../../journal/journal.ts";
import { centreItself, writeDurably, type ActLog } from "../acts/act-log.ts";
import type { CentreActOf } from "../acts/acts.ts";
import {
  awaitedAgents,
  nameMissing,
  newOlderBook,
  noteLostSeen,
  noteAlive,
  noteHello,
  noteOlder,
  noteOver,
  type AwaitedAgent,
  type Holdings,
  type ShownOlder,
} from "./older-book.ts";
import type { LinkSending } from "../../../protocols/transport.ts";

/**
 * Keeps the centre from granting anything while its records are older than what its agents were told
 * (law 1). Each agent keeps how far the centre has acknowledged it and how far the centre's own
 * journal reached, and says both in its hello; what it remembers is compared before it is taken.
 */
export interface OlderStore {
  hello(agentId: string, hello: Hello, isTakenHere: boolean): void;
  alive(agentId: string, lastSeq: number): void;
  /** Ends of chains that an earlier run has signed; before anybody is heard. */
  judgeSigned(ends: readonly SignedEnd[]): Promise<void>;
  /** Its hello has been judged, and the centre waits for nobody. */
  mayBeTaken(agentId: string): boolean;
  /** For the person who says that this agent will not come; resolves when it is durable. */
  nameMissing(agentId: string, by: Actor, reason: string): Promise<NameOutcome>;
  /** For the person who has had the lost papers and controls sent again. */
  seeLost(by: Actor, reason: string): Promise<SeeOutcome>;
  /** At the start, an act of this kind from the centre's journal; called in the journal's order. */
  restore(act: OlderAct): void;
  /** Several times a second. */
  tick(): void;
  view(): OlderView;
}

type Hello = Extract<UpMessage, { kind: "hello" }>;
export type OlderAct =
  | CentreActOf<"olderFound">
  | CentreActOf<"missingNamed">
  | CentreActOf<"olderOver">
  | CentreActOf<"lostSeen">;

export type NameOutcome =
  | { readonly kind: "named" }
  | {
      readonly kind: "refused";
      readonly why: "unknownAgent" | "notAwaited" | "notJournalled";
    };
export type SeeOutcome =
  | { readonly kind: "seen"; readonly lostActs: number }
  | { readonly kind: "refused"; readonly why: "nothingLost" | "notJournalled" };

export interface OlderView {
  readonly isOlder: boolean;
  /** Of the centre's own records, at least. */
  readonly lostActs: number;
  readonly awaited: readonly AwaitedAgent[];
}

export interface OlderStoreOptions {
  readonly clock: Clock;
  readonly acts: Pick<ActLog, "offer" | "write" | "whenKept">;
  readonly agentIds: readonly string[];
  /** The centre's own. */
  readonly journal: Pick<Journal, "readAfter" | "tail">;
  readonly copies: Pick<JournalCopies, "held">;
  readonly holdings: Holdings;
  readonly leaseMs: number;
  readonly send: (agentId: string, message: DownMessage) => LinkSending;
  /** The centre's own records cannot be read now. */
  readonly onDiskFailed: (chain: string, error: unknown) => void;
  /** Who may be taken has changed. */
  readonly onChanged: () => void;
}

/**
 * After a restart, nobody is granted anything before every agent has said what it remembers and its
 * journal is caught up, or so long after the first hello: an agent that lived through the restart says
 * its own within two seconds of the next heartbeat. Whoever comes later is judged all the same.
 */
const firstWordsMsMax = 3_000;
/** An agent is told this often how far the centre's own journal reaches, where it has grown. */
const reachedEveryMs = 2_000;

export function createOlderStore(options: OlderStoreOptions): OlderStore {
  const { clock, acts, journal, copies, holdings, agentIds } = options;
  const book = newOlderBook(agentIds);
  const hellos = new Map<string, Judging>();
  const reached = new Map<string, { readonly seq: number; readonly at: MonotonicMs }>();
  const startSeq = journal.tail().seq;
  // A centre that holds nothing yet has granted nothing.
  const firstWords = { begunAt: null as MonotonicMs | null, areOver: startSeq === 0 };
  let isEnding = false;

  const now = (): MonotonicMs => clock.monotonic();
  const leasesOverAt = (): MonotonicMs => monotonicMs(now() + options.leaseMs);
  const isJudged = (agentId: string): boolean => book.agents.get(agentId)?.isJudged === true;
  const awaited = (): readonly AwaitedAgent[] => awaitedAgents(book, holdings);

  const areFirstWordsOver = (): boolean => {
    const { begunAt, areOver } = firstWords;
    if (areOver || begunAt === null) return areOver;
    const isSaid = agentIds.every((id) => isJudged(id) && holdings.isWhole(id));
    firstWords.areOver = isSaid || now() - begunAt >= firstWordsMsMax;
    return firstWords.areOver;
  };

  const tellReached = (agentId: string): void => {
    const { chain, seq, hash } = journal.tail();
    const before = reached.get(agentId);
    if (!isJudged(agentId) || seq === 0 || before?.seq === seq) return;
    if (before !== undefined && now() - before.at < reachedEveryMs) return;
    const told = options.send(agentId, { kind: "centreReached", end: { chain, seq, hash } });
    if (told.kind === "sent") reached.set(agentId, { seq, at: now() });
  };

  const judged = (agentId: string, one: Judging): void => {
    const agent = book.agents.get(agentId);
    if (agent === undefined || hellos.get(agentId) !== one) return;
    hellos.delete(agentId);
    agent.isJudged = true;
    options.onChanged();
    tellReached(agentId);
  };

  const findOlder = (shown: ShownOlder, told: ChainEnd | null): void => {
    isEnding = false;
    if (noteOlder(book, shown, leasesOverAt())) {
      const { seq, hash, chain } = journal.tail();
      const here = { heldSeq: copies.held(shown.chain).seq, end: { chain, seq, hash } };
      acts.write({ kind: "olderFound", ...shown, told, ...here }, centreItself);
    }
    options.onChanged();
  };

  /** At least: what was written since the start took the numbers of what is lost. */
  const lostSince = (told: ChainEnd | null): number => Math.max(1, (told?.seq ?? 0) - startSeq);

  /** The journal has grown beyond what the agent remembers, or another history has. */
  const readFit = async (remembered: ChainEnd | null): Promise<Fit> => {
    const { seq, hash } = remembered ?? { seq: 0, hash: "" };
    if (seq === 0) return "fits";
    const records = await journal.readAfter(seq - 1, 1).catch((error: unknown) => {
      options.onDiskFailed(journal.tail().chain, error);
      return null;
    });
    if (records === null) return "unread";
    const [record] = records;
    // A journal that no longer keeps its beginning can say nothing of it.
    const isOther = record === undefined || (record.seq === seq && record.hash !== hash);
    return isOther ? "lost" : "fits";
  };

  const judge = async (agentId: string, one: Judging): Promise<void> => {
    const { chain, told } = one.hello;
    one.isUnderWay = true;
    const quick = quickFit(told.centre, journal.tail());
    const fit = quick ?? (await readFit(told.centre));
    if (hellos.get(agentId) !== one) return;
    if (fit === "unread") {
      one.isUnderWay = false;
      return;
    }
    const isCopyOlder = told.seq > copies.held(chain).seq;
    if (fit === "fits" && !isCopyOlder) return judged(agentId, one);
    const lostActs = fit === "lost" ? lostSince(told.centre) : 0;
    findOlder({ agentId, chain, toldSeq: told.seq, lostActs }, told.centre);
    // Until then the agent remembers what it does, so that one more restart would show it again.
    acts.whenKept(() => judged(agentId, one));
  };

  const isLost = async (end: ChainEnd): Promise<boolean> =>
    (quickFit(end, journal.tail()) ?? (await readFit(end))) === "lost";

  const judgeSigned = async ({ isOwn, ...signed }: SignedEnd): Promise<void> => {
    const { chain, seq: toldSeq } = signed;
    const { agentId } = nameOfChain(chain);
    if (!isOwn && book.agents.has(agentId)) {
      if (toldSeq > copies.held(chain).seq)
        findOlder({ agentId, chain, toldSeq, lostActs: 0 }, null);
    } else if (chain === journal.tail().chain && (await isLost(signed))) {
      findOlder({ agentId: null, chain, toldSeq, lostActs: lostSince(signed) }, signed);
    }
  };

  /** When everybody who can has told again what he knows. */
  const end = (): void => {
    const { found } = book;
    if (found === null || isEnding || now() < found.leasesOverAt || awaited().length > 0) return;
    isEnding = true;
    // Whoever shows it now is written down behind the end.
    found.shownBy.clear();
    acts.write({ kind: "olderOver" }, centreItself);
    acts.whenKept(() => {
      if (!isEnding) return;
      isEnding = false;
      noteOver(book);
      options.onChanged();
    });
  };

  return {
    hello: (agentId, hello, isTakenHere) => {
      firstWords.begunAt ??= now();
      const seq = Math.max(hello.lastSeq, hello.told.seq);
      noteHello(book, agentId, { chain: hello.chain, seq, isTakenHere });
      const one = { hello, isUnderWay: false };
      reached.delete(agentId);
      hellos.set(agentId, one);
      void judge(agentId, one);
    },
    judgeSigned: async (ends) => {
      for (const end of ends) await judgeSigned(end);
    },
    alive: (agentId, lastSeq) => noteAlive(book, agentId, { seq: lastSeq, at: now() }),
    mayBeTaken: (agentId) => book.found === null && isJudged(agentId) && areFirstWordsOver(),
    nameMissing: async (agentId, by, reason) => {
      if (!book.agents.has(agentId)) return { kind: "refused", why: "unknownAgent" };
      // One that is here and only has not told its last yet is not missing.
      const isMissing = awaited().some(
        ({ agentId: id, isHeard, missing }) =>
          id === agentId && (!isHeard || missing.length > 0 || !holdings.isWhole(id)),
      );
      if (!isMissing) return { kind: "refused", why: "notAwaited" };
      const act = { kind: "missingNamed", agentId, reason } as const;
      const name = (): void => nameMissing(book, agentId);
      // What allows is done when it is durable.
      const isDurable = await writeDurably(acts, { act, actor: by, onFound: name });
      if (!isDurable) return { kind: "refused", why: "notJournalled" };
      name();
      return { kind: "named" };
    },
    seeLost: async (by, reason) => {
      const { lostActs } = book;
      if (lostActs === 0) return { kind: "refused", why: "nothingLost" };
      const act = { kind: "lostSeen", reason } as const;
      const see = (): void => noteLostSeen(book);
      const isDurable = await writeDurably(acts, { act, actor: by, onFound: see });
      if (!isDurable) return { kind: "refused", why: "notJournalled" };
      see();
      return { kind: "seen", lostActs };
    },
    restore: (act) => {
      // How much of the last lease had run when we went down cannot be told: all of it is waited.
      if (act.kind === "olderFound") noteOlder(book, act, leasesOverAt());
      else if (act.kind === "missingNamed") nameMissing(book, act.agentId);
      else if (act.kind === "olderOver") noteOver(book);
      else noteLostSeen(book);
    },
    tick: () => {
      for (const [agentId, one] of hellos) if (!one.isUnderWay) void judge(agentId, one);
      for (const agentId of agentIds) tellReached(agentId);
      end();
    },
    view: () => ({
      isOlder: book.found !== null,
      lostActs: book.lostActs,
      awaited: awaited(),
    }),
  };
}

/** Its hello, until that has been compared and what follows from it is kept. */
interface Judging {
  readonly hello: Hello;
  isUnderWay: boolean;
}

/** `lost`: the centre had told the agent of records of its own that are not here. */
type Fit = "fits" | "lost" | "unread";

/** Null where the journal has to be read for it. */
function quickFit(remembered: ChainEnd | null, tail: ChainEnd): Fit | null {
  if (remembered === null) return "fits";
  const { chain, seq, hash } = remembered;
  if (chain !== tail.chain || seq > tail.seq) return "lost";
  if (seq < tail.seq) return null;
  return hash === tail.hash ? "fits" : "lost";
}
