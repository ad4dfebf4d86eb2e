import { hexToBytes, type ScannerFormat } from "../../protocols/scanner/format.ts";

const commandBytesMax = 128;

/** The same for SICK's CoLa-B: four bytes 02, the length in four bytes, the text, a check byte. */
export function createColaBEar(onText: (text: string) => void): (chunk: Uint8Array) => void {
  const start = Buffer.alloc(4, 0x02);
  let bytes: Buffer = Buffer.alloc(0);
  return (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      const at = bytes.indexOf(start);
      if (at < 0 || bytes.length < at + 8) break;
      const from = at + 8;
      const to = from + bytes.readUInt32BE(at + 4);
      if (to - from > commandBytesMax) bytes = bytes.subarray(at + 1);
      else if (bytes.length <= to) break;
      else {
        const text = bytes.subarray(from, to);
        const check = text.reduce((sum, byte) => sum ^ byte, 0);
        if (bytes[to] === check) onText(text.toString("latin1"));
        bytes = bytes.subarray(to + 1);
      }
    }
    bytes = bytes.subarray(-2 * commandBytesMax);
  };
}

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
