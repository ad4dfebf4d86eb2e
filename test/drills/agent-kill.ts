import { createSeededEntropy } from "../../simulators/world/chance.ts";
import type { FactOf } from "../../protocols/facts.ts";
import { judgeEnd, refreshLogs, untilGreens, withSite, type Drill } from "./drill.ts";
import { factsOf, type JournalLog } from "./journal-log.ts";
import { seconds, type Findings } from "./report.ts";
import type { DrillSite } from "./site.ts";
import { alarmNaming, judgeNamed } from "./told.ts";
import { pause, until } from "./waiting.ts";
import { onBeltAt, type Journey, type WitnessLog } from "./witness-log.ts";

const kills = 10;
const rate = 4_000;
const lineId = "L1";
/** With so many bodies on it the belt is under load. */
const loadedFrom = 10;
/** A belt's length, so that moments with and without pending diverts come up. */
const waitMsMax = 40_000;
const loadedMsMax = 120_000;
const restartMsMax = 90_000;

export const agentKill: Drill = {
  name: "agent-kill",
  summary: `kill -9 a line agent ${kills} times at random moments, at ${rate} parcels/h`,
  run: (context) =>
    withSite(context, { lines: 2, rate }, async (site) => {
      const { findings, say } = context;
      const entropy = createSeededEntropy(context.seed, "kills");
      await untilGreens(site, 1);
      const restarts: Restart[] = [];
      for (let number = 1; number <= kills; number += 1) {
        await untilLoaded(site, lineId, loadedFrom);
        await pause(entropy.next() * waitMsMax);
        const restart = await killAgent(site, lineId);
        say(`kill ${number} of ${kills}: back after ${seconds(restart.tookMs)}`);
        await judgeNamed(site, alarmNaming("beltUnknown", [lineId]), findings);
        if (number === 1) await context.picture(site, "back");
        restarts.push(restart);
      }
      const greenMs = await untilGreens(site, 1, Date.now());
      findings.check("parcels go green again", true, `after ${seconds(greenMs)}`);
      await judgeRestarts(site, lineId, restarts, findings);
      await judgeEnd(site, findings);
    }),
};

export interface Restart {
  readonly killedAt: number;
  /** From the kill to being ready again. */
  readonly tookMs: number;
}

export async function untilLoaded(site: DrillSite, line: string, bodies: number): Promise<void> {
  await until(`${bodies} bodies on the belt of ${line}`, loadedMsMax, () => {
    return onBeltAt(site.witness(), line, Date.now()).length >= bodies;
  });
}

/** Kills it by its own id, and waits until whoever watches over it has started it anew. */
export async function killAgent(site: DrillSite, line: string): Promise<Restart> {
  const agent = site.agentOf(line);
  const before = agent.ready;
  const pid = agent.pid();
  if (pid === undefined) throw new Error(`${agent.name} does not run`);
  const killedAt = Date.now();
  process.kill(pid, "SIGKILL");
  const tookMs = await until(`${agent.name} starts anew`, restartMsMax, () => {
    return agent.ready !== before;
  });
  return { killedAt, tookMs };
}

