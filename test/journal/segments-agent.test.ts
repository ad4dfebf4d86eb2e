/**
 * Goal: at a line agent nothing leaves that the centre has not acknowledged, also when it is old, and
 * nothing is dropped that a centre whose backup was put back may ask for again; and a program that is killed while records leave, again and again, has lost none.
 * Method: the agent's own way to roll, on a real file in virtual time; a child process that appends and
 * rolls until it gets SIGKILL, six times.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { verifyChain } from "../../edge/audit/verify.ts";
import { appendDurably } from "../../edge/journal/journal.ts";
import { droppedSeqOf } from "../../edge/journal/segments/segment.ts";
import { createSegmentFolder } from "../../edge/journal/segments/segment-folder.ts";
import { openJournal, type SqliteJournal } from "../../edge/journal/sqlite/sqlite-journal.ts";
import { startAgentRoller, type AgentRollerOptions } from "../../edge/runtime/journal-segments.ts";
import { noBugs } from "../kit/no-bugs.ts";
import { silentLog } from "../../protocols/log.ts";
import { createSideStoreWatch } from "../../protocols/side-stores.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { dayMs, stepAt } from "./segments-kit.ts";
import { recordsOf, temporaryFolder } from "./support.ts";

const bounds = { keepMs: dayMs, segmentRecords: 10, segmentsKeptMs: dayMs, segmentBytesMax: null };

interface Agent {
  readonly journal: SqliteJournal;
  /** Lets leave, and drops, what may go after some more days. */
  readonly look: (days: number) => Promise<void>;
}

type Lied = (journal: SqliteJournal) => AgentRollerOptions["journal"];

/** An agent of 45 records. */
async function agentWith(
  { centreHoldsSeq = () => 0 }: Partial<Pick<AgentRollerOptions, "centreHoldsSeq">> = {},
  lied: Lied = (journal) => journal,
): Promise<Agent> {
  const [clock, dataDir] = [createVirtualClock(), temporaryFolder()];
  const folder = createSegmentFolder(join(dataDir, "segments"));
  const file = join(dataDir, "journal.db");
  const opened = await openJournal({ file, chain: "L1", clock, segments: folder });
  if (opened.kind === "refused") throw new Error(opened.why);
  const { journal } = opened;
  onTestFinished(() => journal.close());
  const entries = Array.from({ length: 45 }, (_, index) => stepAt(index + 1, clock.wall()));
  await appendDurably(journal, entries);
  const roller = startAgentRoller({
    file: { journal: bounds },
    journal: lied(journal),
    centreHoldsSeq,
    folder,
    sideStores: createSideStoreWatch(),
    clock,
    log: silentLog,
    bugs: noBugs,
  });
  const look = async (days: number): Promise<void> => {
    clock.stepWall(days * dayMs);
    const looked = { isDone: false };
    void roller.look().then(() => Object.assign(looked, { isDone: true }));
    while (!looked.isDone) {
      clock.runFor(5);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(roller.trouble()).toBeNull();
  };
  return { journal, look };
}

/** Where its file begins after two days and a look, when so many of its records are acknowledged. */
async function rolledBy(acknowledgedSeq: number, lied?: Lied): Promise<number> {
  const { journal, look } = await agentWith({}, lied);
  journal.acknowledge(acknowledgedSeq);
  await look(2);
  return journal.rolling()!.segmentsOf("L1").at(-1)?.lastSeq ?? 0;
}

it.each([
  [0, 0],
  [9, 0],
  [10, 10],
  [19, 10],
  [45, 30],
])("with %i acknowledged, %i have left, however old they are", async (acknowledged, left) => {
  expect(await rolledBy(acknowledged)).toBe(left);
});

it("planted fault: a journal that takes everything for acknowledged is caught", async () => {
  const lying = (journal: SqliteJournal): AgentRollerOptions["journal"] => ({
    rolling: () => journal.rolling(),
    acknowledgedSeq: () => journal.lastSeq(),
  });
  expect(await rolledBy(9, lying)).toBeGreaterThan(9);
});

it("what the centre has acknowledged and lacks again is dropped only when it holds it again", async () => {
  let heldSeq = 45;
  const { journal, look } = await agentWith({ centreHoldsSeq: () => heldSeq });
  journal.acknowledge(45);
  await look(2);
  heldSeq = 15;
  expect(journal.acknowledgedSeq()).toBe(45);
  await look(2);
  const droppedSeq = (): number => droppedSeqOf(journal.rolling()!.segmentsOf("L1"));
  expect(droppedSeq()).toBe(10);
  heldSeq = 45;
  await look(2);
  expect(droppedSeq()).toBe(30);
});

const writer = fileURLToPath(new URL("./kill-roller.ts", import.meta.url));

/** Kills it after so many reports; gives back how much was durable and how much had left by then. */
async function rollAndKill(file: string, reportsWanted: number) {
  const child = spawn(process.execPath, [writer, file], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const exited = once(child, "exit");
  const said = { durable: 0, left: 0 };
  let reports = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [what, seq] = line.split(" ");
    if (what === "durable") said.durable = Number(seq);
    else said.left = Number(seq);
    reports += 1;
    if (reports === reportsWanted) child.kill("SIGKILL");
  }
  await exited;
  return said;
}

it("kill -9 six times while records leave: every one is there, in order, from the first on", async () => {
  const file = join(temporaryFolder(), "journal.db");
  let left = 0;
  for (let round = 1; round <= 6; round += 1) {
    const said = await rollAndKill(file, 100 + 61 * round);
    const folder = createSegmentFolder(join(file, "..", "segments"));
    const opened = await openJournal({
      file,
      chain: "L1",
      clock: createVirtualClock(),
      segments: folder,
    });
    if (opened.kind === "refused") throw new Error(opened.why);
    const { journal } = opened;
    const records = await recordsOf(journal);
    expect(verifyChain("L1", records)).toMatchObject({
      lastSeq: journal.lastSeq(),
      finding: null,
    });
    expect(journal.lastSeq()).toBeGreaterThanOrEqual(said.durable);
    left = journal.rolling()!.segmentsOf("L1").at(-1)?.lastSeq ?? 0;
    expect(left).toBeGreaterThanOrEqual(said.left);
    await journal.close();
  }
  expect(left).toBeGreaterThan(40);
}, 60_000);
