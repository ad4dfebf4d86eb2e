import { writeSync } from "node:fs";
import type { DocumentEvent } from "../../edge/clearance/events.ts";
import { prepareClearance } from "../../edge/clearance/parameters.ts";
import { fileSubject, transacted, workOf } from "../kit/document-stores.ts";
import { documentsOf, eventsOf, startAt, testConfig } from "../unit/clearance-kit.ts";

/**
 * Run as a process of its own: takes papers in without end, those of eight waybills at a time, and says
 * the number of each record once it is kept. Waits for nothing but its death.
 */
const [file = "", round = ""] = process.argv.slice(2);
const rules = prepareClearance(testConfig({ documentsMax: 1_000_000 }));
const { store } = await fileSubject(file);
let made = 0;

async function takeParcels(): Promise<never> {
  for (;;) {
    made += 1;
    const papers = eventsOf(documentsOf(`K${round}N${made}`));
    const events = papers.map((event): DocumentEvent => ({ at: startAt, ...event }));
    const outcomes = events.map(async (event) => {
      const outcome = await transacted(store, workOf([event], rules));
      if (outcome.kind !== "kept") throw new Error(JSON.stringify(outcome));
      writeSync(1, `${outcome.lastSeq}\n`);
    });
    await Promise.all(outcomes);
  }
}

await Promise.all(Array.from({ length: 8 }, takeParcels));
