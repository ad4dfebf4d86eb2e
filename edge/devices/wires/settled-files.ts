/** A file as a look at its folder has found it. */
export interface SeenFile {
  /** As people read it. */
  readonly name: string;
  /** Of one that has a name which cannot be shown, so that only these bytes lead to it. */
  readonly bytePath?: Buffer;
  readonly bytes: number;
  readonly changedAtMs: number;
  /** The file itself, under whatever name. */
  readonly inode: number;
}

/** How files come into a folder: whole and renamed into place, or written where they are. */
export type FileWriting = "renamed" | "inPlace";

/**
 * Which files are whole. One that was renamed into place is; one that is written in place has to be
 * the same over two looks, and to have something in it.
 */
export interface SettledFiles {
  /** Of one look, oldest first. What was seen before and is no longer there is forgotten. */
  settled(seen: readonly SeenFile[]): readonly SeenFile[];
}

export function createSettledFiles(writing: FileWriting): SettledFiles {
  let before: ReadonlyMap<string, SeenFile> = new Map();

  const isSettled = (file: SeenFile): boolean => {
    if (writing === "renamed") return true;
    const last = before.get(file.name);
    return last !== undefined && file.bytes > 0 && isSameFile(file, last);
  };

  return {
    settled(seen) {
      const found = seen.filter(isSettled);
      before = new Map(seen.map((file) => [file.name, file]));
      return found.toSorted(
        (one, other) => one.changedAtMs - other.changedAtMs || (one.name < other.name ? -1 : 1),
      );
    },
  };
}

/** Nobody has written to it, or put another in its place. */
export const isSameFile = (one: SeenFile, other: SeenFile): boolean =>
  one.bytes === other.bytes && one.changedAtMs === other.changedAtMs && one.inode === other.inode;

/** Who writes a file under another name says so by that. */
export const isHalfName = (name: string): boolean =>
  name.startsWith(".") || /\.(?:tmp|temp|part|partial|new)$/i.test(name);
