// Goal: a running site whose journals let old records leave stops, starts again and goes on, and each of
// its chains verifies and replays from its first record on. Method: one real lab on real wires and real
// files, told to keep little, run twice on one folder; the journal's tool judges what it has left.
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runJournalCli } from "../../edge/audit/cli.ts";
import { createLineMachines } from "../../edge/audit/line-cores.ts";
import { createLab, type LabOptions } from "../../simulators/lab/lab.ts";
import { until } from "../drills/waiting.ts";

const limitMs = 300_000;

const segmentsOf = (dataDir: string, ...of: readonly string[]): readonly string[] => {
  const folder = join(dataDir, ...of);
  return existsSync(folder) ? readdirSync(folder) : [];
};

async function runUntil(options: LabOptions, isEnough: () => boolean): Promise<void> {
  const lab = await createLab(options);
  try {
    await lab.start(() => {});
    await until("records have left", limitMs, isEnough);
  } finally {
    await lab.stop();
  }
}

async function judged(command: string, file: string, segments: string): Promise<string> {
  const out: string[] = [];
  const exit = await runJournalCli([command, file, "--segments", segments], {
    machineOf: createLineMachines(),
    out: (line) => out.push(line),
    err: (line) => out.push(line),
  });
  expect(exit, out.join("\n")).toBe(0);
  return out.join("\n");
}

test(
  "journals roll under load, over a restart, and are whole with their segments",
  { timeout: 2 * limitMs },
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "sortline-segments-"));
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    const options = {
      dataDir,
      pageDir: null,
      port: 0,
      seed: 1,
      speed: 1,
      lines: 1,
      officers: 0,
      rate: 3_600,
      reviewMm: 1_000,
      journal: { keepMs: 1_000, segmentRecords: 100 },
      onLine: () => {},
    };
    const [agent, centre] = [join(dataDir, "agent-L1"), join(dataDir, "centre")];
    const left = (): readonly [own: number, centres: number] => [
      segmentsOf(agent, "segments", "journal", "agent-L1").length,
      segmentsOf(centre, "segments", "centre", "centre").length,
    ];
    // The centre's restart point moves every 30 s, and with it what may leave: the longest wait here.
    await runUntil(options, () => left().every((total) => total >= 1));
    const before = left();
    await runUntil({ ...options, run: 2 }, () =>
      left().every((total, index) => total > (before[index] ?? 0)),
    );
    const [own, its] = [join(agent, "journal.db"), join(centre, "centre.db")];
    const [ofAgent, ofCentre] = [join(agent, "segments/journal"), join(centre, "segments/centre")];
    expect(await judged("verify", own, ofAgent)).toMatch(/^agent-L1: in order, \d+ records/);
    expect(await judged("replay", own, ofAgent)).toMatch(
      /\d+ steps in \d+ sessions, 0 differences/,
    );
    expect(await judged("verify", its, ofCentre)).toMatch(/^centre: in order, \d+ records/);
    const copies = join(centre, "copies.db");
    expect(await judged("verify", copies, join(centre, "segments/copies"))).toContain("in order");
  },
);
