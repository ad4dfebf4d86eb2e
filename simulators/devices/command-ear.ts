import { hexToBytes, type ScannerFormat } from "../../protocols/scanner/format.ts";

const commandBytesMax = 128;

/** Cuts what a line writes to a simulated reader into the texts of its frames; junk is dropped. */
export function createCommandEar(
  format: Pick<ScannerFormat, "startHex" | "endHex">,
  onText: (text: string) => void,
): (chunk: Uint8Array) => void {
  const start = format.startHex === null ? null : (hexToBytes(format.startHex)[0] ?? null);
  const end = hexToBytes(format.endHex[0] ?? "");
  let bytes: number[] = [];
  const isEnded = (): boolean =>
    bytes.length >= end.length &&
    end.every((byte, index) => bytes[bytes.length - end.length + index] === byte);

  return (chunk) => {
    for (const byte of chunk) {
      if (byte === start) {
        bytes = [];
        continue;
      }
      bytes.push(byte);
      if (isEnded()) {
        onText(String.fromCharCode(...bytes.slice(0, bytes.length - end.length)));
        bytes = [];
      }
      if (bytes.length > commandBytesMax) bytes = [];
    }
  };
}
