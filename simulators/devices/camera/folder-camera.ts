import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { healthyCamera, spoiled, type CameraFaults, type SimulatedCamera } from "./camera.ts";
import { drawStill } from "./draw-still.ts";

export interface FolderCamera extends SimulatedCamera {
  /** Its own trigger: something is before it now. */
  trigger(): void;
}

/** A camera that puts a still into a folder whenever it is triggered, renamed into place. */
export function startFolderCamera(folder: string): FolderCamera {
  let label: string | null = null;
  let faults = healthyCamera;
  let total = 0;
  return {
    sees: (next) => {
      label = next;
    },
    trigger() {
      if (faults.isSilent) return;
      total += 1;
      const name = `still-${String(total).padStart(6, "0")}.png`;
      const half = join(folder, `.${name}.part`);
      writeFileSync(half, spoiled(drawStill({ label, number: total }), faults));
      renameSync(half, join(folder, name));
    },
    setFaults: (changes) => {
      faults = { ...faults, ...changes } satisfies CameraFaults;
    },
    stillsTotal: () => total,
    stop: async () => {},
  };
}
