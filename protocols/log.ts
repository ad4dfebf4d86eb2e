/**
 * The log is handed in like the clock: whoever composes the program decides where lines go, and
 * nothing below knows. What a line says is a message that never changes with its data, and fields
 * that carry the data, so that lines can be searched and counted.
 */
export const logLevels = ["debug", "info", "warn", "error"] as const;
/**
 * - `debug`: for whoever looks for a fault.
 * - `info`: what began, ended or came back as it should.
 * - `warn`: trouble outside, which the program lives with: a device gone, a message refused.
 * - `error`: a bug of ours, or something lost that somebody has to see to.
 */
export type LogLevel = (typeof logLevels)[number];

/**
 * `error` is told with its stack and its causes. A field whose name says that it holds a secret,
 * and a password inside a URL, are never written.
 */
export type LogFields = Readonly<Record<string, unknown>> & { readonly error?: unknown };

/** Never throws, and never waits: a line that cannot be written is dropped and counted. */
export interface Log {
  /** A log of a part, called `{name of this}.{name}`, that adds `fields` to each of its lines. */
  child(name: string, fields?: LogFields): Log;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** One line, before it is written anywhere. */
export interface LogLine {
  readonly level: LogLevel;
  /** Empty for a log without a name. */
  readonly name: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that hands its lines on; `name` is that of the whole program. */
export function createLog(write: (line: LogLine) => void, name = "", fields: LogFields = {}): Log {
  const tell =
    (level: LogLevel) =>
    (message: string, own: LogFields = {}): void =>
      write({ level, name, message, fields: { ...fields, ...own } });
  return {
    child: (part, more = {}) =>
      createLog(write, name === "" ? part : `${name}.${part}`, { ...fields, ...more }),
    debug: tell("debug"),
    info: tell("info"),
    warn: tell("warn"),
    error: tell("error"),
  };
}

/** For whoever composes a program that has nobody to tell. */
export const silentLog: Log = createLog(() => {});

/** A log that keeps its lines, oldest first. */
export function createCollectingLog(): { readonly log: Log; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  return { log: createLog((line) => lines.push(line)), lines };
}
