import { encodeMtSics, type MtSicsOutput } from "../../protocols/scale/mt-sics.ts";
import type { Timer } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { startAskedScale, type AskedScaleDevice, type AskedScaleSide } from "./asked-scale.ts";
import { createCommandEar } from "./command-ear.ts";
import type { SimulatedScale } from "./scale.ts";

export interface MtSicsScaleDevice extends AskedScaleDevice {
  /** Between two answers to `SIR`. Default 50 ms. */
  readonly repeatMs?: number;
  /** How long it waits for rest when it is asked `S`. Default 3 s. */
  readonly restMsMax?: number;
}

/** How often it looks whether the load has come to rest. */
const lookMs = 10;

/** A balance that understands `S`, `SI`, `SIR` and `@`; each of them ends what was under way. */
export const startMtSicsScale = (device: MtSicsScaleDevice): SimulatedScale =>
  startAskedScale(device, (side) => {
    const { repeatMs = 50, restMsMax = 3_000 } = device;
    let timer: Timer | null = null;
    const say = (output: MtSicsOutput): void => side.write(encodeMtSics(output));
    const later = (ms: number, then: () => void): void => {
      timer = side.clock.schedule(monotonicMs(side.clock.monotonic() + ms), then);
    };
    const repeat = (): void => {
      say(outputOf(side));
      later(repeatMs, repeat);
    };
    const awaitRest = (untilMs: number): void => {
      const output = outputOf(side);
      if (output.kind === "refusal" || !output.isInMotion) return say(output);
      if (side.clock.monotonic() >= untilMs) {
        return say({ kind: "refusal", why: "notExecutable" });
      }
      later(lookMs, () => awaitRest(untilMs));
    };
    const obey = (text: string): void => {
      timer?.cancel();
      if (text === "SI") say(outputOf(side));
      else if (text === "SIR") repeat();
      else if (text === "S") awaitRest(side.clock.monotonic() + restMsMax);
      else if (text === "@") say({ kind: "started", serialNumber: "0123456789" });
      else say({ kind: "error", code: "ES" });
    };
    return {
      hear: createCommandEar({ startHex: null, endHex: ["0D0A"] }, obey),
      noise: Uint8Array.from("S S   12\r\n\x7f~S\r", (char) => char.charCodeAt(0)),
      stop: () => timer?.cancel(),
    };
  });

function outputOf(side: AskedScaleSide): Exclude<MtSicsOutput, { kind: "error" | "started" }> {
  const { grams, isInMotion, isOverloaded } = side.shows();
  return isOverloaded
    ? { kind: "refusal", why: "overload" }
    : { kind: "weight", grams, isInMotion };
}
