import { modulo } from "../../protocols/modulo.ts";
import type { ReadProof } from "../../protocols/scanner/read-proof.ts";
import { beltCount, monotonicMs, type BeltCount } from "../../protocols/units.ts";
import { countsIn, type ReadBinding } from "./config.ts";
import { doubtRead, earlyCounts, readersOf, type Reader } from "./reader.ts";
import { nothingSaid } from "./said-before.ts";
import { clearAtCount, frontMm, isSurelyStanding, rearMm, type Turn } from "./turn.ts";

/**
 * What a reader owes. A read too many or too few may have shifted every label by one, and an empty
 * belt does not shift it back: what the reader still holds comes out at the next parcel. So the debt
 * stays until the reader has answered a test trigger on an empty stretch with the very digits it was
 * sent, or a person has purged it there. Meanwhile nothing new comes, and what comes is doubtful.
 *
 * A reader that sends back tokens owes nothing: each of its reads proves itself or counts for nobody.
 */
export function oweProof(turn: Turn, reader: Reader, why: string): void {
  const { state, layout } = reader;
  state.unboundWhy = why;
  if (layout.binding.kind === "echo") return;
  state.isInStep = false;
  state.confusedAtCount = turn.event.count;
  state.test = null;
  state.pulses = [];
  state.held = [];
  const { resyncMm } = turn.config.tracking;
  for (const pass of turn.state.passes) {
    const distanceMm = frontMm(pass, turn.event.count, turn.config) - layout.atMm;
    const isNear = distanceMm > -resyncMm && distanceMm < resyncMm;
    if (isNear && reader.readOf(pass).isAnswered) doubtRead(turn, reader, pass);
  }
}

/** At the beginning of a session nobody knows what these readers still hold, or where they count. */
export function oweFromTheStart(turn: Turn): void {
  for (const reader of readersOf(turn)) {
    const { state, layout } = reader;
    state.counterBase = null;
    state.ticksOffset = null;
    // Its answer would be set against counts that have nothing to do with those of its trigger.
    state.test = null;
    state.tested = null;
    state.confusedAtCount = turn.event.count;
    // What a reader still holds, and why, does not end with the sorter's session.
    if (state.isInStep) state.unboundWhy = null;
    if (!isUnknownAtFirst(layout.binding)) continue;
    state.isInStep = false;
    state.unboundWhy = "notTested";
  }
}

/** Ticks as well whose offset is configured: a sorter counts from another place in each session. */
const isUnknownAtFirst = ({ kind }: ReadBinding): boolean =>
  kind === "counter" || kind === "pulse" || kind === "ticks";

export function oweAfterOutage(turn: Turn, deviceId: string): void {
  for (const reader of readersOf(turn)) {
    if (reader.layout.deviceId === deviceId) oweAnew(turn, reader, "deviceDown");
  }
}

/**
 * An induction or an output that was not told of: what is counted against them may be one off, and a
 * reader that is one behind as well would bind each label to the neighbour's parcel.
 */
export function oweAfterLoss(turn: Turn): void {
  for (const reader of readersOf(turn)) {
    const { kind } = reader.layout.binding;
    if (kind === "counter" || kind === "pulse") oweProof(turn, reader, "eventsLost");
  }
}

/** What was away may count anew, and nobody knows what it has missed. */
export function oweAnew(turn: Turn, reader: Reader, why: string): void {
  reader.state.counterBase = null;
  reader.state.ticksOffset = null;
  oweProof(turn, reader, why);
}

/** Asked after every event: a test trigger as soon as nothing is before a reader that owes one. */
export function testDue(turn: Turn): void {
  const { state, event } = turn;
  if (state.belt.epoch === null) return;
  for (const reader of readersOf(turn)) {
    const { layout, state: ledger } = reader;
    if (ledger.isInStep) continue;
    const freeAtCount = occupiedUntilCount(turn, reader);
    if (freeAtCount !== null) {
      ledger.confusedAtCount = freeAtCount;
      ledger.test = null;
      continue;
    }
    if (!layout.canTest || state.devices.get(layout.deviceId) !== "receiving") continue;
    const isTooEarly = event.count < testAtCount(turn, reader);
    if (isTooEarly && state.belt.isRunning) continue;
    if (ledger.test !== null && event.at - ledger.test.askedAt < testAgainMs) continue;
    const digits = takeToken(turn);
    ledger.test = { digits, askedAt: event.at, askedCount: event.count };
    turn.commands.push({ kind: "testRead", deviceId: layout.deviceId, test: digits });
  }
}

/** A reader that has not answered by then is asked again, with other digits. */
const testAgainMs = 3_000;

/** So long after the answer what else belongs to the test may be told, by the slowest of wires. */
const tailMs = 3_000;

