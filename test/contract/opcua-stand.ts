import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import type { Clock } from "../../protocols/time.ts";
import { sorterConfig } from "../../simulators/devices/sorter/config.ts";
import { SorterModel } from "../../simulators/devices/sorter/sorter-model.ts";
import { attachToWire, type SorterWire } from "../../simulators/devices/sorter/wire.ts";
import { createHandEncoder } from "../unit/sorter-stand.ts";

/**
 * For a file that tries real OPC UA servers, called at its top: a folder of its own for certificates,
 * and what each test has begun ends behind it, the last first.
 */
export function useOpcuaStand(prefix: string) {
  let folder = "";
  const atEnd: (() => Promise<void> | void)[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), prefix));
  });
  afterEach(async () => {
    for (const end of atEnd.splice(0).reverse()) await end();
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  return { path: (name: string): string => join(folder, name), atEnd };
}

/** A sorter on that wire, not switched on, whose belt is moved by hand. */
export function createSorterByHand(clock: Clock, sorterId: string, wire: SorterWire) {
  const encoder = createHandEncoder();
  const model = new SorterModel({
    config: sorterConfig({ sorterId, eyeIds: ["eye1"] }),
    clock,
    entropy: { next: Math.random },
    encoder,
    outputs: {
      event: (event) => wire.publish(event),
      diverter: () => {},
      induction: () => {},
      belt: () => {},
    },
  });
  attachToWire(model, wire);
  return { model, encoder };
}
