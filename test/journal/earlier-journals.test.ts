/**
 * Goal: what an earlier build wrote can be read, verified and replayed by every later one (law 11:
 * a journal of another logic version is replayed too, and what differs is reported).
 * Method: journals of such builds lie packed under test/fixtures/journals; the tool runs on them.
 */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { runJournalCli } from "../../edge/audit/cli.ts";
import { createLineMachines } from "../../edge/audit/line-cores.ts";
import { readFacts } from "../../edge/centre/lines/record-facts.ts";
import { stepEntry, type OpenEntry, type StepEntry } from "../../edge/journal/entries.ts";
import { appendDurably } from "../../edge/journal/journal.ts";
import { clearanceMachineId } from "../../edge/line/clearance-step.ts";
import { logicVersion } from "../../edge/line/step.ts";
import { zFact } from "../../protocols/facts.ts";
import { wholeFact } from "../../protocols/told-facts.ts";
import { epochMs } from "../../protocols/units.ts";
import { startedBench } from "../kit/line-bench.ts";
import { runRides, startRide } from "../kit/line-ride.ts";
import { opened, recordsOf, temporaryFolder } from "./support.ts";

const fixtures = join(import.meta.dirname, "../fixtures/journals");

interface Kept {
  readonly version: string;
  readonly kind: "agent" | "centre" | "copies";
  /** Records a chain, and steps where the chain holds any. */
  readonly chains: Readonly<Record<string, readonly [records: number, steps: number]>>;
}

const kept: readonly Kept[] = [
  { version: "v4", kind: "agent", chains: { "agent-L1": [678, 676] } },
  { version: "v4", kind: "centre", chains: { centre: [422, 0] } },
  { version: "v4", kind: "copies", chains: { "agent-L1": [678, 676], "agent-L2": [890, 888] } },
];

function unpacked({ version, kind }: Kept) {
  const from = join(fixtures, version);
  const folder = temporaryFolder();
  const file = join(folder, `${kind}.db`);
  writeFileSync(file, gunzipSync(readFileSync(join(from, `${kind}.db.gz`))));
  for (const name of ["anchors.jsonl", "anchor-key.pem.pub"]) {
    copyFileSync(join(from, name), join(folder, name));
  }
  const anchors = ["--anchors", join(folder, "anchors.jsonl")];
  return { file, anchors: [...anchors, "--key", join(folder, "anchor-key.pem.pub")] };
}

