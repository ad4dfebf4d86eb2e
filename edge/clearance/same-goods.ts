import type { ItemDigest, OrderItemDigest } from "./digests.ts";
import { isSameName, nameSignsOf, type NameSigns } from "./goods-names.ts";

/** Signs of texts that come again and again: each is taken apart once. */
function rememberedSigns(): (text: string) => NameSigns {
  const known = new Map<string, NameSigns>();
  return (text) => {
    const signs = known.get(text) ?? nameSignsOf(text);
    known.set(text, signs);
    return signs;
  };
}

/**
 * Whether a declared row may be the goods of an ordered one, for one group of rows, which are all held
 * against each other. Orders have no HS code, so the declared name (`gname`) is held against the
 * ordered one. An order in another script is held against what the manifest itself repeats of it: the
 * seller's number and name.
 */
function goodsComparer(signs: (text: string) => NameSigns) {
  return (declared: ItemDigest, ordered: OrderItemDigest): boolean => {
    const isSame = isSameName(signs(declared.name), signs(ordered.name));
    if (isSame !== null) return isSame;
    const isSameNumber = declared.itemNo !== "" && declared.itemNo === ordered.itemNo;
    return isSameNumber && isSameName(signs(declared.itemName), signs(ordered.name)) === true;
  };
}

/** Rows that belong together: of one number of the seller's, or, within those, of one kind of goods. */
export interface RowGroup {
  readonly declared: readonly ItemDigest[];
  readonly ordered: readonly OrderItemDigest[];
}

const grouped = <T extends { readonly itemNo: string }>(
  items: readonly T[],
  isNumber: (itemNo: string) => boolean,
): ReadonlyMap<string, readonly T[]> =>
  Map.groupBy(items, ({ itemNo }) => (isNumber(itemNo) ? itemNo : ""));

/** Rows of manifest and order, joined by the seller's number where both have it. */
function groupRows(
  declared: readonly ItemDigest[],
  ordered: readonly OrderItemDigest[],
): readonly RowGroup[] {
  const known = new Set(ordered.map(({ itemNo }) => itemNo));
  const both = new Set(declared.map(({ itemNo }) => itemNo).filter((each) => known.has(each)));
  const isNumber = (itemNo: string): boolean => itemNo !== "" && both.has(itemNo);
  const a = grouped(declared, isNumber);
  const b = grouped(ordered, isNumber);
  return [...new Set([...a.keys(), ...b.keys()])].map((itemNo) => ({
    declared: a.get(itemNo) ?? [],
    ordered: b.get(itemNo) ?? [],
  }));
}

const joined = (groups: readonly RowGroup[]): RowGroup => ({
  declared: groups.flatMap(({ declared }) => declared),
  ordered: groups.flatMap(({ ordered }) => ordered),
});

const isOneSided = ({ declared, ordered }: RowGroup): boolean =>
  declared.length === 0 || ordered.length === 0;

/**
 * One group's rows by kind of goods, so that what is counted is never counted over two kinds. Rows
 * whose names are the same in every sign are one kind; a row that finds no such partner joins every
 * kind that it may be. What finds none at all stays alone.
 */
function kindsOf(rows: RowGroup): readonly RowGroup[] {
  const signs = rememberedSigns();
  const isSameGoods = goodsComparer(signs);
  // What has nothing that could be compared is no partner of anything.
  const a = Map.groupBy(rows.declared, ({ name }) => signs(name).plain || "<");
  const b = Map.groupBy(rows.ordered, ({ name }) => signs(name).plain || ">");
  let kinds: RowGroup[] = [...new Set([...a.keys(), ...b.keys()])].map((name) => ({
    declared: a.get(name) ?? [],
    ordered: b.get(name) ?? [],
  }));
  const mayBe = (one: RowGroup, other: RowGroup): boolean =>
    one.declared.some((item) => other.ordered.some((each) => isSameGoods(item, each))) ||
    other.declared.some((item) => one.ordered.some((each) => isSameGoods(item, each)));
  for (const lone of kinds.filter(isOneSided)) {
    const own = kinds.find((kind) => kind === lone);
    if (own === undefined) continue;
    const same = kinds.filter((kind) => kind !== own && mayBe(kind, own));
    if (same.length === 0) continue;
    kinds = [
      ...kinds.filter((kind) => kind !== own && !same.includes(kind)),
      joined([own, ...same]),
    ];
  }
  return kinds;
}

export interface ComparedGoods {
  /** Rows of both, by kind of goods. */
  readonly same: readonly RowGroup[];
  /** Rows that only one of the two has. */
  readonly alone: RowGroup;
}

/** The rows of manifest and order, held against each other. */
export function compareGoods(
  declared: readonly ItemDigest[],
  ordered: readonly OrderItemDigest[],
): ComparedGoods {
  const kinds = groupRows(declared, ordered).flatMap(kindsOf);
  return {
    same: kinds.filter((kind) => !isOneSided(kind)),
    alone: joined(kinds.filter(isOneSided)),
  };
}
