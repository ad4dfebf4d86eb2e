import type { ScannedCode } from "../../protocols/barcode/scanned-code.ts";
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
import type { LineState, Pass, PassRead, ReaderState } from "./state.ts";
import { assumedLengthMm, countAt, frontMm, raise, rearMm, type Turn } from "./turn.ts";

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
  | { readonly kind: "held" };

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
  const rearAtMm = atMm + assumedLengthMm(pass, config) + lateMm;
  return count >= countAt(pass, atMm - earlyMm, config) && count <= countAt(pass, rearAtMm, config);
}

function bindPulse(turn: Turn, reader: Reader, { codes }: Read): Bound {
  const { state } = reader;
  const { pulse } = state;
  if (pulse === null) {
    if (state.held !== null) return { kind: "unbound", named: null, why: "telegramWithoutPulse" };
    state.held = { codes, count: turn.event.count };
    return { kind: "held" };
  }
  state.pulse = null;
  const pass = turn.state.byId.get(pulse.passId) ?? null;
  if (pulse.isGood !== codes.length > 0) {
    return { kind: "unbound", named: pass, why: "outcomeDiffers" };
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
): Bound | null {
  const { layout, state } = reader;
  if (layout.binding.kind !== "pulse") return null;
  const { goodInputId, noReadInputId } = layout.binding;
  if (inputId !== goodInputId && inputId !== noReadInputId) return null;
  const before = turn.state.passes.filter((pass) =>
    isTriggeredBy(pass, count, layout.atMm, turn.config),
  );
  const [pass] = before;
  if (pass === undefined || before.length > 1) {
    // The output that goes with a test trigger has no parcel.
    if (state.test !== null) return null;
    state.held = null;
    return { kind: "unbound", named: pass ?? null, why: "pulseWithoutParcel" };
  }
  const unanswered = state.pulse;
  if (unanswered !== null) {
    state.pulse = null;
    const named = turn.state.byId.get(unanswered.passId) ?? null;
    return { kind: "unbound", named, why: "pulsesUnanswered" };
  }
  state.pulse = { passId: pass.passId, isGood: inputId === goodInputId };
  const { held } = state;
  if (held === null) return null;
  state.held = null;
  const isOurs =
    isInView(turn, reader, pass, held.count) && wasWithOutput(held.count, count, turn.config);
  const bound = bindPulse(turn, reader, { codes: held.codes, proof: {} });
  return isOurs ? bound : { kind: "unbound", named: pass, why: "telegramEarly" };
}

/**
 * Output and telegram leave the reader together. The output's count was latched by the sorter, so
 * that a telegram which was here well before it was of another trigger, or of none.
 */
const wasWithOutput = (heldCount: number, outputCount: number, config: LineConfig): boolean =>
  heldCount >= outputCount - countsOf(config.tracking.earlyMm, config);

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
  if (reader.readOf(pass).isAnswered) return Number.POSITIVE_INFINITY;
  const goneMm = reader.layout.atMm + assumedLengthMm(pass, config) + config.tracking.readLateMm;
  return countAt(pass, goneMm, config) + countsIn(config.tracking.eventLateMs, config) + 1;
}

export const doubtRead = (turn: Turn, { layout }: Reader, pass: Pass): void =>
  raise(turn, pass, { code: "readUnbound", params: { deviceId: layout.deviceId } });
