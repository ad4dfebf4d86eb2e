// Goal: what is written is read back unchanged, whatever the values; and no bytes break the reader.
// Method: arbitraries are derived from the tables of fields themselves, so a new row is covered.
import * as fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { chinaTimeOfEpoch, epochOfChinaTime } from "../../protocols/ceb/calendar.ts";
import {
  compareDecimals,
  gramsOfKg,
  kgOfGrams,
  readDecimal,
  sumDecimals,
} from "../../protocols/ceb/decimal.ts";
import type { Field, FieldValue } from "../../protocols/ceb/fields.ts";
import {
  cebTypes,
  messageTables,
  type CebElement,
  type CebType,
  type MessageTable,
} from "../../protocols/ceb/messages.ts";
import { messageBytesMax } from "../../protocols/ceb/envelope.ts";
import { readMessage, readMessageText } from "../../protocols/ceb/read-message.ts";
import { transferFields } from "../../protocols/ceb/tables/common.ts";
import { writeMessage, type MessageToWrite } from "../../protocols/ceb/write-message.ts";
import { isXmlText } from "../../protocols/ceb/xml-text.ts";
import { epochMs } from "../../protocols/units.ts";

const xmlText = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc
    .string({ minLength, maxLength: Math.min(maxLength, 40), unit: "binary" })
    .filter(isXmlText)
    .map((text) => Array.from(text).slice(0, maxLength).join(""))
    .filter((text) => Array.from(text).length >= minLength);

const decimalText = (zeroAllowed: boolean): fc.Arbitrary<string> =>
  fc
    .tuple(fc.bigInt(0n, 10n ** 14n - 1n), fc.integer({ min: 0, max: 99_999 }))
    .map(([whole, fraction]) => {
      const tail = String(fraction).padStart(5, "0").replace(/0+$/, "");
      return tail === "" ? String(whole) : `${whole}.${tail}`;
    })
    .filter((text) => zeroAllowed || text !== "0");

const chinaTime = (digits: number): fc.Arbitrary<string> =>
  fc
    .integer({ min: 86_400_000, max: 4_102_444_800_000 })
    .map((at) => chinaTimeOfEpoch(epochMs(at)).slice(0, digits));

/** Values of forms that random text would hardly ever meet. */
const formedValues: Readonly<Record<string, fc.Arbitrary<string>>> = {
  guid: fc.stringMatching(/^[0-9A-F]{36}$/),
  logisticsNo: fc.stringMatching(/^[0-9A-Z][0-9A-Z]{3,15}([-./ ][0-9A-Z]{1,7}){0,2}$/),
  preNo: fc.stringMatching(/^B[0-9]{17}$/),
  gcode: fc.stringMatching(/^[0-9]{10}$/),
  POD: fc.stringMatching(/^[0-9A-Z]{3,4}$/),
  statisticsFlag: fc.constantFrom("A", "B", "1"),
  trafMode: fc.stringMatching(/^[0-9A-Z]$/),
  wrapType: fc.stringMatching(/^[0-9A-Z]$/),
  customsCode: fc.stringMatching(/^[0-9]{4}$/),
  portCode: fc.stringMatching(/^[0-9]{4}$/),
};
/** Currency, country and unit codes. */
const threeDigits = fc.stringMatching(/^[0-9]{3}$/);

function valueOf(field: Field): fc.Arbitrary<string | number> {
  const { rule } = field;
  switch (rule.kind) {
    case "decimal":
      return decimalText(rule.zeroAllowed);
    case "integer":
      return fc.integer({ min: rule.min, max: rule.max });
    case "time":
      return chinaTime(rule.digits);
    case "text":
      if (rule.oneOf !== null) return fc.constantFrom(...rule.oneOf);
      if (rule.charsMin > 0) return xmlText(1, rule.charsMax).filter((raw) => /\S/.test(raw));
      if (rule.form !== null) return formedValues[field.name] ?? threeDigits;
      return rule.collapses
        ? fc.stringMatching(/^[!-~]{0,20}$/)
        : xmlText(Math.max(rule.charsMin, field.presence === "lenient" ? 1 : 0), rule.charsMax);
  }
}

function rowOf(fields: readonly Field[]): fc.Arbitrary<Record<string, FieldValue>> {
  const entries = fields.map((field): [string, fc.Arbitrary<FieldValue>] => [
    field.name,
    field.presence === "optional" ? fc.option(valueOf(field)) : valueOf(field),
  ]);
  return fc.record(Object.fromEntries(entries));
}

/** Brings what several fields must say together into line. */
function consistent(element: CebElement): CebElement {
  if (element.type === "CEB303") {
    return { ...element, list: element.list.map((row, i) => ({ ...row, gnum: i + 1 })) };
  }
  if (element.type === "CEB505") {
    return { ...element, head: { ...element.head, grossWeight: "0.5" } };
  }
  if (element.type !== "CEB603") return element;
  return {
    ...element,
    head: { ...element.head, grossWeight: "12.34567", netWeight: "12.34567" },
    list: element.list.map((row, i) => ({ ...row, gnum: i + 1 })),
  };
}

function elementOf(type: CebType): fc.Arbitrary<CebElement> {
  const table: MessageTable = messageTables[type];
  const rows =
    table.listName === null
      ? fc.constant([])
      : fc.array(rowOf(table.list), { minLength: 1, maxLength: 3 });
  return fc
    .record({ head: rowOf(table.head), list: rows })
    .map(({ head, list }) => consistent({ type, head, list } as unknown as CebElement));
}

