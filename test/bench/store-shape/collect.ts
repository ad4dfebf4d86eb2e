import { setImmediate as nextTurn } from "node:timers/promises";

/** Collects what nobody holds any more. Needs `--expose-gc`. */
export async function collect(): Promise<void> {
  globalThis.gc?.();
  await nextTurn();
  globalThis.gc?.();
}
