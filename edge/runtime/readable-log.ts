/** One line of the log for people: when, how grave, who, what, and the fields behind it. */
export function readableLine(json: string): string {
  const { level, at, name, message, error, ...fields } = JSON.parse(json) as WrittenLine;
  const shown = Object.entries(fields).map(([key, value]) => `${key}=${shortText(value)}`);
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

/** A text that could be mistaken for two fields stands in quotation marks. */
function shortText(value: unknown): string {
  if (typeof value === "string" && /^[^\s"=]+$/.test(value)) return value;
  return JSON.stringify(value) ?? "";
}

/** The stack, which names the error already, and below it those of its causes. */
function errorText(error: unknown): string {
  if (error === undefined || error === null) return "";
  if (typeof error === "string") return indented(error);
  if (typeof error !== "object") return indented(JSON.stringify(error));
  const said = "stack" in error ? error.stack : "message" in error ? error.message : null;
  const text = indented(typeof said === "string" ? said : JSON.stringify(error));
  const cause = "cause" in error ? errorText(error.cause) : "";
  return cause === "" ? text : `${text}    caused by:\n${cause}`;
}

const indented = (text: string): string =>
  text
    .split("\n")
    .map((line) => `    ${line.trim()}\n`)
    .join("");
