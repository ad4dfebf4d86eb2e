import type { LineFile } from "../../edge/runtime/config/line-file.ts";
import type { Lag } from "../../simulators/devices/read-latch.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";

/**
 * What binds a read to its parcel in a run (law 16), and how its reader lags. Each reader is seen
 * healthy and one trigger behind, with and without a scale, where nothing else goes wrong: whatever
 * leaves by green then does so on its own label or against it.
 */
export const swarmBindings = ["echo", "ticks", "counter", "pulse", "witness", "none"] as const;
export type SwarmBinding = (typeof swarmBindings)[number];

/** Bindings under which whatever may be released is. */
const provingBindings = swarmBindings.filter((binding) => binding !== "none");

/** Drawn apart, so that a seed's other draws stay what they were. */
export function bindingOf(seed: number): SwarmBinding {
  const at = createSeededEntropy(seed, "binding").next() * provingBindings.length;
  return provingBindings[Math.floor(at)] ?? "echo";
}

export const readerLags = ["noReadFirst", "silenceFirst", "fromTheNth", "repeatsTheNth"] as const;
export type ReaderLag = (typeof readerLags)[number];

interface LagTime {
  readonly kind: Lag;
  readonly fromMs: number;
  readonly toMs: number;
}

/** How and when a reader begins to lag, and when somebody purges it: world milliseconds. */
export const lagTimes: Readonly<Record<ReaderLag, LagTime>> = {
  noReadFirst: { kind: "noReadFirst", fromMs: 0, toMs: 480_000 },
  silenceFirst: { kind: "silenceFirst", fromMs: 0, toMs: 480_000 },
  fromTheNth: { kind: "silenceFirst", fromMs: 120_000, toMs: 600_000 },
  repeatsTheNth: { kind: "repeatFirst", fromMs: 120_000, toMs: 600_000 },
};

/** Behind the scale and before the X-ray. */
export const witnessMm = 4_300;

type ScannerBindingText = LineFile["layout"]["scanner"]["binding"] | object;

/** The scanner's binding as a line's configuration names it. */
export function bindingText(lineId: string, binding: SwarmBinding): ScannerBindingText {
  switch (binding) {
    case "echo":
      return { kind: "echo", sendMm: 150 };
    case "ticks":
      return { kind: "ticks", bits: 32 };
    case "counter":
      return { kind: "counter", bits: 16 };
    case "pulse":
      return { kind: "pulse", goodInputId: "good-read", noReadInputId: "no-read" };
    case "witness":
      return {
        kind: "witness",
        canTest: true,
        reader: {
          deviceId: `${lineId}-witness`,
          atMm: witnessMm,
          binding: { kind: "echo", sendMm: 150 },
        },
      };
    case "none":
      return { kind: "none", canTest: true };
  }
}
