import type { Entropy } from "../../protocols/time.ts";
import { s10CheckDigit } from "../../protocols/barcode/s10.ts";
import { integer, uniform } from "../world/chance.ts";

/** Room for this many parcels a line before a number repeats. */
const serialsPerLine = 2_000_000;
const serialsTotal = 100_000_000;

/** Numbers as carriers print them; no two parcels of a site get the same one. */
export function createWaybills(options: {
  readonly seed: number;
  readonly lineIndex: number;
  readonly entropy: Entropy;
}): () => string {
  const { seed, lineIndex, entropy } = options;
  const from = (Math.abs(Math.imul(seed, 0x9e3779b1)) % 40) * 1_000_000;
  let issued = 0;
  return () => {
    const serial = (from + lineIndex * serialsPerLine + issued) % serialsTotal;
    issued += 1;
    const digits = String(serial).padStart(8, "0");
    const draw = uniform(entropy, 0, 1);
    if (draw < 0.15) return `SF1${String(integer(entropy, 0, 9_999)).padStart(4, "0")}${digits}`;
    if (draw < 0.3) return `YT8${String(integer(entropy, 0, 9_999)).padStart(4, "0")}${digits}`;
    return `HB${digits}${s10CheckDigit(digits)}CN`;
  };
}
