import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCameraView, type SimulatedCamera } from "./camera.ts";

export interface FolderCamera extends SimulatedCamera {
  /** Its own trigger: something is before it now. */
  trigger(): void;
}

/** A camera that puts a still into a folder whenever it is triggered, renamed into place. */
export function startFolderCamera(folder: string): FolderCamera {
  const { faults, take, ...view } = createCameraView();
  return {
    ...view,
    trigger() {
      if (faults().isSilent) return;
      const { bytes } = take();
      const name = `still-${String(view.stillsTotal()).padStart(6, "0")}.png`;
      const half = join(folder, `.${name}.part`);
      writeFileSync(half, bytes);
      renameSync(half, join(folder, name));
    },
    stop: async () => {},
  };
}
