import { errorText, fieldsText } from "../../protocols/log-text.ts";

/** One line of the log for people: when, how grave, who, what, and the fields behind it. */
export function readableLine(json: string): string {
  const { level, at, name, message, error, ...fields } = JSON.parse(json) as WrittenLine;
  const shown = Object.keys(fields).length === 0 ? [] : [fieldsText(fields)];
  const head = [at, level.toUpperCase().padEnd(5), name, message, ...shown].join(" ");
  return `${head}\n${errorText(error)}`;
}

/** As `pino-log.ts` has written it. */
interface WrittenLine {
  readonly level: string;
  readonly at: string;
  readonly name: string;
  readonly message: string;
  readonly error?: unknown;
}
