import { tableOf } from "../markdown-table.ts";
import type { ReportLanguage } from "../report-language.ts";
import type { BenchResults } from "../results.ts";
import {
  parserFault,
  serialBytesPerS,
  serialTimesMin,
  tcpBytesPerS,
  type ParserRun,
} from "./run.ts";

/** What was measured of the parsers, as Markdown; null where nothing was. */
export function parsersText(
  { parsers, machine }: BenchResults,
  language: ReportLanguage,
): string | null {
  if (parsers.length === 0) return null;
  const words = dictionary[language];
  const rows = parsers.map((run) => cellsOf(run, words));
  const faults = parsers.flatMap((run) => parserFault(run) ?? []);
  const { date, cpu, os, node } = machine;
  return [
    `${date}: ${cpu}, ${os}, Node ${node}.`,
    tableOf(rows, words.columns),
    faults.length === 0
      ? words.isGood
      : faults.map((fault) => `- ${words.no}${fault[language]}`).join("\n"),
  ].join("\n\n");
}

function cellsOf(run: ParserRun, { of }: Words): string[] {
  const least = Math.min(run.messagesBytesPerS, run.noiseBytesPerS);
  return [
    run.name,
    millions(run.messagesBytesPerS),
    millions(run.noiseBytesPerS),
    run.isOnSerial ? Math.round(least / serialBytesPerS).toLocaleString("en-US") : "",
    (least / tcpBytesPerS).toFixed(2),
    of(run.heldBytes, run.heldBytesMax),
  ];
}

const millions = (bytesPerS: number): string => (bytesPerS / 1_000_000).toFixed(1);

interface Words {
  readonly columns: readonly string[];
  readonly isGood: string;
  readonly no: string;
  readonly of: (held: number, max: number) => string;
}

const dictionary: Readonly<Record<ReportLanguage, Words>> = {
  en: {
    columns: [
      "parser",
      "messages, MB/s",
      "noise, MB/s",
      "the slower one to 115,200 baud",
      "and to 100 Mbit/s",
      "bytes held",
    ],
    isGood: `Aimed at: yes, each takes at least ${serialTimesMin} times what a serial line of 115,200 baud brings, and holds no more than it may. No device sends at the 100 Mbit/s of its socket; the column says what would happen if one did.`,
    no: "NO: ",
    of: (held, max) => `${held} of ${max}`,
  },
  zh: {
    columns: [
      "解析器",
      "消息，MB/秒",
      "噪声，MB/秒",
      "较慢者与 115,200 波特之比",
      "与 100 Mbit/s 之比",
      "缓存字节",
    ],
    isGood: `目标：是，每个解析器至少为 115,200 波特串口的 ${serialTimesMin} 倍，缓存不超过上限。没有设备会以其套接字的 100 Mbit/s 发送；该列说明若如此会怎样。`,
    no: "否：",
    of: (held, max) => `${held}/${max}`,
  },
};
