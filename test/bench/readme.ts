import { readFile, writeFile } from "node:fs/promises";

/** Parts of a README that are written by themselves: a run may have measured one of them alone. */
export type ReadmePart = "bench" | "bench-store" | "bench-devices" | "bench-parsers";

const markersOf = (part: ReadmePart) => ({
  begin: `<!-- ${part}:begin -->`,
  end: `<!-- ${part}:end -->`,
});

/** The text with what is between the part's markers replaced; null when a marker is missing. */
export function withTable(text: string, part: ReadmePart, table: string): string | null {
  const { begin, end } = markersOf(part);
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) return null;
  return `${text.slice(0, from + begin.length)}\n\n${table}\n\n${text.slice(to)}`;
}

export async function writeTable(file: string, part: ReadmePart, table: string): Promise<void> {
  const text = withTable(await readFile(file, "utf8"), part, table);
  const { begin, end } = markersOf(part);
  if (text === null) throw new Error(`${file}: "${begin}" and "${end}" are wanted`);
  await writeFile(file, text);
}
