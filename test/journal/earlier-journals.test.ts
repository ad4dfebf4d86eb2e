/**
 * Goal: what an earlier build wrote can be read, verified and replayed by every later one (law 11:
 * a journal of another logic version is replayed too, and what differs is reported).
 * Method: journals of such builds lie packed under test/fixtures/journals; the tool runs on them.
 */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { runJournalCli } from "../../edge/audit/cli.ts";
import { createLineMachines } from "../../edge/audit/line-cores.ts";
import { temporaryFolder } from "./support.ts";

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

  test("is replayed to its last step", async () => {
    const { file } = unpacked(journal);
    const { exit, lines } = await run("replay", file);
    for (const [chain, [, steps]] of Object.entries(journal.chains)) {
      const line = lines.find((said) => said.startsWith(`${chain}: `));
      expect(line).toMatch(new RegExp(`^${chain}: ${steps} steps in \\d+ sessions, 0 differences`));
    }
    expect(exit).toBe(0);
  });

  test("is shown", async () => {
    const { file } = unpacked(journal);
    const { exit, lines, err } = await run("show", file);
    expect(exit).toBe(0);
    expect(err).toBe("");
    expect(lines.length).toBeGreaterThan(400);
  });
});
