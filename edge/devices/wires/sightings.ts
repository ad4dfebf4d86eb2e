import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import type { SeenFile } from "./settled-files.ts";

/** Between which moments a file came into its folder. */
export interface Coming {
  /** It did not lie there yet; null: nobody had looked before it lay there. */
  readonly cameAfter: MonotonicMs | null;
  /** It lay there. */
  readonly seenAt: MonotonicMs;
}

/** A look at a folder, which takes its time: what came meanwhile may be among what was seen, or not. */
export interface FolderLook {
  readonly beganAt: MonotonicMs;
  readonly endedAt: MonotonicMs;
  readonly files: readonly SeenFile[];
  /** There were no more than these. */
  readonly isWhole: boolean;
}

/** When each file of a folder came, by the looks at it, which may overlap. */
export interface Sightings {
  note(look: FolderLook): void;
  /** Of a file of the newest look. */
  comingOf(file: SeenFile): Coming;
}

export function createSightings(): Sightings {
  const known = new Map<
    string,
    Coming & { readonly inode: number; readonly lastAt: MonotonicMs }
  >();
  /** What this look, or a later one, has not seen came after it began. */
  let wholeFrom: MonotonicMs | null = null;

  return {
    note({ beganAt, endedAt, files, isWhole }) {
      for (const { name, inode } of files) {
        const before = known.get(name);
        const coming =
          before?.inode === inode ? before : { cameAfter: wholeFrom, seenAt: endedAt, inode };
        known.set(name, { ...coming, lastAt: endedAt });
      }
      const seen = new Set(files.map(({ name }) => name));
      // A look that began while another had not ended may have missed what that one saw.
      for (const [name, { lastAt }] of known) {
        if (!seen.has(name) && lastAt <= beganAt) known.delete(name);
      }
      if (!isWhole) wholeFrom = null;
      else if (wholeFrom === null || beganAt > wholeFrom) wholeFrom = beganAt;
    },
    comingOf({ name, inode }) {
      const found = known.get(name);
      return found?.inode === inode
        ? { cameAfter: found.cameAfter, seenAt: found.seenAt }
        : { cameAfter: null, seenAt: monotonicMs(Number.POSITIVE_INFINITY) };
    },
  };
}
