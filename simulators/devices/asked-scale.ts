import type { DimensionsMm } from "../../protocols/scale/dimensions.ts";
import type { Clock } from "../../protocols/time.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import { healthyScale, type SimulatedScale } from "./scale.ts";

export interface AskedScaleDevice {
  readonly link: ByteLink;
  readonly clock: Clock;
  /** How long a load lies still. Default 200 ms. */
  readonly stillMs?: number;
  /** How long it moves as it comes and as it leaves. Default 50 ms. */
  readonly movingMs?: number;
}

/** What a platform shows at a moment. */
export interface Shown {
  readonly grams: number;
  readonly isInMotion: boolean;
  readonly isOverloaded: boolean;
  /** Of a machine that measures too; null: an empty platform, or one that sees nothing. */
  readonly edgesMm: DimensionsMm | null;
  /** It can do nothing now. */
  readonly isUnready: boolean;
}

/** How a scale speaks that says nothing until it is asked. */
export interface AskedScaleTongue {
  /** Bytes from the line. */
  hear(chunk: Uint8Array): void;
  /** What a bad cable adds in front of an answer. */
  readonly noise: Uint8Array;
  stop(): void;
}

export interface AskedScaleSide {
  readonly clock: Clock;
  shows(): Shown;
  write(bytes: Uint8Array): void;
}

interface Load {
  readonly grams: number;
  readonly edgesMm: DimensionsMm | null;
}
const emptyLoad: Load = { grams: 0, edgesMm: null };

/**
 * A simulated scale that waits to be asked. A load moves as it comes, lies still, moves as it leaves,
 * and is gone, whether or not anybody asks meanwhile.
 */
export function startAskedScale(
  device: AskedScaleDevice,
  tongueOf: (side: AskedScaleSide) => AskedScaleTongue,
): SimulatedScale {
  const { link, clock, stillMs = 200, movingMs = 50 } = device;
  let faults = healthyScale;
  let load: (Load & { readonly cameAt: number }) | null = null;
  let isOpen = false;
  let isStopped = false;

  const shownLoad = (): Load & Pick<Shown, "isInMotion"> => {
    const since = load === null ? Number.POSITIVE_INFINITY : clock.monotonic() - load.cameAt;
    if (load === null || since >= 2 * movingMs + stillMs)
      return { ...emptyLoad, isInMotion: false };
    const isInMotion = since < movingMs || since >= movingMs + stillMs;
    const { grams, edgesMm } = load;
    return { grams: isInMotion ? Math.round(grams / 2) : grams, edgesMm, isInMotion };
  };
  const tongue = tongueOf({
    clock,
    shows() {
      const { grams, edgesMm, isInMotion } = shownLoad();
      return {
        grams,
        isInMotion: isInMotion || faults.isRestless,
        isOverloaded: faults.isOverloaded && grams > 0,
        edgesMm: faults.isBlind ? null : edgesMm,
        isUnready: faults.isUnready,
      };
    },
    write(bytes) {
      if (!isOpen || isStopped || faults.isSilent) return;
      if (faults.isNoisy) link.write(tongue.noise);
      link.write(bytes);
    },
  });

  link.open({
    onOpen() {
      isOpen = true;
    },
    onBytes(chunk) {
      if (!isStopped) tongue.hear(chunk);
    },
    onClose() {
      isOpen = false;
    },
  });

  return {
    settled(grams, edgesMm) {
      load = { grams, edgesMm: edgesMm ?? null, cameAt: clock.monotonic() };
    },
    setFaults(changes) {
      faults = { ...faults, ...changes };
    },
    stop() {
      isStopped = true;
      tongue.stop();
      return link.close();
    },
  };
}
