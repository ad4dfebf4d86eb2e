import { isDoubt, type ClearanceRecord } from "../../protocols/clearance.ts";
import type { DownMessage } from "../../protocols/link.ts";
import type { HeldBack } from "../../protocols/ui/http.ts";
import { confirmMsMax } from "../../edge/centre/doubt-watch.ts";
import type { Trip } from "../../edge/link/memory-link.ts";
import { recordsToldBy } from "../centre/kit/records.ts";
import { createToldRecords, type ToldRecords } from "../kit/told-records.ts";
import type { ScheduleResult } from "./result.ts";
import { documentWaitMs, leaseMs } from "./site.ts";

/** Judges by what has crossed the wires, and by what people are told. */
export interface Watch {
  readonly wrong: string[];
  /** The centre has given it to the wire. */
  carried(trip: Trip): void;
  /** The agent is about to hear it. */
  down(agentId: string, message: DownMessage): void;
  gap(agentId: string, why: string): void;
  /** All papers of a manifest are durable. */
  founded(waybill: string): void;
  /** A paper that a manifest needs is missing, or does not count: that is durable. */
  waits(waybill: string): void;
  /** What it waits for is on its way to the centre. */
  waitsNoMore(waybill: string): void;
  held(against: Against): void;
  /** What was against it is taken back. */
  lifted(against: Pick<Against, "id" | "waybill">): void;
  /** Whoever placed it is told who holds it back. */
  answered(against: Pick<Against, "id" | "waybill">, heldBack: HeldBack): void;
  /** A line has decided so, whether it still sends the divert or not: that is the release (law 13). */
  released(waybill: string): void;
  green(sent: SentToGreen): void;
  /** The diverter has fired for what was sent. */
  fired(sent: Omit<SentToGreen, "waybill">): void;
  centreKilled(): void;
  centreRuns(): void;
  /** The passes that were sent to green, by waybill. */
  readonly greens: ReadonlyMap<string, ReadonlySet<string>>;
  counts(): Counts;
}

export type Counts = Pick<ScheduleResult, "greens" | "confirmed" | "unconfirmed" | "expired">;

/** A hold that is durable. */
interface Against {
  readonly id: string;
  readonly waybill: string;
  /** Nobody waits to be told who holds it back: an alarm has to tell. */
  readonly isUnasked: boolean;
}

interface SentToGreen {
  readonly lineId: string;
  readonly agentId: string;
  readonly passId: string;
  readonly waybill: string | null;
}

export interface WatchOptions {
  readonly now: () => number;
  /** An alarm says that this pass may be released. */
  readonly isAlarmed: (pass: { readonly lineId: string; readonly passId: string }) => boolean;
  /** Of the centre's disk, each. */
  readonly syncMsMax: number;
  /** The longest that one reading of the centre's rows takes. */
  readonly readMsMax: number;
}

interface Standing {
  readonly acknowledgedAt: number;
  /** From when on a pass that may still be released is named by an alarm. */
  namedFrom: number;
}

/** A second to confirm in, and until somebody looks. */
const alarmedMsMax = confirmMsMax + 150;
/** Agents find a centre that was started again within so long, and have that second then. */
const restartMsMax = 2_000 + alarmedMsMax;
/** Waits that have ended are looked for once a second. */
const lookMsMax = 1_100;
/**
 * They are looked for in what is durable, behind a commit that is under way and the one after it. Where
 * others change meanwhile what is due, they are looked for again (`edge/store/loader.ts`); and what they
 * do is durable behind two commits more. Until then the wait itself holds the parcel back.
 */
const looksMax = 5;
const commitsMax = 2 * looksMax + 2;
/** Their rows lead from one to the next, and so do those of whoever is before them. */
const readingsMax = 20;
/** What takes a divert back has reached the diverter by then. */
const abortMsMax = 5;
const never = Number.POSITIVE_INFINITY;

