import type { DayResult } from "../swarm/day.ts";
import type { AgentStart } from "./agent-start.ts";
import type { NodeMapRun } from "./device-shape/node-map.ts";
import type { ReportLanguage } from "./report-language.ts";
import type { DeviceShapeRun } from "./device-shape/run.ts";
import type { JournalCheck } from "./journal-check.ts";
import type { LineShapeRun } from "./line-shapes/run.ts";
import type { Machine } from "./machine.ts";
import type { MqttPathRun } from "./mqtt-path/run.ts";
import type { ParserRun } from "./parser-shape/run.ts";
import type { StoreShapeRun } from "./store-shape/run.ts";

/** Everything that one run of the bench measured. A shape that was not run is empty or null. */
export interface BenchResults {
  readonly machine: Machine;
  readonly broker: string;
  readonly seed: number;
  readonly start: AgentStart | null;
  readonly mqtt: readonly MqttPathRun[];
  readonly lines: LineShapeRun | null;
  readonly site: LineShapeRun | null;
  readonly day: DayResult | null;
  readonly devices: DeviceShapeRun | null;
  readonly parsers: readonly ParserRun[];
  readonly store: StoreShapeRun | null;
  readonly journals: readonly JournalCheck[];
}

/** Of the README's two. */

/** One sentence, and whether it is so. */
export interface Verdict {
  readonly what: Readonly<Record<ReportLanguage, string>>;
  readonly isSo: boolean;
}

const lineShapesOf = ({ lines, site }: BenchResults): readonly LineShapeRun[] =>
  [lines, site].filter((run) => run !== null);

/** What must hold on any machine; one that does not fails the run. */
export function checksOf(results: BenchResults): Verdict[] {
  const { mqtt, journals } = results;
  const shapes = lineShapesOf(results);
  const sum = (values: readonly number[]): number =>
    values.reduce((total, value) => total + value, 0);
  const verdicts: Verdict[] = [];
  const must = (isSo: boolean, en: string, zh: string): void => {
    verdicts.push({ what: { en, zh }, isSo });
  };
  if (mqtt.length + shapes.length > 0) {
    const wrong =
      sum(mqtt.map(({ leftWrongly }) => leftWrongly)) +
      sum(shapes.map(({ result }) => result.all.leftWrongly));
    const total =
      sum(mqtt.map(({ parcelsTotal }) => parcelsTotal)) +
      sum(shapes.map(({ result }) => result.all.parcelsEnded));
    const green =
      sum(mqtt.map(({ greenWrongly }) => greenWrongly)) +
      sum(shapes.map(({ result }) => result.all.greenWrongly));
    must(
      wrong === 0,
      `${count(wrong)} of ${count(total)} parcels left by another exit than theirs, ${count(green)} of them by green`,
      `${count(total)} 件包裹中 ${count(wrong)} 件未从应去的出口离开，其中 ${count(green)} 件进入放行口`,
    );
  }
  if (shapes.length > 0) {
    const missed = sum(shapes.map(missedBy));
    must(
      missed === 0,
      `${count(missed)} commit points missed on default lines`,
      `标准线错过决策点 ${count(missed)} 次`,
    );
  }
  if (journals.length > 0) {
    const steps = sum(journals.map(({ stepsTotal }) => stepsTotal));
    const differences = sum(
      journals.map(({ differencesTotal, unreplayedTotal }) => differencesTotal + unreplayedTotal),
    );
    must(
      differences === 0,
      `replay of ${count(journals.length)} journals, ${count(steps)} steps: ${count(differences)} differences`,
      `回放 ${count(journals.length)} 本日志、${count(steps)} 步：${count(differences)} 处差异`,
    );
    const broken = journals.filter(({ isVerified }) => !isVerified).length;
    must(
      broken === 0,
      `verify: ${count(broken)} journals with a broken chain`,
      `校验：${count(broken)} 本日志链条断裂`,
    );
  }
  return verdicts;
}

/** By the agents' own word, by the sorters' refusals, and by commands that never came. */
export const missedBy = ({ agents, result }: LineShapeRun): number =>
  agents.reduce((total, { metrics }) => total + metrics.commitsMissedTotal, 0) +
  result.all.divertsRefused +
  result.all.divertsMissing;

