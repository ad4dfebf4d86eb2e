import type { Exit } from "../../../protocols/sorting.ts";
import type { Clock, Entropy } from "../../../protocols/time.ts";
import type { LineMachinery, SorterSide } from "../../world/ports.ts";
import type { SorterConfig } from "./config.ts";
import { SorterModel } from "./sorter-model.ts";
import { attachToWire, type SorterWire } from "./wire.ts";

export interface SorterCabinetOptions {
  readonly config: SorterConfig;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly wire: SorterWire;
  readonly machinery: LineMachinery;
}

/** A sorter I/O controller wired to a line of the simulated world on one side and to its wire. */
export interface SorterCabinet {
  readonly model: SorterModel;
  /** What the world tells. */
  readonly side: SorterSide;
  /** Takes over how things stand in the world, then begins a session. */
  powerOn(): void;
  powerOff(): void;
}

export function createSorterCabinet(options: SorterCabinetOptions): SorterCabinet {
  const { config, clock, entropy, wire, machinery } = options;
  const model = new SorterModel({
    config,
    clock,
    entropy,
    encoder: machinery,
    outputs: {
      event: (event) => wire.publish(event),
      diverter: (exit, isOut) => machinery.swing(exit, isOut),
      induction: (isPermitted) => machinery.permitInduction(isPermitted),
      belt: (run) => machinery.runBelt(run),
    },
  });
  attachToWire(model, wire);

  const side: SorterSide = {
    eyeChanged: (eyeId, isBlocked, count) => model.eye(eyeId, isBlocked, count),
    chuteChanged: (exit: Exit, state, fillPct) => model.chute(exit, { state, fillPct }),
    beltChanged() {
      const { isRunning, speedMmPerS, emergencyStop } = machinery.belt();
      model.emergencyStop(emergencyStop);
      model.beltMoves({ isRunning, speedMmPerS });
    },
  };

  return {
    model,
    side,
    powerOn() {
      side.beltChanged();
      for (const exit of config.chutes) model.chute(exit, machinery.chute(exit));
      for (const eyeId of config.eyeIds) {
        model.eye(eyeId, machinery.isEyeBlocked(eyeId), machinery.count());
      }
      model.powerOn();
    },
    powerOff: () => model.powerOff(),
  };
}

/** A world that runs faster than real time has a faster belt, as far as its devices can tell. */
export function asDevicesSee(
  machinery: LineMachinery,
  speed: number,
): ReturnType<LineMachinery["belt"]> {
  const status = machinery.belt();
  return { ...status, speedMmPerS: status.speedMmPerS * speed };
}
