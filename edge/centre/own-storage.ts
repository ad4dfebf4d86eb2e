import type { Condition } from "../../protocols/alarms.ts";
import { sideStores } from "../../protocols/side-stores.ts";
import { storageReasons, storageWarnings, type StorageReport } from "../../protocols/storage.ts";
import type { Clock } from "../../protocols/time.ts";
import { createLostImages } from "../images/lost-images.ts";
import type { PutImage } from "../images/port.ts";
import { createConditionTeller, storageConditions } from "./alarms/storage-conditions.ts";

/** What the centre says of its own disk, journals and images, and of what is kept beside them. */
export interface OwnStorage {
  /** What became of an image that came from a line. */
  imagePut(outcome: PutImage): void;
  /** About once a second. */
  tick(): void;
  /** For `/healthz`. */
  reasons(): readonly string[];
  warnings(): readonly string[];
  /** All of it as it is now. */
  counters(): Readonly<Record<string, number>>;
}

export interface OwnStorageOptions {
  readonly clock: Clock;
  /** Default: nobody looks. */
  readonly read: (() => Omit<StorageReport, "imagesNotKept">) | undefined;
  readonly tell: (condition: Condition, holds: boolean) => void;
}

const name = "centre";
const named = (sentences: readonly string[]): readonly string[] =>
  sentences.map((sentence) => `${name}: ${sentence}`);

export function createOwnStorage({ clock, read, tell }: OwnStorageOptions): OwnStorage {
  const lostImages = createLostImages(clock);
  const tellChanges = createConditionTeller(tell);
  const now = (): StorageReport => ({
    ...(read?.() ?? { disk: null, logs: [] }),
    imagesNotKept: lostImages.inARow(),
  });
  return {
    imagePut: (outcome) => void lostImages.take(outcome),
    tick: () => tellChanges(storageConditions(name, now())),
    reasons: () => named(storageReasons(now())),
    warnings: () => named(storageWarnings(now())),
    counters: () => {
      const { disk, logs, failing = [] } = now();
      const figures = logs.flatMap(({ file, bytes, heldMs }) => [
        [`${file}LogBytes`, bytes],
        [`${file}LogHeldS`, heldMs / 1_000],
      ]);
      return {
        ...(disk === null ? {} : { diskFreeBytes: disk.freeBytes }),
        ...Object.fromEntries(figures),
        ...Object.fromEntries(
          sideStores.map((store) => [
            `${store}Failing`,
            failing.some((each) => each.store === store) ? 1 : 0,
          ]),
        ),
      };
    },
  };
}
