import { deviceReason } from "../../../../protocols/device-reasons.ts";
import { modulo } from "../../../../protocols/modulo.ts";
import type { NotSentWhy } from "../../../../protocols/transport.ts";
import { monotonicMs, type MonotonicMs } from "../../../../protocols/units.ts";
import type { NoClearance, XraySignal } from "../../../../protocols/xray/signals.ts";
import type { XrayAnnounce, XrayLife } from "../../../../protocols/xray/xray.ts";
import type { Dialect, DialectOutlet, Discarded } from "../../dialect.ts";
import { numberMax } from "../../mapped-variable.ts";
import { createSettledLatch, type LatchNews, type SettledLatch } from "../../settled-latch.ts";
import type { NotWritten, VariableReadings, VariableWrites } from "../../variables.ts";
import { SignalLedger, type StrobeSeen } from "./ledger.ts";
import type { SignalMeaning } from "./meaning.ts";
import { signalsOf, type EntryShown, type SignalSnapshot, type VerdictShown } from "./readings.ts";
import { announcedMax } from "./variables.ts";

/** The numbers that passes are announced under. */
export interface Tracks {
  announce(passId: string): number;
  passOf(track: number | null): string | null;
}

export interface SignalMachineOptions {
  readonly map: SignalMeaning;
  /** They give numbers up to `trackMaxOf`. */
  readonly tracks: Tracks;
}

export const trackMaxOf = ({ announce }: SignalMeaning): number => numberMax(announce.track.bits);

/** What the machine's signals tell. */
export type SignalTold =
  | ({ readonly kind: "life" } & XrayLife)
  | {
      readonly kind: "item";
      readonly passId: string | null;
      readonly itemSequence: number;
      readonly lengthMm: number;
    }
  | ({ readonly kind: "signal" } & XraySignal)
  | Discarded;

type Outlet = DialectOutlet<SignalTold, VariableWrites>;
type SignalShown = VariableReadings | NotWritten;

/** An answer that took longer proves nothing: more may have been latched meanwhile than it shows. */
export const answerMsMax = 250;
/** The heartbeat changes at least so often, or the machine is taken for dead. */
export const heartbeatMs = 500;
/** Between two signs of life that say nothing new. */
const lifeMs = 100;

interface Session {
  readonly boot: string | number;
  readonly serverStart: string | null;
}

/**
 * An X-ray machine's discrete signals, as an X-ray machine: what is read again and again becomes items
 * and verdicts, each once (`edge/devices/xray/README.md` has the rules). It has no clock and no wire.
 *
 * Nothing but a verdict whose number and place agree clears a parcel (`ledger.ts`), and nothing that
 * is in the machine at a moment at which anything was wrong with it is cleared any more.
 */
export class SignalMachine implements Dialect<
  SignalShown,
  VariableWrites,
  SignalTold,
  XrayAnnounce
