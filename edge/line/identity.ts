import { waybillOf } from "../../protocols/barcode/waybill.ts";
import type { ClaimAnswer } from "../../protocols/link.ts";
import { beltCount } from "../../protocols/units.ts";
import { countsIn, countsOf, type LineConfig } from "./config.ts";
import type { ReadCode } from "./events.ts";
import type { Pass } from "./state.ts";
import { alarm, assumedLengthMm, countAt, frontMm, raise, rearMm, type Turn } from "./turn.ts";

/**
 * Which waybill a parcel bears. The scanner answers once a parcel, with codes or with "no read",
 * so reads and parcels march in step. A read too many or too few breaks the step, and then every
 * read is doubtful until an empty stretch of belt has passed the scanner: otherwise each parcel
 * would bear its neighbour's documents.
 */
export function takeRead(turn: Turn, codes: readonly ReadCode[]): void {
  const { state, config, event } = turn;
  // However late a read is, nobody has had one whose front has not reached the scanner.
  const [pass, ...others] = state.passes.filter(
    (candidate) =>
      !candidate.hasReaderAnswered && hasReachedScanner(candidate, event.count, config),
  );
  if (pass === undefined) {
    // A second, equal read of one parcel proves nothing new; anything else has lost its parcel.
    const inView = state.passes.filter((candidate) => isInView(candidate, event.count, config));
    const again = inView.length === 1 ? inView[0] : undefined;
    if (again === undefined || !isSameRead(again, codes, config)) strayRead(turn, codes);
    return;
  }
  pass.hasReaderAnswered = true;
  if (others.length > 0) {
    outOfStep(turn, "readBetweenParcels");
  }
  identify(turn, pass, codes);
  if (!state.reader.isInStep) raiseOutOfStep(turn, pass);
}

/** It lay on some parcel all the same: whoever bears the same label is not known to be the one. */
function strayRead(turn: Turn, codes: readonly ReadCode[]): void {
  outOfStep(turn, "strayRead");
  const answer = waybillOf(codes, turn.config.waybills);
  if (answer.kind !== "one") return;
  for (const pass of bearersOf(turn, answer.waybill))
    raise(turn, pass, { code: "claimedElsewhere" });
}

const bearersOf = ({ state }: Turn, waybill: string): Pass[] =>
  state.passes.filter(({ identity }) => identity.kind === "one" && identity.waybill === waybill);

/** Passes whose read never came; called after every event. */
export function findUnread(turn: Turn): void {
  const { state, config, event } = turn;
  for (const pass of state.passes) {
    if (pass.hasReaderAnswered) continue;
    if (state.belt.reportedCount < unreadAtCount(pass, config)) continue;
    pass.hasReaderAnswered = true;
    turn.facts.push({ kind: "notIdentified", passId: pass.passId, codes: [] });
    outOfStep(turn, "readMissing");
    raiseOutOfStep(turn, pass);
  }
  if (state.reader.isInStep) return;
  const isOccupied = state.passes.some(
    (pass) =>
      rearMm(pass, event.count, config) < config.layout.scanner.atMm + config.tracking.readLateMm &&
      frontMm(pass, event.count, config) > 0,
  );
  if (isOccupied) {
    state.reader.confusedAtCount = event.count;
  } else if (event.count >= inStepAtCount(turn)) {
    state.reader.isInStep = true;
  }
}

/** When the read of this pass is overdue. */
export const unreadAtCount = (pass: Pass, config: LineConfig): number =>
  countAt(
    pass,
    config.layout.scanner.atMm + assumedLengthMm(pass, config) + config.tracking.readLateMm,
    config,
  ) +
  countsIn(config.tracking.eventLateMs, config) +
  1;

/** When the reader is in step again if nothing else comes. */
export const inStepAtCount = (turn: Pick<Turn, "state" | "config">): number =>
  turn.state.reader.isInStep
    ? Number.POSITIVE_INFINITY
    : turn.state.reader.confusedAtCount + countsOf(turn.config.tracking.resyncMm, turn.config);

const hasReachedScanner = (pass: Pass, count: number, config: LineConfig): boolean =>
  frontMm(pass, count, config) >= config.layout.scanner.atMm - config.tracking.earlyMm;

/** From its front at the scanner until shortly after its rear. */
const isInView = (pass: Pass, count: number, config: LineConfig): boolean =>
  hasReachedScanner(pass, count, config) &&
  rearMm(pass, count, config) <= config.layout.scanner.atMm + config.tracking.readLateMm;