/** What is aimed at; how near it comes depends on the machine and on what else runs there. */
export function aimsOf(results: BenchResults): Verdict[] {
  const { start, day } = results;
  const shapes = lineShapesOf(results);
  const verdicts: Verdict[] = [];
  const aim = (isSo: boolean, en: string, zh: string): void => {
    verdicts.push({ what: { en, zh }, isSo });
  };
  if (shapes.length > 0) {
    const p99 = Math.max(...shapes.map(({ result }) => result.all.lastEvidenceToCommandMs.p99));
    aim(
      p99 <= 25,
      `p99 within 25 ms in every line shape: ${ms(p99)}`,
      `各种分拣线的 p99 不超过 25 毫秒：${ms(p99)}`,
    );
  }
  const ratio = medianRatio(results.mqtt);
  if (ratio !== null) {
    const { parcelsPerS, toScans, toTraffic } = ratio;
    aim(
      toTraffic <= 1.5,
      `median within 1.5 x of the floor at ${count(parcelsPerS)} parcels/s: ${toTraffic.toFixed(2)} x` +
        ` with the same traffic, ${toScans.toFixed(2)} x with scans alone`,
      `每秒 ${count(parcelsPerS)} 件时中位数不超过下限的 1.5 倍：相同消息量为 ${toTraffic.toFixed(2)} 倍，` +
        `仅扫码为 ${toScans.toFixed(2)} 倍`,
    );
  }
  if (start !== null) {
    const seconds = (start.startMs / 1_000).toFixed(2);
    aim(
      start.startMs < 4_000,
      `agent ready within 4 s: ${seconds} s`,
      `代理 4 秒内就绪：${seconds} 秒`,
    );
  }
  const resident = [
    ...(start === null ? [] : [start.residentMiB]),
    ...(results.lines?.agents ?? []).map(({ residentMiB }) => residentMiB),
  ];
  if (resident.length > 0) {
    const most = Math.max(...resident);
    const others = Math.max(
      0,
      ...results.mqtt.flatMap((run) => (run.peer === "agent" ? [run.residentMiB] : [])),
    );
    aim(
      most < 350,
      `within 350 MiB on a default line, with OPC UA loaded: ${Math.round(most)} MiB` +
        (others === 0 ? "" : ` (on the MQTT path up to ${Math.round(others)} MiB)`),
      `加载 OPC UA 的标准线不超过 350 MiB：${Math.round(most)} MiB` +
        (others === 0 ? "" : `（MQTT 路径最多 ${Math.round(others)} MiB）`),
    );
  }
  if (day !== null) {
    aim(
      day.seconds < 10,
      `${day.hours} simulated hours within 10 s: ${day.seconds.toFixed(1)} s, ${count(day.parcels)} parcels`,
      `10 秒内模拟 ${day.hours} 小时：${day.seconds.toFixed(1)} 秒，${count(day.parcels)} 件`,
    );
  }
  return verdicts;
}

/** The same of devices, whose figures stand apart: the wire alone is their measure. */
export function deviceAimsOf({ cells, nodeMaps }: DeviceShapeRun): Verdict[] {
  const aim = (isSo: boolean, en: string, zh: string): Verdict => ({ what: { en, zh }, isSo });
  const ratios = ({ messageMs, rawMs }: DeviceShapeRun["cells"][number]): readonly number[] => [
    messageMs.p50 / rawMs.p50,
    messageMs.p99 / rawMs.p99,
  ];
  const worst = (at: 0 | 1): number => Math.max(...cells.map((cell) => ratios(cell)[at] ?? 0));
  return [
    aim(
      worst(0) <= 1.3 && worst(1) <= 2,
      `message of a device within 1.3 x of its wire alone at p50 and 2 x at p99: at worst ${worst(0).toFixed(2)} x and ${worst(1).toFixed(2)} x`,
      `设备消息的 p50 不超过裸线路的 1.3 倍、p99 不超过 2 倍：最差 ${worst(0).toFixed(2)} 倍和 ${worst(1).toFixed(2)} 倍`,
    ),
    ...nodeMaps.flatMap(nodeMapAimsOf),
  ];
}

