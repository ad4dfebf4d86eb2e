import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parseJson } from "../../protocols/json-message.ts";
import { errorText, fieldsText } from "../../protocols/log-text.ts";

/**
 * What the lab's processes say: all of it is kept, in one file a process in the data folder's
 * `logs`; on the terminal appears only what a person at the lab has to see.
 */
export interface Said {
  readonly take: (who: string, text: string) => void;
}

export interface SaidOptions {
  readonly folder: string;
  readonly print: (line: string) => void;
}

/** Of one process in one run; what it says beyond is printed, but not kept. */
const keptBytesMax = 16 * 1024 * 1024;

export function keepWhatIsSaid({ folder, print }: SaidOptions): Said {
  mkdirSync(folder, { recursive: true });
  const keptBytes = new Map<string, number>();
  return {
    take(who, text) {
      const shown = shownOf(who, text);
      if (shown !== null) print(`[${who}] ${shown}`);
      const line = `${text}\n`;
      const bytes = (keptBytes.get(who) ?? 0) + Buffer.byteLength(line);
      if (bytes > keptBytesMax) return;
      keptBytes.set(who, bytes);
      appendFileSync(join(folder, `${who}.log`), line);
    },
  };
}

/** Of an agent's log: what is below is kept in the file alone. */
const shownLevels: readonly unknown[] = ["error", "warn"];

/**
 * What a process has said, as the terminal shows it; null for what is kept in the file alone. The
 * world tells a great deal, and an agent much that is in order. The time is left out: it is now.
 */
export function shownOf(who: string, text: string): string | null {
  if (!text.startsWith("{")) return text;
  if (who === "world") return null;
  const line = zLogLine.safeParse(jsonIn(text));
  if (!line.success) return text;
  const { level, name, message, why, error, at: _, ...fields } = line.data;
  if (!shownLevels.includes(level)) return null;
  const said = `${[level, name].filter((each) => each !== "").join(" ")}: ${message}`;
  const reason = why === undefined ? [] : [typeof why === "string" ? why : JSON.stringify(why)];
  const head = [said, ...reason].join(": ");
  const shown = Object.keys(fields).length === 0 ? head : `${head} (${fieldsText(fields)})`;
  return [shown, errorText(error).trimEnd()].filter((each) => each !== "").join("\n");
}

/** What every line of a log has; what else is in it are its fields. */
const zLogLine = z.looseObject({
  level: z.string(),
  name: z.string().default(""),
  message: z.string().default(""),
});

/** Null for a line that only begins like JSON. */
function jsonIn(text: string): unknown {
  const parsed = parseJson(text);
  return parsed.kind === "ok" ? parsed.value : null;
}
