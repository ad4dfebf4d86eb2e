/** How a line of one bit rate is received at another, by the rules of asynchronous serial lines. */
export interface UartRates {
  readonly sentBaud: number;
  readonly readBaud: number;
}

const bitsPerByte = 10;

/**
 * The bytes that a receiver of 8 data bits without parity takes from these, and how many it throws away
 * because their stop bit is none. It waits for a start, and looks at each bit in its middle.
 */
export function misread(
  bytes: Uint8Array,
  { sentBaud, readBaud }: UartRates,
): { readonly taken: Uint8Array; readonly damagedTotal: number } {
  const line = Array.from(bytes, (byte) => [
    false,
    ...Array.from({ length: 8 }, (_, bit) => ((byte >> bit) & 1) === 1),
    true,
  ]).flat();
  const sentBit = 1 / sentBaud;
  const readBit = 1 / readBaud;
  const levelAt = (at: number): boolean => line[Math.floor(at / sentBit)] ?? true;
  const endsAt = line.length * sentBit;
  const taken: number[] = [];
  let damagedTotal = 0;
  /** Finer than any bit of either side. */
  const step = Math.min(sentBit, readBit) / 16;
  let at = 0;
  while (at < endsAt) {
    if (levelAt(at)) {
      at += step;
      continue;
    }
    const bit = (index: number): boolean => levelAt(at + (index + 0.5) * readBit);
    let byte = 0;
    for (let index = 0; index < 8; index += 1) if (bit(index + 1)) byte |= 1 << index;
    if (bit(bitsPerByte - 1)) taken.push(byte);
    else damagedTotal += 1;
    at += (bitsPerByte - 0.5) * readBit;
    while (at < endsAt && !levelAt(at)) at += step;
  }
  return { taken: Uint8Array.from(taken), damagedTotal };
}

/** Each character with its parity in bit 7, as a sender of seven bits puts it on the line. */
export const withParity = (text: string, parity: "even" | "odd"): Uint8Array =>
  Uint8Array.from(Buffer.from(text, "latin1"), (char) => {
    const ones = char.toString(2).replaceAll("0", "").length;
    const isOdd = ones % 2 === 1;
    return (parity === "even") === isOdd ? char | 0x80 : char;
  });
