import { lastWordCharsMax, type LastWord } from "../../protocols/link.ts";
import type { Clock } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import type { LinkAgentEnd } from "./port.ts";

/** As the link takes it: what the system says may be of any length. */
export const leavingOf = ({ code, why }: LastWord) =>
  ({ kind: "leaving", code, why: why.slice(0, lastWordCharsMax) }) as const;

/**
 * For an agent that cannot begin: connects, says why, and is done; or gives up after `waitMsMax`,
 * since whoever waits for the centre would keep the next start waiting. `end` was not started yet.
 */
export function sayLastWord(
  end: LinkAgentEnd,
  word: LastWord,
  { clock, waitMsMax }: { readonly clock: Clock; readonly waitMsMax: number },
): Promise<void> {
  return new Promise((resolve) => {
    const overdue = clock.schedule(monotonicMs(clock.monotonic() + waitMsMax), resolve);
    end.start({
      onState: (isConnected) => {
        if (!isConnected || end.send(leavingOf(word)).kind !== "sent") return;
        overdue.cancel();
        resolve();
      },
      onMessage: () => {},
    });
  });
}
