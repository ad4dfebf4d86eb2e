import { writeSync } from "node:fs";
import { stepEntry } from "../../edge/journal/entries.ts";
import { openJournal } from "../../edge/journal/sqlite/sqlite-journal.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";

/**
 * Run as a process of its own: appends without end, eight batches under way at a time, and says
 * `seq n` on standard output for every entry once it is durable. Waits for nothing but its death.
 */
const [file = "", round = ""] = process.argv.slice(2);
const result = await openJournal({ file, chain: "L1", clock: createSystemClock() });
if (result.kind === "refused") throw new Error(`${result.code}: ${result.why}`);
const { journal } = result;

const batchEntries = 3;
let made = 0;

function appendNext(): void {
  const numbers = Array.from({ length: batchEntries }, (_, index) => made + index);
  made += batchEntries;
  const batch = numbers.map((n) =>
    stepEntry("L1", { kind: "weight", id: `${round}-${n}` }, { commands: [], facts: [] }),
  );
  journal.append(batch, (outcome) => {
    if (outcome.kind === "failed") throw new Error(`${outcome.code}: ${outcome.why}`);
    const lines = numbers.map((n, index) => `${outcome.firstSeq + index} ${round}-${n}\n`);
    writeSync(1, lines.join(""));
    appendNext();
  });
}

for (let underway = 0; underway < 8; underway += 1) appendNext();
