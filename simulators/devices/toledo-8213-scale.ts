import { encodeToledo8213, type Toledo8213Format } from "../../protocols/scale/toledo-8213.ts";
import { startAskedScale, type AskedScaleDevice } from "./asked-scale.ts";
import type { SimulatedScale } from "./scale.ts";

export interface Toledo8213ScaleDevice extends AskedScaleDevice {
  /** It shows kilograms: three decimals are grams. */
  readonly format: Toledo8213Format & { readonly unit: "kg"; readonly decimals: 3 };
}

const asked = "W".charCodeAt(0);

/** A scale that answers `W`, and nothing else. */
export const startToledo8213Scale = (device: Toledo8213ScaleDevice): SimulatedScale =>
  startAskedScale(device, (side) => {
    const answer = (): void => {
      const { grams, isInMotion, isOverloaded } = side.shows();
      const output =
        isInMotion || isOverloaded
          ? ({ kind: "refusal", isInMotion, isOutOfRange: isOverloaded } as const)
          : ({ kind: "weight", shown: grams } as const);
      side.write(encodeToledo8213(output, device.format));
    };
    return {
      hear(chunk) {
        for (const byte of chunk) if (byte === asked) answer();
      },
      // A start that leads nowhere, and one that is cut off by the start of the answer.
      noise: Uint8Array.of(0x02, 0x3f, 0x0d, 0x31, 0x02, 0x30),
      stop() {},
    };
  });
