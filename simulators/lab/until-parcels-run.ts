import { setTimeout as pause } from "node:timers/promises";
import { zLinesAnswer } from "../../protocols/ui/http.ts";

/** A lab whose lines do not run by then has something to show, and nobody waits for it any longer. */
const waitMsMax = 20_000;
const askEveryMs = 200;

/**
 * Devices are heard and lines get their documents a few seconds after the processes are ready.
 * Whoever opens the page before sees lines that are held and devices that are down.
 */
export async function untilParcelsRun(url: string): Promise<void> {
  const signal = AbortSignal.timeout(waitMsMax);
  const doRun = async (): Promise<boolean> => {
    const response = await fetch(`${url}/api/lines`, { signal });
    const { data: lines = [] } = zLinesAnswer.safeParse(await response.json());
    return lines.length > 0 && lines.every(({ isHeard, state }) => isHeard && state === "Execute");
  };
  while (!signal.aborted && !(await doRun().catch(() => false))) await pause(askEveryMs);
}
