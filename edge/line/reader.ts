import { codesPerReadMax, type ScannedCode } from "../../protocols/barcode/scanned-code.ts";
import { modulo } from "../../protocols/modulo.ts";
import type { ReadProof } from "../../protocols/scanner/read-proof.ts";
import {
  countsIn,
  countsOf,
  onceFor,
  oncePerLine,
  type LineConfig,
  type ReaderLayout,
} from "./config.ts";
import { isSaidAgain } from "./said-before.ts";
import type { LineState, Pass, PassRead, ReadPulse, ReaderState } from "./state.ts";
import { clearAtCount, countAt, frontMm, raise, rearMm, type Turn } from "./turn.ts";

/**
 * Whose read is it (law 16). A read belongs to a pass because something on the wire names that
 * pass, and because it comes while that pass is before the reader; each alone proves nothing. The
 * one exception is the reader's own encoder, which says by itself where on the belt the trigger
 * was. A read that names nobody, or somebody who is elsewhere, makes both doubtful.
 */
export interface Reader extends Pick<ReaderPlace, "layout" | "readOf"> {
  readonly state: ReaderState;
}

/** A reader of a line, as its configuration alone says. */
interface ReaderPlace {
  readonly layout: ReaderLayout;
  readonly readOf: (pass: Pass) => PassRead;
  readonly stateOf: (state: LineState) => ReaderState;
}

export interface Read {
  readonly codes: readonly ScannedCode[];
  readonly proof: ReadProof;
}

export type Bound =
  | { readonly kind: "bound"; readonly pass: Pass; readonly isProven: boolean }
  /** `named`: whom the proof speaks of, if it speaks of somebody on the belt. */
  | { readonly kind: "unbound"; readonly named: Pass | null; readonly why: string }
  /** Its output has not been told yet: the read waits for it. */
  | { readonly kind: "held" }
  /** It is of no parcel, and nobody's read is missing by it. */
  | { readonly kind: "ofTest" };

/** Whose an output, or what came without one, is; and the codes of its telegram. */
export interface TakenPulse {
  readonly bound: Bound;
  readonly codes: readonly ScannedCode[];
}

/** The scanner, and behind it the witness where there is one. */
export const readerPlaces = oncePerLine(({ layout: { scanner, witness } }) => {
  const places: ReaderPlace[] = [
    { layout: scanner, readOf: ({ read }) => read, stateOf: ({ reader }) => reader },
  ];
  if (witness !== null) {
    places.push({
      layout: witness,
      readOf: ({ witnessRead }) => witnessRead,
      stateOf: (state) => state.witness,
    });
  }
  return places;
});

const readersOfState = onceFor((state: LineState, config: LineConfig): readonly Reader[] =>
  readerPlaces(config).map(({ layout, readOf, stateOf }) => {
    return { layout, readOf, state: stateOf(state) };
  }),
);

export const readersOf = ({ state, config }: Pick<Turn, "state" | "config">): readonly Reader[] =>
  readersOfState(state, config);

export function bindRead(turn: Turn, reader: Reader, read: Read): Bound {
  const { binding } = reader.layout;
  if (closesTest(turn, reader, read)) return { kind: "ofTest" };
  const known = saidOver(turn, reader, read);
  if (known !== null) return { kind: "bound", pass: known, isProven: true };
  switch (binding.kind) {
    case "echo":
      return bindToken(turn, reader, read.proof);
    case "counter":
      return bindCounter(turn, reader, read.proof);
    case "ticks":
      return bindTicks(turn, reader, read.proof);
    case "pulse":
      return bindPulse(turn, reader, read);
    case "none":
      return bindTurn(turn, reader);
  }
}

/**
 * Of whom something is said over that bears no proof, such as the no-read that closes a gate: of the
 * one parcel before the reader, if its read has proved itself already. It takes nothing back, and it
 * is no other parcel's answer, because those that prove themselves are known by their proofs.
 */
function saidOver(turn: Turn, reader: Reader, { codes, proof }: Read): Pass | null {
  const { kind } = reader.layout.binding;
  if (kind === "pulse" || kind === "none" || Object.keys(proof).length > 0) return null;
  const pass = aloneInView(turn, reader, turn.event.count);
  return pass !== null && saysNothingNew(reader.readOf(pass), codes) ? pass : null;
}

