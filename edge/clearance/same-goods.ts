import type { ItemDigest, OrderItemDigest } from "./digests.ts";

/** A text as the signs by which names are compared: each Han character, each other word. */
interface Signs {
  readonly han: ReadonlySet<string>;
  readonly words: ReadonlySet<string>;
}

function signsOf(text: string): Signs {
  const plain = text.normalize("NFKC").toLowerCase();
  return {
    han: new Set(plain.match(/\p{Script=Han}/gu)),
    words: new Set(plain.replaceAll(/\p{Script=Han}/gu, " ").match(/[\p{L}\p{N}]+/gu)),
  };
}

/** The same, for texts that come again and again: each is taken apart once. */
function rememberedSigns(): (text: string) => Signs {
  const known = new Map<string, Signs>();
  return (text) => {
    const signs = known.get(text) ?? signsOf(text);
    known.set(text, signs);
    return signs;
  };
}

/** Share of the shorter name's signs that the other has as well. */
const sharedMin = 0.5;

function isShared(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  let shared = 0;
  for (const sign of a) if (b.has(sign)) shared += 1;
  return shared / Math.min(a.size, b.size) >= sharedMin;
}

/**
 * Whether two names are of the same goods, as far as names tell: sellers write more than customs'
 * names have, so one may be longer. Null when they are in different scripts, which nobody can
 * compare sign by sign.
 */
function isSameName(a: Signs, b: Signs): boolean | null {
  if (a.han.size > 0 && b.han.size > 0) return isShared(a.han, b.han);
  if (a.words.size > 0 && b.words.size > 0) return isShared(a.words, b.words);
  return null;
}

/**
 * Whether a declared row may be the goods of an ordered one, for one group of rows, which are all held
 * against each other. Orders have no HS code, so the declared name (`gname`) is held against the
 * ordered one. An order in another script is held against what the manifest itself repeats of it: the
 * seller's number and name.
 */
export function goodsComparer(): (declared: ItemDigest, ordered: OrderItemDigest) => boolean {
  const signs = rememberedSigns();
  return (declared, ordered) => {
    const isSame = isSameName(signs(declared.name), signs(ordered.name));
    if (isSame !== null) return isSame;
    const isSameNumber = declared.itemNo !== "" && declared.itemNo === ordered.itemNo;
    return isSameNumber && isSameName(signs(declared.itemName), signs(ordered.name)) === true;
  };
}

/** Rows that belong together: those with one of the seller's numbers, and all the others. */
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
export function groupRows(
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
