import { drawStill } from "./draw-still.ts";

/** A simulated camera, whatever it is asked by. */
export interface SimulatedCamera {
  /** What is before it from now on; null: an empty belt. */
  sees(label: string | null): void;
  /** Switches what is wrong with it; stays until it is switched back. */
  setFaults(faults: Partial<CameraFaults>): void;
  /** Stills that it has given away so far. */
  stillsTotal(): number;
  stop(): Promise<void>;
}

export interface CameraFaults {
  /** It takes a request and never answers; or it writes no file. */
  readonly isSilent: boolean;
  /** What it gives away ends in the middle. */
  readonly isCut: boolean;
  /** It gives away a page of text, as a camera does whose image service is off. */
  readonly isText: boolean;
}

export const healthyCamera: CameraFaults = { isSilent: false, isCut: false, isText: false };

/** What is before a camera, what is wrong with it, and what it gives away. */
export interface CameraView extends Omit<SimulatedCamera, "stop"> {
  readonly faults: () => CameraFaults;
  /** The next still as it is given away, and how long it is when it is whole. */
  readonly take: () => { readonly bytes: Uint8Array; readonly wholeLength: number };
}

export function createCameraView(): CameraView {
  let label: string | null = null;
  let faults = healthyCamera;
  let total = 0;
  return {
    sees(next) {
      label = next;
    },
    setFaults(changes) {
      faults = { ...faults, ...changes };
    },
    faults: () => faults,
    stillsTotal: () => total,
    take() {
      total += 1;
      const still = drawStill({ label, number: total });
      return { bytes: spoiled(still, faults), wholeLength: still.length };
    },
  };
}

function spoiled(still: Uint8Array, { isCut, isText }: CameraFaults): Uint8Array {
  if (isText) return Buffer.from("<html><body>Service off</body></html>");
  return isCut ? still.subarray(0, still.length >> 1) : still;
}