> {
  readonly #options: SignalMachineOptions;
  readonly #ledger: SignalLedger;
  readonly #entry: SettledLatch<EntryShown>;
  readonly #verdict: SettledLatch<VerdictShown>;
  #session: Session | null = null;
  /** Of a session that is to begin, and needs a second request that shows the same. */
  #seenBefore: SignalSnapshot | null = null;
  /** When a request was understood last. */
  #lookedAt: MonotonicMs | null = null;
  #wasAlive = false;
  /** Something was wrong while an item may have been entering that is told only once it has settled. */
  #doubtOnEntry: NoClearance | null = null;
  #heart: { readonly shown: boolean; readonly changedAt: MonotonicMs | null } | null = null;
  #said: { readonly at: MonotonicMs; readonly text: string } | null = null;
  #lifeSeq = 0;
  #announced = 0;
  #writes = 0;

  constructor(options: SignalMachineOptions) {
    this.#options = options;
    const { map, tracks } = options;
    this.#ledger = new SignalLedger((track) => tracks.passOf(track));
    this.#entry = createSettledLatch(map.entry.times.bits);
    this.#verdict = createSettledLatch(map.verdict.times.bits);
  }

  read(shown: SignalShown, at: MonotonicMs, out: Outlet): void {
    // That it was not written has been said by the wire.
    if (shown.kind === "notWritten") return;
    const tookMs = at - shown.askedAt;
    if (tookMs > answerMsMax) return this.#unread(`the answer took ${tookMs} ms`, out);
    const read = signalsOf(this.#options.map, shown);
    if (read.kind === "unread") return this.#unread(read.why, out);
    this.#take(read.snapshot, at, out);
  }

  refuses(): NotSentWhy | null {
    return this.#session === null ? "noSession" : null;
  }

  /** The number first: whoever sees that one more was announced finds it. */
  write({ passId }: XrayAnnounce): VariableWrites {
    this.#announced = (this.#announced % announcedMax) + 1;
    this.#writes += 1;
    const track = this.#options.tracks.announce(passId);
    return {
      id: this.#writes,
      steps: [
        [{ key: "announce.track", value: track }],
        [{ key: "announce.times", value: this.#announced }],
      ],
    };
  }

  lose(out: Outlet): void {
    this.#end(out);
  }

  #unread(why: string, out: Outlet): void {
    out.tell(noted("signalsUnread", why));
    this.#doubtOnEntry = "signalsUnread";
    this.#tell(this.#ledger.doubt("signalsUnread"), out);
  }

  #take(snapshot: SignalSnapshot, at: MonotonicMs, out: Outlet): void {
    const isAlive = this.#isAlive(snapshot, at);
    if (!this.#isSameSession(snapshot)) {
      if (this.#session !== null) this.#end(out);
      return this.#begin(snapshot, at, isAlive);
    }
    const why = this.#unfit(snapshot, at, isAlive);
    if (why !== null) this.#doubtOnEntry = why;
    const entered = this.#entry.take(snapshot.entry, at);
    const judged = this.#verdict.take(snapshot.verdict, at);
    // One that has gone back is another controller's, whatever the other shows.
    if (entered.kind === "back" || judged.kind === "back") return this.#end(out);
    this.#takeEntry(entered, out);
    if (why !== null) this.#tell(this.#ledger.doubt(why), out);
    else if (entered.kind !== "unsure") this.#doubtOnEntry = null;
    this.#takeVerdict(judged, snapshot.verdict, out);
    if (isAlive) this.#tellLife(snapshot, at, out);
    else if (this.#wasAlive) out.tell(noted("heartbeatStands"));
    this.#wasAlive = isAlive;
  }

  /** Why nothing that is in the machine now is cleared any more; null: all is as it should be. */
  #unfit(snapshot: SignalSnapshot, at: MonotonicMs, isAlive: boolean): NoClearance | null {
    const lookedAt = this.#lookedAt;
    this.#lookedAt = at;
    if (lookedAt !== null && at > monotonicMs(lookedAt + heartbeatMs)) return "signalsUnread";
    return isAlive ? unfitOf(snapshot) : "heartbeatStands";
  }

  #takeEntry(news: Exclude<LatchNews<EntryShown>, { kind: "back" }>, out: Outlet): void {
    if (news.kind === "nothing" || news.kind === "unsure") return;
    const { track, lengthMm } = entryOf(news);
    const entered = this.#ledger.enter(news.by, track);
    out.tell({ kind: "item", ...entered, lengthMm });
    if (this.#doubtOnEntry !== null) this.#tell(this.#ledger.doubt(this.#doubtOnEntry), out);
  }

  #takeVerdict(
    news: Exclude<LatchNews<VerdictShown>, { kind: "back" }>,
    shown: VerdictShown,
    out: Outlet,
  ): void {
    if (news.kind === "nothing" || news.kind === "unsure") return;
    const readings = news.kind === "grown" ? [news.believed, ...news.since] : [shown];
    const seen: StrobeSeen = {
      by: news.by,
      strobe: news.kind === "grown" ? news.believed : null,
      isUnsteady: readings.some((each) => !isSame(each, shown)),
      suspected: readings.find(({ clear, suspect }) => suspect && !clear)?.track ?? null,
    };
    const told = this.#ledger.take(seen);
    const why = told.find((each) => each.why !== null)?.why;
    if (why !== undefined && why !== null) out.tell(noted(why));
    this.#tell(told, out);
  }

  /** Whether the heart has been seen beating; a bit that never changed shows nothing. */
  #isAlive({ heartbeat }: SignalSnapshot, at: MonotonicMs): boolean {
    this.#heart ??= { shown: heartbeat, changedAt: null };
    if (heartbeat !== this.#heart.shown) this.#heart = { shown: heartbeat, changedAt: at };
    const { changedAt } = this.#heart;
    return changedAt !== null && at <= monotonicMs(changedAt + heartbeatMs);
  }

  #isSameSession({ boot, serverStart }: SignalSnapshot): boolean {
    return this.#session?.boot === boot && this.#session.serverStart === serverStart;
  }

  /**
   * Two requests in a row must show the same two numbers: of one alone nobody knows whether something
   * happened between its first value and its last.
   */
  #begin(snapshot: SignalSnapshot, at: MonotonicMs, isAlive: boolean): void {
    const before = this.#seenBefore;
    this.#seenBefore = snapshot;
    const { entry, verdict, boot, serverStart } = snapshot;
    const isStill =
      before?.boot === boot &&
      before.serverStart === serverStart &&
      before.entry.times === entry.times &&
      before.verdict.times === verdict.times;
    if (!isAlive || !isStill) return;
    const inside = modulo(entry.times - verdict.times, 2 ** this.#options.map.entry.times.bits);
    this.#session = { boot, serverStart };
    this.#lookedAt = at;
    this.#wasAlive = true;
    this.#doubtOnEntry = null;
    this.#lifeSeq = 0;
    this.#said = null;
    this.#entry.begin(entry);
    this.#verdict.begin(verdict);
    this.#ledger.begin(entry.times, inside);
  }

  #end(out: Outlet): void {
    this.#tell(this.#ledger.doubt("connectionLost"), out);
    this.#session = null;
    this.#seenBefore = null;
    this.#heart = null;
  }

  #tell(signals: readonly XraySignal[], out: Outlet): void {
    for (const signal of signals) out.tell({ kind: "signal", ...signal });
  }

  #tellLife(snapshot: SignalSnapshot, at: MonotonicMs, out: Outlet): void {
    const why = unfitOf(snapshot);
    const hasFault = snapshot.hasFault || snapshot.isStopped;
    const state = hasFault ? "fault" : snapshot.isReady ? "ready" : "notReady";
    const text = `${why} ${state} ${snapshot.isBeamOn}`;
    if (this.#said?.text === text && at < monotonicMs(this.#said.at + lifeMs)) return;
    this.#said = { at, text };
    this.#lifeSeq += 1;
    out.tell({ kind: "life", state, beamOn: snapshot.isBeamOn, seq: this.#lifeSeq });
  }
}

const unknownEntry = { track: 0, lengthMm: 0 };

/** Of one that was overtaken by the next, or that changed behind its number, nobody knows what it was. */
function entryOf(
  news: Extract<LatchNews<EntryShown>, { kind: "grown" | "restless" }>,
): Pick<EntryShown, "track" | "lengthMm"> {
  if (news.kind === "restless") return unknownEntry;
  const { believed, since } = news;
  const isSteady = since.every(
    ({ track, lengthMm }) => track === believed.track && lengthMm === believed.lengthMm,
  );
  return isSteady ? believed : unknownEntry;
}

const isSame = (one: VerdictShown, other: VerdictShown): boolean =>
  one.track === other.track && one.clear === other.clear && one.suspect === other.suspect;

/** Why nothing that the machine says now clears anything; null: it is as it should be. */
function unfitOf(snapshot: SignalSnapshot): NoClearance | null {
  if (snapshot.isStopped) return "emergencyStopped";
  if (snapshot.hasFault) return "machineFault";
  if (!snapshot.isReady) return "machineNotReady";
  return snapshot.isBeamOn ? null : "beamOff";
}

/** For people: that the machine has said something that clears nobody, and why. */
const noted = (code: NoClearance, detail?: string): Discarded => ({
  kind: "discarded",
  reason: deviceReason(code, { detail }),
  counts: { [`${code}Total`]: 1 },
});
