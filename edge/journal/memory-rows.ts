import type { KeptKey, KeptRow, RowWrite } from "./kept-rows.ts";

interface RowsOfKind {
  readonly rows: Map<string, KeptRow>;
  /** The last place that was put in. */
  lastPlace: number;
  /** They were put in by rising places, as stores give them, so that they stand in their order. */
  isInOrder: boolean;
}

/** Rows beside a journal in memory. */
export class MemoryRows {
  readonly #kinds = new Map<number, RowsOfKind>();
  #appliedSeq = 0;

  write(rows: readonly RowWrite[], appliedSeq: number): void {
    for (const row of rows) {
      const { kind, key, place, text } = row;
      const of = this.#of(kind);
      if (text === null) {
        of.rows.delete(key);
        continue;
      }
      if (place !== (of.rows.get(key)?.place ?? null)) {
        of.rows.delete(key);
        of.isInOrder &&= place === null || place >= of.lastPlace;
        of.lastPlace = place ?? of.lastPlace;
      }
      of.rows.set(key, { kind, key, place, text });
    }
    this.#appliedSeq = appliedSeq;
  }

  read(keys: readonly KeptKey[]): readonly KeptRow[] {
    return keys.flatMap(({ kind, key }) => this.#of(kind).rows.get(key) ?? []);
  }

  first(kind: number, rowsMax: number): readonly KeptRow[] {
    const { rows, isInOrder } = this.#of(kind);
    const placed: KeptRow[] = [];
    for (const row of rows.values()) {
      if (isInOrder && placed.length >= rowsMax) return placed;
      if (row.place !== null) placed.push(row);
    }
    if (isInOrder) return placed;
    return placed.toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0)).slice(0, rowsMax);
  }

  *all(): Iterable<KeptRow> {
    for (const { rows } of this.#kinds.values()) yield* rows.values();
  }

  count(kind: number): number {
    return this.#of(kind).rows.size;
  }

  appliedSeq(): number {
    return this.#appliedSeq;
  }

  #of(kind: number): RowsOfKind {
    const known = this.#kinds.get(kind);
    if (known !== undefined) return known;
    const made = { rows: new Map<string, KeptRow>(), lastPlace: 0, isInOrder: true };
    this.#kinds.set(kind, made);
    return made;
  }
}
