import { performance } from "node:perf_hooks";

/** One at a time: something is said at one end of a wire, and is waited for at the other. */
export interface Awaited {
  /** Called whenever it was heard. */
  readonly heard: () => void;
  /** Milliseconds from `say` until it was heard. Rejects where it never is. */
  after(say: () => void): Promise<number>;
}

const heardWithinMs = 5_000;

export function createAwaited(what: string): Awaited {
  let waiting: (() => void) | null = null;
  return {
    heard: () => waiting?.(),
    after: (say) =>
      new Promise((resolve, reject) => {
        const overdue = setTimeout(
          () => reject(new Error(`${what}: not heard within ${heardWithinMs} ms`)),
          heardWithinMs,
        );
        const from = performance.now();
        waiting = () => {
          const tookMs = performance.now() - from;
          clearTimeout(overdue);
          waiting = null;
          resolve(tookMs);
        };
        say();
      }),
  };
}

export async function untilSo(isSo: () => boolean, what: string): Promise<void> {
  const endsAt = performance.now() + 20_000;
  while (!isSo()) {
    if (performance.now() > endsAt) throw new Error(`not within 20 s: ${what}`);
    await pause(5);
  }
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
