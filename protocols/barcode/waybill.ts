import { invariant } from "../bug.ts";
import { z } from "zod";
import { zWaybill } from "../clearance.ts";
import { compilePattern, zSafePattern } from "../safe-pattern.ts";
import { parseAim } from "./aim.ts";
import { carrierIds, carrierPatterns } from "./carriers.ts";
import { elementString, parseGs1 } from "./gs1.ts";
import { isNoReadText } from "./no-read.ts";
import { checkS10 } from "./s10.ts";
import type { ScannedCode } from "./scanned-code.ts";

/** A carrier that is not in our list, or whose pattern a site knows better. */
const zOwnCarrier = z.strictObject({
  carrier: z.string().min(1).max(40).describe("The carrier's name."),
  pattern: zSafePattern.describe(
    "What its numbers look like, as a whole, such as `AB\\d{10}`: no groups, at most two open repetitions.",
  ),
});

/**
 * Which codes on a parcel count as its waybill number: `s10` (UPU, with its check digit), `sscc`
 * (the 18 digits of AI 00 in GS1 data), a carrier of our list by its id, or a site's own pattern.
 */
export const zWaybillCarrier = z.union([z.enum(["s10", "sscc", ...carrierIds]), zOwnCarrier]);

export interface WaybillRules {
  /** Checked with `zWaybillCarrier`; an id that is not there is a fault of the caller. */
  readonly carriers: readonly (string | z.infer<typeof zOwnCarrier>)[];
}

/** What needs no choice by the site: numbers that prove themselves, or that nothing else looks like. */
export const defaultCarriers = [
  "s10",
  "sscc",
  "sf",
  "yto",
  "yunExpress",
  "jt",
  "jd",
  "deppon",
  "gofo",
] as const satisfies readonly z.infer<typeof zWaybillCarrier>[];

export type WaybillReading =
  | { readonly kind: "one"; readonly waybill: string }
  | { readonly kind: "none" }
  /** Different valid numbers in one read: nobody knows whose parcel this is. */
  | { readonly kind: "several"; readonly waybills: readonly string[] };

/**
 * The waybill that the codes of one read stand for. Codes that are no waybill (goods, routes,
 * broken check digits) are ignored; the same number seen twice is one.
 */
export function waybillOf(codes: readonly ScannedCode[], rules: WaybillRules): WaybillReading {
  const tests = testsOf(rules);
  const found = new Set<string>();
  for (const code of codes) {
    const waybill = waybillOfCode(code, tests);
    if (waybill !== null) found.add(waybill);
  }
  const waybills = [...found];
  const [first] = waybills;
  if (first === undefined) return { kind: "none" };
  return waybills.length === 1 ? { kind: "one", waybill: first } : { kind: "several", waybills };
}

interface WaybillTests {
  readonly s10: boolean;
  readonly sscc: boolean;
  readonly patterns: readonly RegExp[];
}

function waybillOfCode(code: ScannedCode, tests: WaybillTests): string | null {
  const { aim } = code;
  // A reader set up to fill a field puts blanks around what it has read.
  const text = code.text.trim();
  if (isNoReadText(text)) return null;
  const symbology = aim === null ? null : parseAim(aim);
  if (symbology?.isRetail === true) return null;
  if (symbology?.isGs1 === true) return tests.sscc ? ssccOf(text) : null;
  const waybill = zWaybill.safeParse(text).data;
  if (waybill === undefined) return null;
  if (tests.s10) {
    const s10 = checkS10(waybill);
    // What looks like S10 is judged by its check digit alone, whatever else it looks like.
    if (s10.kind !== "notS10") return s10.kind === "valid" ? waybill : null;
  }
  // A site's pattern may be written for small letters, or for what stands between the parts.
  const spellings = [waybill, text.toUpperCase(), text];
  const isKnown = tests.patterns.some((pattern) => spellings.some((each) => pattern.test(each)));
  return isKnown ? waybill : null;
}

function ssccOf(text: string): string | null {
  const parsed = parseGs1(elementString(text));
  if (parsed.kind === "invalid") return null;
  return parsed.elements.find(({ ai }) => ai === "00")?.value ?? null;
}

/** Compiled once for each list of carriers; a list never changes in place. */
const compiled = new WeakMap<WaybillRules["carriers"], WaybillTests>();

function testsOf({ carriers }: WaybillRules): WaybillTests {
  const known = compiled.get(carriers);
  if (known !== undefined) return known;
  const tests: WaybillTests = {
    s10: carriers.includes("s10"),
    sscc: carriers.includes("sscc"),
    patterns: carriers
      .filter((carrier) => carrier !== "s10" && carrier !== "sscc")
      .map((carrier) => compilePattern(patternOf(carrier))),
  };
  compiled.set(carriers, tests);
  return tests;
}

function patternOf(carrier: WaybillRules["carriers"][number]): string {
  if (typeof carrier !== "string") return carrier.pattern;
  const id = carrierIds.find((known) => known === carrier);
  invariant(id !== undefined, `there is a carrier called "${carrier}"`);
  return carrierPatterns[id];
}
