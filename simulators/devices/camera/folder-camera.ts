import type { Clock, Timer } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import { putFile } from "../put-file.ts";
import { createCameraView, type SimulatedCamera } from "./camera.ts";

export interface FolderCamera extends SimulatedCamera {
  /** Its own trigger: something is before it now. */
  trigger(): void;
}

export interface FolderCameraOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly onNotPut: (why: string) => void;
}

/** From its trigger until its file is there, as one takes that makes a JPEG and hands it on by FTP. */
const putAfterMs = 150;

/** A camera that puts a still into a folder whenever it is triggered, renamed into place. */
export function startFolderCamera({ folder, clock, onNotPut }: FolderCameraOptions): FolderCamera {
  const { faults, take, ...view } = createCameraView();
  const timers = new Set<Timer>();
  return {
    ...view,
    trigger() {
      if (faults().isSilent) return;
      const { bytes } = take();
      const name = `still-${String(view.stillsTotal()).padStart(6, "0")}.png`;
      const timer = clock.schedule(monotonicMs(clock.monotonic() + putAfterMs), () => {
        timers.delete(timer);
        const why = putFile(folder, name, bytes);
        if (why !== null) onNotPut(why);
      });
      timers.add(timer);
    },
    async stop() {
      for (const timer of timers) timer.cancel();
    },
  };
}
