import type { LineView, ParcelView, TaskView } from "../../../protocols/ui/scene.ts";
import { countAt, timeLeft, type TimeLeft } from "../motion/belt-motion.ts";

/** One waiting image, with what is left until an answer no longer changes the exit. */
export interface QueueEntry {
  readonly task: TaskView;
  readonly left: TimeLeft;
  /** 1 as the parcel leaves the X-ray, 0 at the last useful point. */
  readonly share: number;
}

/** What is known around the tasks, at one moment of the centre's clock. */
export interface QueueScene {
  readonly line: (lineId: string) => LineView | undefined;
  readonly parcel: (passId: string) => ParcelView | undefined;
  readonly now: number;
}

/**
 * Most urgent first: by seconds left at the belt's nominal pace, so that a standing belt does not
 * shuffle the queue; ties by id, so that it never flickers.
 */
export function queueOf(tasks: readonly TaskView[], scene: QueueScene): readonly QueueEntry[] {
  return tasks
    .flatMap((task) => entryOf(task, scene) ?? [])
    .sort(
      (a, b) => a.left.metres - b.left.metres || a.task.taskId.localeCompare(b.task.taskId, "en"),
    );
}

export function entryOf(task: TaskView, scene: QueueScene): QueueEntry | null {
  const line = scene.line(task.lineId);
  if (line === undefined) return null;
  const beltCount = countAt(line.motion, line.mmPerCount, scene.now);
  const left = timeLeft(task.lastUsefulCount, beltCount, line);
  const spanM = reviewMetres(task, line, scene.parcel(task.passId));
  const share = spanM > 0 ? Math.min(1, left.metres / spanM) : 0;
  return { task, left, share };
}

/** From where the image exists to the last useful point: the whole of the officer's time. */
function reviewMetres(task: TaskView, line: LineView, parcel: ParcelView | undefined): number {
  const xrayMm = line.beltPlaces.find(({ kind }) => kind === "xray")?.toMm ?? 0;
  const lastMm =
    parcel === undefined
      ? line.lengthMm
      : (task.lastUsefulCount - parcel.frontCount) * line.mmPerCount;
  return Math.max(0, lastMm - xrayMm) / 1_000;
}

/** From this share of the time on, the bar turns blue: somebody must act now (HMI X8). */
export const urgentShare = 0.3;
