import { z } from "zod";
import {
  createToledoParser,
  defaultToledoFormat,
  zToledoFormat,
  type ToledoFormat,
  type ToledoFrame,
  type ToledoReading,
} from "../../../protocols/scale/toledo.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { speak } from "../dialect.ts";
import { createFrameDialect, discardedBytes } from "../frame-dialect.ts";
import { createByteWire } from "../wires/byte-wire.ts";
import type { Carriers } from "../wires/carriers.ts";
import type { NoWeight, ScaleHeard } from "./heard.ts";
import { nameOtherDialect } from "./other-dialect.ts";

const { hasTare, hasChecksum, unit } = zToledoFormat.shape;

/** Toledo continuous output; left out, the format's own defaults. */
export const zToledoDialect = z.strictObject({
  kind: z
    .literal("toledo")
    .describe("Toledo continuous output: a weight several times a second without being asked."),
  hasTare: hasTare.default(defaultToledoFormat.hasTare),
  hasChecksum: hasChecksum.default(defaultToledoFormat.hasChecksum),
  unit: unit.default(defaultToledoFormat.unit),
});

/** A frame lasts 35 ms at 4,800 baud, the slowest the output allows. */
const interByteTimeoutMs = 200;

const nothing = new Uint8Array(0);

export const toledoCarriers = (format: ToledoFormat): Carriers<ScaleHeard, ProofCommand> => ({
  bytes: (link, clock) => {
    const parser = createToledoParser(format);
    const dialect = createFrameDialect({
      parser,
      interByteTimeoutMs,
      meaningOf,
      // Continuous output takes no word from anybody.
      write: () => nothing,
    });
    return speak(nameOtherDialect("toledo", dialect), createByteWire(link), clock);
  },
});

function meaningOf(frame: ToledoFrame): ScaleHeard {
  if (frame.kind === "discarded") return discardedBytes(frame);
  const why = flawOf(frame);
  return why === null ? { kind: "reading", grams: frame.grams } : { kind: "noWeight", why };
}

function flawOf(reading: ToledoReading): NoWeight | null {
  if (reading.isOutOfRange) return "outOfRange";
  if (reading.isInMotion) return "inMotion";
  // Below nothing by a step is an empty platform's noise, but no weight either.
  if (reading.isNegative) return "negative";
  return reading.isNet ? "net" : null;
}
