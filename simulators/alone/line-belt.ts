import { z } from "zod";
import { zExit } from "../../protocols/sorting.ts";
import { defaultLayout, explainLayout, type WorldLayout } from "../world/layout.ts";

const mm = z.number().min(0).max(1_000_000);
const zSpan = z.object({ fromMm: mm, toMm: mm }).nullable();

/** What a belt is built from, out of a line of an agent's file; the agent checks the rest. */
export const zLineOfFile = z.object({
  belt: z.object({ speedMmPerS: z.number().min(10), mmPerCount: z.number().gt(0) }),
  layout: z.object({
    inductionEyeId: z.string().default("induction"),
    scanner: z.object({
      atMm: mm,
      binding: z.object({
        goodInputId: z.string().optional(),
        noReadInputId: z.string().optional(),
      }),
    }),
    scale: zSpan,
    xray: zSpan,
    trackingEyes: z.array(z.object({ eyeId: z.string(), atMm: mm })),
    diverters: z.array(
      z.object({
        exit: zExit,
        atMm: mm,
        swingMs: z.number().min(0),
        chuteEyeId: z.string(),
        chuteTravelMm: mm,
      }),
    ),
    end: z.object({ eyeId: z.string(), atMm: mm, exit: zExit }),
  }),
});

/**
 * The belt of such a line, in a world that runs `speed` times as fast as the clock; or a sentence about
 * the key after which no belt can be built. Eyes, exits and distances are the line's, the rest is the
 * default line's.
 */
export function beltOf(line: z.infer<typeof zLineOfFile>, speed: number): WorldLayout | string {
  const { inductionEyeId, scanner, scale, xray, trackingEyes, diverters, end } = line.layout;
  const belt: WorldLayout = {
    ...defaultLayout,
    mmPerCount: line.belt.mmPerCount,
    beltSpeedMmPerS: line.belt.speedMmPerS / speed,
    eyes: [
      { eyeId: inductionEyeId, positionMm: 0 },
      ...trackingEyes.map(({ eyeId, atMm }) => ({ eyeId, positionMm: atMm })),
      { eyeId: end.eyeId, positionMm: end.atMm },
    ],
    scannerMm: scanner.atMm,
    scale:
      scale === null
        ? null
        : {
            centreMm: (scale.fromMm + scale.toMm) / 2,
            platformMm: scale.toMm - scale.fromMm,
            stepG: 5,
          },
    xray:
      xray === null
        ? null
        : {
            entryMm: xray.fromMm,
            beamMm: Math.min(xray.fromMm + beamAfterMm, (xray.fromMm + xray.toMm) / 2),
            exitMm: xray.toMm,
          },
    diverters: diverters.map(({ exit, atMm, swingMs, chuteEyeId, chuteTravelMm }) => ({
      exit,
      mouthMm: atMm,
      swingMs: swingMs * speed,
      chuteEyeId,
      chuteEyeAfterMm: chuteTravelMm,
    })),
    endExit: end.exit,
  };
  return explainLayout(belt) ?? belt;
}

/** As the simulated machine in its own process has it. */
const beamAfterMm =
  defaultLayout.xray === null ? 0 : defaultLayout.xray.beamMm - defaultLayout.xray.entryMm;
