import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { fileReason } from "../../protocols/file-reason.ts";
import { parseJson } from "../../protocols/json-message.ts";
import { dayOf } from "../../protocols/civil-date.ts";
import { syncFolder } from "../journal/durable-file.ts";
import {
  daySuffix as suffix,
  type Archive,
  type ArchiveFailure,
  type ArchiveLine,
  type FoundLine,
} from "./port.ts";

/** What is known of days that were dropped, one line a day. */
export const droppedName = `dropped${suffix}`;
const dayPattern = /^\d{4}-\d{2}-\d{2}\.jsonl$/;

/**
 * An archive of one file a day, which anybody can read without this program. Made if it is not there.
 * One writer; others may read meanwhile.
 */
export const createDayFiles = (folder: string): Archive => new DayFiles(folder);

class DayFiles implements Archive {
  readonly #folder: string;
  /** One after the other, so that what is read back is what was just written. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  keep(lines: readonly ArchiveLine[]): ReturnType<Archive["keep"]> {
    return this.#inTurn(async () => {
      await mkdir(this.#folder, { recursive: true });
      for (const [day, ofDay] of Map.groupBy(lines, ({ at }) => dayOf(at))) {
        await appendAndReadBack(this.#pathOf(day), ofDay);
      }
      await syncFolder(this.#folder);
      return { kind: "kept" } as const;
    });
  }

  find(waybill: string): ReturnType<Archive["find"]> {
    return orFailure(async () => {
      const lines: FoundLine[] = [];
      const unread = new Map<string, number>();
      for (const day of (await this.#days()).toReversed()) {
        const found = await findIn(this.#pathOf(day), waybill);
        lines.push(...found.texts.toReversed().map((text) => ({ day, text })));
        if (found.unreadTotal > 0) unread.set(day, found.unreadTotal);
      }
      return { kind: "found", lines, unread } as const;
    });
  }

  dropBefore(day: string, today: string): ReturnType<Archive["dropBefore"]> {
    return this.#inTurn(async () => {
      await mkdir(this.#folder, { recursive: true });
      const days = (await this.#days()).filter((each) => each < day);
      for (const each of days) {
        const path = this.#pathOf(each);
        const { linesTotal, sha256 } = await sumOf(path);
        const { size: bytes } = await stat(path);
        const text = JSON.stringify({ day: each, lines: linesTotal, bytes, sha256, on: today });
        await appendAndReadBack(join(this.#folder, droppedName), [{ at: 0, text }]);
        await rm(path, { force: true });
      }
      return { kind: "dropped", days } as const;
    });
  }

  /** Oldest first. */
  async #days(): Promise<readonly string[]> {
    const names = await readdir(this.#folder);
    return names
      .filter((name) => dayPattern.test(name))
      .map((name) => name.slice(0, -suffix.length))
      .toSorted();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T | ArchiveFailure> {
    const next = this.#last.then(() => orFailure(work));
    this.#last = next;
    return next;
  }

  #pathOf(day: string): string {
    return join(this.#folder, `${day}${suffix}`);
  }
}

async function orFailure<T>(work: () => Promise<T>): Promise<T | ArchiveFailure> {
  try {
    return await work();
  } catch (error) {
    return { kind: "failed", why: fileReason(error) };
  }
}

/** Ends a line that an interrupted write has left, so that it spoils no other one. */
async function appendAndReadBack(path: string, lines: readonly ArchiveLine[]): Promise<void> {
  const file = await open(path, "a+");
  try {
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    const isTorn = size > 0 && (await file.read(last, 0, 1, size - 1)) && last[0] !== newline;
    const text = `${isTorn ? "\n" : ""}${lines.map((line) => `${line.text}\n`).join("")}`;
    const bytes = Buffer.from(text, "utf8");
    await file.writeFile(bytes);
    await file.datasync();
    const back = Buffer.alloc(bytes.length);
    const { bytesRead } = await file.read(back, 0, back.length, size);
    if (bytesRead !== bytes.length || !back.equals(bytes)) {
      throw new Error("what was written is not what the disk gives back");
    }
  } finally {
    await file.close();
  }
}

const newline = 0x0a;

/** Where a newline is, and nowhere else. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path)) {
    const bytes: Buffer = Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
      yield bytes.toString("utf8", from, end);
      from = end + 1;
    }
    rest = bytes.subarray(from);
  }
  if (rest.length > 0) yield rest.toString("utf8");
}

async function findIn(
  path: string,
  waybill: string,
): Promise<{ readonly texts: readonly string[]; readonly unreadTotal: number }> {
  const texts = new Set<string>();
  const wanted = JSON.stringify(waybill);
  let unreadTotal = 0;
  for await (const line of linesOf(path)) {
    // A line that was cut off is known by its end, so that not every line has to be read whole.
    const isCut = line !== "" && !line.endsWith("}");
    const named = !isCut && line.includes(wanted) ? waybillOf(line) : null;
    if (isCut || named === undefined) unreadTotal += 1;
    else if (named === waybill) texts.add(line);
  }
  return { texts: [...texts], unreadTotal };
}

/** Undefined for what is no case. */
function waybillOf(line: string): string | undefined {
  const read = parseJson(line);
  return read.kind === "ok" ? zNamed.safeParse(read.value).data?.waybill : undefined;
}
const zNamed = z.looseObject({ waybill: z.string() });

async function sumOf(
  path: string,
): Promise<{ readonly linesTotal: number; readonly sha256: string }> {
  const sum = createHash("sha256");
  let linesTotal = 0;
  for await (const chunk of createReadStream(path)) {
    const bytes: Buffer = chunk;
    sum.update(bytes);
    for (const byte of bytes) if (byte === newline) linesTotal += 1;
  }
  return { linesTotal, sha256: sum.digest("hex") };
}
