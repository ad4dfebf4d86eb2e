import { keptId, type KeptKey, type KeptRow, type RowWrite } from "./kept-rows.ts";

/** Rows beside a journal in memory. */
export class MemoryRows {
  readonly #rows = new Map<string, KeptRow>();
  #appliedSeq = 0;

  write(rows: readonly RowWrite[], appliedSeq: number): void {
    for (const { kind, key, place, text } of rows) {
      const id = keptId({ kind, key });
      if (text === null) this.#rows.delete(id);
      else this.#rows.set(id, { kind, key, place, text });
    }
    this.#appliedSeq = appliedSeq;
  }

  read(keys: readonly KeptKey[]): readonly KeptRow[] {
    return keys.flatMap((each) => this.#rows.get(keptId(each)) ?? []);
  }

  first(kind: number, rowsMax: number): readonly KeptRow[] {
    return [...this.#rows.values()]
      .filter((row) => row.kind === kind && row.place !== null)
      .toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0))
      .slice(0, rowsMax);
  }

  appliedSeq(): number {
    return this.#appliedSeq;
  }
}
