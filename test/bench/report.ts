import type { AgentMetrics } from "./agent-metrics.ts";
import type { NodeMapRun } from "./device-shape/node-map.ts";
import type { LineShapeRun } from "./line-shapes/run.ts";
import { tableOf } from "./markdown-table.ts";
import type { MqttPathRun } from "./mqtt-path/run.ts";
import type { ReportLanguage } from "./report-language.ts";
import {
  aimsOf,
  checksOf,
  count,
  deviceAimsOf,
  middleRuns,
  missedBy,
  ms,
  storeAimsOf,
  type BenchResults,
  type Verdict,
} from "./results.ts";
import type { Percentiles } from "./samples.ts";

/** What was measured of the document store, as Markdown; null where nothing was. */
export function storeText(results: BenchResults, language: ReportLanguage): string | null {
  const { machine, store } = results;
  if (store === null) return null;
  const words = dictionary[language];
  return [words.storeMachine(machine), verdictsText(words, words.aims, storeAimsOf(store))].join(
    "\n\n",
  );
}

/** The same of devices; null where none was measured. */
export function devicesText(results: BenchResults, language: ReportLanguage): string | null {
  const { machine, broker, devices } = results;
  if (devices === null) return null;
  const words = dictionary[language];
  const { cells, nodeMaps } = devices;
  const pair = ({ p50, p99 }: Percentiles): string => `${ms(p50)} / ${ms(p99)}`;
  const rows = cells.map((cell): Row => [
    cell.cell,
    count(cell.messageMs.count),
    pair(cell.messageMs),
    pair(cell.rawMs),
    `${(cell.messageMs.p50 / cell.rawMs.p50).toFixed(2)} / ${(cell.messageMs.p99 / cell.rawMs.p99).toFixed(2)}`,
  ]);
  const mapped = nodeMaps.map((run): Row => [
    words.nodeMap(run),
    count(run.heardTotal),
    pair(run.eventToCoreMs),
    "",
    "",
  ]);
  return [
    words.devicesMachine(machine, broker),
    tableOf([...rows, ...mapped], words.deviceColumns),
    verdictsText(words, words.aims, deviceAimsOf(devices)),
  ].join("\n\n");
}

const verdictsText = (words: Words, title: string, list: readonly Verdict[]): string =>
  `${title}\n\n${list.map(({ what, isSo }) => `- ${isSo ? words.yes : words.no}${what[words.language]}`).join("\n")}`;

/** The table of all but the document store and what belongs to it, as Markdown; null for nothing. */
export function reportText(results: BenchResults, language: ReportLanguage): string | null {
  const { start, mqtt, lines, site, day } = results;
  const isEmpty = mqtt.length === 0 && [start, lines, site, day].every((shape) => shape === null);
  if (isEmpty) return null;
  const words = dictionary[language];
  const { machine, broker } = results;
  const parts = [
    words.machine(machine, broker, results.seed),
    tableOf(rowsOf(results, language), words.columns),
    words.notes(results),
  ];
  const checks = checksOf(results);
  const aims = aimsOf(results);
  if (checks.length > 0) parts.push(verdictsText(words, words.checks, checks));
  if (aims.length > 0) parts.push(verdictsText(words, words.aims, aims));
  return parts.filter((part) => part !== "").join("\n\n");
}

type Row = readonly string[];

function rowsOf(results: BenchResults, language: ReportLanguage): Row[] {
  const words = dictionary[language];
  const { mqtt, lines, site } = results;
  return [
    ...middleRuns(mqtt).flatMap((run) => mqttRows(run, language)),
    ...(lines === null ? [] : lineRows(lines, language)),
    ...(site === null ? [] : [siteRow(site, words.site(site))]),
  ];
}

const four = ({ p50, p99, p999, max }: Percentiles): string =>
  [p50, p99, p999, max].map(ms).join(" / ");
const loop = (metrics: AgentMetrics | null): string =>
  metrics === null ? "" : `${ms(metrics.loopDelayMs.p99)} / ${ms(metrics.loopDelayMs.max)}`;
const percent = (share: number): string => `${Math.round(share * 100)} %`;

function mqttRows(run: MqttPathRun, language: ReportLanguage): Row[] {
  const words = dictionary[language];
  const use = [loop(run.agent), percent(run.cpuShare), String(Math.round(run.residentMiB))];
  const row = (what: string, latency: Percentiles, missed: string): Row => [
    what,
    count(latency.count),
    four(latency),
    missed,
    ...use,
  ];
  const missed = run.peer === "agent" ? count(run.divertsMissing + run.commitsMissed) : "";
  const first = row(words.mqtt[run.peer](run), run.lastEvidenceToCommandMs, missed);
  if (run.peer !== "agent") return [first];
  const whole: Row = [words.scanToCommand, "", four(run.scanToCommandMs), "", "", "", ""];
  return [first, whole];
}

