import { z } from "zod";
import { zWaybill } from "../clearance.ts";
import { compilePattern, zSafePattern } from "../safe-pattern.ts";
import { parseAim } from "./aim.ts";
import { letteredCarriers } from "./carriers.ts";
import { parseGs1 } from "./gs1.ts";
import { checkS10 } from "./s10.ts";
import type { ScannedCode } from "./scanned-code.ts";

/** Which codes on a parcel count as its waybill number. Part of a line's rules. */
export const zWaybillRules = z.strictObject({
  /** UPU S10, with its check digit. */
  s10: z.boolean(),
  /** GS1 data with a serial shipping container code, AI 00: its 18 digits. */
  sscc: z.boolean(),
  /** Further numbers by their look. */
  carriers: z
    .array(z.strictObject({ carrier: z.string().min(1).max(40), pattern: zSafePattern }))
    .max(64),
});
export type WaybillRules = z.infer<typeof zWaybillRules>;

export const defaultWaybillRules: WaybillRules = {
  s10: true,
  sscc: true,
  carriers: [...letteredCarriers],
};

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
  const found = new Set<string>();
  for (const code of codes) {
    const waybill = waybillOfCode(code, rules);
    if (waybill !== null) found.add(waybill);
  }
  const waybills = [...found];
  const [first] = waybills;
  if (first === undefined) return { kind: "none" };
  return waybills.length === 1 ? { kind: "one", waybill: first } : { kind: "several", waybills };
}

function waybillOfCode({ text, aim }: ScannedCode, rules: WaybillRules): string | null {
  const symbology = aim === null ? null : parseAim(aim);
  if (symbology?.isRetail === true) return null;
  if (symbology?.isGs1 === true) return rules.sscc ? ssccOf(text) : null;
  if (!zWaybill.safeParse(text).success) return null;
  if (rules.s10) {
    const s10 = checkS10(text);
    // What looks like S10 is judged by its check digit alone, whatever else it looks like.
    if (s10.kind !== "notS10") return s10.kind === "valid" ? text : null;
  }
  return patternsOf(rules).some((pattern) => pattern.test(text)) ? text : null;
}

function ssccOf(text: string): string | null {
  const parsed = parseGs1(text);
  if (parsed.kind === "invalid") return null;
  return parsed.elements.find(({ ai }) => ai === "00")?.value ?? null;
}

/** Compiled once for each rules object; rules never change in place. */
const compiled = new WeakMap<WaybillRules, readonly RegExp[]>();

function patternsOf(rules: WaybillRules): readonly RegExp[] {
  const known = compiled.get(rules);
  if (known !== undefined) return known;
  const patterns = rules.carriers.map(({ pattern }) => compilePattern(pattern));
  compiled.set(rules, patterns);
  return patterns;
}
