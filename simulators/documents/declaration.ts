/**
 * What a shipper declares of one parcel: the material the document source writes XML from. The
 * true contents are the world's and never come here (law 15).
 */
export const parcelCategories = [
  /** Nothing in the rules: releasable. */
  "plain",
  /** Needs an export licence (涉证). */
  "licence",
  /** Export is prohibited. */
  "prohibited",
  /** Needs a quarantine ledger number (涉检, licence code B). */
  "ledger",
  /** Bears export duty (涉税), so it goes by full declaration. */
  "taxable",
] as const;
export type ParcelCategory = (typeof parcelCategories)[number];

/** What an X-ray sees of an item, by effective atomic number. */
const materials = ["organic", "mixed", "metal"] as const;
export type Material = (typeof materials)[number];

export interface DeclaredItem {
  /** Ten digits. */
  readonly hsCode: string;
  readonly name: string;
  /** Specification (规格型号), at most 250 characters. */
  readonly model: string;
  /** Pieces, 1 to 9,999. */
  readonly qty: number;
  /** Net grams of one piece, 1 to 100,000. */
  readonly unitWeightG: number;
  /** Price of one piece in hundredths of the currency, so that sums stay exact. */
  readonly unitPriceCents: number;
  readonly material: Material;
}

export interface ParcelDeclaration {
  /** Carrier's number as on the label: letters, digits, `-`; 4 to 32 characters. */
  readonly waybill: string;
  readonly category: ParcelCategory;
  /** One to 100 items. */
  readonly items: readonly DeclaredItem[];
  /** Contents and wrapping, 1 to 1,000,000 g. */
  readonly grossWeightG: number;
}
