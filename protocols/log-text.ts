import { visibleText } from "./visible-text.ts";

/** How a log's line, as it was written in JSON, is shown to people: its fields, and its error. */

/** What goes before the error: `deviceId=L1-scanner why="no answer"`. */
export const fieldsText = (fields: Readonly<Record<string, unknown>>): string =>
  Object.entries(fields)
    .map(([key, value]) => `${key}=${shortText(value)}`)
    .join(" ");

/** A text that could be mistaken for two fields stands in quotation marks. */
function shortText(value: unknown): string {
  if (typeof value === "string" && /^[^\s"=]+$/.test(value)) return visibleText(value);
  return visibleText(JSON.stringify(value) ?? "");
}

/** The stack, which names the error already, and below it those of its causes; each line ended. */
export function errorText(error: unknown): string {
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
    .map((line) => `    ${visibleText(line.trim())}\n`)
    .join("");
