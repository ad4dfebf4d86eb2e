/**
 * Goal: an edited, removed, inserted, swapped, cut-off or rewritten record is found and named.
 * Method: a sound chain of ten records is tampered with in one way a test, also as somebody would
 * who renumbers or hashes again what he touched; the finding must name kind and number.
 */
import { describe, expect, it } from "vitest";
import { chainOn, emptyTail, genesisHash, recordHash } from "../../edge/journal/chain.ts";
import { movedByMax } from "../../edge/audit/tamper.ts";
import { verifyChain } from "../../edge/audit/verify.ts";
import type { JournalRecord } from "../../protocols/link.ts";

function chainOf(length: number, from: JournalRecord | null = null): JournalRecord[] {
  const records: JournalRecord[] = [];
  let tail = from ?? emptyTail("L1");
  for (let index = 0; index < length; index += 1) {
    const record = chainOn(tail, `{"n":${tail.seq + 1}}`);
    records.push(record);
    tail = record;
  }
  return records;
}

const sound = chainOf(10);
const at = (seq: number): JournalRecord => sound[seq - 1]!;
const rehashed = (record: JournalRecord): JournalRecord => ({
  ...record,
  hash: recordHash(record),
});
const withRecord = (seq: number, change: Partial<JournalRecord>): JournalRecord[] =>
  sound.map((record) => (record.seq === seq ? { ...record, ...change } : record));
const renumbered = (records: readonly JournalRecord[]): JournalRecord[] =>
  records.map((record, index) => ({ ...record, seq: index + 1 }));
const anchorAt = (seq: number) => ({ seq, hash: at(seq).hash });

const findingIn = (
  records: readonly JournalRecord[],
  anchors = [] as { seq: number; hash: string }[],
) => verifyChain("L1", records, anchors).finding;

describe("a sound chain", () => {
  it("has nothing to find, and its anchors match", () => {
    expect(verifyChain("L1", sound, [anchorAt(4), anchorAt(10)])).toEqual({
      chain: "L1",
      lastSeq: 10,
      lastHash: at(10).hash,
      anchorsMatched: 2,
      finding: null,
    });
  });

  it("may be empty", () => {
    const report = verifyChain("L1", []);
    expect(report).toMatchObject({ lastSeq: 0, lastHash: genesisHash("L1"), finding: null });
  });

  it("has a hash that pins the encoding", () => {
    expect(genesisHash("L1")).toBe(
      "92d8bd707bd8dd164eccfbb145e3bfff9a1d33e1467a4ea7f55adce033d4e559",
    );
    expect(at(1).hash).toBe("7e2c6f42a942a31690e1b0c96bf949ca8c4b2cfc235413d9c472957698e3f207");
  });
});

describe("edited (law 14)", () => {
  it.each([1, 5, 10])("record %i: its body", (seq) => {
    const finding = findingIn(withRecord(seq, { body: '{"n":0}' }));
    expect(finding).toMatchObject({ kind: "edited", seq, lastSeq: seq });
  });

  it.each([1, 5, 10])("record %i: one bit of its hash", (seq) => {
    const { hash } = at(seq);
    const flipped = (hash.startsWith("0") ? "1" : "0") + hash.slice(1);
    expect(findingIn(withRecord(seq, { hash: flipped }))).toMatchObject({ kind: "edited", seq });
  });

  it.each([2, 5, 9])("record %i: its body, and its hash made to fit", (seq) => {
    const forged = rehashed({ ...at(seq), body: '{"n":0}' });
    expect(findingIn(withRecord(seq, forged))).toMatchObject({ kind: "edited", seq });
  });

  it.each([1, 5])("record %i: its link to the one before", (seq) => {
    const prevHash = "0".repeat(64);
    expect(findingIn(withRecord(seq, { prevHash }))).toMatchObject({ kind: "edited", seq });
  });

  it("its content, blown up: named in no time", () => {
    const body = JSON.stringify({ n: "x".repeat(4_000_000) });
    const begunAt = performance.now();
    expect(findingIn(withRecord(4, { body }))).toMatchObject({ kind: "edited", seq: 4 });
    expect(performance.now() - begunAt).toBeLessThan(2_000);
  });

  it("its link and hash, behind an anchored record", () => {
    const forged = rehashed({ ...at(5), prevHash: "0".repeat(64) });
    const finding = findingIn(withRecord(5, forged), [anchorAt(4)]);
    expect(finding).toMatchObject({ kind: "edited", seq: 5 });
  });

  it("its number", () => {
    expect(findingIn(withRecord(5, { seq: 77 }))).toMatchObject({ kind: "edited", seq: 5 });
    expect(findingIn(withRecord(5, { seq: 2 }))).toMatchObject({ kind: "edited", seq: 5 });
  });

  it("its chain's name", () => {
    expect(findingIn(withRecord(5, { chain: "L2" }))).toMatchObject({ kind: "edited", seq: 5 });
  });
});