function nodeMapAimsOf(run: NodeMapRun): Verdict[] {
  const aim = (isSo: boolean, en: string, zh: string): Verdict => ({
    what: {
      en: `node map${run.isSealed ? " with sealed entries" : ""}, ${en}`,
      zh: `变量映射${run.isSealed ? "（条目带校验）" : ""}，${zh}`,
    },
    isSo,
  });
  const { eventsTotal, heardTotal, eventToCoreMs, pollMs, readsPerPoll, linesTotal } = run;
  const lost = eventsTotal - heardTotal;
  return [
    aim(
      lost === 0,
      `${linesTotal} lines of one server, ${run.eventsPerS} events/s each: ${count(lost)} of ${count(eventsTotal)} lost`,
      `同一服务器 ${linesTotal} 条线，各 ${run.eventsPerS} 事件/秒：${count(eventsTotal)} 个中丢失 ${count(lost)} 个`,
    ),
    aim(
      eventToCoreMs.p50 < pollMs,
      `event to core p50 under the poll's ${pollMs} ms: ${ms(eventToCoreMs.p50)} ms`,
      `事件到核心的 p50 低于轮询间隔 ${pollMs} 毫秒：${ms(eventToCoreMs.p50)} 毫秒`,
    ),
    aim(
      readsPerPoll < 1.2,
      `one request a poll for all lines: ${readsPerPoll.toFixed(2)}`,
      `所有线每次轮询一个请求：${readsPerPoll.toFixed(2)}`,
    ),
  ];
}

/** The same of the centre and its documents, whose figures stand apart. */
export function storeAimsOf(run: StoreShapeRun): Verdict[] {
  const { large, memoryCpuMsPerManifest, gone, lines } = run;
  const many = count(large.manifests);
  const aim = (isSo: boolean, en: string, zh: string): Verdict => ({
    what: {
      en: `document store by itself, ${many} manifests: ${en}`,
      zh: `单证库本身，${many} 份清单：${zh}`,
    },
    isSo,
  });
  const cpu = large.store.cpuMsPerManifest / memoryCpuMsPerManifest;
  const { p50, p99 } = large.store.lookupMs;
  return [
    ...centreAimsOf(run),
    aim(
      cpu <= 1.5,
      `CPU of a manifest within 1.5 x of the store in memory: ${cpu.toFixed(2)} x (${ms(large.store.cpuMsPerManifest)} ms)`,
      `每份清单的 CPU 不超过内存库的 1.5 倍：${cpu.toFixed(2)} 倍（${ms(large.store.cpuMsPerManifest)} 毫秒）`,
    ),
    aim(
      p99 <= 2,
      `lookup p99 within 2 ms: ${ms(p99)} ms, median ${ms(p50)} ms`,
      `查询 p99 不超过 2 毫秒：${ms(p99)} 毫秒，中位数 ${ms(p50)} 毫秒`,
    ),
    goneAimOf(gone),
    linesAimOf(lines),
  ];
}

function centreAimsOf({ small, large }: StoreShapeRun): readonly Verdict[] {
  const [many, few] = [large, small].map(({ manifests }) => count(manifests));
  const aim = (isSo: boolean, en: string, zh: string): Verdict => ({
    what: {
      en: `whole centre, ${many} manifests over ${few}: ${en}`,
      zh: `整个监管中心，${many} 份清单比 ${few} 份：${zh}`,
    },
    isSo,
  });
  const resident = large.centre.residentMiB / small.centre.residentMiB;
  const restart = large.centre.restartMs / small.centre.restartMs;
  const { restartMs, restartMsMax, restartsTotal, inputsBehind } = large.centre;
  const [from, to] = [small, large].map(({ centre }) => Math.round(centre.residentMiB));
  const [median, longest] = [restartMs, restartMsMax].map((value) => (value / 1_000).toFixed(2));
  const behind = count(inputsBehind);
  return [
    aim(
      resident <= 1.3,
      `resident memory of its process within 1.3 x: ${resident.toFixed(2)} x (${from} to ${to} MiB)`,
      `进程常驻内存不超过 1.3 倍：${resident.toFixed(2)} 倍（${from} 到 ${to} MiB）`,
    ),
    aim(
      restart <= 1.3 && restartMs <= 5_000,
      `killed, from its new process to the first answer about a parcel within 1.3 x and 5 s: ${restart.toFixed(2)} x, ${median} s (median of ${restartsTotal}, longest ${longest} s; ${behind} inputs behind its restore point)`,
      `强行终止后，从启动新进程到首次答复包裹查询不超过 1.3 倍和 5 秒：${restart.toFixed(2)} 倍，${median} 秒（${restartsTotal} 次的中位数，最长 ${longest} 秒；恢复点之后有 ${behind} 条输入）`,
    ),
  ];
}

