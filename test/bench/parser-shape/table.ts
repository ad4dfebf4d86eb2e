import {
  parserFault,
  serialBytesPerS,
  serialTimesMin,
  tcpBytesPerS,
  type ParserRun,
} from "./run.ts";

/** For people, as Markdown. */
export function parsersText(runs: readonly ParserRun[]): string {
  const rows = runs.map((run) => {
    const least = Math.min(run.messagesBytesPerS, run.noiseBytesPerS);
    return [
      run.name,
      millions(run.messagesBytesPerS),
      millions(run.noiseBytesPerS),
      run.isOnSerial ? Math.round(least / serialBytesPerS).toLocaleString("en-US") : "",
      (least / tcpBytesPerS).toFixed(2),
      `${run.heldBytes} of ${run.heldBytesMax}`,
    ];
  });
  const columns = [
    "parser",
    "messages, MB/s",
    "noise, MB/s",
    "the slower one to 115,200 baud",
    "and to 100 Mbit/s",
    "bytes held",
  ];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const faults = runs.flatMap((run) => parserFault(run) ?? []);
  const verdict =
    faults.length === 0
      ? `Yes: each takes at least ${serialTimesMin} times what a serial line of 115,200 baud brings, and holds no more than it may.`
      : faults.map((fault) => `No: ${fault}.`).join("\n");
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line), "", verdict].join("\n");
}

const millions = (bytesPerS: number): string => (bytesPerS / 1_000_000).toFixed(1);