/** As with a parcel: a no-read with nobody there, shortly behind the answer to a test. */
function closesTest(turn: Turn, reader: Reader, { codes, proof }: Read): boolean {
  const { tested } = reader.state;
  const { at, count } = turn.event;
  if (tested === null || !tested.isClosingDue || at > tested.untilAt) return false;
  if (codes.length > 0 || Object.keys(proof).length > 0) return false;
  if (turn.state.passes.some((pass) => isInView(turn, reader, pass, count))) return false;
  tested.isClosingDue = false;
  return true;
}

function bindToken(turn: Turn, reader: Reader, { token }: ReadProof): Bound {
  if (token === undefined) return { kind: "unbound", named: null, why: "noToken" };
  const named = turn.state.passes.find((pass) => reader.readOf(pass).token === token) ?? null;
  return named !== null && isInView(turn, reader, named, turn.event.count)
    ? { kind: "bound", pass: named, isProven: true }
    : { kind: "unbound", named, why: "tokenOfAnother" };
}

function bindCounter(turn: Turn, reader: Reader, { counter }: ReadProof): Bound {
  const { layout, state } = reader;
  if (counter === undefined) return { kind: "unbound", named: null, why: "noCounter" };
  if (layout.binding.kind !== "counter" || state.counterBase === null) {
    return { kind: "unbound", named: null, why: "baseUnknown" };
  }
  const width = 2 ** layout.binding.bits;
  const base = state.counterBase;
  const isNamed = ({ ordinal }: Pass): boolean =>
    ordinal !== null && modulo(base + ordinal, width) === modulo(counter, width);
  const named = turn.state.passes.find(isNamed) ?? null;
  return named !== null && isInView(turn, reader, named, turn.event.count)
    ? { kind: "bound", pass: named, isProven: true }
    : { kind: "unbound", named, why: "counterOfAnother" };
}

/** The tick is the place: when the telegram comes is of no matter. */
function bindTicks(turn: Turn, reader: Reader, { ticks }: ReadProof): Bound {
  if (ticks === undefined) return { kind: "unbound", named: null, why: "noTicks" };
  const count = countOfTicks(turn, reader, ticks);
  if (count === null) return { kind: "unbound", named: null, why: "ticksElsewhere" };
  const inWindow = turn.state.passes.filter((pass) =>
    isTriggeredBy(pass, count, reader.layout.atMm, turn.config),
  );
  const [pass, other] = inWindow;
  if (pass === undefined) return { kind: "unbound", named: null, why: "ticksElsewhere" };
  if (other !== undefined) return { kind: "unbound", named: pass, why: "ticksBetweenParcels" };
  return { kind: "bound", pass, isProven: true };
}

/** The belt's count at the trigger; null for one that is still to come. */
function countOfTicks(turn: Turn, { layout, state }: Reader, ticks: number): number | null {
  const { binding } = layout;
  if (binding.kind !== "ticks") return null;
  const offset = state.ticksOffset;
  if (offset === null) return null;
  const width = 2 ** binding.bits;
  const agoCounts = modulo(turn.event.count - (ticks + offset), width);
  // Just behind us on the circle is just ahead on the belt: a clock that runs a little fast.
  const aheadCounts = width - agoCounts;
  if (aheadCounts <= countsOf(turn.config.tracking.earlyMm, turn.config)) {
    return turn.event.count + aheadCounts;
  }
  return agoCounts > width / 2 ? null : turn.event.count - agoCounts;
}

/** From just before its front until just behind its rear is at the reading plane. */
function isTriggeredBy(pass: Pass, count: number, atMm: number, config: LineConfig): boolean {
  const { earlyMm, lateMm } = config.tracking;
  return (
    count >= countAt(pass, atMm - earlyMm, config) &&
    count <= clearAtCount(pass, atMm + lateMm, config)
  );
}

/**
 * Each output stands for one telegram, in their order. A reader that sends the codes of one parcel in
 * frames of their own fires with each of them; outputs of one parcel add up, as its frames do.
 */
function bindPulse(turn: Turn, reader: Reader, { codes }: Read): Bound {
  const { state } = reader;
  const pulse = state.pulses.shift();
  if (pulse === undefined) {
    if (state.held.length >= codesPerReadMax) {
      return { kind: "unbound", named: null, why: "telegramWithoutPulse" };
    }
    state.held.push({ codes, count: turn.event.count });
    return { kind: "held" };
  }
  return bindPair(turn, reader, pulse, codes);
}

