/**
 * What truly is in a parcel, as far as an X-ray can tell. It lives in the world: the agent only
 * ever sees a picture of it.
 */
export const harmlessKinds = [
  "clothes",
  "shoes",
  "phone",
  "bottles",
  "book",
  "toyCar",
  "teddy",
  "charger",
  "cosmetics",
  "tableware",
  "watch",
  "tools",
  "tea",
] as const;
export type HarmlessKind = (typeof harmlessKinds)[number];

/** What customs looks for in the picture. */
export const forbiddenKinds = [
  "knife",
  "pistol",
  "ammunition",
  "lithiumPack",
  "seeds",
  "powderBrick",
] as const;
export type ForbiddenKind = (typeof forbiddenKinds)[number];

export type ContentKind = HarmlessKind | ForbiddenKind;

export interface TrueContents {
  /** Where things lie and how the beam was noisy; nothing else is drawn from it. */
  readonly seed: number;
  readonly wrapping: "carton" | "bag";
  /** Across the belt. */
  readonly widthMm: number;
  /** At most 8 things are drawn; the larger come first. */
  readonly items: readonly ContentKind[];
}

export const isForbidden = (kind: ContentKind): kind is ForbiddenKind =>
  (forbiddenKinds as readonly ContentKind[]).includes(kind);

/** Space a thing takes lying flat, millimetres: along and across its own axis. */
export const footprintMm: Readonly<Record<ContentKind, readonly [number, number]>> = {
  clothes: [260, 190],
  shoes: [270, 190],
  phone: [150, 74],
  bottles: [170, 110],
  book: [210, 148],
  toyCar: [180, 90],
  teddy: [190, 150],
  charger: [130, 100],
  cosmetics: [140, 100],
  tableware: [200, 200],
  watch: [110, 60],
  tools: [190, 90],
  tea: [150, 110],
  knife: [240, 36],
  pistol: [185, 130],
  ammunition: [120, 70],
  lithiumPack: [120, 80],
  seeds: [130, 100],
  powderBrick: [160, 100],
};
