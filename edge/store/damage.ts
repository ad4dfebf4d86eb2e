import type { RowFailure, RowsChecked } from "../journal/kept-rows.ts";
import { forwarding } from "./forwarding.ts";
import type { Damage, StoreFailure, StoreJournal } from "./port.ts";
import { rowNameOf } from "./tables.ts";

const findingsMax = 1_000;

/** Notes what is damaged wherever a store reads its journal. */
export interface DamageNoter {
  /** The journal as it was given, but that its damaged rows are called by their tables' names. */
  readonly journal: StoreJournal;
  /** Rows that can be read, and are not such as a store writes. */
  note(failure: StoreFailure): void;
  /** Null: nothing was found. */
  damage(): Damage | null;
}

/** `onFound` hears of each finding once, at once. */
export function createDamageNoter(
  journal: StoreJournal,
  onFound: (why: string) => void,
): DamageNoter {
  const findings = new Set<string>();

  const note = ({
    code,
    why,
    isUnreadable,
  }: StoreFailure & Pick<RowFailure, "isUnreadable">): void => {
    const isDamage = code === "fileDamaged" || isUnreadable === true;
    if (!isDamage || findings.size >= findingsMax || findings.has(why)) return;
    findings.add(why);
    onFound(why);
  };

  const inWords = (failure: RowFailure): RowFailure => {
    const { code, damaged, isUnreadable } = failure;
    const why =
      damaged === undefined
        ? failure.why
        : `${damaged.file}: row ${rowNameOf(damaged.row)} ${damaged.how}`;
    note({ code, why, ...(isUnreadable && { isUnreadable }) });
    return { code, why };
  };

  const noting =
    <Read extends { readonly kind: string }>(then: (read: Read | FailedRead) => void) =>
    (read: Read | FailedRead): void =>
      then(isFailed(read) ? { kind: "failed", ...inWords(read) } : read);

  return {
    journal: {
      ...forwarding(journal),
      readRows: (keys, then) => journal.readRows(keys, noting(then)),
      readFirstRows: (kind, rowsMax, then) => journal.readFirstRows(kind, rowsMax, noting(then)),
      countRows: (kinds, atMost, then) => journal.countRows(kinds, atMost, noting(then)),
      checkRows: (from, rowsMax, then) =>
        journal.checkRows(
          from,
          rowsMax,
          noting<RowsChecked>((checked) => {
            if (checked.kind === "failed") return then(checked);
            then({ ...checked, damaged: checked.damaged.map(inWords) });
          }),
        ),
    },
    note,
    damage: () => {
      const [why] = findings;
      return why === undefined ? null : { why, findingsTotal: findings.size };
    },
  };
}

type FailedRead = { readonly kind: "failed" } & RowFailure;

const isFailed = (read: { readonly kind: string }): read is FailedRead => read.kind === "failed";
