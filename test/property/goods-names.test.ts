// Goal: goods that are declared under another name than they were ordered under are the same goods
// only if nothing in the two names says otherwise. Method: a table of names that sound or look alike,
// one of honest spellings, and random names with one part changed.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSameName, nameSignsOf } from "../../edge/clearance/goods-names.ts";
import { catalogue } from "../../simulators/scenarios/goods.ts";

const isSame = (a: string, b: string): boolean | null => isSameName(nameSignsOf(a), nameSignsOf(b));

/** Each line: names that are all different goods, whichever way round they are held. */
const nearMisses = [
  "黄金/黄色棉袜",
  "手机/手套/手表/手机壳/手机充电器/手机 数据线/手机 case/手机5G壳",
  "黄金/黄金色棉袜/黄金首饰/首饰盒/银首饰/仿真首饰",
  "电脑/电池/电脑包/电池盒/充电宝/充电线/充电器",
  "香烟/香水/香烟盒/香水瓶/电子烟/电子香烟/烟",
  "手枪/玩具手枪/手枪模型/手枪配件",
  "金戒指/银戒指/金属戒指/戒指盒",
  "金戒指/戒指/戒指盒",
  "茶/茶杯/茶杯垫",
  "制品/塑料制品/动物牙制品/象牙制品",
  "袜子/袜子和手机/手机",
  "手机/袜子+手机/袜子",
  "phone/phone case/phone and gloves/telephone/toy phone",
  "phone/case for phone/phone holder",
  "gold/golden socks/gold ring/plastic ring/ring box/silver ring",
  "perfume/perfume bottle/perfumed candle",
  "perfume/bottle of perfume",
  "cigarettes/cigarette case/electronic cigarettes/cigars",
  "watch/watch strap/gold watch/watch battery",
  "glass/glasses/glasses case",
  "goods/leather goods/item",
  "player/DVD player deck/MP3",
  "戒指/18K戒指/925戒指/Pt950戒指/翡翠戒指/戒指盒",
  "项链/项链 Au750/S925项链/珍珠项链",
  "项链/项链 24k/Pt950项链",
  "手镯/翡翠手镯/犀角手镯/玳瑁手镯/红木手镯/珊瑚手镯",
  "种子/大麻种子",
  "大衣/貂皮大衣/藏羚羊绒大衣",
  "皮包/鳄鱼皮包/蟒皮包",
  "花瓶/古董花瓶",
  "毯/珊瑚毯/象牙毯",
  "项链/珍珠白项链/珊瑚色项链/8K项链",
  "摆件/8K摆件/18K摆件/珊瑚摆件/象牙白摆件",
  "gold phone case/pearl white case/pearl phone case",
  "戒指/18ct戒指/18 ct gold戒指",
  "ring/ring 18ct gold/gold ring 22 ct/pearl ring",
  "necklace/pearl white gold necklace/coral necklace",
  "手串/红木手串/珊瑚手串/麝香手串",
  "cigarettes/e-cigarettes",
  "necklace/necklace 14kt/pearl necklace/coral necklace",
  "oil/CBD oil",
  "bag/crocodile bag",
].map((line) => line.split("/"));

/** Each line: one kind of goods, as customs' names and shops write it. */
const spellings = [
  "棉袜/加厚棉袜/秋冬新款 棉袜 女士 2双装/棉袜（黑色）/棉袜 XL/Wolford 棉袜",
  "连裤袜/涤纶连裤袜/加厚连裤袜女士/女士连裤袜 黑色 3条/连裤袜 ＡＢ/连裤袜A15",
  "手机/智能手机/5G手机/手机 5G/手机 蓝色/新款手机 1台",
  "T恤/Ｔ恤/男士T恤/T恤 XL",
  "黄金首饰/黄金首饰 1件/新款黄金首饰",
  "cotton socks/Cotton Socks, 2 pairs/thick cotton socks/cotton sock/cotton socks for women/COTTON SOCKS XL",
  "phone/smart phone/phone 5G/Phones",
  "大米/大米 15kg/大米 925g",
  "电视机/4K电视机/电视机 55/8K 电视机/电视机 8K",
  "绒毯/珊瑚绒毯/珊瑚绒 绒毯",
  "葡萄/麝香葡萄",
  "奶茶杯/珍珠奶茶杯",
  "相框/红木色相框/红木纹相框",
  "牙刷/电动牙刷",
  "相机/8K 相机/8K相机/4K 运动相机",
  "Crayons/Crayons 24ct/Crayons 24 ct/24ct Crayons",
  "phone case/Pearl white phone case/Pearlescent phone case",
  "fleece blanket/Coral fleece blanket",
  "kettle/Xiaomi electric kettle",
].map((line) => line.split("/"));

const pairs = (lines: readonly (readonly string[])[]): readonly (readonly [string, string])[] =>
  lines.flatMap((names) =>
    names.flatMap((a) => names.flatMap((b) => (a === b ? [] : [[a, b] as const]))),
  );

describe("names of goods", () => {
  test.each(pairs(nearMisses))("%s is not %s", (a, b) => {
    expect(isSame(a, b)).toBe(false);
  });

  test.each(
    spellings.flatMap(([customs = "", ...shops]) => shops.map((shop) => [customs, shop] as const)),
  )("%s is %s", (customs, shop) => {
    expect([isSame(customs, shop), isSame(shop, customs)]).toEqual([true, true]);
  });

  test("every kind that the lab sends is itself, and no other one", () => {
    const names = [...new Set(catalogue.map(({ name }) => name))];
    for (const a of names)
      for (const b of names) expect([a, b, isSame(a, b)]).toEqual([a, b, a === b]);
  });

  test.each([
    ["连裤袜", "Tights"],
    ["", "棉袜"],
    ["!!", "!!"],
  ])("%j and %j cannot be compared", (a, b) => {
    expect(isSame(a, b)).toBeNull();
  });

  const hanNoun = fc
    .array(fc.integer({ min: 0x5200, max: 0x52ff }), { minLength: 2, maxLength: 6 })
    .map((points) => String.fromCodePoint(...points));
  const word = fc.stringMatching(/^[b-hj-m]{4,8}[qvz]$/);
  const latinNoun = fc
    .uniqueArray(word, { minLength: 1, maxLength: 4 })
    .map((words) => words.join(" "));
  const noun = fc.oneof(hanNoun, latinNoun);
  const joinWith = (a: string, b: string): string => (/^[a-z]/.test(a) ? `${a} ${b}` : a + b);

  test("a word before a name leaves it, another noun behind it never does", () => {
    fc.assert(
      fc.property(noun, fc.oneof(hanNoun, word), (name, other) => {
        fc.pre(/^[a-z]/.test(name) === /^[a-z]/.test(other));
        fc.pre(!name.includes(other) && !other.includes(name));
        fc.pre(other.slice(-2) !== name.slice(-2));
        expect(isSame(name, joinWith(other, name))).toBe(true);
        expect(isSame(name, joinWith(name, other))).toBe(false);
        expect(isSame(name, other)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  test("short names that differ in one character are never the same", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0x5200, max: 0x52ff }), { minLength: 3, maxLength: 5 }),
        fc.nat(),
        ([spare = 0, ...points], at) => {
          const changed = points.with(at % points.length, spare);
          const [a, b] = [String.fromCodePoint(...points), String.fromCodePoint(...changed)];
          expect([isSame(a, b), isSame(b, a)]).toEqual([false, false]);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("it says the same whichever name comes first, and takes any text", () => {
    const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 250 }), noun);
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(isSame(a, b)).toBe(isSame(b, a));
      }),
      { numRuns: 1_000 },
    );
  });
});
