import type { MemoryLinkOptions } from "../../edge/link/memory-link.ts";
import type { Entropy } from "../../protocols/time.ts";
import { uniform } from "../../simulators/world/chance.ts";

/** How the link between line and centre carries messages: well, or badly. */
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

export function createLinkWeather(entropy: Entropy): LinkWeather {
  let isLossy = false;
  let isCut = false;
  const lateMs = (): number => uniform(entropy, 1, lateMsMax);
  return {
    carry() {
      if (!isLossy) return fair;
      const draw = entropy.next();
      if (draw < lost) return [];
      return draw < lost + doubled ? [lateMs(), lateMs()] : [lateMs()];
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