async function run(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const exit = await runJournalCli(argv, {
    machineOf: createLineMachines(),
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { exit, lines: out, err: err.join("\n") };
}

const zFacts = z.object({
  event: z.unknown().optional(),
  commands: z.array(z.unknown()).optional(),
  facts: z.array(z.unknown()).optional(),
});
const zReplayed = z.object({
  chains: z.array(
    z.object({
      unreplayedTotal: z.number(),
      differences: z.array(z.object({ expected: z.string(), actual: z.string() })),
    }),
  ),
});
const zOutputs = z.object({
  commands: z.array(
    z.looseObject({
      kind: z.string(),
      exit: z.string().optional(),
      passId: z.string().optional(),
    }),
  ),
});

/** Passes that are sent to green by these outputs. */
const greensOf = (outputs: string): string[] =>
  zOutputs
    .parse(JSON.parse(outputs))
    .commands.flatMap(({ kind, exit, passId }) =>
      kind === "divert" && exit === "green" ? [String(passId)] : [],
    );

test("each journal that is kept is looked at", () => {
  const files = readdirSync(fixtures, { recursive: true, encoding: "utf8" });
  const packed = files.filter((name) => name.endsWith(".db.gz")).toSorted();
  expect(packed).toEqual(kept.map(({ version, kind }) => `${version}/${kind}.db.gz`).toSorted());
});

describe.each(kept)("a journal of $version, kind $kind", (journal) => {
  test("is whole, up to its signed anchors", async () => {
    const { file, anchors } = unpacked(journal);
    const { exit, lines } = await run("verify", file, ...anchors);
    const expected = Object.entries(journal.chains).map(
      ([chain, [records]]) => `${chain}: in order, ${records} records, 3 anchors match`,
    );
    expect({ exit, lines }).toEqual({ exit: 0, lines: expected });
  });

  const isOurs = journal.version === `v${logicVersion}`;
  const hasSteps = Object.values(journal.chains).some(([, steps]) => steps > 0);

  test("is replayed to its last step, and another version's differences are told as such", async () => {
    const { file } = unpacked(journal);
    const { exit, lines } = await run("replay", file);
    for (const [chain, [, steps]] of Object.entries(journal.chains)) {
      const line = lines.find((said) => said.startsWith(`${chain}: `));
      expect(line).toMatch(
        new RegExp(`^${chain}: ${steps} steps in \\d+ sessions, \\d+ differences`),
      );
      if (isOurs || steps === 0) expect(line).toContain(" 0 differences");
    }
    const told = `journalled by logic ${journal.version.slice(1)}, this is ${logicVersion}`;
    expect(lines.some((line) => line.endsWith(told))).toBe(hasSteps && !isOurs);
    expect(exit).toBe(isOurs || !hasSteps ? 0 : 1);
    // A centre's journal of before parameters were kept says so, and does not fail by it.
    const unjudged = /\d+ inputs of documents are of before judgments were journalled/;
    expect(unjudged.test(lines.join("\n"))).toBe(journal.kind === "centre");
  });

  test("is judged no milder than it was: nothing binds its reads, so nothing new is released", async () => {
    const { file } = unpacked(journal);
    const { lines } = await run("replay", file, "--json");
    const { chains } = zReplayed.parse(JSON.parse(lines.join("")));
    for (const { differences, unreplayedTotal } of chains) {
      expect(unreplayedTotal).toBe(0);
      for (const { expected, actual } of differences) {
        const now = greensOf(actual);
        expect(now.filter((passId) => !greensOf(expected).includes(passId))).toEqual([]);
      }
    }
  });

  test("has no fact that this build cannot read", async () => {
    const { file } = unpacked(journal);
    const { lines } = await run("show", file, "--json");
    for (const line of lines) {
      const { event, commands, facts } = z.object({ entry: zFacts }).parse(JSON.parse(line)).entry;
      for (const fact of facts ?? []) {
        expect(zFact.safeParse(wholeFact(fact, { event, commands })).error).toBeUndefined();
      }
    }
  });

  test("is shown", async () => {
    const { file } = unpacked(journal);
    const { exit, lines, err } = await run("show", file);
    expect(exit).toBe(0);
    expect(err).toBe("");
    expect(lines.length).toBeGreaterThan(400);
  });
});

/** One parcel sent to green, as the program of this logic version would have journalled its session. */
function sessionOf(version: string, shownAs: (fact: unknown, step: StepEntry) => unknown) {
  const bench = startedBench();
  runRides(bench, [startRide(bench)], 40_000);
  const machineOf = createLineMachines();
  const wallAt = epochMs(1_800_000_000_000);
  const opening = (lineId: string, config: unknown) => {
    const open: OpenEntry = { kind: "open", lineId, logicVersion: version, wallAt, config };
    const machine = machineOf(open);
    if (machine.kind === "refused") throw new Error(machine.why);
    return { open, machine };
  };
  const mirror = opening(clearanceMachineId, {});
  const line = opening("L1", bench.config);
  const steps = bench.told.map(({ kind, event }) => {
    const { open, machine } = kind === "event" ? line : mirror;
    const [live, replayed]: unknown[] = [JSON.parse(event), JSON.parse(event)];
    const step = stepEntry(open.lineId, live, machine.step(replayed));
    if (step.facts !== undefined) step.facts = step.facts.map((fact) => shownAs(fact, step));
    return step;
  });
  return [mirror.open, line.open, ...steps];
}

test("an agent that was updated in place: what it tells reads the same, and each session is replayed as its version is", async () => {
  const file = join(temporaryFolder(), "journal.db");
  const sessions = [sessionOf("12", wholeFact), sessionOf(logicVersion, (fact) => fact)];
  for (const entries of sessions) {
    const journal = await opened({ file });
    await appendDurably(journal, entries);
    await journal.close();
  }
  const journal = await opened({ file });
  const records = await recordsOf(journal);
  await journal.close();
  const firstOfLater = sessions[0]!.length + 1;
  const [earlier, later] = [records.slice(0, firstOfLater - 1), records.slice(firstOfLater - 1)];
  const told = ({ body }: { readonly body: string }) => readFacts(body);
  expect(later.map(told)).toEqual(earlier.map(told));
  const facts = later.flatMap((record) => told(record).facts.map(({ fact }) => fact));
  expect(facts).toContainEqual(expect.objectContaining({ kind: "claimAnswered", granted: true }));
  expect(facts).toContainEqual(expect.objectContaining({ kind: "commanded", exit: "green" }));
  expect(records.reduce((sum, record) => sum + told(record).unreadable, 0)).toBe(0);

  const { exit, lines } = await run("replay", file);
  expect(exit).toBe(1);
  const steps = records.length - 4;
  expect(lines[0]).toBe(`L1: ${steps} steps in 4 sessions, 2 differences`);
  expect(lines.filter((line) => line.includes("journalled by logic"))).toHaveLength(2);
  const differing = lines.flatMap((line) => /^ {2}record (\d+), line L1$/.exec(line)?.[1] ?? []);
  expect(differing).toHaveLength(2);
  for (const seq of differing) expect(Number(seq)).toBeLessThan(firstOfLater);
});
