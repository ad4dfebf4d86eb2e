import { z } from "zod";
import { lengthUnits } from "../../../protocols/scale/length-unit.ts";
import { createSickMdaParser, type SickMdaFrame } from "../../../protocols/scale/sick-mda.ts";
import { weightUnits } from "../../../protocols/scale/weight-unit.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { speak, unreadable } from "../dialect.ts";
import { createFrameDialect, discardedBytes } from "../frame-dialect.ts";
import { createByteWire } from "../wires/byte-wire.ts";
import type { Carriers } from "../wires/carriers.ts";
import type { ScaleHeard } from "./heard.ts";
import { nameOtherDialect } from "./other-dialect.ts";

/** SICK Master Data Analyzer: one telegram an item, with its weight and its edges. */
export const zSickMdaDialect = z.strictObject({
  kind: z
    .literal("sick-mda")
    .describe("SICK Master Data Analyzer: it sends one telegram an item, with weight and edges."),
  heartbeat: z
    .string()
    .regex(/^[\x21-\x7e]{1,16}$/, "1 to 16 characters without blanks")
    .nullable()
    .default(null)
    .describe(
      "What it was set up to send between STX and ETX as its sign of life, within staleAfterMs. Null: nothing, so that it is there as long as its wire is.",
    ),
});

/** A telegram of 70 bytes lasts 75 ms at 9,600 baud. */
const interByteTimeoutMs = 300;

const nothing = new Uint8Array(0);

export const sickMdaCarriers = ({
  heartbeat,
}: z.infer<typeof zSickMdaDialect>): Carriers<ScaleHeard, ProofCommand> => ({
  bytes: (link, clock) => {
    const dialect = createFrameDialect({
      parser: createSickMdaParser(heartbeat),
      interByteTimeoutMs,
      meaningOf,
      // It takes no word from the line.
      write: () => nothing,
    });
    return speak(nameOtherDialect("sick-mda", dialect), createByteWire(link), clock);
  },
});

/** The label and the number of its own that it tells are no proof of whose weight it is (law 16). */
function meaningOf(frame: SickMdaFrame): ScaleHeard {
  switch (frame.kind) {
    case "heartbeat":
      return { kind: "life" };
    case "measurement": {
      const { grams, dimensionsMm } = frame;
      if (grams === null) return { kind: "noWeight", why: "notReady" };
      return { kind: "weight", grams, proof: {}, dimensionsMm };
    }
    case "otherUnit": {
      const known = [...weightUnits, ...lengthUnits].join(", ");
      return unreadable(`the unit ${frame.unit} is none of ${known}`);
    }
    case "discarded":
      return discardedBytes(frame);
  }
}
