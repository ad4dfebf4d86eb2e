import type { StoreJournal } from "./port.ts";

/** The same journal as an object of its own: whoever stands before it changes what he has to. */
export const forwarding = (journal: StoreJournal): StoreJournal => ({
  append: (entries, onOutcome) => journal.append(entries, onOutcome),
  appendRows: (append, onOutcome) => journal.appendRows(append, onOutcome),
  readRows: (keys, then) => journal.readRows(keys, then),
  readFirstRows: (kind, rowsMax, then) => journal.readFirstRows(kind, rowsMax, then),
  countRows: (kinds, atMost, then) => journal.countRows(kinds, atMost, then),
  checkRows: (from, rowsMax, then) => journal.checkRows(from, rowsMax, then),
  appliedSeq: () => journal.appliedSeq(),
});
