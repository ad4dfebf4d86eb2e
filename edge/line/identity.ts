import { waybillOf } from "../../protocols/barcode/waybill.ts";
import { codesPerReadMax, type ScannedCode } from "../../protocols/barcode/scanned-code.ts";
import { askClaim } from "./claim.ts";
import { hasCome } from "./due.ts";
import type { LineEventBody } from "./events.ts";
import {
  bindRead,
  doubtRead,
  isInView,
  isSameCode,
  readersOf,
  takePulse,
  takeUnpaired,
  unreadAtCount,
  type Bound,
  type Reader,
} from "./reader.ts";
import { oweProof, takeTest } from "./reader-debt.ts";
import type { Pass } from "./state.ts";
import { isStray, noteStray, waybillsIn } from "./stray-labels.ts";
import { isOverdue, raise, type Turn } from "./turn.ts";

/**
 * Which waybill a parcel bears: what was read of it, bound to it by `reader.ts`. The scanner's word
 * names the waybill; a second reader, where there is one, only says whether it has read the same.
 */
export function takeRead(turn: Turn, read: Extract<LineEventBody, { kind: "read" }>): void {
  const { codes, proof } = read;
  const reader = readersOf(turn).find(({ layout }) => layout.deviceId === read.deviceId);
  if (reader === undefined) return;
  if (proof.test !== undefined) return takeTest(turn, reader, proof);
  takeBound(turn, reader, bindRead(turn, reader, { codes, proof }), codes);
}

/** An output of a reader, as the sorter's I/O has latched it. */
export function takeReaderPulse(turn: Turn, inputId: string, count: number): void {
  for (const reader of readersOf(turn)) {
    const taken = takePulse(turn, reader, { inputId, count });
    if (taken !== null) takeBound(turn, reader, taken.bound, taken.codes);
  }
}

function takeBound(turn: Turn, reader: Reader, bound: Bound, codes: readonly ScannedCode[]): void {
  switch (bound.kind) {
    case "held":
    case "ofTest":
      return;
    case "unbound":
      return takeUnbound(turn, reader, bound, codes);
    case "bound":
      takeOwn(turn, reader, bound, codes);
  }
}

/** It was of somebody: of whom it speaks, of whoever is before the reader, or of whom it names. */
function takeUnbound(
  turn: Turn,
  reader: Reader,
  { named, why }: Extract<Bound, { kind: "unbound" }>,
  codes: readonly ScannedCode[],
): void {
  const before = turn.state.passes.filter((pass) => isInView(turn, reader, pass, turn.event.count));
  oweProof(turn, reader, why);
  for (const pass of new Set(named === null ? before : [named, ...before])) {
    noteAnswered(turn, reader, pass);
    doubtRead(turn, reader, pass);
  }
  for (const waybill of waybillsIn(waybillOf(codes, turn.config.waybills))) {
    doubtBearers(turn, waybill);
    noteStray(turn, waybill);
  }
}

/** Whatever came for it, it is not missed any more. */
function noteAnswered(turn: Turn, reader: Reader, pass: Pass): void {
  hasCome(turn.state, unreadAtCount(reader, pass, turn.config));
  reader.readOf(pass).isAnswered = true;
}

/** Frames of one read add up: several waybills are a conflict, a closing no-read takes nothing back. */
function takeOwn(
  turn: Turn,
  reader: Reader,
  { pass, isProven }: Extract<Bound, { kind: "bound" }>,
  codes: readonly ScannedCode[],
): void {
  const read = reader.readOf(pass);
  const isFirst = !read.isAnswered;
  noteAnswered(turn, reader, pass);
  // What was bound by its turn alone stays so, whatever is added to it.
  read.isProven = isProven && (isFirst || read.isProven || read.codes.length === 0);
  const all = withNew(read.codes, codes);
  read.codes = all.slice(0, codesPerReadMax);
  // What does not fit may be another waybill.
  if (all.length > codesPerReadMax) doubtRead(turn, reader, pass);
  if (reader.state.isInStep) reader.state.unboundWhy = null;
  else doubtRead(turn, reader, pass);
  if (reader.layout.deviceId === turn.config.layout.scanner.deviceId) {
    identify(turn, pass, isFirst);
  }
}

