import { expect, it } from "vitest";
import { isSaidAgain, nothingSaid } from "../../edge/line/said-before.ts";
import type { ScannedCode } from "../../protocols/barcode/scanned-code.ts";
import { waybillOf } from "../../protocols/barcode/waybill.ts";
import { benchConfig, waybillNo } from "../kit/line-bench.ts";

/**
 * Goal: a telegram that is said again without an output, and held back until the next one, is found
 * before any parcel gets another's label (law 16). Method: every run of four parcels, of each kind
 * that a reader can make of one, with every earlier telegram said again at every place behind it;
 * from there on the reader answers each output with the telegram of the one before.
 */
type Telegram = readonly ScannedCode[];

const rules = benchConfig.waybills;
const label = (number: number): ScannedCode => ({ aim: "]C0", text: waybillNo(number) });
const parcelsPerRun = 4;

type Goods = (number: number) => ScannedCode;
const goodsOf: Readonly<Record<"equal" | "own", Goods>> = {
  equal: () => ({ aim: "]E0", text: "6901234567892" }),
  own: (number) => ({ aim: "]E0", text: `690123456789${number}` }),
};

/** What a reader can make of one parcel: its telegrams, with an output each. */
const kindsOf = (goods: Goods): readonly ((number: number) => readonly Telegram[])[] => [
  () => [[]],
  (number) => [[label(number)]],
  (number) => [[goods(number), label(number)]],
  (number) => [[goods(number)]],
  (number) => [[goods(number)], [label(number)]],
  (number) => [[label(number)], [goods(number)]],
];

interface Output {
  readonly number: number;
  readonly own: Telegram;
}

function* runsOf(goods: Goods): Generator<readonly Output[]> {
  const kinds = kindsOf(goods);
  for (let run = 0; run < kinds.length ** parcelsPerRun; run += 1) {
    yield Array.from({ length: parcelsPerRun }, (_, index) => index).flatMap((index) => {
      const kind = kinds[Math.floor(run / kinds.length ** index) % kinds.length]!;
      return kind(index + 1).map((own) => ({ number: index + 1, own }));
    });
  }
}

/** Parcels that get another's label before anything is found wrong. */
function mislabelled(outputs: readonly Output[], telegrams: readonly Telegram[]): number[] {
  const said = nothingSaid();
  const codes = new Map<number, Telegram>();
  for (const [index, { number, own }] of outputs.entries()) {
    const telegram = telegrams[index] ?? [];
    // Output and telegram contradict each other.
    if (telegram.length > 0 !== own.length > 0) break;
    if (isSaidAgain(said, { passId: `${number}`, codes: telegram }, rules)) break;
    codes.set(number, [...(codes.get(number) ?? []), ...telegram]);
  }
  return [...codes].flatMap(([number, of]) => {
    const answer = waybillOf(of, rules);
    return answer.kind === "one" && answer.waybill !== waybillNo(number) ? [number] : [];
  });
}

it.each(["equal", "own"] as const)("no parcel of %s goods gets another's label", (kind) => {
  let tried = 0;
  let isFound = true;
  for (const outputs of runsOf(goodsOf[kind])) {
    const own = outputs.map((output) => output.own);
    for (let at = 1; at < own.length; at += 1) {
      for (const again of own.slice(0, at)) {
        const telegrams = own.toSpliced(at, 0, again);
        isFound &&= mislabelled(outputs, telegrams).length === 0;
        tried += 1;
      }
    }
  }
  expect(tried).toBeGreaterThan(10_000);
  expect(isFound).toBe(true);
});

it.each(["equal", "own"] as const)("parcels of %s goods with labels owe nothing", (kind) => {
  const said = nothingSaid();
  const kinds = kindsOf(goodsOf[kind]);
  for (let number = 1; number < 500; number += 1) {
    const telegrams = kinds[number % kinds.length]!(number);
    if (!telegrams.flat().some(({ text }) => text === waybillNo(number))) continue;
    for (const codes of telegrams) {
      expect(isSaidAgain(said, { passId: `${number}`, codes }, rules)).toBe(false);
    }
  }
  // And it remembers no more than a short while.
  expect(said.passOf.size).toBeLessThan(100);
});

it("a parcel that comes again long after is no repeat", () => {
  const said = nothingSaid();
  for (let number = 1; number < 200; number += 1) {
    isSaidAgain(said, { passId: `${number}`, codes: [label(number)] }, rules);
  }
  expect(isSaidAgain(said, { passId: "again", codes: [label(1)] }, rules)).toBe(false);
  expect(isSaidAgain(said, { passId: "other", codes: [label(199)] }, rules)).toBe(true);
});
