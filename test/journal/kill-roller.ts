import { writeSync } from "node:fs";
import { join } from "node:path";
import { silentLog } from "../../protocols/log.ts";
import { noBugs } from "../kit/no-bugs.ts";
import { stepEntry } from "../../edge/journal/entries.ts";
import { createSegmentRoller } from "../../edge/journal/segments/roller.ts";
import { createSegmentFolder } from "../../edge/journal/segments/segment-folder.ts";
import { openJournal } from "../../edge/journal/sqlite/sqlite-journal.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";

/**
 * Run as a process of its own: appends without end and lets what is behind leave at the same time, and
 * says on standard output what is durable and what has left. Waits for nothing but its death.
 */
const [file = ""] = process.argv.slice(2);
const clock = createSystemClock();
const folder = createSegmentFolder(join(file, "..", "segments"));
const result = await openJournal({ file, chain: "L1", clock, segments: folder });
if (result.kind === "refused") throw new Error(`${result.code}: ${result.why}`);
const { journal } = result;
const store = journal.rolling();
if (store === null) throw new Error("it does not roll");

let made = journal.lastSeq();

function appendNext(): void {
  const batch = Array.from({ length: 4 }, () => {
    made += 1;
    const event = { kind: "weight", n: made, wallAt: clock.wall() };
    return stepEntry("L1", event, { commands: [], facts: [] });
  });
  journal.append(batch, (outcome) => {
    if (outcome.kind === "failed") throw new Error(`${outcome.code}: ${outcome.why}`);
    writeSync(1, `durable ${outcome.lastSeq}\n`);
    appendNext();
  });
}

const roller = createSegmentRoller({
  store,
  folder,
  bounds: { keepMs: 0, segmentRecords: 20, segmentsKeptMs: 86_400_000, segmentBytesMax: null },
  mayLeaveUpTo: () => journal.lastSeq(),
  health: { works: () => {}, failed: () => {} },
  clock,
  log: silentLog,
  bugs: noBugs,
  pause: () => new Promise((resolve) => setImmediate(resolve)),
});

appendNext();
for (let told = 0; ;) {
  await roller.look();
  if (roller.trouble() !== null) throw new Error(roller.trouble() ?? "");
  const left = store.segmentsOf("L1").at(-1)?.lastSeq ?? 0;
  // Else a slow disk has it killed for having said often that nothing has left.
  if (left > told) writeSync(1, `left ${left}\n`);
  told = left;
  await new Promise((resolve) => setImmediate(resolve));
}
