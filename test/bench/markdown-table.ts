/** Its first column names a row, the others are figures; empty where there are no rows. */
export function tableOf(rows: readonly (readonly string[])[], columns: readonly string[]): string {
  if (rows.length === 0) return "";
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(columns),
    line(columns.map((_, index) => (index === 0 ? "---" : "---:"))),
    ...rows.map(line),
  ].join("\n");
}
