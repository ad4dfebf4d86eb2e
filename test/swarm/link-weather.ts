import type { MemoryLinkOptions } from "../../edge/link/memory-link.ts";
import { createSeededEntropy, happens, uniform } from "../../simulators/world/chance.ts";

/**
 * How the link between line and centre carries messages: well, or badly. A bad one may also bring a
 * claim once more when its pass is long over, as a box that keeps what it could not deliver does.
 */
export interface LinkWeather {
  readonly carry: NonNullable<MemoryLinkOptions["carry"]>;
  setLossy(isLossy: boolean): void;
  setCut(isCut: boolean): void;
  /** Every message arrives, in order. */
  isFair(): boolean;
}

const fair: readonly number[] = [2];
/** Shares of messages that a bad link loses, and doubles. */
const lost = 0.06;
const doubled = 0.06;
const lateMsMax = 60;
/** Share of claims that come again, and when: behind the end of the belt. */
const repeated = 0.3;
const repeatMsMin = 60_000;
const repeatMsMax = 120_000;

export function createLinkWeather(seed: number): LinkWeather {
  const entropy = createSeededEntropy(seed, "link");
  const repeats = createSeededEntropy(seed, "repeated claims");
  let isLossy = false;
  let isCut = false;
  const lateMs = (): number => uniform(entropy, 1, lateMsMax);
  const once = (): readonly number[] => {
    const draw = entropy.next();
    if (draw < lost) return [];
    return draw < lost + doubled ? [lateMs(), lateMs()] : [lateMs()];
  };
  return {
    carry({ message }) {
      if (!isLossy) return fair;
      const isRepeated = message.kind === "claim" && happens(repeats, repeated);
      return isRepeated ? [...once(), uniform(repeats, repeatMsMin, repeatMsMax)] : once();
    },
    setLossy: (next) => {
      isLossy = next;
    },
    setCut: (next) => {
      isCut = next;
    },
    isFair: () => !isLossy && !isCut,
  };
}
