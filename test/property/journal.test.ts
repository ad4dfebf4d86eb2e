/**
 * Goal: what holds for canonical JSON and the chain of hashes holds for every value and any tamper.
 * Method: fast-check draws values, chains and one random change, and the laws are checked on them.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../edge/journal/canonical-json.ts";
import { chainOn, emptyTail, recordHash } from "../../edge/journal/chain.ts";
import { verifyChain } from "../../edge/audit/verify.ts";
import type { JournalRecord } from "../../protocols/link.ts";

const textOf = (value: unknown): string => {
  const outcome = canonicalJson(value);
  if (outcome.kind === "refused") throw new Error(`${outcome.path}: ${outcome.why}`);
  return outcome.text;
};

/** The same value with every object's keys in another order. */
function reordered(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(reordered);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, reordered(inner)] as const)
      .toReversed(),
  );
}

const json = fc.jsonValue({ maxDepth: 6, stringUnit: "binary" });

describe("canonical JSON", () => {
  it("is JSON of the same value: decode(encode(x)) = x, but for -0", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(textOf(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("is the same whatever the order of keys, and encoding what it encoded changes nothing", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = textOf(value);
        expect(textOf(reordered(value))).toBe(text);
        expect(textOf(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it("never throws, whatever it is given", () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true });
    fc.assert(
      fc.property(anything, (value) => {
        const outcome = canonicalJson(value);
        if (outcome.kind === "text") expect(textOf(JSON.parse(outcome.text))).toBe(outcome.text);
        else expect(outcome.why).not.toBe("");
      }),
    );
  });
});

const chain = fc.array(fc.string(), { minLength: 3, maxLength: 20 }).map((bodies) => {
  const records: JournalRecord[] = [];
  for (const [index, text] of bodies.entries()) {
    const body = JSON.stringify({ index, text });
    records.push(chainOn(records.at(-1) ?? emptyTail("L1"), body));
  }
  return records;
});

/** A chain and the place of one of its records. */
const chainAndIndex = chain.chain((records) =>
  fc.tuple(fc.constant(records), fc.nat({ max: records.length - 1 })),
);

const chainAndPair = chain.chain((records) =>
  fc.tuple(
    fc.constant(records),
    fc.uniqueArray(fc.nat({ max: records.length - 1 }), { minLength: 2, maxLength: 2 }),
  ),
);

/** Flips one bit of one character, keeping the rest. */
const flipped = (text: string, at: number): string => {
  const place = at % text.length;
  const changed = String.fromCharCode(text.charCodeAt(place) ^ 1);
  return text.slice(0, place) + changed + text.slice(place + 1);
};

describe("the chain (law 14)", () => {
  it("is in order as it was written, and every record anchors it", () => {
    fc.assert(
      fc.property(chain, (records) => {
        const report = verifyChain("L1", records, records);
        expect(report).toMatchObject({ finding: null, anchorsMatched: records.length });
      }),
    );
  });

  it("names the record in which any bit of any field was flipped", () => {
    const field = fc.constantFrom("body", "hash", "prevHash");
    fc.assert(
      fc.property(chainAndIndex, field, fc.nat(), ([records, index], name, at) => {
        const record = records[index]!;
        const changed = { ...record, [name]: flipped(record[name], at) };
        const { finding } = verifyChain("L1", records.with(index, changed));
        expect(finding).toMatchObject({ kind: "edited", seq: index + 1 });
      }),
    );
  });

  it("names the record that was edited and hashed again, unless it was the last", () => {
    fc.assert(
      fc.property(chainAndIndex, fc.string(), ([records, index], body) => {
        fc.pre(index < records.length - 1 && body !== records[index]!.body);
        const content = { ...records[index]!, body };
        const forged = { ...content, hash: recordHash(content) };
        const { finding } = verifyChain("L1", records.with(index, forged));
        expect(finding).toMatchObject({ kind: "edited", seq: index + 1 });
        const last = records.with(records.length - 1, { ...records.at(-1)!, body });
        expect(verifyChain("L1", last, records).finding).not.toBeNull();
      }),
    );
  });

  it("names the first record of any that are missing, also at the end by an anchor", () => {
    fc.assert(
      fc.property(chainAndPair, ([records, [a = 0, b = 0]]) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const rest = records.toSpliced(from, to - from + 1);
        const isTail = to === records.length - 1;
        const { finding } = verifyChain("L1", rest, [records.at(-1)!]);
        expect(finding).toMatchObject({
          kind: isTail ? "cutOff" : "removed",
          seq: from + 1,
          lastSeq: to + 1,
        });
      }),
    );
  });

  it("names both of any two that were swapped", () => {
    fc.assert(
      fc.property(chainAndPair, ([records, [a = 0, b = 0]]) => {
        const swapped = records.with(a, records[b]!).with(b, records[a]!);
        const renumbered = swapped.map((record, index) => ({ ...record, seq: index + 1 }));
        const expected = { kind: "swapped", seq: Math.min(a, b) + 1, lastSeq: Math.max(a, b) + 1 };
        expect(verifyChain("L1", swapped).finding).toMatchObject(expected);
        expect(verifyChain("L1", renumbered).finding).toMatchObject(expected);
      }),
    );
  });

  it("names the number of a record that was put in", () => {
    fc.assert(
      fc.property(chainAndIndex, fc.string(), ([records, index], body) => {
        fc.pre(body !== records[index]!.body);
        const fake = chainOn(records[index - 1] ?? emptyTail("L1"), body);
        const { finding } = verifyChain("L1", records.toSpliced(index, 0, fake));
        expect(finding).toMatchObject({ kind: "inserted", seq: index + 1 });
      }),
    );
  });
});