/** Of a record that has reached an agent. */
interface Reached {
  readonly version: number;
  /** Since when it is doubt; null while it is none. */
  readonly doubtSince: number | null;
}

export const createWatch = (options: WatchOptions): Watch => new WireWatch(options);

class WireWatch implements Watch {
  readonly wrong: string[] = [];
  readonly greens = new Map<string, Set<string>>();
  readonly #options: WatchOptions;
  /** By agent and waybill: the newest version of the record that has reached it, if that is doubt. */
  readonly #newest = new Map<string, Reached>();
  /** Agent, stream and number of each message that has reached it. */
  readonly #heard = new Set<string>();
  readonly #sent = new Map<string, string>();
  readonly #released = new Set<string>();
  /** What each agent has been told, if everything has arrived. */
  readonly #told = new Map<string, ToldRecords>();
  readonly #founded = new Set<string>();
  readonly #waitsSince = new Map<string, number>();
  readonly #against = new Map<string, Map<string, Standing>>();
  readonly #counts = { confirmed: 0, unconfirmed: 0, expired: 0 };
  #runsSince = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  carried({ agentId, direction, message }: Trip): void {
    if (direction !== "down" || message.kind !== "clearance") return;
    const told = this.#told.get(agentId) ?? createToldRecords();
    this.#told.set(agentId, told);
    // A lease counts from the agent's own clock, which is ours here.
    if (!told.learn(message.message, this.#options.now())) return;
    for (const { waybill, record } of told.held()) this.#leased(agentId, waybill, record);
  }

  /** Whoever is leased a record has been told of all that stands against it (law 12). */
  #leased(agentId: string, waybill: string, record: ClearanceRecord | null): void {
    // Its documents are not compared any more.
    if (this.#released.has(waybill)) return;
    const isOpen = record !== null && !isDoubt(record);
    if (isOpen && this.#against.has(waybill)) {
      this.wrong.push(`${agentId} is leased ${waybill}, and was not told of what is against it`);
    }
    const now = this.#options.now();
    const { syncMsMax, readMsMax } = this.#options;
    const expiryMsMax = lookMsMax + commitsMax * syncMsMax + readingsMax * readMsMax;
    const dueAt = (this.#waitsSince.get(waybill) ?? never) + documentWaitMs + expiryMsMax;
    if (now < dueAt || now < this.#runsSince + expiryMsMax) return;
    this.#counts.expired += 1;
    const isTold = record?.reasons.some(({ code }) => code === "comparisonFailed") === true;
    if (!isTold) {
      this.wrong.push(`${agentId} is leased ${waybill}, and was not told that its wait has ended`);
    }
  }

  down(agentId: string, message: DownMessage): void {
    if (message.kind !== "clearance") return;
    const { stream, seq } = message.message;
    const copy = `${agentId} ${stream} ${seq}`;
    // A copy that a broker brings once more says nothing new, also when a centre was killed since.
    if (this.#heard.has(copy)) return;
    this.#heard.add(copy);
    for (const record of recordsToldBy(message.message)) this.#learn(agentId, record);
  }

  #learn(agentId: string, record: ClearanceRecord): void {
    const key = keyOf(agentId, record.waybill);
    const known = this.#newest.get(key);
    if (known !== undefined && known.version > record.version) return;
    if (known === undefined || known.version < record.version || isDoubt(record)) {
      const doubtSince =
        isDoubt(record) && isOfDocuments(record)
          ? (known?.doubtSince ?? this.#options.now())
          : null;
      this.#newest.set(key, { version: record.version, doubtSince });
    }
  }

  gap(agentId: string, why: string): void {
    // What a link does shows in the numbers, before anybody compares what is held.
    if (why.includes("claims held")) this.wrong.push(`${agentId}: ${why}`);
  }

  founded(waybill: string): void {
    this.#founded.add(waybill);
  }

  waits(waybill: string): void {
    if (!this.#waitsSince.has(waybill)) this.#waitsSince.set(waybill, this.#options.now());
  }

  waitsNoMore(waybill: string): void {
    this.#waitsSince.delete(waybill);
  }

  released(waybill: string): void {
    this.#released.add(waybill);
  }

  held({ id, waybill, isUnasked }: Against): void {
    const now = this.#options.now();
    const all = this.#against.get(waybill) ?? new Map<string, Standing>();
    this.#against.set(waybill, all);
    if (all.has(id)) return;
    all.set(id, { acknowledgedAt: now, namedFrom: isUnasked ? now + alarmedMsMax : never });
  }

  lifted({ id, waybill }: Pick<Against, "id" | "waybill">): void {
    const all = this.#against.get(waybill);
    all?.delete(id);
    if (all?.size === 0) this.#against.delete(waybill);
  }

  answered(
    { id, waybill }: Pick<Against, "id" | "waybill">,
    { confirmed, unconfirmed }: HeldBack,
  ): void {
    this.#counts.confirmed += confirmed.length;
    this.#counts.unconfirmed += unconfirmed.length;
    for (const pass of unconfirmed) {
      if (this.#options.isAlarmed(pass)) continue;
      this.wrong.push(`${pass.passId} is said to be releasable, and no alarm says so`);
    }
    const standing = this.#against.get(waybill)?.get(id);
    if (standing !== undefined) standing.namedFrom = this.#options.now();
  }

  green({ lineId, agentId, passId, waybill }: SentToGreen): void {
    if (waybill === null) return void this.wrong.push(`${lineId}: a green without a waybill`);
    this.greens.set(waybill, (this.greens.get(waybill) ?? new Set()).add(passId));
    const says = (what: string): void =>
      void this.wrong.push(`${lineId} sent ${waybill} to green ${what}`);
    if (!this.#founded.has(waybill)) says("on papers that were not all there");
    if (this.#doubtSince(agentId, waybill) !== null) says("after it had the change");
    this.#sent.set(passId, waybill);
    const now = this.#options.now();
    // While no centre runs nobody can be told.
    const isHeard = now >= this.#runsSince + restartMsMax;
    for (const { acknowledgedAt, namedFrom } of this.#against.get(waybill)?.values() ?? []) {
      if (now > acknowledgedAt + leaseMs) says(`${now - acknowledgedAt} ms after a hold was kept`);
      if (now < namedFrom || !isHeard || this.#options.isAlarmed({ lineId, passId })) continue;
      says("behind a hold, and nobody was told that it may");
    }
  }

  fired({ lineId, agentId, passId }: Omit<SentToGreen, "waybill">): void {
    const waybill = this.#sent.get(passId) ?? "";
    const since = this.#doubtSince(agentId, waybill);
    if (since === null || this.#options.now() < since + abortMsMax) return;
    this.wrong.push(`${lineId} let ${waybill} go to green though it had the change in time`);
  }

  #doubtSince(agentId: string, waybill: string): number | null {
    return this.#newest.get(keyOf(agentId, waybill))?.doubtSince ?? null;
  }

  /** What was not durable nobody knows any more, whoever had heard it. */
  centreKilled(): void {
    this.#runsSince = never;
    for (const [key, { doubtSince }] of this.#newest) {
      const isKept = this.#against.has(key.slice(key.indexOf(" ") + 1));
      this.#newest.set(key, { version: 0, doubtSince: isKept ? doubtSince : null });
    }
  }

  centreRuns(): void {
    this.#runsSince = this.#options.now();
  }

  counts(): Counts {
    return { greens: this.greens.size, ...this.#counts };
  }
}

const keyOf = (agentId: string, waybill: string): string => `${agentId} ${waybill}`;

/** Doubt of the claims comes and goes under one version, and has a judge of its own: sent twice. */
const isOfDocuments = ({ reasons }: ClearanceRecord): boolean =>
  reasons.some(({ code }) => code !== "claimedElsewhere" && code !== "alreadyReleased");
