import type { Entropy } from "../../protocols/time.ts";
import { createSeededEntropy, happens, integer } from "../../simulators/world/chance.ts";
import type { TriedParser } from "../kit/parsers.ts";

export interface FuzzOptions {
  readonly bytes: number;
  readonly seed: number;
}

export interface Fuzzed {
  readonly bytesTotal: number;
  readonly goodTotal: number;
  /** The most it held of a message that was not whole. */
  readonly heldBytes: number;
  /** What it has broken, with where; null for nothing. */
  readonly fault: string | null;
}

/** As much as a socket hands over at once. */
const chunkBytesMax = 65_536;

/**
 * Gives a parser random bytes, and its machine's messages with bytes changed, lost, doubled and cut in
 * any way. It must not throw, must not hold more than it may, and must read the next good message
 * behind a silence. The same seed gives the same bytes.
 */
export function fuzzParser(parser: TriedParser, { bytes, seed }: FuzzOptions): Fuzzed {
  const entropy = createSeededEntropy(seed, parser.name);
  const open = parser.open();
  let bytesTotal = 0;
  let goodTotal = 0;
  let heldBytes = 0;
  const faultOf = (): string | null => {
    while (bytesTotal < bytes) {
      const chunk = chunkOf(parser, entropy, bytes - bytesTotal);
      goodTotal += open.push(chunk);
      bytesTotal += chunk.length;
      heldBytes = Math.max(heldBytes, open.heldBytes());
      if (heldBytes > parser.heldBytesMax) {
        return `holds ${heldBytes} bytes, and ${parser.heldBytesMax} at most, after ${bytesTotal}`;
      }
      if (!happens(entropy, 0.02)) continue;
      open.silence();
      if (open.heldBytes() > 0) return `holds ${open.heldBytes()} bytes behind a silence`;
      if (open.push(parser.message) !== 1) {
        return `does not read its next good message behind a silence, after ${bytesTotal} bytes`;
      }
    }
    return null;
  };
  let fault: string | null;
  try {
    fault = faultOf();
  } catch (error) {
    fault = `throws ${String(error)}, after ${bytesTotal} bytes`;
  }
  return { bytesTotal, goodTotal, heldBytes, fault };
}

function chunkOf(parser: TriedParser, entropy: Entropy, bytesMax: number): Uint8Array {
  const wanted = happens(entropy, 0.05) ? chunkBytesMax : integer(entropy, 1, 2_000);
  const length = Math.min(wanted, bytesMax);
  if (happens(entropy, 0.3)) return noise(entropy, length);
  const chunk: number[] = [];
  while (chunk.length < length) for (const byte of spoiled(parser, entropy)) chunk.push(byte);
  return Uint8Array.from(chunk.slice(0, length));
}

export function noise(entropy: Entropy, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = integer(entropy, 0, 255);
  return bytes;
}

/** A message in which some bytes are others, are missing, come twice, or behind which it is cut. */
function spoiled({ message }: TriedParser, entropy: Entropy): readonly number[] {
  if (happens(entropy, 0.3)) return [...message];
  const bytes: number[] = [];
  const cutAt = happens(entropy, 0.3) ? integer(entropy, 0, message.length) : message.length;
  for (const byte of message.subarray(0, cutAt)) {
    const fate = integer(entropy, 0, 40);
    if (fate === 0) continue;
    bytes.push(fate === 1 ? integer(entropy, 0, 255) : byte);
    if (fate === 2) bytes.push(byte);
  }
  return bytes;
}