function identify(turn: Turn, pass: Pass, codes: readonly ReadCode[]): void {
  const { config } = turn;
  const answer = waybillOf(codes, config.waybills);
  switch (answer.kind) {
    case "none":
      turn.facts.push({ kind: "notIdentified", passId: pass.passId, codes: texts(codes) });
      return;
    case "several":
      pass.identity = { kind: "several", waybills: answer.waybills };
      turn.facts.push({ kind: "notIdentified", passId: pass.passId, codes: texts(codes) });
      return;
    case "one":
      pass.identity = { kind: "one", waybill: answer.waybill };
      turn.facts.push({
        kind: "identified",
        passId: pass.passId,
        waybill: answer.waybill,
        deviceId: config.layout.scanner.deviceId,
      });
  }
  const bearers = bearersOf(turn, answer.waybill);
  if (bearers.length > 1) {
    // One label on two parcels: neither is known to be the real one (PF-19).
    for (const bearer of bearers) raise(turn, bearer, { code: "claimedElsewhere" });
    return;
  }
  pass.claim = "asked";
  turn.commands.push({ kind: "claim", passId: pass.passId, waybill: answer.waybill });
}

function isSameRead(pass: Pass, codes: readonly ReadCode[], config: LineConfig): boolean {
  const answer = waybillOf(codes, config.waybills);
  return (
    answer.kind === "one" &&
    pass.identity.kind === "one" &&
    pass.identity.waybill === answer.waybill
  );
}

function outOfStep(turn: Turn, why: string): void {
  const { state, event, config } = turn;
  if (state.reader.isInStep) alarm(turn, "readerOutOfStep", null, { why });
  state.reader.isInStep = false;
  state.reader.confusedAtCount = beltCount(event.count);
  // Whoever was read last may bear the wrong label, and so may whoever is near the scanner now.
  for (const pass of state.passes) {
    const distanceMm = frontMm(pass, event.count, config) - config.layout.scanner.atMm;
    const isNear = distanceMm > -config.tracking.resyncMm && distanceMm < config.tracking.resyncMm;
    if (isNear && pass.hasReaderAnswered) raiseOutOfStep(turn, pass);
  }
}

function raiseOutOfStep(turn: Turn, pass: Pass): void {
  raise(turn, pass, {
    code: "eventsLost",
    params: { deviceId: turn.config.layout.scanner.deviceId },
  });
}

const texts = (codes: readonly ReadCode[]): string[] =>
  codes.slice(0, 16).map((code) => code.text.slice(0, 128));

export function takeClaimAnswer(turn: Turn, answer: ClaimAnswer): void {
  const pass = turn.state.byId.get(answer.passId);
  if (pass === undefined || pass.claim !== "asked") return;
  // An answer to another question than the one this pass asked proves nothing.
  if (pass.identity.kind !== "one" || pass.identity.waybill !== answer.waybill) return;
  // A grant that names a refusal contradicts itself.
  pass.claim =
    answer.granted && answer.why === null
      ? "granted"
      : answer.why === "unknownWaybill"
        ? "unknown"
        : (answer.why ?? "claimedElsewhere");
  turn.facts.push({
    kind: "claimAnswered",
    passId: pass.passId,
    waybill: answer.waybill,
    granted: answer.granted,
    why: answer.why,
  });
}

/** A settled weight belongs to the parcel whose middle is nearest to the platform's. */
export function takeWeight(turn: Turn, weightG: number): void {
  const { state, config, event } = turn;
  const { scale } = config.layout;
  if (scale === null) return;
  const platformMm = (scale.fromMm + scale.toMm) / 2;
  const reachMm = (scale.toMm - scale.fromMm) / 2 + config.tracking.lateMm;
  let nearest: Pass | null = null;
  let nearestMm = reachMm;
  for (const pass of state.passes) {
    const middleMm = (frontMm(pass, event.count, config) + rearMm(pass, event.count, config)) / 2;
    const distanceMm = Math.abs(middleMm - platformMm);
    if (distanceMm < nearestMm) {
      nearest = pass;
      nearestMm = distanceMm;
    }
  }
  if (nearest === null || nearest.weightG !== null) {
    alarm(turn, "strayWeight", nearest?.passId ?? null, { weightG });
    // The first may have been its neighbour's, come late.
    if (nearest !== null) raise(turn, nearest, { code: "weightUnsure" });
    return;
  }
  nearest.weightG = weightG;
  turn.facts.push({ kind: "weighed", passId: nearest.passId, weightG });
}
