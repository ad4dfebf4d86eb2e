import type { LineHost } from "../../edge/runtime/line-host.ts";

/**
 * After all faults are healed: the line must come back to Execute and permit induction, parcels
 * must really come, and once nobody brings any more, it must empty itself. Each in bounded time.
 */
export interface Recovery {
  /** Milliseconds; null when it did not come back, or did not empty itself, in time. */
  readonly returnedMs: number | null;
  readonly emptiedMs: number | null;
}

/** A person comes to a line that stands, empties chutes, presses the key; twice if need be. */
const returnMsMax = 120_000;
/** Twice the belt's length, and a person to help once. */
const emptyMsMax = 120_000;
const lookEveryMs = 1_000;

export async function recover(line: {
  readonly host: LineHost;
  /** Bodies that were ever put on the belt. */
  readonly bodiesTotal: () => number;
  readonly bodiesOnBelt: () => number;
  readonly closeInfeed: () => void;
  readonly runFor: (ms: number) => Promise<void>;
}): Promise<Recovery> {
  const { host } = line;
  const isBack = (): boolean =>
    host.state.machine.packml === "Execute" && host.state.machine.isInductionPermitted;
  const isEmpty = (): boolean => line.bodiesOnBelt() === 0 && host.state.passes.length === 0;

  const waitFor = async (isDone: () => boolean, msMax: number): Promise<number | null> => {
    for (let ms = 0; ms < msMax; ms += lookEveryMs) {
      if (isDone()) return ms;
      await line.runFor(lookEveryMs);
    }
    return isDone() ? msMax : null;
  };

  const before = line.bodiesTotal();
  const returnedMs = await waitFor(() => isBack() && line.bodiesTotal() > before, returnMsMax);
  line.closeInfeed();
  const emptiedMs = await waitFor(() => isEmpty() && isBack(), emptyMsMax);
  return { returnedMs, emptiedMs };
}

/** What is wrong with it, in words. */
export function lackOf({ returnedMs, emptiedMs }: Recovery, host: LineHost): string[] {
  const { packml, conditions } = host.state.machine;
  const state = `${packml}, ${conditions.join(", ") || "no conditions"}, ${host.state.passes.length} passes`;
  if (returnedMs === null) {
    return [`healed, the line did not come back within ${returnMsMax / 1_000} s: ${state}`];
  }
  if (emptiedMs === null) {
    return [`healed, the line did not empty itself within ${emptyMsMax / 1_000} s: ${state}`];
  }
  return [];
}