/** A reader that says its code again and again within one gate says nothing new by that. */
const withNew = (known: readonly ScannedCode[], codes: readonly ScannedCode[]): ScannedCode[] => {
  const all = [...known];
  for (const code of codes) {
    if (!all.some((each) => isSameCode(each, code))) all.push(code);
  }
  return all;
};

/** Beside another label, too: who has two of them may be the real bearer of either. */
const bearersOf = ({ state }: Turn, waybill: string): Pass[] =>
  state.passes.filter(({ identity }) => waybillsIn(identity).includes(waybill));

/** One label on two parcels: neither is known to be the real one (PF-19). */
function doubtBearers(turn: Turn, waybill: string): void {
  for (const bearer of bearersOf(turn, waybill)) raise(turn, bearer, { code: "claimedElsewhere" });
}

/** Passes whose read never came; called after every event. */
export function findUnread(turn: Turn): void {
  const { state, config } = turn;
  for (const reader of readersOf(turn)) {
    const unpaired = takeUnpaired(turn, reader);
    if (unpaired !== null) takeBound(turn, reader, unpaired.bound, unpaired.codes);
    if (!isOverdue(turn)) continue;
    for (const pass of state.passes) {
      if (state.belt.reportedCount < unreadAtCount(reader, pass, config)) continue;
      missRead(turn, reader, pass);
    }
  }
}

/** So far runs a belt without a parcel on it in half an hour or more. */
const turnMmSure = 2_000_000;

/** Whether the missing answer is this pass's alone, or may now be given to the one behind it. */
function missRead(turn: Turn, reader: Reader, pass: Pass): void {
  const { layout } = reader;
  reader.readOf(pass).isAnswered = true;
  if (layout.deviceId === turn.config.layout.scanner.deviceId) {
    turn.facts.push({ kind: "notIdentified", passId: pass.passId, codes: [] });
  }
  switch (layout.binding.kind) {
    case "echo":
    case "counter":
      return;
    case "ticks":
      // The answer is still owed, and one this narrow has come round by the time it comes.
      if (2 ** layout.binding.bits * turn.config.belt.mmPerCount > turnMmSure) return;
      oweProof(turn, reader, "readMissing");
      return doubtRead(turn, reader, pass);
    // An output that comes late comes under the next parcel, and its telegram with it.
    case "pulse":
    case "none":
      oweProof(turn, reader, "readMissing");
      doubtRead(turn, reader, pass);
  }
}

function identify(turn: Turn, pass: Pass, isFirst: boolean): void {
  const { config } = turn;
  const { codes } = pass.read;
  const answer = waybillOf(codes, config.waybills);
  const known = pass.identity;
  switch (answer.kind) {
    case "none":
      if (isFirst) tellUnread(turn, pass);
      return;
    case "several":
      pass.identity = { kind: "several", waybills: answer.waybills };
      for (const waybill of answer.waybills) {
        if (bearersOf(turn, waybill).length > 1) doubtBearers(turn, waybill);
      }
      return tellUnread(turn, pass);
    case "one":
      if (known.kind === "one" && known.waybill === answer.waybill) return;
      pass.identity = { kind: "one", waybill: answer.waybill };
      turn.facts.push({
        kind: "identified",
        passId: pass.passId,
        waybill: answer.waybill,
        deviceId: config.layout.scanner.deviceId,
      });
  }
  const { waybill } = answer;
  if (bearersOf(turn, waybill).length > 1 || isStray(turn, waybill)) {
    return doubtBearers(turn, waybill);
  }
  askClaim(turn, pass, waybill);
}

const tellUnread = (turn: Turn, pass: Pass): void =>
  void turn.facts.push({
    kind: "notIdentified",
    passId: pass.passId,
    codes: pass.read.codes.map((code) => code.text.slice(0, 128)),
  });
