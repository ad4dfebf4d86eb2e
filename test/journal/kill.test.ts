/**
 * Goal: what was said to be durable is there after the writer was killed, ten times under load.
 * Method: a child process appends and reports each durable entry; it gets SIGKILL mid-work, then
 * the file is opened again, compared with the reports, and its chain verified.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { verifyChain } from "../../edge/audit/verify.ts";
import { opened, recordsOf, temporaryFolder } from "./support.ts";

const writer = fileURLToPath(new URL("./kill-writer.ts", import.meta.url));
const rounds = 10;

/** Kills the writer after `reportsWanted` reports; gives back all that it got to say. */
async function writeAndKill(file: string, round: number, reportsWanted: number) {
  const child = spawn(process.execPath, [writer, file, `${round}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  // It would outlive a test that gives up.
  onTestFinished(() => void child.kill("SIGKILL"));
  const exited = once(child, "exit");
  const reports: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    reports.push(line);
    if (reports.length === reportsWanted) child.kill("SIGKILL");
  }
  const [, signal] = await exited;
  return { reports, signal: signal as unknown };
}

it("kill -9 ten times under load: every acknowledged entry is there, the chain verifies", async () => {
  const file = join(temporaryFolder(), "journal.db");
  const acknowledged: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const { reports, signal } = await writeAndKill(file, round, 20 + 137 * round);
    expect(signal).toBe("SIGKILL");
    acknowledged.push(...reports);
  }
  const journal = await opened({ file });
  const records = await recordsOf(journal);
  expect(verifyChain("L1", records)).toMatchObject({ lastSeq: journal.lastSeq(), finding: null });
  const idOfSeq = new Map(
    records.map(({ seq, body }) => [seq, (JSON.parse(body) as { event: { id: string } }).event.id]),
  );
  const missing = acknowledged.filter((line) => {
    const [seq, id] = line.split(" ");
    return idOfSeq.get(Number(seq)) !== id;
  });
  expect(missing).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(rounds * 20);
});
