import { encodeToledo, type ToledoFormat } from "../../protocols/scale/toledo.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import { monotonicMs } from "../../protocols/units.ts";
import type { LatchFaults } from "./read-latch.ts";
import type { ScaleSide } from "../world/ports.ts";

export interface ScaleDevice {
  readonly link: ByteLink;
  readonly clock: Clock;
  readonly format: ToledoFormat;
  /** Between frames while a load is on. Default 50 ms. */
  readonly framePeriodMs?: number;
  /** Between frames of the empty platform. Default 500 ms: only a sign of life. */
  readonly idlePeriodMs?: number;
  /** Still frames a parcel. Default 3. */
  readonly stillFrames?: number;
}

export interface ScaleFaults {
  readonly isSilent: boolean;
  /** Never comes to rest. */
  readonly isRestless: boolean;
  readonly isOverloaded: boolean;
  /** Broken bytes in front of every frame. */
  readonly isNoisy: boolean;
  /** One parcel behind; null: not. Only scales that send a frame a parcel can be. */
  readonly lag: LatchFaults["lag"];
  /** It weighs, and measures nothing. Only of machines that measure too, like the next. */
  readonly isBlind: boolean;
  /** It can do nothing now: not zeroed, or its own scale is away. */
  readonly isUnready: boolean;
}

export const healthyScale: ScaleFaults = {
  isSilent: false,
  isRestless: false,
  isOverloaded: false,
  isNoisy: false,
  isBlind: false,
  isUnready: false,
  lag: null,
};

/** A simulated in-motion scale: the world says when a load has settled. */
export interface SimulatedScale extends ScaleSide {
  setFaults(faults: Partial<ScaleFaults>): void;
  stop(): Promise<void>;
}

interface Shown {
  readonly grams: number;
  readonly isInMotion: boolean;
}

const emptyPlatform: Shown = { grams: 0, isInMotion: false };
const weightGMax = 999_999;
const noise = Uint8Array.from([0x02, 0x2d, 0x30, 0x02, 0x35]);

/**
 * Writes Toledo frames without end. A load shows as one frame in motion, at once some still ones,
 * one in motion as it leaves, and then the empty platform.
 */
export function startScale(device: ScaleDevice): SimulatedScale {
  const { link, clock, format } = device;
  const { framePeriodMs = 50, idlePeriodMs = 500, stillFrames = 3 } = device;
  let faults = healthyScale;
  let isOpen = false;
  let isStopped = false;
  let ahead: Shown[] = [];
  let timer: Timer | null = null;

  const write = ({ grams, isInMotion }: Shown): void => {
    if (!isOpen || faults.isSilent) return;
    if (faults.isNoisy) link.write(noise);
    const output = {
      grams: Math.min(grams, weightGMax),
      isInMotion: isInMotion || faults.isRestless,
      isOutOfRange: faults.isOverloaded && grams > 0,
    };
    link.write(encodeToledo(output, format));
  };

  const writeNext = (): void => {
    if (isStopped) return;
    const next = ahead.shift();
    write(next ?? emptyPlatform);
    const periodMs = next === undefined ? idlePeriodMs : framePeriodMs;
    timer = clock.schedule(monotonicMs(clock.monotonic() + periodMs), writeNext);
  };

  link.open({
    onOpen() {
      isOpen = true;
    },
    onBytes() {},
    onClose() {
      isOpen = false;
    },
  });
  timer = clock.schedule(clock.monotonic(), writeNext);

  return {
    settled(weightG) {
      const half = { grams: Math.round(weightG / 2), isInMotion: true };
      const still = { grams: weightG, isInMotion: false };
      write(half);
      ahead = [...Array.from({ length: stillFrames }, () => still), half, emptyPlatform];
      timer?.cancel();
      writeNext();
    },
    setFaults(changes) {
      faults = { ...faults, ...changes };
    },
    stop() {
      isStopped = true;
      timer?.cancel();
      return link.close();
    },
  };
}
