import { isatty } from "node:tty";
import pino from "pino";
import { createLog, type Log, type LogLine } from "../../protocols/log.ts";
import type { Clock } from "../../protocols/time.ts";
import type { LogSettings } from "./config/log-settings.ts";
import { openLogOutput, type LogOutput } from "./log-output.ts";
import { redactFields, redactText } from "./log-secrets.ts";
import { readableLine } from "./readable-log.ts";

/** The program's log on standard error: standard output belongs to the line that says `ready`. */
export interface ProgramLog {
  readonly log: Log;
  /** Before the process ends: resolves when all is written, or when nobody reads it. */
  flush(): Promise<void>;
}

export interface ProgramLogOptions {
  readonly name: string;
  readonly settings: LogSettings;
  readonly clock: Clock;
  /** Default: standard error. */
  readonly output?: LogOutput;
}

const flushMsMax = 1_000;

export function openPinoLog(options: ProgramLogOptions): ProgramLog {
  const { name, settings, clock } = options;
  const output = options.output ?? openLogOutput(clock);
  const isReadable =
    settings.format === "auto"
      ? options.output === undefined && isatty(2)
      : settings.format === "readable";
  let dropped = 0;

  const writer = pino(
    {
      level: settings.level,
      base: null,
      messageKey: "message",
      timestamp: () => `,"at":"${new Date(clock.wall()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    {
      write(json) {
        if (!output.write(isReadable ? readableLine(json) : json)) dropped += 1;
      },
    },
  );

  const write = (line: LogLine): void => {
    if (!writer.isLevelEnabled(line.level)) return;
    const droppedBefore = dropped;
    writer[line.level](contentOf(line), redactText(line.message));
    if (droppedBefore === 0 || dropped > droppedBefore) return;
    dropped = 0;
    writer.warn({ name, lines: droppedBefore }, "lines were dropped: nobody read them in time");
  };
  return { log: createLog(write, name), flush: () => output.flush(flushMsMax) };
}

/** These the log writes itself; a field that is called so is written beside it. */
const ownNames: ReadonlySet<string> = new Set(["level", "at", "name", "message"]);

function contentOf({ name, fields }: LogLine): Record<string, unknown> {
  const content: Record<string, unknown> = { name };
  for (const [key, value] of Object.entries(redactFields(fields))) {
    content[ownNames.has(key) ? `${key}_` : key] = value;
  }
  return content;
}
