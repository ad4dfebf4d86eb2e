/**
 * Goal: a lab that runs for a week keeps its data folder within its bounds.
 * Method: a week in virtual time, a fiftieth of everything, on real files: an hour's records, then a
 * look of the roller, with the lab's own settings.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { labJournal } from "../../simulators/lab/agent-files.ts";
import { temporaryFolder } from "./support.ts";
import {
  chain,
  filesIn,
  makers,
  rollerOf,
  segmentsIn,
  seqsInFile,
  type Subject,
} from "./segments-kit.ts";

/** Of the file without its log, and of all its segments. */
const bytesOf = (subject: Subject): number =>
  [
    subject.file,
    ...filesIn(subject.folder).map((name) => join(segmentsIn(subject.folder), chain, name)),
  ].reduce((total, file) => total + statSync(file).size, 0);

it.each(makers)(
  "$name: keeps a week of a lab within its bounds, a fiftieth of everything",
  async ({ make }) => {
    const scale = 50;
    const [recordsAnHour, hours, segmentRecords] = [12_000 / scale, 7 * 24, 10_000 / scale];
    const segmentBytesMax = labJournal.segmentBytesMax / scale / 50;
    const subject = await make(temporaryFolder());
    const roller = rollerOf(subject, {
      bounds: { ...labJournal, segmentRecords, segmentBytesMax },
    });
    const sizes: number[] = [];
    for (let hour = 1; hour <= hours; hour += 1) {
      await subject.add(recordsAnHour);
      subject.clock.stepWall(3_600_000);
      await roller.look();
      if (hour % 24 === 0) sizes.push(bytesOf(subject));
    }
    expect(roller.trouble()).toBeNull();
    const kept = (labJournal.keepMs / 3_600_000 + 1) * recordsAnHour + 2 * segmentRecords;
    expect((await seqsInFile(subject.file)).length).toBeLessThanOrEqual(kept);
    // Of each segment a note stays.
    const notes = 400 * roller.counters().segmentsTotal;
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1.1 * sizes[0]! + segmentBytesMax + notes);
    expect(roller.counters().segmentsDroppedTotal).toBeGreaterThan(100);
  },
  60_000,
);