function lineRows(run: LineShapeRun, language: ReportLanguage): Row[] {
  return run.agents.map(({ agentId, lines, metrics, cpuShare, residentMiB }): Row => {
    const [line] = lines;
    const result = line === undefined ? undefined : run.result.lines[line.lineId];
    if (line === undefined || result === undefined) return [agentId];
    const missed = metrics.commitsMissedTotal + result.divertsRefused + result.divertsMissing;
    return [
      dictionary[language].line(line.parcelsPerHour),
      count(result.lastEvidenceToCommandMs.count),
      four(result.lastEvidenceToCommandMs),
      count(missed),
      loop(metrics),
      percent(cpuShare),
      String(Math.round(residentMiB)),
    ];
  });
}

function siteRow(run: LineShapeRun, what: string): Row {
  const { agents, result } = run;
  const each = (of: (agent: LineShapeRun["agents"][number]) => string): string =>
    agents.map(of).join("; ");
  return [
    what,
    count(result.all.lastEvidenceToCommandMs.count),
    four(result.all.lastEvidenceToCommandMs),
    count(missedBy(run)),
    each(({ metrics }) => loop(metrics)),
    each(({ cpuShare }) => percent(cpuShare)),
    each(({ residentMiB }) => String(Math.round(residentMiB))),
  ];
}

interface Words {
  readonly language: ReportLanguage;
  readonly columns: readonly string[];
  readonly scanToCommand: string;
  readonly checks: string;
  readonly aims: string;
  readonly yes: string;
  readonly no: string;
  readonly mqtt: Readonly<Record<MqttPathRun["peer"], (run: MqttPathRun) => string>>;
  line(parcelsPerHour: number): string;
  site(run: LineShapeRun): string;
  machine(machine: BenchResults["machine"], broker: string, seed: number): string;
  storeMachine(machine: BenchResults["machine"]): string;
  devicesMachine(machine: BenchResults["machine"], broker: string): string;
  readonly deviceColumns: readonly string[];
  nodeMap(run: NodeMapRun): string;
  notes(results: BenchResults): string;
}

const least = ({ result }: LineShapeRun): string => ms(result.all.marginMsLeast);

const english: Words = {
  language: "en",
  columns: [
    "last evidence in to command out",
    "diverts",
    "p50 / p99 / p99.9 / max ms",
    "missed",
    "event loop p99 / max ms",
    "CPU, of one core",
    "MiB",
  ],
  scanToCommand: "- scan to divert, the claim's way to the centre and back included",
  checks: "Checked:",
  aims: "Aimed at:",
  yes: "yes: ",
  no: "NO: ",
  mqtt: {
    floor: ({ parcelsPerS }) => `floor, ${count(parcelsPerS)} scans/s`,
    floorWithTraffic: ({ parcelsPerS }) =>
      `floor, ${count(parcelsPerS)} scans/s and all that the devices say`,
    agent: ({ parcelsPerS, linesTotal }) =>
      `**MQTT path, ${count(parcelsPerS)} parcels/s on ${count(linesTotal)} lines**`,
  },
  line: (parcelsPerHour) => `**default line, ${count(parcelsPerHour)} parcels/h**`,
  site: ({ agents, sorters }) =>
    `**${count(linesIn(agents))} lines, ${count(rateOf(agents))} parcels/h, two agents, sorters over ${wireNames[sorters]}**`,
  machine: ({ cpu, cores, memoryGiB, node, os, date }, broker, seed) =>
    `${date}: ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${os}, Node ${node}, ${broker}; seed ${seed}. Agents, broker, centre and load generators share the cores.`,
  storeMachine: ({ cpu, cores, memoryGiB, node, os, date }) =>
    `${date}: ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${os}, Node ${node}. Ratios are within one run.`,
  devicesMachine: ({ cpu, cores, memoryGiB, node, os, date }, broker) =>
    `${date}: ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${os}, Node ${node}, ${broker}. A message goes one way, from the simulated device until the driver tells of it; the wire alone is 48 bytes there and back, over OPC UA a plain client that watches the same event. Both ends share a process, and take turns.`,
  deviceColumns: [
    "machine/form/wire",
    "messages",
    "message p50 / p99 ms",
    "wire alone p50 / p99 ms",
    "ratio",
  ],
  nodeMap: ({ linesTotal, eventsPerS, pollMs, isSealed }) =>
    `plain variables over OPC UA${isSealed ? ", entries sealed" : ""}, ${linesTotal} lines of one server, ${eventsPerS} events/s each, polled every ${pollMs} ms`,
  notes: ({ mqtt, lines, site, start }) =>
    [
      mqtt.length > 0 &&
        "MQTT path: the last evidence is the claim's answer, for a floor the scan; both times are taken in the load generator; at the highest rate the middle one of three runs.",
      (lines ?? site) !== null &&
        "Lines: the last evidence is the later of the X-ray's verdict and the commit point, both seen at the devices.",
      lines !== null &&
        `Default line: commands came at least ${least(lines)} ms before the sorter would have refused them; an image has ${count(lines.imageBytes)} bytes.`,
      site !== null &&
        `40 lines: at least ${least(site)} ms before, with images of ${count(site.imageBytes)} bytes.`,
      start !== null &&
        `Agent start to ready: ${(start.startMs / 1_000).toFixed(2)} s (worst ${(start.startMsMax / 1_000).toFixed(2)} s).`,
    ]
      .filter((note) => typeof note === "string")
      .join(" "),
};

