import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBroker } from "../bench/broker.ts";
import { startNode, type BenchChild } from "../bench/child.ts";
import { lineFile } from "../kit/line-file.ts";
import { freePort } from "../kit/ports.ts";
import { greenMsMax, greensIn, judgeReplay, type Drill, type DrillContext } from "./drill.ts";
import type { ForeignEdge, ForeignReport } from "./foreign-plc/line.ts";
import { createForeignMap } from "./foreign-plc/map.ts";
import { followJournal, type JournalLog } from "./journal-log.ts";
import { runJournalTool } from "./journal-tool.ts";
import { seconds, type Findings } from "./report.ts";
import { pause, until } from "./waiting.ts";
import { defaultLayout, eyeIdsOf } from "../../simulators/world/layout.ts";

const minuteMs = 60_000;
const agentId = "agent-L1";

/**
 * A controller and its OPC UA server that were written from the sorters' page alone: plain variables,
 * strict types and rights, a floor of 100 ms for publishing and of 50 ms for sampling.
 */
export const foreignLine: Drill = {
  name: "foreign-plc",
  summary: "a line on a foreign controller's variables, restarted with other namespaces",
  async run(context) {
    const folder = await mkdtemp(join(tmpdir(), "sortline-foreign-"));
    const children: BenchChild[] = [];
    try {
      const line = await startForeignLine(folder, children, context);
      await judgeLine(line, context);
    } finally {
      for (const child of children.reverse()) await child.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

interface ForeignLine {
  readonly agent: BenchChild;
  readonly controller: BenchChild;
  readonly log: JournalLog;
  readonly journalFile: string;
}

async function startForeignLine(
  folder: string,
  children: BenchChild[],
  { seed, say }: DrillContext,
): Promise<ForeignLine> {
  const keep = async (child: Promise<BenchChild>): Promise<BenchChild> => {
    children.push(await child);
    return child;
  };
  const broker = await startBroker(folder);
  children.push(broker.child);
  const [opcuaPort, scannerPort, beltPort] = [await freePort(), await freePort(), await freePort()];
  const config = join(folder, "agent.json");
  const sorter = createForeignMap({
    port: opcuaPort,
    eyes: eyeIdsOf(defaultLayout),
    diverters: defaultLayout.diverters.map(({ exit }) => exit),
  });
  const file = lineFile(folder, { brokerUrl: broker.url, scannerPort, sorter, speed: 1 });
  await writeFile(config, JSON.stringify(file));
  const agent = await keep(
    startNode({ name: agentId, program: "edge/main.ts", args: ["--config", config] }),
  );
  const plan = {
    opcuaPort,
    beltPort,
    centreUrl: String(agent.ready["url"]),
    seed,
    folder: join(folder, "plc"),
  };
  const controller = await keep(
    startNode({
      name: "foreign-plc",
      program: "test/drills/foreign-plc/line.ts",
      args: [JSON.stringify(plan)],
    }),
  );
  const alone = (name: string, ...args: readonly string[]) =>
    keep(
      startNode({
        name,
        program: "simulators/alone/main.ts",
        args: [name, ...args, "--belt", String(beltPort)],
      }),
    );
  await alone("scanner", "--tcp", String(scannerPort));
  await alone("xray", "--mqtt", broker.url, "--base", "lab/L1-xray");
  say(`a line over ${broker.name}, its controller at port ${opcuaPort}`);
  const journalFile = join(folder, "centre", "journal.db");
  return { agent, controller, journalFile, log: followJournal(journalFile, agentId) };
}

async function judgeLine(
  line: ForeignLine,
  { findings, minutes, say }: DrillContext,
): Promise<void> {
  const { agent, controller, log, journalFile } = line;
  await untilGreens(log, 3, 0);
  say(`parcels go green; it is watched for ${minutes} min, with a restart in the middle`);
  await pause((minutes * minuteMs) / 2);
  const before = await reportOf(controller, "report before");
  controller.tell("restart restarted");
  const after = (await controller.said("restarted")) as unknown as ForeignReport;
  const restartedAt = Date.now();
  findings.check(
    "the namespace of its variables has another number",
    before.namespaceIndex !== after.namespaceIndex && before.boot !== after.boot,
    `${before.namespaceIndex}, then ${after.namespaceIndex}; boot ${before.boot}, then ${after.boot}`,
  );
  const backMs = await untilGreens(log, 2, restartedAt);
  findings.check("parcels go green again by themselves", true, `two in ${seconds(backMs)}`);
  await pause(Math.max(0, restartedAt + (minutes * minuteMs) / 2 - Date.now()));
  await agent.stop();
  const report = await reportOf(controller, "report end");
  await log.refresh();
  judgeEdges(report.edges, log, findings);
  judgeExecutions(report, await reportOf(controller, "attack attacked"), findings);
  findings.check("parcels went green", greensIn(log) > 0, `${greensIn(log)}`);
  const { code, text } = await runJournalTool(["verify", journalFile]);
  findings.check("the journal: verify is clean", code === 0, text);
  await judgeReplay("the journal", journalFile, findings);
}

async function reportOf(controller: BenchChild, words: string): Promise<ForeignReport> {
  controller.tell(words);
  return (await controller.said(words.split(" ")[1] ?? "")) as unknown as ForeignReport;
}

const untilGreens = (log: JournalLog, count: number, since: number): Promise<number> =>
  until(`${count} parcels in green`, greenMsMax, async () => {
    await log.refresh();
    return greensIn(log, since) >= count;
  });

type Edge = Omit<ForeignEdge, "boot">;
const nameOf = ({ eyeId, isBlocked, count }: Edge): string =>
  `${eyeId} ${isBlocked ? "blocked" : "cleared"} at ${count}`;

/**
 * Each session has heard, without a gap, all that its controller has latched from the first edge that it
 * heard on; only what was latched while the session ended may be missing behind the last.
 */
function judgeEdges(latched: readonly ForeignEdge[], log: JournalLog, findings: Findings): void {
  const sessions = new Map<string, Edge[]>();
  let gaps = 0;
  for (const { machine, event } of log.steps) {
    if (machine !== "line") continue;
    if (event.kind === "sorterGap") gaps += 1;
    if (event.kind !== "sorter" || event.event.kind !== "eye") continue;
    const { epoch, eyeId, isBlocked, count } = event.event;
    sessions.set(epoch, [...(sessions.get(epoch) ?? []), { eyeId, isBlocked, count }]);
  }
  findings.check("no event was lost by number", gaps === 0, `${gaps} gaps`);
  const lost: string[] = [];
  const boots = [...new Set(latched.map(({ boot }) => boot))];
  const heard = [...sessions.values()];
  for (const [index, edges] of heard.entries()) {
    const own = latched.filter(({ boot }) => boot === boots[index]).map(nameOf);
    const from = own.indexOf(nameOf(edges[0] ?? { eyeId: "", isBlocked: false, count: -1 }));
    const wrong = edges.findIndex((edge, at) => own[from + at] !== nameOf(edge));
    if (from === -1) lost.push(`session ${index + 1} begins with an edge that was never latched`);
    else if (wrong !== -1) lost.push(`session ${index + 1}: not ${own[from + wrong] ?? ""}`);
    else if (own.length - from - edges.length > edgesAtEndMax)
      lost.push(`session ${index + 1} ends early`);
  }
  const total = heard.reduce((sum, edges) => sum + edges.length, 0);
  findings.check("a session for each start", heard.length === boots.length, `${heard.length}`);
  findings.none("each edge of an eye was heard once, in its order", lost, `${total} edges`);
}

/** What four eyes may see in the moment in which a session ends. */
const edgesAtEndMax = 4;

function judgeExecutions(report: ForeignReport, attacked: ForeignReport, findings: Findings): void {
  const late = report.executed.filter(
    ({ acceptedAtCount, notAfterCount }) => acceptedAtCount > notAfterCount,
  );
  const older = report.executed.filter(({ boot, ownBoot }) => boot !== ownBoot);
  const executed = `${report.executed.length} executed, refused: ${JSON.stringify(report.refused)}`;
  findings.check("none was executed past its count", late.length === 0, executed);
  findings.check("none of an older start was executed", older.length === 0, executed);
  const isRefused =
    attacked.executed.length === report.executed.length &&
    attacked.refused["staleCount"] === (report.refused["staleCount"] ?? 0) + 1 &&
    attacked.refused["staleEpoch"] === (report.refused["staleEpoch"] ?? 0) + 1;
  findings.check(
    "given to it by hand, both are refused",
    isRefused,
    JSON.stringify(attacked.refused),
  );
}