function bindPair(
  turn: Turn,
  reader: Reader,
  pulse: ReadPulse,
  codes: readonly ScannedCode[],
): Bound {
  const pass = turn.state.byId.get(pulse.passId) ?? null;
  if (pulse.isGood !== codes.length > 0) {
    return { kind: "unbound", named: pass, why: "outcomeDiffers" };
  }
  const { passId } = pulse;
  if (isSaidAgain(reader.state.saidBefore, { passId, codes }, turn.config.waybills)) {
    return { kind: "unbound", named: pass, why: "saidBefore" };
  }
  return pass !== null && isInView(turn, reader, pass, turn.event.count)
    ? { kind: "bound", pass, isProven: true }
    : { kind: "unbound", named: pass, why: "telegramLate" };
}

/** What the sorter's I/O tells of a reader's outputs; null when the input is not this reader's. */
export function takePulse(
  turn: Turn,
  reader: Reader,
  { inputId, count }: { readonly inputId: string; readonly count: number },
): TakenPulse | null {
  const { layout, state } = reader;
  if (layout.binding.kind !== "pulse") return null;
  const { goodInputId, noReadInputId } = layout.binding;
  if (inputId !== goodInputId && inputId !== noReadInputId) return null;
  const before = turn.state.passes.filter((pass) =>
    isTriggeredBy(pass, count, layout.atMm, turn.config),
  );
  const [pass] = before;
  if (pass === undefined || before.length > 1) {
    if (pass === undefined && isOutputOfTest(turn, reader, count)) return null;
    state.held = [];
    return unboundPulse(pass ?? null, "pulseWithoutParcel");
  }
  const [unanswered] = state.pulses;
  const isAnothers = unanswered !== undefined && unanswered.passId !== pass.passId;
  if (isAnothers || state.pulses.length >= codesPerReadMax) {
    state.pulses = [];
    const named = turn.state.byId.get(unanswered?.passId ?? "") ?? null;
    return unboundPulse(named, "pulsesUnanswered");
  }
  const pulse: ReadPulse = { passId: pass.passId, isGood: inputId === goodInputId };
  const held = heldFor(turn, reader, pass);
  if (held === undefined) {
    state.pulses.push(pulse);
    return null;
  }
  const isOurs =
    isInView(turn, reader, pass, held.count) && wasWithOutput(held.count, count, turn.config);
  const { codes } = held;
  return isOurs
    ? { bound: bindPair(turn, reader, pulse, codes), codes }
    : unboundPulse(pass, "telegramEarly", codes);
}

/**
 * The output that goes with a test trigger has no parcel. Over some wires of the sorter it is told
 * when the test has long been answered: then the count at which it was latched says whose it is.
 */
function isOutputOfTest({ event, config }: Turn, { state }: Reader, count: number): boolean {
  const { test, tested } = state;
  if (test !== null) return true;
  if (tested === null || !tested.isOutputDue || event.at > tested.untilAt) return false;
  const early = earlyCounts(config);
  const toCount = tested.answeredCount + early + countsIn(config.tracking.eventLateMs, config);
  if (count < tested.askedCount - early || count > toCount) return false;
  tested.isOutputDue = false;
  return true;
}

const unboundPulse = (
  named: Pass | null,
  why: string,
  codes: readonly ScannedCode[] = [],
): TakenPulse => ({ bound: { kind: "unbound", named, why }, codes });

/** The oldest telegram that waits for an output, but for what another parcel's reader said over. */
function heldFor(turn: Turn, reader: Reader, pass: Pass): ReaderState["held"][number] | undefined {
  const { held } = reader.state;
  for (let next = held.shift(); next !== undefined; next = held.shift()) {
    const owner = aloneInView(turn, reader, next.count);
    if (owner === pass || owner === null || !saysNothingNew(reader.readOf(owner), next.codes)) {
      return next;
    }
  }
  return undefined;
}

/**
 * What has come alone and stays alone, one at a time: a telegram whose output cannot come any more,
 * or outputs of a parcel that has left. What only says once more what is known already, or closes
 * the reader's gate with a no-read, needs no output and takes nothing back.
 */
export function takeUnpaired(turn: Turn, reader: Reader): TakenPulse | null {
  const { state } = reader;
  if (turn.state.belt.reportedCount < unpairedAtCount(turn, reader)) return null;
  const held = state.held[0];
  if (held !== undefined && turn.state.belt.reportedCount >= heldAloneAtCount(held, turn.config)) {
    state.held.shift();
    const owner = aloneInView(turn, reader, held.count);
    if (owner !== null && saysNothingNew(reader.readOf(owner), held.codes)) return null;
    return unboundPulse(owner, "telegramWithoutPulse", held.codes);
  }
  const pulse = state.pulses[0];
  if (pulse === undefined) return null;
  state.pulses = [];
  return unboundPulse(turn.state.byId.get(pulse.passId) ?? null, "pulsesUnanswered");
}