/** When a reader that owes a test may be asked for it; what it held for the last parcel is out then. */
export function testAtCount(turn: Pick<Turn, "config">, { state }: Reader): number {
  const { config } = turn;
  return state.confusedAtCount + countsIn(config.tracking.eventLateMs, config) + 1;
}

/**
 * For `nextWakeCount`: when the next test could be sent; never while nobody may be asked, or while
 * whoever would be asked is not heard, since waking would change nothing then.
 */
export function testWakeCount(turn: Pick<Turn, "state" | "config">): number {
  const { devices } = turn.state;
  let next = Number.POSITIVE_INFINITY;
  for (const reader of readersOf(turn)) {
    const { layout, state } = reader;
    if (state.isInStep || !layout.canTest || state.test !== null) continue;
    if (devices.get(layout.deviceId) !== "receiving") continue;
    next = Math.min(next, testAtCount(turn, reader));
  }
  return next;
}

/** The answer to a test pays the debt if it bears the digits that were sent, with nothing before it. */
export function takeTest(turn: Turn, reader: Reader, proof: ReadProof): void {
  const { state, layout } = reader;
  if (state.test === null || proof.test !== state.test.digits || isOccupied(turn, reader)) return;
  state.tested = {
    askedCount: state.test.askedCount,
    answeredCount: turn.event.count,
    untilAt: monotonicMs(turn.event.at + tailMs),
    isOutputDue: true,
    isClosingDue: true,
  };
  switch (layout.binding.kind) {
    case "counter": {
      if (proof.counter === undefined) return;
      const width = 2 ** layout.binding.bits;
      state.counterBase = modulo(proof.counter + 1 - turn.state.nextOrdinal, width);
      break;
    }
    case "ticks":
      if (proof.ticks === undefined) return;
      // It was triggered between asking and now. If the belt has run further than a read may be off
      // meanwhile, nobody knows where: a slow reader proves itself on a belt that stands.
      if (turn.event.count - state.test.askedCount > earlyCounts(turn.config)) return;
      state.ticksOffset = offsetOf(turn, layout.binding, turn.event.count - proof.ticks);
      break;
    case "echo":
    case "pulse":
    case "none":
  }
  pay(turn, reader, "test");
}

/**
 * The configured offset is the sharper one, since the belt may have run a little before the test was
 * answered. It holds only if the test's tick came between its asking and now: where the sorter or
 * the reader has begun to count anew, the test alone tells.
 */
function offsetOf(
  { config }: Turn,
  { offsetCounts, bits }: Extract<ReadBinding, { kind: "ticks" }>,
  seenOffset: number,
): number {
  if (offsetCounts === null) return seenOffset;
  const early = earlyCounts(config);
  return modulo(seenOffset - offsetCounts + early, 2 ** bits) <= 2 * early
    ? offsetCounts
    : seenOffset;
}

/**
 * A person has purged the readers: on a belt that stands, with nothing before them. Where a reader
 * can be tested its own answer is better evidence, and whoever pressed the key may have come for
 * something else.
 */
export function payByHand(turn: Turn): void {
  if (!isSurelyStanding(turn.state.belt)) return;
  for (const reader of readersOf(turn)) {
    if (reader.state.isInStep || reader.layout.canTest || isOccupied(turn, reader)) continue;
    const { binding } = reader.layout;
    // Where it counts from, only a test can tell, or whoever has configured it.
    if (binding.kind === "counter") continue;
    if (binding.kind === "ticks") {
      if (binding.offsetCounts === null) continue;
      reader.state.ticksOffset = binding.offsetCounts;
    }
    pay(turn, reader, "hand");
  }
}

function pay(turn: Turn, { state, layout }: Reader, by: "test" | "hand"): void {
  state.isInStep = true;
  state.test = null;
  state.pulses = [];
  state.held = [];
  state.saidBefore = nothingSaid();
  state.unboundWhy = null;
  turn.facts.push({ kind: "readerProved", deviceId: layout.deviceId, by });
}

/** Somebody between induction and the place behind the reader where no read comes any more. */
const isOccupied = (turn: Turn, reader: Reader): boolean =>
  occupiedUntilCount(turn, reader) !== null;

/** When the last pass that is not past the reader will be; null if there is none. */
function occupiedUntilCount(turn: Turn, { layout }: Reader): BeltCount | null {
  const { state, config, event } = turn;
  const clearMm = layout.atMm + config.tracking.readLateMm;
  const clearAtCounts = state.passes
    .filter((pass) => rearMm(pass, event.count, config) < clearMm)
    .map((pass) => clearAtCount(pass, clearMm, config));
  return clearAtCounts.length === 0 ? null : beltCount(Math.max(...clearAtCounts));
}

/** Four digits that the last 9,999 parcels and tests did not have. */
export function takeToken({ state }: Turn): string {
  const digits = String(state.nextToken).padStart(4, "0");
  state.nextToken = (state.nextToken + 1) % 10_000;
  return digits;
}