const chinese: Words = {
  language: "zh",
  columns: [
    "最后一项证据到达至指令发出",
    "分拣次数",
    "p50 / p99 / p99.9 / 最大，毫秒",
    "错过",
    "事件循环延迟 p99 / 最大，毫秒",
    "CPU（单核）",
    "MiB",
  ],
  scanToCommand: "- 扫码至分拣指令，含向监管中心申领的往返",
  checks: "已核对：",
  aims: "目标：",
  yes: "是：",
  no: "否：",
  mqtt: {
    floor: ({ parcelsPerS }) => `下限，每秒 ${count(parcelsPerS)} 次扫码`,
    floorWithTraffic: ({ parcelsPerS }) => `下限，每秒 ${count(parcelsPerS)} 次扫码及全部设备消息`,
    agent: ({ parcelsPerS, linesTotal }) =>
      `**MQTT 路径，每秒 ${count(parcelsPerS)} 件，${count(linesTotal)} 条线**`,
  },
  line: (parcelsPerHour) => `**标准线，每小时 ${count(parcelsPerHour)} 件**`,
  site: ({ agents, sorters }) =>
    `**${count(linesIn(agents))} 条线，每小时 ${count(rateOf(agents))} 件，两个代理，分拣机经 ${wireNames[sorters]}**`,
  machine: ({ cpu, cores, memoryGiB, node, os, date }, broker, seed) =>
    `${date}：${cpu}，${cores} 核，${memoryGiB} GiB，${os}，Node ${node}，${broker}；种子 ${seed}。代理、消息代理、监管中心和压力发生器共用这些核。`,
  storeMachine: ({ cpu, cores, memoryGiB, node, os, date }) =>
    `${date}：${cpu}，${cores} 核，${memoryGiB} GiB，${os}，Node ${node}。比值均出自同一次运行。`,
  devicesMachine: ({ cpu, cores, memoryGiB, node, os, date }, broker) =>
    `${date}：${cpu}，${cores} 核，${memoryGiB} GiB，${os}，Node ${node}，${broker}。消息为单程，从模拟设备发出到驱动程序报告；裸线路为 48 字节往返，OPC UA 则为监视同一事件的普通客户端。两端同处一个进程，轮流测量。`,
  deviceColumns: [
    "设备/形式/线路",
    "消息数",
    "消息 p50 / p99，毫秒",
    "裸线路 p50 / p99，毫秒",
    "比值",
  ],
  nodeMap: ({ linesTotal, eventsPerS, pollMs, isSealed }) =>
    `OPC UA 普通变量${isSealed ? "（条目带校验）" : ""}，同一服务器 ${linesTotal} 条线，各 ${eventsPerS} 事件/秒，每 ${pollMs} 毫秒轮询`,
  notes: ({ mqtt, lines, site, start }) =>
    [
      mqtt.length > 0 &&
        "MQTT 路径：最后一项证据是申领的答复（下限为扫码），两个时刻都在压力发生器中记录；最高速率取三次运行的中间一次。",
      (lines ?? site) !== null &&
        "分拣线：最后一项证据是 X 光判定与决策点两者中较晚者，均在设备端记录。",
      lines !== null &&
        `标准线：指令至少比分拣机拒收时刻早 ${least(lines)} 毫秒；一幅图像 ${count(lines.imageBytes)} 字节。`,
      site !== null && `40 条线：至少早 ${least(site)} 毫秒，图像 ${count(site.imageBytes)} 字节。`,
      start !== null &&
        `代理启动至就绪：${(start.startMs / 1_000).toFixed(2)} 秒（最慢 ${(start.startMsMax / 1_000).toFixed(2)} 秒）。`,
    ]
      .filter((note) => typeof note === "string")
      .join(""),
};

const dictionary: Readonly<Record<ReportLanguage, Words>> = { en: english, zh: chinese };
const wireNames = { opcua: "OPC UA", mqtt: "MQTT" } as const;

const linesIn = (agents: LineShapeRun["agents"]): number =>
  agents.reduce((total, { lines }) => total + lines.length, 0);

const rateOf = (agents: LineShapeRun["agents"]): number =>
  agents.reduce(
    (total, { lines }) => total + lines.reduce((sum, line) => sum + line.parcelsPerHour, 0),
    0,
  );
