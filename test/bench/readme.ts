import { readFile, writeFile } from "node:fs/promises";

const begin = "<!-- bench:begin -->";
const end = "<!-- bench:end -->";

/** The text with its part between the markers replaced; null when a marker is missing. */
export function withTable(text: string, table: string): string | null {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) return null;
  return `${text.slice(0, from + begin.length)}\n\n${table}\n\n${text.slice(to)}`;
}

export async function writeTable(file: string, table: string): Promise<void> {
  const text = withTable(await readFile(file, "utf8"), table);
  if (text === null) throw new Error(`${file}: "${begin}" and "${end}" are wanted`);
  await writeFile(file, text);
}
