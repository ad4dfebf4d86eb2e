import type { Material, ParcelCategory } from "../documents/declaration.ts";
import type { ContentKind, HarmlessKind } from "../world/contents.ts";

/** One kind of goods that the lab's shippers send, and what it looks like to an X-ray. */
export interface Goods {
  readonly category: ParcelCategory;
  readonly hsCode: string;
  readonly name: string;
  readonly model: string;
  readonly unitWeightG: readonly [from: number, to: number];
  readonly unitPriceCents: readonly [from: number, to: number];
  readonly qtyMax: number;
  readonly material: Material;
  readonly looksLike: HarmlessKind;
}

type Span = readonly [from: number, to: number];

const goods = (
  [category, hsCode, name, model]: readonly [ParcelCategory, string, string, string],
  [unitWeightG, unitPriceCents, qtyMax]: readonly [Span, Span, number],
  [material, looksLike]: readonly [Material, HarmlessKind],
): Goods => ({
  category,
  hsCode,
  name,
  model,
  unitWeightG,
  unitPriceCents,
  qtyMax,
  material,
  looksLike,
});

/**
 * A small catalogue. Codes and their conditions are sample rows: a site brings its own tariff, and
 * the lab's licence rules below go with these rows alone.
 */
export const catalogue: readonly Goods[] = [
  goods(
    ["plain", "6109100000", "棉制T恤衫", "女式|短袖|100%棉"],
    [[140, 220], [2_900, 9_900], 4],
    ["organic", "clothes"],
  ),
  goods(
    ["plain", "6115299000", "连裤袜", "女式|锦纶88%氨纶12%"],
    [[60, 110], [1_500, 4_900], 6],
    ["organic", "clothes"],
  ),
  goods(
    ["plain", "6404110000", "运动鞋", "橡胶底|纺织材料鞋面"],
    [[560, 900], [8_900, 39_900], 1],
    ["organic", "shoes"],
  ),
  goods(
    ["plain", "8517130000", "智能手机", "6.5英寸|128GB"],
    [[180, 230], [69_900, 299_900], 1],
    ["mixed", "phone"],
  ),
  goods(
    ["plain", "8504401990", "手机充电器", "USB-C|33W"],
    [[90, 150], [2_900, 12_900], 3],
    ["mixed", "charger"],
  ),
  goods(
    ["plain", "3924100000", "塑料水杯", "Tritan|600ml"],
    [[160, 300], [1_900, 8_900], 2],
    ["organic", "bottles"],
  ),
  goods(
    ["plain", "4901990000", "图书", "平装|320页"],
    [[320, 700], [2_900, 8_900], 3],
    ["organic", "book"],
  ),
  goods(
    ["plain", "9503008900", "玩具小汽车", "塑料|电动"],
    [[280, 520], [3_900, 15_900], 2],
    ["mixed", "toyCar"],
  ),
  goods(
    ["plain", "9503002100", "毛绒玩具熊", "涤纶填充"],
    [[180, 380], [2_900, 12_900], 2],
    ["organic", "teddy"],
  ),
  goods(
    ["plain", "6912001000", "陶瓷餐具", "杯碟套装"],
    [[450, 900], [3_900, 19_900], 1],
    ["mixed", "tableware"],
  ),
  goods(
    ["plain", "9102110000", "石英手表", "不锈钢表带"],
    [[90, 160], [9_900, 69_900], 1],
    ["metal", "watch"],
  ),
  goods(
    ["plain", "8205400000", "螺丝刀扳手套装", "钢制"],
    [[350, 800], [3_900, 14_900], 1],
    ["metal", "tools"],
  ),
  goods(
    ["licence", "7106921000", "银制半成品", "纯度92.5%"],
    [[120, 400], [49_900, 189_900], 2],
    ["metal", "tableware"],
  ),
  goods(
    ["licence", "7019710010", "玻璃纤维毡", "两用物项"],
    [[300, 900], [9_900, 49_900], 2],
    ["organic", "clothes"],
  ),
  goods(
    ["licence", "8105202000", "未锻轧钴样品", "99.8%"],
    [[200, 500], [29_900, 99_900], 1],
    ["metal", "tools"],
  ),
  goods(
    ["ledger", "0902209000", "绿茶", "散装|每件净重超过3千克除外"],
    [[100, 500], [3_900, 29_900], 3],
    ["organic", "tea"],
  ),
  goods(
    ["ledger", "2202990019", "植物饮料", "玻璃瓶|500ml"],
    [[520, 800], [1_900, 5_900], 2],
    ["organic", "bottles"],
  ),
  goods(
    ["taxable", "7202600000", "镍铁样品", "含镍25%"],
    [[300, 900], [9_900, 39_900], 1],
    ["metal", "tools"],
  ),
  goods(
    ["prohibited", "0507100010", "动物牙制品", "雕刻件"],
    [[150, 450], [19_900, 99_900], 1],
    ["organic", "cosmetics"],
  ),
];

/** The conditions that go with the catalogue, in the shape a centre's parameters take them. */
export const catalogueRules: readonly {
  readonly prefix: string;
  readonly licences: string;
  readonly taxable: readonly ("export" | "import")[];
  readonly source: string;
}[] = [
  { prefix: "7106", licences: "4xy", taxable: [], source: "lab catalogue" },
  { prefix: "70197100", licences: "3", taxable: [], source: "lab catalogue" },
  { prefix: "8105", licences: "4xy", taxable: [], source: "lab catalogue" },
  { prefix: "0902", licences: "AB", taxable: [], source: "lab catalogue" },
  { prefix: "2202", licences: "AB", taxable: [], source: "lab catalogue" },
  { prefix: "7202", licences: "", taxable: ["export"], source: "lab catalogue" },
  { prefix: "0507", licences: "8E", taxable: [], source: "lab catalogue" },
];

/** Grams that a hidden thing adds. */
export const hiddenWeightG: Readonly<Partial<Record<ContentKind, Span>>> = {
  knife: [160, 280],
  pistol: [650, 950],
  ammunition: [300, 500],
  lithiumPack: [200, 320],
  seeds: [150, 400],
  powderBrick: [700, 1_200],
};
