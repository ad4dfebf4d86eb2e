/**
 * Goal: whoever reads a journal while its records leave reads all of it, or is told to begin again; he
 * is never told of a hole that is none.
 * Method: the tool's own reader, and a roller that works after its first page.
 */
import { expect, it } from "vitest";
import { LeftMeanwhile, withSegments } from "../../edge/audit/segmented-reader.ts";
import { createChainVerifier, type ChainReport } from "../../edge/audit/verify.ts";
import { openJournalReader, readChain } from "../../edge/journal/sqlite/journal-reader.ts";
import { tamper, temporaryFolder } from "./support.ts";
import { chain, dayMs, makers, rollerOf, segmentsIn, type Subject } from "./segments-kit.ts";

const rollBy = (subject: Subject, segmentBytesMax: number | null = null): Promise<void> =>
  rollerOf(subject, { bounds: { segmentRecords: 100, segmentBytesMax } }).look();

/** As the tool does, with something that happens behind the first page. */
async function verified(
  subject: Subject,
  segmentsFolder: string | null,
  meanwhile: () => Promise<void>,
): Promise<ChainReport> {
  const opened = await openJournalReader(subject.file);
  if (opened.kind === "refused") throw new Error(opened.why);
  try {
    const reader = await withSegments(opened.reader, segmentsFolder);
    const verifier = createChainVerifier(chain, [], reader.beginsBehind(chain));
    let pages = 0;
    const watched: typeof reader = {
      ...reader,
      readAfter: async (...of) => {
        const page = await reader.readAfter(...of);
        pages += 1;
        if (pages === 1) await meanwhile();
        return page;
      },
    };
    await readChain(watched, chain, (record) => verifier.push(record));
    return verifier.finish();
  } finally {
    await opened.reader.close();
  }
}

const long = async (): Promise<Subject> => {
  const subject = await makers[0].make(temporaryFolder());
  await subject.add(2_500);
  subject.clock.stepWall(2 * dayMs);
  return subject;
};

it("with its segments it is read whole, whatever leaves meanwhile", async () => {
  const subject = await long();
  expect(await verified(subject, segmentsIn(subject.folder), () => rollBy(subject))).toMatchObject({
    lastSeq: 2_500,
    finding: null,
  });
});

it.each([
  ["without its segments", false, null],
  ["where segments are dropped meanwhile", true, 0],
] as const)("%s it has to be read again, and is not called tampered with", async (...of) => {
  const [, isWith, bytesMax] = of;
  const subject = await long();
  const segments = isWith ? segmentsIn(subject.folder) : null;
  const reading = verified(subject, segments, () => rollBy(subject, bytesMax));
  await expect(reading).rejects.toThrow(LeftMeanwhile);
  expect(await verified(subject, segments, () => Promise.resolve())).toMatchObject({
    lastSeq: 2_500,
    finding: null,
  });
});

it("a hole that nobody has noted is a hole", async () => {
  const subject = await long();
  const cut = (): Promise<void> =>
    tamper(subject.file, "DELETE FROM record WHERE seq BETWEEN 1200 AND 1300");
  expect(await verified(subject, null, cut)).toMatchObject({
    finding: { kind: "removed", seq: 1_200, lastSeq: 1_300 },
  });
});
