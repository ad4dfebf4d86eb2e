// Goal: what a disk does not give counts as damage, and a journal that only does not take anything now
// does not (bad input of the store). Method: the noter over a journal that fails as the test says.
import { expect, test } from "vitest";
import type { RowFailure } from "../../edge/journal/kept-rows.ts";
import { createDamageNoter } from "../../edge/store/damage.ts";
import type { StoreJournal } from "../../edge/store/port.ts";

const failing = (failure: RowFailure): StoreJournal => ({
  append: () => {},
  appendRows: () => null,
  readRows: (_keys, then) => then({ kind: "failed", ...failure }),
  readFirstRows: (_kind, _rowsMax, then) => then({ kind: "failed", ...failure }),
  countRows: (_kinds, _atMost, then) => then({ kind: "failed", ...failure }),
  checkRows: (_from, _rowsMax, then) => then({ kind: "failed", ...failure }),
  appliedSeq: () => 0,
});

const ways: readonly ((journal: StoreJournal) => void)[] = [
  (journal) => journal.readRows([], () => {}),
  (journal) => journal.readFirstRows(1, 1, () => {}),
  (journal) => journal.countRows([1], 1, () => {}),
  (journal) => journal.checkRows(null, 1, () => {}),
];

test.each([
  [{ code: "fileDamaged", why: "malformed" }, 1],
  [{ code: "diskError", why: "input/output error", isUnreadable: true }, 1],
  [{ code: "diskError", why: "the last commit has failed" }, 0],
  [{ code: "fileLocked", why: "busy" }, 0],
  [{ code: "closed", why: "closed" }, 0],
] as const)("%j", (failure, findingsTotal) => {
  for (const read of ways) {
    const found: string[] = [];
    const noter = createDamageNoter(failing(failure), (why) => found.push(why));
    read(noter.journal);
    read(noter.journal);
    expect(found).toHaveLength(findingsTotal);
    expect(noter.damage()?.findingsTotal ?? 0).toBe(findingsTotal);
  }
});