const messageOf = (type: CebType): fc.Arbitrary<MessageToWrite> =>
  fc
    .record({
      guid: fc.stringMatching(/^[0-9A-F]{36}$/),
      elements: fc.array(elementOf(type), { minLength: 1, maxLength: 4 }),
      transfer: rowOf(transferFields),
    })
    .map((message) => ({ type, ...message }) as unknown as MessageToWrite);

describe("CEB messages", () => {
  test.each(cebTypes)("%s: read(write(x)) = x", (type) => {
    fc.assert(
      fc.property(messageOf(type), (message) => {
        const written = writeMessage(message);
        if (written.kind === "refused") throw new Error(JSON.stringify(written.refusal));
        const reading = readMessage(new TextEncoder().encode(written.xml));
        if (reading.kind !== "read") throw new Error(JSON.stringify(reading.refusal));
        expect(reading.messageGuid).toBe(message.guid);
        expect(
          reading.elements.map((each) => (each.kind === "read" ? each.element : each)),
        ).toEqual(message.elements);
      }),
      { numRuns: 60 },
    );
  });

  test("what the writer lets pass the reader takes, and the other way round", () => {
    const anyValue = fc.oneof(fc.string({ unit: "binary", maxLength: 30 }), decimalText(true));
    fc.assert(
      fc.property(messageOf("CEB403"), anyValue, fc.nat(13), (message, value, index) => {
        const fields = messageTables.CEB403.head;
        const name = fields[index % fields.length]!.name;
        const [element] = message.elements;
        const broken = { ...element, head: { ...element!.head, [name]: value } };
        const written = writeMessage({ ...message, elements: [broken] } as never);
        if (written.kind === "refused") return;
        const reading = readMessage(new TextEncoder().encode(written.xml));
        expect(reading).toMatchObject({ kind: "read", elements: [{ kind: "read" }] });
      }),
      { numRuns: 300 },
    );
  });

  test("any bytes are answered, and so is any damage to a good message", () => {
    const written = fc.sample(messageOf("CEB603"), { numRuns: 1, seed: 1 })[0];
    const good = writeMessage(written!);
    if (good.kind === "refused") throw new Error("not written");
    const bytes = new TextEncoder().encode(good.xml);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(bytes.length - 1), (noise, at) => {
        expect(["read", "refused"]).toContain(readMessage(noise).kind);
        const damaged = Uint8Array.from(bytes);
        damaged.set(noise.subarray(0, Math.min(noise.length, bytes.length - at)), at);
        expect(["read", "refused"]).toContain(readMessage(damaged).kind);
      }),
      { numRuns: 300 },
    );
  });

  test("a text is read as the bytes that say it, whatever is in it", () => {
    const folder = "test/fixtures/ceb";
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".xml"))
      .map((file) =>
        new TextDecoder("utf-8", { ignoreBOM: true }).decode(readFileSync(join(folder, file))),
      );
    expect(files.length).toBeGreaterThan(50);
    const expectSame = (text: string): void =>
      expect(readMessageText(text)).toEqual(readMessage(new TextEncoder().encode(text)));
    files.forEach(expectSame);
    const piece = fc.constantFrom("\uFEFF", "\uD800", "\uDC00", "\0", "<", "]]>", "货", "");
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.double({ min: 0, max: 1, noNaN: true }),
        piece,
        (file, place, put) => {
          const at = Math.floor(place * file.length);
          expectSame(file.slice(0, at) + put + file.slice(at));
          expectSame(put + file.slice(at));
        },
      ),
      { numRuns: 200 },
    );
    expectSame("货".repeat(messageBytesMax / 3 + 1));
  });
});

describe("exact values", () => {
  test("a decimal has one spelling, whatever zeros and signs it came with", () => {
    fc.assert(
      fc.property(decimalText(true), fc.nat(6), fc.boolean(), (text, zeros, hasPlus) => {
        const padded = `${hasPlus ? "+" : ""}${"0".repeat(zeros)}${text}${
          text.includes(".") ? "0".repeat(zeros) : `.${"0".repeat(zeros)}`
        }`;
        expect(readDecimal(padded)).toEqual({ kind: "read", value: text });
      }),
    );
  });

  test("sums are exact where floating point is not", () => {
    expect(sumDecimals(["0.1", "0.2"])).toBe("0.3");
    fc.assert(
      fc.property(fc.array(decimalText(true), { maxLength: 20 }), (values) => {
        const units = values.map((value) => {
          const [whole = "0", fraction = ""] = value.split(".");
          return BigInt(whole) * 100_000n + BigInt(fraction.padEnd(5, "0"));
        });
        const total = units.reduce((sum, each) => sum + each, 0n);
        const digits = String(total).padStart(6, "0");
        const exact = `${digits.slice(0, -5)}.${digits.slice(-5)}`;
        expect(compareDecimals(sumDecimals(values), exact)).toBe(0);
      }),
    );
  });

  test("grams and kilograms turn into each other", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (grams) => {
        expect(gramsOfKg(kgOfGrams(grams))).toBe(grams);
      }),
    );
  });

  test("a moment and its 17 digits turn into each other, as the calendar has it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (at) => {
        const digits = chinaTimeOfEpoch(epochMs(at));
        expect(epochOfChinaTime(digits)).toBe(at);
        const iso = new Date(at + 8 * 3_600_000).toISOString();
        expect(digits).toBe(iso.replace(/\D/g, ""));
      }),
    );
  });

  test("what is no day of the calendar is no time", () => {
    for (const digits of ["20260229", "20261301", "20260431", "20260100", "20260102240000"]) {
      expect(epochOfChinaTime(digits)).toBeNull();
    }
    expect(epochOfChinaTime("20240229")).not.toBeNull();
  });
});