/** Everything that was on the belt ended in inspection, unless it had its divert already. */
export async function judgeRestarts(
  site: DrillSite,
  line: string,
  restarts: readonly Restart[],
  findings: Findings,
): Promise<void> {
  const log = site.logs.get(line);
  if (log === undefined) return;
  const caught = restarts.map(({ killedAt }) => killedAt);
  await until("what was on the belt at the kills has left it", loadedMsMax, () => {
    const witness = site.witness();
    return caught.every((at) => onBeltAt(witness, line, at).every(({ end }) => end !== null));
  });
  await refreshLogs(site);
  const witness = site.witness();
  const elsewhere: string[] = [];
  let bodies = 0;
  let divertedAfter = 0;
  caught.forEach((killedAt, run) => {
    const fired = firedAfter(witness, line, log, { killedAt, run });
    for (const body of onBeltAt(witness, line, killedAt)) {
      bodies += 1;
      if (body.end?.exit === "inspection" || body.end?.exit === null) continue;
      const index = fired.findIndex((divert) => isFor(divert, body));
      if (index < 0) elsewhere.push(`${body.truthId} ended in ${body.end?.exit}`);
      else divertedAfter += fired.splice(index, 1).length;
    }
  });
  findings.none(
    "the belt's contents went to inspection",
    elsewhere,
    `${bodies} bodies at ${restarts.length} kills, ${divertedAfter} of them had been commanded`,
  );
  const strays = leftOvers(log);
  findings.none(
    "what the agents found left over they saw to inspection",
    strays.elsewhere,
    `${strays.seen} passes marked restart`,
  );
  const owed = caught.filter((killedAt, run) => {
    const backAt = firstHeardAt(log, run + 1);
    return onBeltAt(witness, line, killedAt).some(({ end }) => end !== null && end.at > backAt);
  });
  findings.check(
    "they found it wherever something lay on the belt when they were back",
    owed.length === 0 || strays.seen >= owed.length,
    `after ${owed.length} of ${restarts.length} kills`,
  );
  const { ready } = site.agentOf(line);
  findings.check("the agent's journal writes with synchronous=FULL", isFull(ready), sync(ready));
}

const sync = (ready: Readonly<Record<string, unknown>>): string =>
  `read back ${String(ready["journalSynchronous"])}`;
const isFull = (ready: Readonly<Record<string, unknown>>): boolean =>
  ready["journalSynchronous"] === 2;

interface Divert {
  readonly waybill: string | null;
  readonly exit: string;
}

/**
 * What the sorter still did for the agent that died: it had been decided, journalled and sent
 * before, and nobody alive knew a reason against it (laws 4 to 6).
 */
function firedAfter(
  witness: WitnessLog,
  line: string,
  log: JournalLog,
  { killedAt, run }: { readonly killedAt: number; readonly run: number },
): Divert[] {
  const late = new Set(
    witness.fired
      .filter(({ lineId: at, at: firedAt }) => at === line && firedAt > killedAt - divertMs)
      .map(({ commandId }) => commandId),
  );
  const diverts: Divert[] = [];
  for (const { step, fact } of factsOf(log, "commanded")) {
    if (step.run > run || !late.has(fact.commandId)) continue;
    const decided = step.facts.find(
      (each): each is FactOf<"decided"> => each.kind === "decided" && each.passId === fact.passId,
    );
    diverts.push({ waybill: decided?.waybill ?? null, exit: fact.exit });
  }
  return diverts;
}

/** When this start of the agent heard its sorter, and a report or two more. */
function firstHeardAt(log: JournalLog, run: number): number {
  const first = log.steps.find((step) => step.run === run && step.event.kind === "sorter");
  return (first?.event.wallAt ?? Number.POSITIVE_INFINITY) + 1_000;
}

/** From the diverter's movement until a body is in the chute. */
const divertMs = 5_000;

const isFor = ({ waybill, exit }: Divert, { labels, end }: Journey): boolean =>
  end?.exit === exit && waybill !== null && labels.includes(waybill);

/** Passes that a fresh agent met beyond the induction eye. */
function leftOvers(log: JournalLog): { readonly seen: number; readonly elsewhere: string[] } {
  const marked = new Set<string>();
  for (const { fact } of factsOf(log, "reasonRaised")) {
    if (fact.reason.code === "restart") marked.add(fact.passId);
  }
  const elsewhere: string[] = [];
  for (const { fact } of factsOf(log, "left")) {
    if (marked.has(fact.passId) && fact.exit !== "inspection") {
      elsewhere.push(`${fact.passId} left by ${fact.exit}`);
    }
  }
  return { seen: marked.size, elsewhere };
}
