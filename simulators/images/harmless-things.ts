import type { HarmlessKind } from "../world/contents.ts";
import type { DrawThing } from "./draw-thing.ts";
import { charger, phone, tools, toyCar, watch } from "./hard-things.ts";
import { book, clothes, shoes, tea, teddy } from "./soft-things.ts";
import { bottles, cosmetics, tableware } from "./vessels.ts";

export const harmlessThings: Readonly<Record<HarmlessKind, DrawThing>> = {
  clothes,
  shoes,
  phone,
  bottles,
  book,
  toyCar,
  teddy,
  charger,
  cosmetics,
  tableware,
  watch,
  tools,
  tea,
};
