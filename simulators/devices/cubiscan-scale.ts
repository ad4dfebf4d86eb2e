import {
  encodeCubiscan,
  type CubiscanFlaw,
  type CubiscanOutput,
} from "../../protocols/scale/cubiscan.ts";
import { startAskedScale, type AskedScaleDevice, type Shown } from "./asked-scale.ts";
import { createCommandEar } from "./command-ear.ts";
import type { SimulatedScale } from "./scale.ts";

export interface CubiscanDevice extends AskedScaleDevice {
  /** What it shows: centimetres and kilograms, or inches and pounds. Default metric. */
  readonly units?: "metric" | "english";
}

/** How many millimetres are a tenth of what it shows lengths in, and grams a hundredth of weights. */
const steps = {
  metric: { mm: 1, grams: 10, lengthUnit: "cm", weightUnit: "kg", factor: 6_000 },
  english: { mm: 2.54, grams: 4.535_923_7, lengthUnit: "in", weightUnit: "lb", factor: 166 },
} as const;

/** A measuring machine that measures when it is asked `M`, and knows no other word. */
export const startCubiscanScale = (device: CubiscanDevice): SimulatedScale =>
  startAskedScale(device, (side) => {
    const step = steps[device.units ?? "metric"];
    const answerTo = (text: string): CubiscanOutput =>
      text === "M" ? outputOf(side.shows(), step) : { kind: "unknownCommand" };
    return {
      hear: createCommandEar({ startHex: "02", endHex: ["030D0A"] }, (text) =>
        side.write(encodeCubiscan(answerTo(text))),
      ),
      // A frame that says nothing, and one that the start of the answer cuts off.
      noise: Uint8Array.from("\u0002MA\u0003\r\n7\u0002MAH0000", (char) => char.charCodeAt(0)),
      stop() {},
    };
  });

function outputOf(
  { grams, edgesMm, isInMotion, isOverloaded, isUnready }: Shown,
  { mm, grams: stepG, factor, lengthUnit, weightUnit }: (typeof steps)[keyof typeof steps],
): CubiscanOutput {
  if (isUnready) return { kind: "refusal", why: "notZeroed" };
  const flaw: CubiscanFlaw | null = isInMotion ? "unstable" : null;
  const tenths = (edgeMm: number): number | CubiscanFlaw =>
    flaw ?? (edgeMm === 0 ? "under" : Math.min(9_999, Math.round(edgeMm / mm)));
  const { length, width, height } = edgesMm ?? { length: 0, width: 0, height: 0 };
  const volume = (length * width * height) / (10 * mm) ** 3;
  return {
    kind: "measurement",
    lengthUnit,
    weightUnit,
    length: tenths(length),
    width: tenths(width),
    height: tenths(height),
    weight: flaw ?? (isOverloaded ? "over" : Math.min(99_999, Math.round(grams / stepG))),
    dimWeight: flaw ?? Math.min(99_999, Math.round((100 * volume) / factor)),
    factor,
    shipping: "international",
  };
}
