import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openRowJournal } from "../../edge/journal/sqlite/sqlite-journal.ts";
import { appendDurably } from "../../edge/journal/journal.ts";
import { centreChainOf, centreJournalFile } from "../../edge/runtime/centre-chain.ts";
import { system } from "../../protocols/actor.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

/**
 * Goal: an agent that is centre and line keeps two journals of two names, so that no anchor of one is held
 * against the other (law 14), and a journal goes on under the name that it has. Method: real files. The
 * drill `neighbours` runs such an agent.
 */
const line = {} as never;

async function folder(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), "sortline-chain-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  return dataDir;
}

async function begun(dataDir: string, chain: string): Promise<void> {
  const clock = createVirtualClock();
  const opened = await openRowJournal({ file: join(dataDir, centreJournalFile), chain, clock });
  if (opened.kind === "refused") throw new Error(opened.why);
  const act = { actor: system("a", "a"), rulesVersion: null, wallAt: clock.wall(), act: {} };
  await appendDurably(opened.journal, [{ kind: "act", ...act }]);
  await opened.journal.close();
}

test.each([
  ["that has no lines bears its agent's name", [], null, "a1"],
  ["beside lines bears another", [line], null, "a1.centre"],
  ["that there is goes on, also beside lines", [line], "a1", "a1"],
  ["that there is goes on, also without lines", [], "a1.centre", "a1.centre"],
  ["of another agent is not ours", [], "a2", "a1"],
])("law 14: a centre's journal %s", async (_what, lines, present, chain) => {
  const dataDir = await folder();
  if (present !== null) await begun(dataDir, present);
  expect(await centreChainOf({ agentId: "a1", dataDir, lines })).toEqual({ kind: "chain", chain });
});

test("a data folder that is none is refused, with its path", async () => {
  const dataDir = join(await folder(), "file");
  await writeFile(dataDir, "");
  expect(await centreChainOf({ agentId: "a1", dataDir, lines: [] })).toMatchObject({
    kind: "refused",
    why: expect.stringContaining(join(dataDir, centreJournalFile)),
  });
});
