import type { Fact, FactOf, StampedFact } from "../../../protocols/facts.ts";
import type { Reason } from "../../../protocols/reasons.ts";
import type { DimensionsMm } from "../../../protocols/scale/dimensions.ts";
import type { Exit } from "../../../protocols/sorting.ts";
import type { Story } from "../../../protocols/ui/http.ts";
import type { BeltCount } from "../../../protocols/units.ts";
import type { AlgorithmVerdict, ImageBox } from "../../../protocols/verdicts.ts";

/**
 * What the centre knows of each pass, told by the lines' facts in the order of their journals:
 * stories, the drawn parcels and the officers' tasks all come from here. Passes on a belt are all
 * held; of those that ended, the newest.
 */
export interface PassBook {
  readonly byId: Map<string, PassState>;
  readonly openByLine: Map<string, Set<string>>;
  readonly byWaybill: Map<string, string[]>;
  /** Ended passes in the order they ended, oldest first. */
  readonly ended: Set<string>;
}

export interface PassState {
  readonly passId: string;
  readonly lineId: string;
  /** Where the agent's journal first tells of it. */
  readonly first: JournalPlace;
  /** Null when its induction was not told: it cannot be drawn. */
  frontCount: BeltCount | null;
  lengthMm: number | null;
  waybill: string | null;
  weightG: number | null;
  /** Null: it was not measured. */
  dimensionsMm: DimensionsMm | null;
  imageHash: string | null;
  algorithm: { readonly verdict: AlgorithmVerdict; readonly boxes: readonly ImageBox[] } | null;
  /** Who answered for its image; null again once the algorithm objects to a release. */
  officer: string | null;
  hasOfficerReleased: boolean;
  /** The exit of the last decision that was acted on. */
  decided: Exit | null;
  reasons: readonly Reason[];
  left: { readonly exit: Exit; readonly expected: Exit } | null;
  isEnded: boolean;
  /** Its journal was closed before it told how the pass ended. */
  isEndUntold: boolean;
  readonly facts: StampedFact[];
}

export interface JournalPlace {
  readonly chain: string;
  readonly seq: number;
}

export const factsPerPassMax = 200;
/** About eight hours of a line at 1,200 parcels an hour; the journals have them all. */
export const endedPassesMax = 10_000;
export const openPassesPerLineMax = 2_000;
/** Passes told of one waybill, the newest. */
const passesPerWaybillMax = 20;

export const newPassBook = (): PassBook => ({
  byId: new Map(),
  openByLine: new Map(),
  byWaybill: new Map(),
  ended: new Set(),
});

export interface PassChange {
  readonly pass: PassState | null;
  /** Passes that this fact ended. */
  readonly ended: readonly PassState[];
  /** One that gave way to this one: nobody has told how it ended, and what it held it holds on. */
  readonly forgotten: PassState | null;
}

/** Takes one fact, in the order of its line's journal. */
export function takeFact(book: PassBook, stamped: StampedFact, place: JournalPlace): PassChange {
  const { fact, lineId } = stamped;
  const nothing = { pass: null, ended: [], forgotten: null };
  if (fact.kind === "sessionOpened") return { ...nothing, ended: endLine(book, stamped, place) };
  const passId = "passId" in fact ? fact.passId : null;
  if (passId === null) return nothing;
  const known = book.byId.get(passId);
  if (known !== undefined && known.lineId !== lineId) return nothing;
  if (known === undefined && isToldOfAnyPass(fact)) return nothing;
  const forgotten = known === undefined ? makeRoom(book, lineId) : null;
  const pass = known ?? openPass(book, passId, lineId, place);
  if (pass.facts.length < factsPerPassMax) pass.facts.push(stamped);
  learn(book, pass, fact);
  const isOver = fact.kind === "left" || fact.kind === "lost";
  if (!isOver || (pass.isEnded && !pass.isEndUntold)) return { pass, ended: [], forgotten };
  endPass(book, pass);
  return { pass, ended: [pass], forgotten };
}

/**
 * Told of passes that are over as well, of green ones for hours: one that is forgotten would be on its
 * belt again, and nobody would tell of its end.
 */