/** The count at which one of them stays alone for good, once the sorter has reported it. */
export function unpairedAtCount(
  { state: line, config }: Pick<Turn, "state" | "config">,
  reader: Reader,
): number {
  const [held] = reader.state.held;
  const heldAt = held === undefined ? Number.POSITIVE_INFINITY : heldAloneAtCount(held, config);
  const [pulse] = reader.state.pulses;
  if (pulse === undefined) return heldAt;
  const pass = line.byId.get(pulse.passId);
  if (pass === undefined) return Number.NEGATIVE_INFINITY;
  // Of one that was not answered at all it is said that its read is missing.
  if (!reader.readOf(pass).isAnswered) return heldAt;
  return Math.min(heldAt, goneAtCount(reader, pass, config));
}

const heldAloneAtCount = ({ count }: ReaderState["held"][number], config: LineConfig): number =>
  count + earlyCounts(config) + 1;

const saysNothingNew = (read: PassRead, codes: readonly ScannedCode[]): boolean =>
  read.isProven && codes.every((code) => read.codes.some((known) => isSameCode(known, code)));

export const isSameCode = (one: ScannedCode, other: ScannedCode): boolean =>
  one.aim === other.aim && one.text === other.text;

const aloneInView = (turn: Turn, reader: Reader, count: number): Pass | null => {
  const [only, other] = turn.state.passes.filter((pass) => isInView(turn, reader, pass, count));
  return only !== undefined && other === undefined ? only : null;
};

/**
 * Output and telegram leave the reader together. The output's count was latched by the sorter, so
 * that a telegram which was here well before it was of another trigger, or of none.
 */
const wasWithOutput = (heldCount: number, outputCount: number, config: LineConfig): boolean =>
  heldCount >= outputCount - earlyCounts(config);

export const earlyCounts = (config: LineConfig): number =>
  countsOf(config.tracking.earlyMm, config);

/**
 * Nothing names a parcel, so the read goes to the one that is next, if only one can be: enough to
 * ask for its papers, and never enough to release it. What comes while one parcel alone is before
 * the reader is one read, in however many frames it comes.
 */
function bindTurn(turn: Turn, reader: Reader): Bound {
  const { state, event } = turn;
  const waiting = state.passes.filter(
    (pass) => !reader.readOf(pass).isAnswered && hasReached(turn, reader, pass, event.count),
  );
  const [next, ...others] = waiting;
  if (next !== undefined) {
    return others.length === 0
      ? { kind: "bound", pass: next, isProven: false }
      : { kind: "unbound", named: next, why: "readBetweenParcels" };
  }
  const inView = state.passes.filter((pass) => isInView(turn, reader, pass, event.count));
  const [only, other] = inView;
  return only !== undefined && other === undefined
    ? { kind: "bound", pass: only, isProven: false }
    : { kind: "unbound", named: null, why: "strayRead" };
}

const hasReached = ({ config }: Turn, { layout }: Reader, pass: Pass, count: number): boolean =>
  frontMm(pass, count, config) >= layout.atMm - config.tracking.earlyMm;

/** From its front at the reader until shortly after its rear. */
export const isInView = (turn: Turn, reader: Reader, pass: Pass, count: number): boolean =>
  hasReached(turn, reader, pass, count) &&
  rearMm(pass, count, turn.config) <= reader.layout.atMm + turn.config.tracking.readLateMm;

/** When the read of this pass is overdue. */
export function unreadAtCount(reader: Reader, pass: Pass, config: LineConfig): number {
  return reader.readOf(pass).isAnswered
    ? Number.POSITIVE_INFINITY
    : goneAtCount(reader, pass, config);
}

/** When nothing can come of this pass any more. */
function goneAtCount(reader: Reader, pass: Pass, config: LineConfig): number {
  const { eventLateMs, readLateMm } = config.tracking;
  const pastMm = reader.layout.atMm + readLateMm;
  return clearAtCount(pass, pastMm, config) + countsIn(eventLateMs, config) + 1;
}

export const doubtRead = (turn: Turn, { layout }: Reader, pass: Pass): void =>
  raise(turn, pass, { code: "readUnbound", params: { deviceId: layout.deviceId } });
