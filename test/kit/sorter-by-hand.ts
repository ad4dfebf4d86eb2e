import type { Clock, Entropy } from "../../protocols/time.ts";
import { sorterConfig, type SorterConfig } from "../../simulators/devices/sorter/config.ts";
import { SorterModel } from "../../simulators/devices/sorter/sorter-model.ts";
import { attachToWire, type SorterWire } from "../../simulators/devices/sorter/wire.ts";
import { createHandEncoder } from "../unit/sorter-stand.ts";

/** A sorter on that wire with one eye, not switched on, whose belt is moved by hand. */
export function createSorterByHand(
  clock: Clock,
  sorterId: string,
  wire: SorterWire,
  entropy: Entropy = { next: Math.random },
  given: Partial<SorterConfig> = {},
) {
  const encoder = createHandEncoder();
  const model = new SorterModel({
    config: sorterConfig({ sorterId, eyeIds: ["eye1"], ...given }),
    clock,
    entropy,
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
