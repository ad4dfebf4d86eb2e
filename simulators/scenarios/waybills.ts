import type { Entropy } from "../../protocols/time.ts";
import { s10CheckDigit } from "../../protocols/barcode/s10.ts";
import { integer, uniform } from "../world/chance.ts";

/** Room for this many parcels a line before a number repeats. */
const serialsPerLine = 2_000_000;
const serialsTotal = 100_000_000;

/** In each of its runs a line begins this much further on: a day and a night at 4,000 an hour. */
const serialsPerRun = 100_000;
/** Second letters of the S10 service; each serves until the runs have been once round the room. */
const services = "BCDEFGHIJKLMNOPQRSTUVWXYZ";

/** Numbers as carriers print them; no two parcels of a site get the same one, in whichever run. */
export function createWaybills(options: {
  readonly seed: number;
  /** From 1; see `seedOfRun`. */
  readonly run: number;
  readonly lineIndex: number;
  readonly entropy: Entropy;
}): () => string {
  const { seed, run, lineIndex, entropy } = options;
  const from = (Math.abs(Math.imul(seed, 0x9e3779b1)) % 40) * 1_000_000;
  const rounds = Math.floor(((run - 1) * serialsPerRun) / serialsPerLine);
  const service = `H${services.charAt(rounds % services.length)}`;
  let place = ((run - 1) * serialsPerRun) % serialsPerLine;
  return () => {
    const serial = (from + lineIndex * serialsPerLine + place) % serialsTotal;
    place = (place + 1) % serialsPerLine;
    const digits = String(serial).padStart(8, "0");
    const draw = uniform(entropy, 0, 1);
    if (draw < 0.15) return `SF1${String(integer(entropy, 0, 9_999)).padStart(4, "0")}${digits}`;
    if (draw < 0.3) return `YT8${String(integer(entropy, 0, 9_999)).padStart(4, "0")}${digits}`;
    return `${service}${digits}${s10CheckDigit(digits)}CN`;
  };
}
