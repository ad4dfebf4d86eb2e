import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface ClockOffsets {
  readonly calendarMs: number;
  /** Of the clock that counts through a sleep. */
  readonly bootMs: number;
}

/** Moves the clocks of the named processes of a lab that is started within `work`. */
export async function withMovedClocks(
  names: readonly string[],
  work: (move: (offsets: ClockOffsets) => Promise<void>) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sortline-clocks-"));
  const file = join(folder, "offsets.json");
  const move = async (offsets: ClockOffsets): Promise<void> => {
    // Nobody ever reads half of it.
    await writeFile(`${file}.next`, JSON.stringify(offsets));
    await rename(`${file}.next`, file);
  };
  const before = process.env["NODE_OPTIONS"];
  try {
    await move({ calendarMs: 0, bootMs: 0 });
    const preload = new URL("./clock-offsets.ts", import.meta.url).href;
    process.env["SORTLINE_DRILL_CLOCKS"] = file;
    process.env["SORTLINE_DRILL_CLOCKS_OF"] = names.join(" ");
    process.env["NODE_OPTIONS"] = `${before ?? ""} --import ${preload}`.trim();
    await work(move);
  } finally {
    delete process.env["SORTLINE_DRILL_CLOCKS"];
    delete process.env["SORTLINE_DRILL_CLOCKS_OF"];
    if (before === undefined) delete process.env["NODE_OPTIONS"];
    else process.env["NODE_OPTIONS"] = before;
    await rm(folder, { recursive: true, force: true });
  }
}
