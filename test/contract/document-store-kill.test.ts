/**
 * Goal: what was said to be kept is there after the writer was killed, rows and records alike, and the
 * rows are what the records make.
 * Method: a child process takes papers in and reports each that is kept; it gets SIGKILL mid-work, then
 * the file is opened again and its rows are held against its records, applied in memory.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { applyDocumentEvent } from "../../edge/clearance/apply.ts";
import type { DocumentEvent } from "../../edge/clearance/events.ts";
import { prepareClearance } from "../../edge/clearance/parameters.ts";
import { createDocumentState } from "../../edge/clearance/state.ts";
import { allRecords } from "../../edge/journal/journal.ts";
import { temporaryFolder } from "../journal/support.ts";
import { differencesTo, fileSubject } from "../kit/document-stores.ts";
import { testConfig } from "../unit/clearance-kit.ts";

const writer = fileURLToPath(new URL("./store-kill-writer.ts", import.meta.url));
const rounds = 5;

/** Kills the writer after so many reports; the greatest number that it got to say. */
async function writeAndKill(file: string, round: number, reportsWanted: number): Promise<number> {
  const child = spawn(process.execPath, [writer, file, `${round}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  // It would outlive a test that gives up.
  onTestFinished(() => void child.kill("SIGKILL"));
  const exited = once(child, "exit");
  let reports = 0;
  let lastSeq = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    reports += 1;
    lastSeq = Math.max(lastSeq, Number(line));
    if (reports === reportsWanted) child.kill("SIGKILL");
  }
  const [, signal] = (await exited) as [unknown, unknown];
  expect(signal).toBe("SIGKILL");
  return lastSeq;
}

test("kill -9 five times under load: rows and records are one", async () => {
  const file = join(temporaryFolder(), "journal.db");
  const rules = prepareClearance(testConfig({ documentsMax: 1_000_000 }));
  for (let round = 1; round <= rounds; round += 1) {
    const acknowledged = await writeAndKill(file, round, 20 + 61 * round);
    const subject = await fileSubject(file);
    const { journal, store, close } = subject;
    expect(journal.lastSeq()).toBeGreaterThanOrEqual(acknowledged);
    expect(store.appliedSeq()).toBe(journal.lastSeq());
    const state = createDocumentState();
    for await (const { body } of allRecords(journal)) {
      const { text } = (JSON.parse(body) as { event: { text: string } }).event;
      for (const event of JSON.parse(text) as readonly DocumentEvent[]) {
        applyDocumentEvent(state, event, rules);
      }
    }
    expect(await differencesTo(subject, state)).toEqual([]);
    await close();
  }
});
