/**
 * Goal: whatever comes for a DICOM file is answered, whole files as they were built, and nothing that
 * was cut or disturbed becomes clear. Method: random data sets of a builder that shares nothing with
 * the reader, cut at each byte, changed at random, and random bytes behind a good beginning.
 */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import {
  readDicomFile,
  tagText,
  type DicomDataSet,
  type DicomElement,
} from "../../protocols/xray/dicom-file.ts";
import { readDicosFile } from "../../protocols/xray/dicos.ts";
import {
  clearReport,
  dicomFile,
  join,
  threatReportClass,
  withElements,
  type TestElement,
} from "../kit/dicom-files.ts";

const trackTag = 0x0010_0020;

/** Of groups that mean nothing to us; sequences are of tags that the implicit syntax knows. */
const dataSetOf = (depth: number): fc.Arbitrary<readonly TestElement[]> => {
  const value = fc
    .tuple(fc.integer({ min: 0, max: 0xffff }), fc.uint8Array({ maxLength: 12 }))
    .map(([tag, bytes]): TestElement => [`0019,${hex(tag)}`, "UN", bytes]);
  const sequence =
    depth === 0
      ? []
      : [
          fc
            .tuple(
              fc.constantFrom("0008,1115", "0008,1140", "4010,1011", "4010,1038"),
              fc.array(dataSetOf(depth - 1), { maxLength: 3 }),
            )
            .map(([tag, items]): TestElement => [tag, "SQ", items]),
        ];
  return fc
    .uniqueArray(fc.oneof(value, ...sequence), { maxLength: 6, selector: ([tag]) => tag })
    .map((elements) => elements.toSorted(([one], [other]) => (one < other ? -1 : 1)));
};
const hex = (word: number): string => word.toString(16).toUpperCase().padStart(4, "0");

const style = fc.record({ isImplicit: fc.boolean(), isOpen: fc.boolean() });

/** As the builder has them, so that both can be compared. */
const asBuilt = (dataSet: DicomDataSet): unknown =>
  [...dataSet].map(([tag, element]) => [tagText(tag).slice(1, -1), contentOf(element)]);
function contentOf(element: DicomElement): unknown {
  switch (element.kind) {
    case "value":
      return [...element.bytes];
    case "sequence":
      return element.items.map(asBuilt);
    case "pieces":
      return element.pieces.map((piece) => [...piece]);
  }
}
const expected = (elements: readonly TestElement[]): unknown =>
  elements.map(([tag, , value]) => [
    tag,
    value instanceof Uint8Array
      ? [...value]
      : (value as readonly (readonly TestElement[])[]).map(expected),
  ]);

it("a whole file is read as it was built, in each syntax", () => {
  fc.assert(
    fc.property(dataSetOf(4), style, (elements, how) => {
      const file = readDicomFile(dicomFile({ sopClass: threatReportClass, elements, ...how }));
      if (file.kind === "invalid") throw new Error(file.why);
      const [, ...told] = asBuilt(file.dataSet) as unknown[];
      expect(told).toEqual(expected(elements));
    }),
  );
});

it("PR6.1-1: no beginning of a report that is not clear is clear", () => {
  const changes = [
    { "4010,1031": ["4010,1031", "CS", "ALARM"] },
    { "4010,1024": ["4010,1024", "CS", "ABORT"] },
    { "4010,1031": null },
    { "4010,1024": null },
  ] as const;
  fc.assert(
    fc.property(fc.constantFrom(...changes), style, (changed, how) => {
      const elements = withElements(clearReport, changed);
      const bytes = dicomFile({ sopClass: threatReportClass, elements, ...how });
      for (let length = 0; length <= bytes.length; length += 1) {
        const file = readDicosFile(bytes.subarray(0, length), trackTag);
        expect(file.kind === "report" && file.verdict === "clear").toBe(false);
      }
    }),
    { numRuns: 16 },
  );
});

it("a cut within an element is noticed", () => {
  const bytes = dicomFile({ sopClass: threatReportClass, elements: clearReport });
  const ends: number[] = [];
  for (let length = 0; length <= bytes.length; length += 1) {
    if (readDicomFile(bytes.subarray(0, length)).kind === "ok") ends.push(length);
  }
  // What it is, and each of the elements: nothing in a file of DICOM says how long it is.
  expect(ends).toHaveLength(1 + clearReport.length);
  expect(ends.at(-1)).toBe(bytes.length);
});

it("any bytes, and any behind a good beginning, are answered", () => {
  const start = dicomFile({ sopClass: threatReportClass, elements: [] });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (noise) => {
      expect(readDicosFile(noise, trackTag).kind).toBe("invalid");
      expect(readDicosFile(join(start, noise), trackTag).kind).not.toBe("picture");
    }),
  );
});

it("changed bytes are answered, and one of them makes no clear report of an alarm", () => {
  const alarm = withElements(clearReport, { "4010,1031": ["4010,1031", "CS", "ALARM"] });
  fc.assert(
    fc.property(style, fc.nat(), fc.integer({ min: 1, max: 255 }), (how, at, by) => {
      const bytes = dicomFile({ sopClass: threatReportClass, elements: alarm, ...how });
      const index = at % bytes.length;
      bytes[index] = (bytes[index]! + by) % 256;
      const file = readDicosFile(bytes, trackTag);
      expect(file.kind === "report" && file.verdict === "clear").toBe(false);
    }),
    { numRuns: 2_000 },
  );
});