function linesAimOf({ linesTotal, one, all }: StoreShapeRun["lines"]): Verdict {
  const [link, journal] = [all.down / one.down, all.journalled / one.journalled];
  const [linkBytes, journalBytes] = [all.down, all.journalled].map(Math.round);
  return {
    what: {
      en: `${linesTotal} lines over one, bytes a parcel within 1.1 x: ${link.toFixed(3)} x told to its line (${linkBytes}), ${journal.toFixed(3)} x in the line's journal (${journalBytes})`,
      zh: `${linesTotal} 条线比 1 条，每件字节数不超过 1.1 倍：下发 ${link.toFixed(3)} 倍（${linkBytes}），线日志 ${journal.toFixed(3)} 倍（${journalBytes}）`,
    },
    isSo: Math.max(link, journal) <= 1.1,
  };
}

function goneAimOf(gone: StoreShapeRun["gone"]): Verdict {
  const ratio = gone.endMiB / gone.startMiB;
  const many = count(gone.manifests);
  const [from, to] = [gone.startMiB, gone.endMiB].map(Math.round);
  const stays = Math.round(gone.fileBytesPerManifest);
  return {
    what: {
      en: `document store by itself, ${many} manifests come and gone again: resident memory within 1.1 x: ${ratio.toFixed(2)} x (${from} to ${to} MiB, once it is warm; ${stays} bytes of each stay on the disk, its journal included)`,
      zh: `单证库本身，${many} 份清单来过又离开：常驻内存不超过 1.1 倍：${ratio.toFixed(2)} 倍（预热后 ${from} 到 ${to} MiB；每份在磁盘上留 ${stays} 字节，含日志）`,
    },
    isSo: ratio <= 1.1,
  };
}

/**
 * Of the repeats of one peer at one rate, the one whose median is the middle one: other work on a
 * machine comes in bursts, and a burst must not decide. In order of their first run.
 */
export function middleRuns(runs: readonly MqttPathRun[]): MqttPathRun[] {
  const groups = new Map<string, MqttPathRun[]>();
  for (const run of runs) {
    const key = `${run.parcelsPerS} ${run.peer}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()].flatMap((group) => {
    const byMedian = group.toSorted(
      (one, other) => one.lastEvidenceToCommandMs.p50 - other.lastEvidenceToCommandMs.p50,
    );
    return byMedian.slice((byMedian.length - 1) >> 1).slice(0, 1);
  });
}

export interface MedianRatio {
  readonly parcelsPerS: number;
  /** To a floor that gets nothing but scans, and to one that gets all that devices say. */
  readonly toScans: number;
  readonly toTraffic: number;
}

/** At the highest rate that was run; null without an agent and both floors. */
export function medianRatio(runs: readonly MqttPathRun[]): MedianRatio | null {
  const parcelsPerS = Math.max(...runs.map((run) => run.parcelsPerS));
  const medianOf = (peer: MqttPathRun["peer"]): number | undefined =>
    middleRuns(runs).find((run) => run.peer === peer && run.parcelsPerS === parcelsPerS)
      ?.lastEvidenceToCommandMs.p50;
  const agent = medianOf("agent");
  const scans = medianOf("floor");
  const traffic = medianOf("floorWithTraffic");
  if (agent === undefined || scans === undefined || traffic === undefined) return null;
  return { parcelsPerS, toScans: agent / scans, toTraffic: agent / traffic };
}

export const count = (value: number): string => value.toLocaleString("en-US");
export const ms = (value: number): string =>
  Number.isFinite(value) ? value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0) : "-";