describe("removed (law 14)", () => {
  it.each([1, 5, 9])("record %i", (seq) => {
    const finding = findingIn(sound.filter((record) => record.seq !== seq));
    expect(finding).toMatchObject({ kind: "removed", seq, lastSeq: seq });
  });

  it("several in a row, named from first to last", () => {
    const finding = findingIn(sound.filter(({ seq }) => seq < 4 || seq > 6));
    expect(finding).toMatchObject({ kind: "removed", seq: 4, lastSeq: 6 });
  });

  it("every other one: the first is named", () => {
    const finding = findingIn(sound.filter(({ seq }) => seq % 2 === 1));
    expect(finding).toMatchObject({ kind: "removed", seq: 2, lastSeq: 2 });
  });

  it.each([1, 5, 9])("record %i, and the rest renumbered", (seq) => {
    const finding = findingIn(renumbered(sound.filter((record) => record.seq !== seq)));
    expect(finding).toMatchObject({ kind: "removed", seq, lastSeq: seq });
  });
});

describe("inserted (law 14)", () => {
  const fake = (seq: number): JournalRecord =>
    chainOn(seq === 1 ? emptyTail("L1") : at(seq - 1), '{"fake":1}');

  it.each([1, 5, 10])("a second record %i, before and behind the true one", (seq) => {
    for (const place of [seq - 1, seq]) {
      const finding = findingIn(sound.toSpliced(place, 0, fake(seq)));
      expect(finding).toMatchObject({ kind: "inserted", seq, lastSeq: seq });
    }
  });

  it.each([1, 5, 9])("at %i, well chained, and the rest renumbered", (seq) => {
    const finding = findingIn(renumbered(sound.toSpliced(seq - 1, 0, fake(seq))));
    expect(finding).toMatchObject({ kind: "inserted", seq });
  });

  it.each([1, 5, 9])("at %i, with a hash made up, and the rest renumbered", (seq) => {
    const crude = { ...fake(seq), hash: "f".repeat(64) };
    const finding = findingIn(renumbered(sound.toSpliced(seq - 1, 0, crude)));
    expect(finding).toMatchObject({ kind: "inserted", seq });
  });

  it.each([0, -7])("a record %d, also a second record 1 under that number", (seq) => {
    for (const record of [fake(1), at(1), chainOn(emptyTail("L9"), "{}")]) {
      const finding = findingIn([{ ...record, seq }, ...sound]);
      expect(finding).toMatchObject({ kind: "inserted", seq, lastSeq: seq });
    }
  });

  it("not a record 1 whose number was taken below 1: that was edited", () => {
    const finding = findingIn(withRecord(1, { seq: 0 }));
    expect(finding).toMatchObject({ kind: "edited", seq: 1, lastSeq: 1 });
  });

  it("a record of another chain", () => {
    const foreign = chainOn(emptyTail("L9"), "{}");
    const finding = findingIn(sound.toSpliced(4, 0, { ...foreign, seq: 5 }));
    expect(finding).toMatchObject({ kind: "inserted", seq: 5 });
  });
});

describe("swapped (law 14)", () => {
  const swapOf = (a: number, b: number): JournalRecord[] =>
    sound.map((record) => (record.seq === a ? at(b) : record.seq === b ? at(a) : record));

  it.each([
    [1, 2],
    [4, 5],
    [9, 10],
    [3, 8],
    [1, 10],
  ])("records %i and %i, as stored", (a, b) => {
    expect(findingIn(swapOf(a, b))).toMatchObject({ kind: "swapped", seq: a, lastSeq: b });
  });

  it.each([
    [1, 2],
    [4, 5],
    [9, 10],
    [3, 8],
  ])("records %i and %i, and renumbered", (a, b) => {
    const finding = findingIn(renumbered(swapOf(a, b)));
    expect(finding).toMatchObject({ kind: "swapped", seq: a, lastSeq: b });
  });

  it("the contents of two neighbours", () => {
    const records = withRecord(4, { body: at(5).body });
    records[4] = { ...at(5), body: at(4).body };
    expect(findingIn(records)).toMatchObject({ kind: "swapped", seq: 4, lastSeq: 5 });
  });

  it("is still an edit when it was carried too far to be recognised", () => {
    const far = chainOf(movedByMax + 10);
    const records = renumbered([far.at(-1)!, ...far.slice(1)]);
    expect(findingIn(records)).toMatchObject({ kind: "edited", seq: 1 });
  });
});

describe("what only an anchor shows (law 14)", () => {
  it("a cut tail, from the first missing record to the last one known", () => {
    const cut = sound.slice(0, 7);
    expect(findingIn(cut)).toBeNull();
    expect(findingIn(cut, [anchorAt(5), anchorAt(9)])).toMatchObject({
      kind: "cutOff",
      seq: 8,
      lastSeq: 9,
    });
  });

  it("a chain that is wholly gone", () => {
    expect(findingIn([], [anchorAt(9)])).toMatchObject({ kind: "cutOff", seq: 1, lastSeq: 9 });
  });

  it("a chain written anew behind an anchor", () => {
    const forged = chainOn(at(5), '{"n":0}');
    const records = [...sound.slice(0, 5), forged, ...chainOf(4, forged)];
    expect(findingIn(records)).toBeNull();
    expect(findingIn(records, [anchorAt(4), anchorAt(8), anchorAt(10)])).toMatchObject({
      kind: "rewritten",
      seq: 5,
      lastSeq: 8,
    });
  });

  it("two anchors that contradict each other", () => {
    const other = { seq: 5, hash: "0".repeat(64) };
    const finding = findingIn(sound, [anchorAt(5), other]);
    expect(finding).toMatchObject({ kind: "rewritten", lastSeq: 5 });
  });
});
