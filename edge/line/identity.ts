import type { ScannedCode } from "../../protocols/barcode/scanned-code.ts";
import { waybillOf } from "../../protocols/barcode/waybill.ts";
import type { ClaimAnswer } from "../../protocols/link.ts";
import { countsIn, type LineConfig } from "./config.ts";
import { loseStep, regainStep, type Station } from "./in-step.ts";
import type { Pass } from "./state.ts";
import { assumedLengthMm, countAt, frontMm, raise, rearMm, type Turn } from "./turn.ts";

/**
 * Which waybill a parcel bears. The scanner answers once a parcel, with codes or with "no read", so
 * reads and parcels march in step (`in-step.ts`).
 */
export function takeRead(turn: Turn, codes: readonly ScannedCode[]): void {
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
function strayRead(turn: Turn, codes: readonly ScannedCode[]): void {
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
  const { state, config } = turn;
  for (const pass of state.passes) {
    if (pass.hasReaderAnswered) continue;
    if (state.belt.reportedCount < unreadAtCount(pass, config)) continue;
    pass.hasReaderAnswered = true;
    turn.facts.push({ kind: "notIdentified", passId: pass.passId, codes: [] });
    outOfStep(turn, "readMissing");
    raiseOutOfStep(turn, pass);
  }
  if (!state.reader.isInStep) regainStep(turn, readerOf(turn));
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

const hasReachedScanner = (pass: Pass, count: number, config: LineConfig): boolean =>
  frontMm(pass, count, config) >= config.layout.scanner.atMm - config.tracking.earlyMm;

/** From its front at the scanner until shortly after its rear. */
const isInView = (pass: Pass, count: number, config: LineConfig): boolean =>
  hasReachedScanner(pass, count, config) &&
  rearMm(pass, count, config) <= config.layout.scanner.atMm + config.tracking.readLateMm;

function identify(turn: Turn, pass: Pass, codes: readonly ScannedCode[]): void {
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

function isSameRead(pass: Pass, codes: readonly ScannedCode[], config: LineConfig): boolean {
  const answer = waybillOf(codes, config.waybills);
  return (
    answer.kind === "one" &&
    pass.identity.kind === "one" &&
    pass.identity.waybill === answer.waybill
  );
}

const outOfStep = (turn: Turn, why: string): void => loseStep(turn, readerOf(turn), why);

const readerOf = (turn: Turn): Station => ({
  step: turn.state.reader,
  atMm: turn.config.layout.scanner.atMm,
  clearMm: turn.config.layout.scanner.atMm + turn.config.tracking.readLateMm,
  doubt: (pass) => raiseOutOfStep(turn, pass),
  isAnswered: (pass) => pass.hasReaderAnswered,
});

function raiseOutOfStep(turn: Turn, pass: Pass): void {
  raise(turn, pass, {
    code: "eventsLost",
    params: { deviceId: turn.config.layout.scanner.deviceId },
  });
}

const texts = (codes: readonly ScannedCode[]): string[] =>
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
