import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";

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
 * world tells a great deal, and an agent much that is in order.
 */
export function shownOf(who: string, text: string): string | null {
  if (!text.startsWith("{")) return text;
  if (who === "world") return null;
  const line = objectIn(text);
  if (line === null || line["level"] === undefined) return text;
  const { level, name, message, why, error } = line;
  if (!shownLevels.includes(level)) return null;
  const stack = typeof error === "object" && error !== null && "stack" in error ? error.stack : "";
  const reason = typeof why === "string" ? `: ${why}` : "";
  const said = `${[level, name].filter(isText).join(" ")}: ${[message].filter(isText).join("")}`;
  return [`${said}${reason}`, stack].filter(isText).join("\n");
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

function objectIn(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : null;
  } catch {
    // A line that only begins like one.
    return null;
  }
}
