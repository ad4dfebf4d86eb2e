// Goal: an agent begins the generation that was noted, whenever the power went, and loses nothing of
// its old journal (laws 14 and 18). Method: real files; each step of the change as the one behind
// which nothing more was done; then the audit's tools over what is there.
import { readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runJournalCli } from "../../edge/audit/cli.ts";
import { createLineMachines } from "../../edge/audit/line-cores.ts";
import { signGeneration } from "../../edge/journal/anchors/generation-word.ts";
import { emptyTail } from "../../edge/journal/chain.ts";
import type { JournalEntry } from "../../edge/journal/entries.ts";
import { appendDurably } from "../../edge/journal/journal.ts";
import { openJournalCopies } from "../../edge/journal/sqlite/sqlite-copies.ts";
import { noteGeneration, openOwnJournal } from "../../edge/runtime/journal-generation.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { person, system } from "../../protocols/actor.ts";
import type { GenerationBegun } from "../../protocols/generation.ts";
import { epochMs } from "../../protocols/units.ts";
import { removeFolder, temporaryFolder } from "../centre/kit/site.ts";
import { syncedFolders } from "../kit/synced-folders.ts";

const clock = createSystemClock();
const agentId = "agent-L1";
const { privateKey } = generateKeyPairSync("ed25519");
let dataDir = "";

beforeEach(async () => {
  dataDir = await temporaryFolder();
});
afterEach(() => removeFolder(dataDir));

const act = (n: number): JournalEntry => ({
  kind: "act",
  wallAt: epochMs(1_000 + n),
  rulesVersion: null,
  actor: system("test", "test"),
  act: { n },
});

async function open() {
  const opened = await openOwnJournal({ dataDir, agentId, clock });
  if (opened.kind === "refused") throw new Error(opened.why);
  return opened.journal;
}

async function write(count: number): Promise<GenerationBegun["after"]> {
  const journal = await open();
  for (let n = 0; n < count; n += 1) await appendDurably(journal, [act(n)]);
  const { chain, seq, hash } = journal.tail();
  await journal.close();
  return { chain, seq, hash };
}

const begunAfter = (after: GenerationBegun["after"], generation = 2): GenerationBegun =>
  signGeneration(
    {
      chain: `${agentId}.g${generation}`,
      after,
      by: person("zhou", "supervisor", "office"),
      askedAt: epochMs(1),
      begunAt: epochMs(2),
    },
    privateKey,
  );

const files = async (): Promise<readonly string[]> =>
  (await readdir(dataDir))
    .filter((name) => name.endsWith(".db") || name.endsWith(".json"))
    .toSorted();

async function cli(...args: string[]) {
  const lines: string[] = [];
  const code = await runJournalCli(args, {
    machineOf: createLineMachines(),
    out: (line) => lines.push(line),
    err: (line) => lines.push(line),
  });
  return { code, text: lines.join("\n") };
}

