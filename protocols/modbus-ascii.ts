import { sumComplement } from "./sum-complement.ts";

/**
 * Whether a text holds a whole frame of Modbus ASCII: a colon, bytes in pairs of hexadecimal digits of
 * which the last is their LRC, CR LF. No dialect speaks it: it is recognised so that somebody can be
 * told to set the device to RTU.
 * @see MODBUS over serial line, specification and implementation guide V1.02, 2.5.2
 */
export function holdsModbusAscii(text: string): boolean {
  for (const [, digits = ""] of text.matchAll(framePattern)) {
    const bytes = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    if (sumComplement(bytes.subarray(0, -1), 8) === bytes.at(-1)) return true;
  }
  return false;
}

/** Unit, function and LRC at least; at most 255 bytes. */
const framePattern = /:((?:[0-9A-Fa-f]{2}){3,255})\r\n/g;
