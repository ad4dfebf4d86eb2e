import type { ScannedCode } from "../barcode/scanned-code.ts";
import { encodeColaB } from "./cola-b.ts";
import { writeProofHead } from "./proof-head.ts";
import type { ReadProof, ProofCommand } from "./read-proof.ts";
import { hexToBytes, type ScannerFormat } from "./format.ts";

/** Filler for the characters that a format skips. */
const filler = "0";
/** The diagnosis of a code that was read. */
const goodRead = "0";

/**
 * A read as a scanner of this format writes it. The caller sees to it that no code contains the
 * format's start, end or separator.
 */
export function encodeScannerRead(
  format: ScannerFormat,
  codes: readonly ScannedCode[],
  proof: ReadProof = {},
): Uint8Array {
  const parts = codes.map((code) => codeInFields(format, code));
  const text =
    filler.repeat(format.headerChars) +
    parts.join(format.codeSeparator ?? "") +
    filler.repeat(format.trailerChars);
  return encodeScannerText(format, headOf(format, proof) + text);
}

/** That nothing was read, in the words of the scanner's setting. */
export const encodeNoRead = (
  format: ScannerFormat,
  noReadText: string,
  proof: ReadProof = {},
): Uint8Array => encodeScannerText(format, headOf(format, proof) + noReadText);

const headOf = ({ proofHead }: ScannerFormat, proof: ReadProof): string =>
  proofHead === null ? "" : writeProofHead(proofHead, proof);

/** What the line tells a device of this format; nothing where the format has no such command. */
export function encodeProofCommand(format: ScannerFormat, command: ProofCommand): Uint8Array {
  const text = proofCommandText(format, command);
  return text === null ? new Uint8Array(0) : encodeScannerText(format, text);
}

/** The same as a text without a frame; null where the format has no such command. */
export function proofCommandText(format: ScannerFormat, command: ProofCommand): string | null {
  switch (command.kind) {
    case "trigger":
      return format.triggerCommand;
    case "endTrigger":
      return format.triggerOffCommand;
    case "token":
      return format.tokenCommand?.replace("{}", command.token) ?? null;
    case "test":
      return format.testCommand?.replace("{}", command.test) ?? null;
  }
}

/** Any text in the format's frame: a no-read, a sign of life, an answer to a command. */
export function encodeScannerText(format: ScannerFormat, text: string): Uint8Array {
  const body =
    format.encoding === "utf8"
      ? new TextEncoder().encode(text)
      : Uint8Array.from(text, (char) => char.charCodeAt(0));
  return encodeScannerBytes(format, body);
}

/** The same of bytes. */
export function encodeScannerBytes(format: ScannerFormat, body: Uint8Array): Uint8Array {
  if (format.framing === "cola-b") return encodeColaB(body);
  const start = format.startHex === null ? [] : hexToBytes(format.startHex);
  const end = hexToBytes(format.endHex[0] ?? "");
  return Uint8Array.from([...start, ...body, ...end]);
}

function codeInFields(format: ScannerFormat, code: ScannedCode): string {
  const written = format.codeFields.map((field) => {
    if (field.kind === "aim") return code.aim ?? "";
    if (field.kind === "diagnosis") return goodRead;
    if (field.kind === "skip") return filler.repeat(field.chars);
    return String(code.text.length).padStart(field.digits, "0");
  });
  return written.join("") + code.text;
}

/** The other way: what a text from the line asks of a reader of this format; null for nothing. */
export function readProofCommand(format: ScannerFormat, text: string): ProofCommand | null {
  if (text === format.triggerCommand) return { kind: "trigger" };
  if (text === format.triggerOffCommand) return { kind: "endTrigger" };
  const token = digitsOf(format.tokenCommand, text);
  if (token !== null) return { kind: "token", token };
  const test = digitsOf(format.testCommand, text);
  return test === null ? null : { kind: "test", test };
}

function digitsOf(command: string | null, text: string): string | null {
  if (command === null) return null;
  const [before = "", after = ""] = command.split("{}");
  if (!text.startsWith(before) || !text.endsWith(after)) return null;
  const digits = text.slice(before.length, text.length - after.length);
  return /^[0-9]{4}$/.test(digits) ? digits : null;
}