describe("a line agent's own journal over its generations", () => {
  test("begins the noted one behind its old one, which is put aside whole", async () => {
    const after = await write(3);
    const begun = begunAfter(after);
    await noteGeneration(dataDir, begun);
    const journal = await open();
    expect(journal.chain).toBe("agent-L1.g2");
    const [first] = await journal.readAfter(0, 1);
    expect(JSON.parse(first!.body)).toEqual({ kind: "generation", begun });
    expect(first!.prevHash).toBe(emptyTail(begun.chain, begun.after).hash);
    await journal.close();
    expect(await files()).toEqual(["journal-of-agent-L1.db", "journal.db"]);
    const old = await cli("verify", join(dataDir, "journal-of-agent-L1.db"));
    expect(old).toMatchObject({ code: 0, text: expect.stringContaining("3 records") });

    // The next start goes on with it, and a second new disk gets a name of its own.
    const again = await write(2);
    expect(again).toMatchObject({ chain: begun.chain, seq: 3 });
    await noteGeneration(dataDir, begunAfter(again, 3));
    expect((await write(0)).chain).toBe("agent-L1.g3");
    expect(await files()).toContain("journal-of-agent-L1.g2.db");
  });

  test("an empty disk begins it too, and an empty journal of before is put aside", async () => {
    const begun = begunAfter({ chain: agentId, seq: 900, hash: "a".repeat(64) });
    await noteGeneration(dataDir, begun);
    expect(await write(1)).toMatchObject({ chain: begun.chain, seq: 2 });
    expect(await files()).toEqual(["journal.db"]);
  });

  test.each([
    ["nothing was put aside", 0],
    ["the old journal was put aside", 1],
    ["the new one was begun, and the note is still there", 2],
    ["the note was half written, and was written again", 3],
  ])("a power cut when %s", async (_name, step) => {
    const begun = begunAfter(await write(3));
    await noteGeneration(dataDir, begun);
    const file = join(dataDir, "journal.db");
    if (step === 1) await rename(file, join(dataDir, "journal-of-agent-L1.db"));
    if (step === 2) {
      await write(1);
      await noteGeneration(dataDir, begun);
    }
    if (step === 3) await writeFile(join(dataDir, "generation.json.1.part"), "{");
    const tail = await write(0);
    expect(tail).toMatchObject({ chain: begun.chain, seq: step === 2 ? 2 : 1 });
    expect(await files()).toEqual(["journal-of-agent-L1.db", "journal.db"]);
    expect((await readdir(dataDir)).filter((name) => name.startsWith("generation"))).toEqual([]);
  });

  test("the names are durable, of the note as of the journal that it began", async () => {
    const begun = begunAfter(await write(1));
    const noted = await syncedFolders(() => noteGeneration(dataDir, begun));
    expect(noted.at(-1)?.[1]).toContain("generation.json");
    const changed = await syncedFolders(() => write(0));
    const last = changed.at(-1)?.[1];
    expect(last).toContain("journal-of-agent-L1.db");
    expect(last).toContain("generation.json");
  });

  test.each(["generation.json", "journal.db"])(
    "a %s that cannot be looked at is not taken for missing",
    async (name) => {
      await symlink(name, join(dataDir, name));
      const opened = await openOwnJournal({ dataDir, agentId, clock });
      expect(opened).toMatchObject({ kind: "refused", why: expect.stringContaining(name) });
      expect(await readdir(dataDir)).toEqual([name]);
    },
  );

  test("another agent's journal and a note that cannot be read are refused by name", async () => {
    await write(1);
    const other = await openOwnJournal({ dataDir, agentId: "agent-L2", clock });
    expect(other).toMatchObject({ kind: "refused", why: expect.stringContaining("agent-L1") });
    await rm(join(dataDir, "generation.json"), { force: true });
    const broken = { ...begunAfter(await write(0)), chain: 7 } as unknown as GenerationBegun;
    await noteGeneration(dataDir, broken);
    const refused = await openOwnJournal({ dataDir, agentId, clock });
    expect(refused).toMatchObject({ kind: "refused", why: expect.stringContaining("chain") });
  });
});

describe("the audit's tools know generations", () => {
  async function copies(begunOf: (after: GenerationBegun["after"]) => GenerationBegun) {
    const after = await write(3);
    const file = join(dataDir, "copies.db");
    const opened = await openJournalCopies({ file });
    if (opened.kind === "refused") throw new Error(opened.why);
    const take = async (chain: string): Promise<void> => {
      const journal = await open();
      expect(journal.chain).toBe(chain);
      expect(await opened.copies.take(await journal.readAfter(0, 100))).toMatchObject({
        kind: "taken",
      });
      await journal.close();
    };
    await take(agentId);
    await noteGeneration(dataDir, begunOf(after));
    await write(2);
    await take("agent-L1.g2");
    await opened.copies.close();
    return file;
  }

  test("verify ties both together, replay passes over the beginning, show tells who began it", async () => {
    const file = await copies(begunAfter);
    const verified = await cli("verify", file);
    expect(verified.text).toContain(
      "generation 2, begun by zhou (supervisor) at office behind record 3 of agent-L1",
    );
    expect(verified.code).toBe(0);
    expect((await cli("replay", file)).text).toContain("agent-L1.g2: 0 steps");
    const shown = await cli("show", file, "--chain", "agent-L1.g2");
    expect(shown.text).toMatch(
      /generation begun by zhou \(supervisor\) at office, behind record 3/,
    );
  });

  test.each([
    [
      "another end than the old chain has",
      { hash: "b".repeat(64) },
      /another record 3 of agent-L1/,
    ],
    ["an end that is missing", { seq: 9 }, /record 9 of agent-L1 is missing/],
    ["another agent's chain", { chain: "agent-L9" }, /another agent's chain/],
  ])("verify finds a generation tied to %s", async (_name, change, found) => {
    const file = await copies((after) => begunAfter({ ...after, ...change }));
    const { code, text } = await cli("verify", file);
    expect(code).toBe(1);
    expect(text).toMatch(found);
  });
});
