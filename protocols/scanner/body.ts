import {
  codeCharsMax,
  codesPerReadMax,
  withoutControls,
  type ScannedCode,
} from "../barcode/scanned-code.ts";
import { isNoReadWord } from "../barcode/no-read.ts";
import { compilePattern } from "../safe-pattern.ts";
import type { ScannerFormat } from "./format.ts";
import { openDmcc, readDmccAnswer, type DmccAnswer } from "./dmcc.ts";
import { readProofHead } from "./proof-head.ts";
import { discardedBytesShownMax, type DiscardReason, type ScannerFrame } from "./frames.ts";

/**
 * Reads what stands between start and end. A frame of which one code cannot be understood is
 * discarded as a whole: dropping that code alone could turn two parcels' labels into one.
 */
export function createBodyReader(format: ScannerFormat): (body: Uint8Array) => ScannerFrame {
  const noReads = format.noReadPatterns.map(compilePattern);
  const acks = format.ackPatterns.map(compilePattern);
  const refusals = format.refusalPatterns.map(compilePattern);
  const heartbeat = format.heartbeat === null ? null : compilePattern(format.heartbeat.pattern);
  const matches = (patterns: readonly RegExp[], text: string) =>
    patterns.some((pattern) => pattern.test(text));
  /** In the words of the reader's setting, in any known ones, or as the one control character. */
  const isNoRead = (text: string): boolean => {
    const plain = withoutControls(text);
    if (plain.trim() === "") return takenBack.test(text);
    return matches(noReads, plain) || isNoReadWord(plain);
  };
  const partsOf = (text: string): readonly string[] =>
    format.codeSeparator === null ? [text] : text.split(format.codeSeparator);
  const decode = createDecoder(format.encoding);

  /** What a whole text says. */
  function readText(decoded: string, answer: DmccAnswer | null): ScannerFrame | "malformed" {
    if (answer?.kind === "checked") return "malformed";
    if (answer?.kind === "refused") return { kind: "refusal", text: answer.why };
    const said = answer?.kind === "read" ? answer.data : decoded;
    const whole = withoutControls(said);
    if (matches(refusals, whole)) return { kind: "refusal", text: whole };
    if (answer?.kind === "done" || ownWord.test(said) || matches(acks, whole)) {
      return { kind: "ack", text: whole };
    }
    if (heartbeat?.test(whole) === true) return { kind: "heartbeat" };
    const headed =
      format.proofHead === null ? { proof: {}, rest: said } : readProofHead(format.proofHead, said);
    if (headed === null) return "malformed";
    const { proof, rest: text } = headed;
    // A no-read may come without what stands around codes.
    if (partsOf(text).every(isNoRead)) return { kind: "noRead", proof };

    if (text.length < format.headerChars + format.trailerChars) return "malformed";
    const inner = text.slice(format.headerChars, text.length - format.trailerChars);
    const codes: ScannedCode[] = [];
    let isGood = true;
    for (const part of partsOf(inner)) {
      // One head of several may have seen nothing; that is not a code.
      if (isNoRead(part)) continue;
      const plain = withoutControls(part);
      const isAnswer = matches(acks, plain) || matches(refusals, plain);
      const code = isAnswer || takenBack.test(part) ? null : readCode(part, format);
      if (code === null) return "malformed";
      isGood &&= code.isGood;
      if (code.isGood && !isNoRead(code.text)) codes.push({ text: code.text, aim: code.aim });
    }
    // One code without the others could be told as the parcel's, so all of them go.
    if (codes.length === 0 || !isGood) return { kind: "noRead", proof };
    return codes.length > codesPerReadMax ? "malformed" : { kind: "read", codes, proof };
  }

  return function readBody(body) {
    const discarded = (why: DiscardReason): ScannerFrame => ({
      kind: "discarded",
      why,
      totalBytes: body.length,
      bytes: body.slice(0, discardedBytesShownMax),
    });

    if (body.length > format.maxLengthBytes) return discarded("tooLong");
    const checksum = format.dmccCommands?.checksum ?? "none";
    const opened = openDmcc(body, checksum);
    if (opened === null) return discarded("checksum");
    const decoded = decode(opened.bytes);
    if (decoded === null) return discarded("wronglyEncoded");
    const answer = format.hasDmccAnswers ? readDmccAnswer(decoded, opened.isChecked) : null;
    // A reader answers under the checksum of the command: without one it might say anything.
    const isUnchecked = checksum !== "none" && !opened.isChecked;
    if (isUnchecked && (answer?.kind === "done" || answer?.kind === "read")) {
      return discarded("checksum");
    }
    const frame = readText(decoded, answer);
    if (frame === "malformed") return discarded("malformed");
    return format.dmccCommands === null || answer === null
      ? frame
      : { ...frame, commandId: answer.commandId };
  };
}

/** CAN is some readers' whole no-read, and takes back what stands before it; NAK says as much. */
// oxlint-disable-next-line no-control-regex -- control characters are what this is about.
const takenBack = /[\u0015\u0018]/;

/** What a reader says of itself, unasked, begins with DC2; no label does. */
// oxlint-disable-next-line no-control-regex -- control characters are what this is about.
const ownWord = /^\u0012/;

/**
 * A reader may put an STX, blanks or a GS of its own before the identifier, whatever ends its
 * frames: what stands before it is no data.
 */
// oxlint-disable-next-line no-control-regex -- control characters are what this is about.
const aimBehindControls = /^[\u0000-\u0020]*(\][A-Za-z][0-9A-Za-z])/;

interface CodeRead extends ScannedCode {
  /** False where the reader's own diagnosis says that it is no good read. */
  readonly isGood: boolean;
}

/** SICK's states: 0 good; A and 1 to 9 say what was amiss. */
const diagnosis = /^[0-9A]/;

/** One code from its part of a frame; null when it contradicts the format. */
function readCode(part: string, format: ScannerFormat): CodeRead | null {
  let rest = part;
  let isGood = true;
  let aim: string | null = null;
  let lengthDeclared: number | null = null;
  for (const field of format.codeFields) {
    if (field.kind === "aim") {
      const found = aimBehindControls.exec(rest);
      if (found === null) continue;
      const [all, identifier = ""] = found;
      aim = identifier;
      rest = rest.slice(all.length);
    } else if (field.kind === "diagnosis") {
      if (!diagnosis.test(rest)) return null;
      isGood &&= rest.startsWith("0");
      rest = rest.slice(1);
    } else if (field.kind === "length") {
      const digits = rest.slice(0, field.digits);
      if (digits.length < field.digits || !/^\d+$/.test(digits)) return null;
      lengthDeclared = Number(digits);
      rest = rest.slice(field.digits);
    } else {
      if (rest.length < field.chars) return null;
      rest = rest.slice(field.chars);
    }
  }
  if (lengthDeclared !== null && lengthDeclared !== rest.length) return null;
  // A read that failed may bear no code at all behind its state.
  if (!isGood) return { text: "", aim, isGood };
  const plain = withoutControls(rest);
  const text = format.hasGrade ? plain.replace(/:\d{1,3}$/, "") : plain;
  return text.length === 0 || text.length > codeCharsMax ? null : { text, aim, isGood };
}

/** Null for bytes that the encoding does not allow. Bit 7 is already gone for `ascii7`. */
function createDecoder(encoding: ScannerFormat["encoding"]): (bytes: Uint8Array) => string | null {
  if (encoding !== "utf8") return (bytes) => String.fromCharCode(...bytes);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return (bytes) => {
    try {
      return decoder.decode(bytes);
    } catch {
      return null;
    }
  };
}
