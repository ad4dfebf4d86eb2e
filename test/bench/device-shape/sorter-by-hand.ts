import type { Clock, Entropy } from "../../../protocols/time.ts";
import { sorterConfig } from "../../../simulators/devices/sorter/config.ts";
import { SorterModel } from "../../../simulators/devices/sorter/sorter-model.ts";
import { attachToWire, type SorterWire } from "../../../simulators/devices/sorter/wire.ts";

/** A sorter that is switched on, with one eye and a belt that stands. */
export function startSorterByHand(
  clock: Clock,
  entropy: Entropy,
  sorterId: string,
  wire: SorterWire,
): SorterModel {
  const model = new SorterModel({
    config: sorterConfig({ sorterId, eyeIds: ["eye1"] }),
    clock,
    entropy,
    encoder: { count: () => 0, whenCount: () => ({ cancel: () => true }) },
    outputs: {
      event: (event) => wire.publish(event),
      diverter: () => {},
      induction: () => {},
      belt: () => {},
    },
  });
  attachToWire(model, wire);
  model.powerOn();
  return model;
}
