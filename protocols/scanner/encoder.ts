import type { ScannedCode } from "../barcode/scanned-code.ts";
import { hexToBytes, type ScannerFormat } from "./format.ts";

/** Filler for the characters that a format skips. */
const filler = "0";

/**
 * A read as a scanner of this format writes it. The caller sees to it that no code contains the
 * format's start, end or separator.
 */
export function encodeScannerRead(
  format: ScannerFormat,
  codes: readonly ScannedCode[],
): Uint8Array {
  const parts = codes.map((code) => codeInFields(format, code));
  const text =
    filler.repeat(format.headerChars) +
    parts.join(format.codeSeparator ?? "") +
    filler.repeat(format.trailerChars);
  return encodeScannerText(format, text);
}

/** Any text in the format's frame: a no-read, a sign of life, an answer to a command. */
export function encodeScannerText(format: ScannerFormat, text: string): Uint8Array {
  const start = format.startHex === null ? [] : hexToBytes(format.startHex);
  const end = hexToBytes(format.endHex[0] ?? "");
  const body =
    format.encoding === "utf8"
      ? new TextEncoder().encode(text)
      : Uint8Array.from(text, (char) => char.charCodeAt(0));
  return Uint8Array.from([...start, ...body, ...end]);
}

function codeInFields(format: ScannerFormat, code: ScannedCode): string {
  const written = format.codeFields.map((field) => {
    if (field.kind === "aim") return code.aim ?? "";
    if (field.kind === "skip") return filler.repeat(field.chars);
    return String(code.text.length).padStart(field.digits, "0");
  });
  return written.join("") + code.text;
}
