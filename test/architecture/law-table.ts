/** The laws of edge/README.md, and its table of what holds each and what proves it. */
export interface LawRow {
  readonly law: number;
  readonly heldBy: readonly string[];
  readonly provedBy: readonly string[];
  /** What the law asks for and is not built; empty where nothing is missing. */
  readonly notYet: string;
}

/** Numbers of the laws that the document states. */
export const lawsOf = (text: string): number[] =>
  [...text.matchAll(/^### Law (\d+): /gm)].map((match) => Number(match[1]));

/** Throws where the table does not read as one: a row that is skipped would be checked by nobody. */
export function readLawRows(text: string): LawRow[] {
  const lines = text.split("\n");
  const head = lines.findIndex((line) =>
    /^\| law +\| held by +\| proved by +\| not yet +\|$/.test(line),
  );
  if (head === -1) throw new Error("there is no table of laws");
  const rows: LawRow[] = [];
  for (const line of lines.slice(head + 2)) {
    if (!line.startsWith("|")) break;
    const cells = line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (cells.length !== 4) throw new Error(`a row of laws has 4 cells: ${line}`);
    const [number = "", heldBy = "", provedBy = "", notYet = ""] = cells;
    // A row without a number tells more of the law above it.
    const law = number === "" ? rows.at(-1)?.law : Number(number);
    if (law === undefined || !Number.isInteger(law))
      throw new Error(`this row has no law: ${line}`);
    rows.push({ law, heldBy: pathsIn(heldBy), provedBy: pathsIn(provedBy), notYet });
  }
  return rows;
}

const pathsIn = (cell: string): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