const isToldOfAnyPass = ({ kind }: Fact): boolean =>
  kind === "recallWanted" ||
  kind === "pictured" ||
  kind === "condition" ||
  kind === "notice" ||
  kind === "alarm";

/** Nobody writes these chains any more: their passes are on no belt, however they ended. */
export function endUntold(
  book: PassBook,
  isClosed: (chain: string) => boolean,
): readonly PassState[] {
  const open = [...book.openByLine.values()].flatMap((passIds) => [...passIds]);
  return open.flatMap((passId) => {
    const pass = book.byId.get(passId);
    if (pass === undefined || !isClosed(pass.first.chain)) return [];
    endPass(book, pass);
    pass.isEndUntold = true;
    return [pass];
  });
}

/** Those of a chain of whose end nobody has told. */
const untoldPassesOf = (book: PassBook, chain: string): readonly PassState[] =>
  [...book.byId.values()].filter((pass) => pass.isEndUntold && pass.first.chain === chain);

/** The same for a fact of before a restart: a story without its beginning is none. */
export function takeOldFact(book: PassBook, stamped: StampedFact, place: JournalPlace): void {
  const { fact } = stamped;
  const passId = "passId" in fact ? fact.passId : null;
  const isTold = passId === null || fact.kind === "inducted" || book.byId.has(passId);
  if (isTold) takeFact(book, stamped, place);
}

/** After the lines have been told again one after the other: puts their passes in one order. */
export function orderPasses(book: PassBook): void {
  const beganAt = (passId: string): number => book.byId.get(passId)?.facts[0]?.wallAt ?? 0;
  const endedAt = (passId: string): number => book.byId.get(passId)?.facts.at(-1)?.wallAt ?? 0;
  const ended = [...book.ended].toSorted((a, b) => endedAt(a) - endedAt(b));
  book.ended.clear();
  for (const passId of ended) book.ended.add(passId);
  for (const passIds of book.byWaybill.values()) passIds.sort((a, b) => beganAt(a) - beganAt(b));
}

/** `book` knows from now on what `other` does, and nothing else. */
export function takePlaceOf(book: PassBook, other: PassBook): void {
  refill(book.byId, other.byId);
  refill(book.openByLine, other.openByLine);
  refill(book.byWaybill, other.byWaybill);
  book.ended.clear();
  for (const passId of other.ended) book.ended.add(passId);
}

function refill<K, V>(map: Map<K, V>, by: ReadonlyMap<K, V>): void {
  map.clear();
  for (const [key, value] of by) map.set(key, value);
}

export const openPassesOf = (book: PassBook, lineId: string): readonly PassState[] =>
  [...(book.openByLine.get(lineId) ?? [])].flatMap((id) => book.byId.get(id) ?? []);

export const passesOf = (book: PassBook, waybill: string): readonly PassState[] =>
  (book.byWaybill.get(waybill) ?? []).flatMap((id) => book.byId.get(id) ?? []);

export const tellPass = (pass: PassState): Story["passes"][number] => ({
  passId: pass.passId,
  lineId: pass.lineId,
  outcome: {
    exit: pass.left?.exit ?? null,
    expected: pass.left?.expected ?? pass.decided,
    reasons: [...pass.reasons],
    officer: pass.officer,
  },
  imageHash: pass.imageHash,
  timeline: [...pass.facts],
});

function openPass(book: PassBook, passId: string, lineId: string, first: JournalPlace): PassState {
  const pass: PassState = {
    passId,
    lineId,
    first,
    frontCount: null,
    lengthMm: null,
    waybill: null,
    weightG: null,
    dimensionsMm: null,
    imageHash: null,
    algorithm: null,
    officer: null,
    hasOfficerReleased: false,
    decided: null,
    reasons: [],
    left: null,
    isEnded: false,
    isEndUntold: false,
    facts: [],
  };
  book.byId.set(passId, pass);
  const open = book.openByLine.get(lineId) ?? new Set<string>();
  book.openByLine.set(lineId, open.add(passId));
  return pass;
}

/** A line that never tells of its passes' ends must not fill the memory. */
function makeRoom(book: PassBook, lineId: string): PassState | null {
  const open = book.openByLine.get(lineId) ?? new Set<string>();
  if (open.size < openPassesPerLineMax) return null;
  const [oldest] = open;
  const forgotten = oldest === undefined ? undefined : book.byId.get(oldest);
  if (forgotten === undefined) return null;
  endPass(book, forgotten);
  return forgotten;
}

/** A session ends what its own journal tells of: another one's passes it knows nothing about. */
function endLine(
  book: PassBook,
  stamped: StampedFact,
  { chain }: JournalPlace,
): readonly PassState[] {
  const untold = untoldPassesOf(book, chain).filter(({ lineId }) => lineId === stamped.lineId);
  const open = openPassesOf(book, stamped.lineId).filter(({ first }) => first.chain === chain);
  const ending = [...open, ...untold];
  for (const pass of ending) {
    if (pass.facts.length < factsPerPassMax) pass.facts.push(stamped);
    endPass(book, pass);
  }
  return ending;
}

function endPass(book: PassBook, pass: PassState): void {
  pass.isEnded = true;
  pass.isEndUntold = false;
  book.openByLine.get(pass.lineId)?.delete(pass.passId);
  book.ended.add(pass.passId);
  if (book.ended.size <= endedPassesMax) return;
  const [oldest] = book.ended;
  if (oldest !== undefined) forget(book, oldest);
}

function forget(book: PassBook, passId: string): void {
  const pass = book.byId.get(passId);
  book.ended.delete(passId);
  book.byId.delete(passId);
  const waybill = pass?.waybill ?? null;
  if (waybill === null) return;
  const left = (book.byWaybill.get(waybill) ?? []).filter((id) => id !== passId);
  if (left.length === 0) book.byWaybill.delete(waybill);
  else book.byWaybill.set(waybill, left);
}

function learn(book: PassBook, pass: PassState, fact: Fact): void {
  switch (fact.kind) {
    case "inducted":
      pass.frontCount = fact.frontCount;
      return;
    case "measured":
      pass.lengthMm = fact.lengthMm;
      return;
    case "identified":
      return learnWaybill(book, pass, fact.waybill);
    case "weighed":
      pass.weightG = fact.weightG;
      pass.dimensionsMm = fact.dimensionsMm ?? null;
      return;
    case "imaged":
      if (pass.imageHash !== fact.imageHash) pass.algorithm = null;
      pass.imageHash = fact.imageHash;
      return;
    case "algorithmAnswered":
      if (fact.imageHash !== pass.imageHash) return;
      pass.algorithm = fact;
      // As the line does: who released it before could not know.
      if (fact.verdict === "suspect" && pass.hasOfficerReleased) pass.officer = null;
      return;
    case "officerAnswered":
      if (!fact.applied) return;
      pass.officer = fact.officer;
      pass.hasOfficerReleased = fact.decision === "release";
      return;
    case "reasonRaised":
      pass.reasons = [...withoutReason(pass.reasons, fact.reason), fact.reason];
      return;
    case "reasonDischarged":
      pass.reasons = withoutReason(pass.reasons, fact.reason);
      return;
    case "decided":
      return learnDecision(book, pass, fact);
    case "left":
      pass.left = { exit: fact.exit, expected: fact.expected };
      return;
    case "notIdentified":
    case "pictured":
    case "claimAnswered":
    case "commanded":
    case "aborted":
    case "lost":
    case "recallWanted":
    case "readerProved":
    case "sessionOpened":
    case "lineState":
    case "deviceHealth":
    case "chute":
    case "condition":
    case "notice":
    case "alarm":
      return;
  }
}

function learnDecision(book: PassBook, pass: PassState, fact: FactOf<"decided">): void {
  pass.decided = fact.exit;
  pass.reasons = fact.reasons;
  if (fact.waybill !== null) learnWaybill(book, pass, fact.waybill);
}

function learnWaybill(book: PassBook, pass: PassState, waybill: string): void {
  if (pass.waybill === waybill) return;
  pass.waybill = waybill;
  const passIds = (book.byWaybill.get(waybill) ?? []).filter((id) => id !== pass.passId);
  book.byWaybill.set(waybill, [...passIds, pass.passId].slice(-passesPerWaybillMax));
}

const withoutReason = (reasons: readonly Reason[], reason: Reason): readonly Reason[] =>
  reasons.filter(({ code }) => code !== reason.code);
