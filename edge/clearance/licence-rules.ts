import type { Reason } from "../../protocols/reasons.ts";
import type { HsRule } from "./config.ts";
import type { ManifestDigest } from "./digests.ts";

type Direction = "export" | "import";

/**
 * Supervision codes (监管证件代码) by what they mean for the line in one direction. A code counts in
 * its own direction only; case matters (`X` is not `x`). A code in no list counts in both, as a
 * licence: an unknown demand is a demand.
 */
const codesOf = {
  export: { prohibited: "8", ledger: "B", licences: "345GxygizEHVu" },
  import: { prohibited: "96", ledger: "A", licences: "127FMOPQRUYZfnbeqtsv" },
} as const satisfies Record<
  Direction,
  { readonly prohibited: string; readonly ledger: string; readonly licences: string }
>;

const opposite = { export: "import", import: "export" } as const;

type Demand = "prohibited" | "ledger" | "licence";

/** What one code demands in one direction; null when it speaks of the other direction only. */
function demandOf(code: string, direction: Direction): Demand | null {
  const own = codesOf[direction];
  if (own.prohibited.includes(code)) return "prohibited";
  if (own.ledger === code) return "ledger";
  if (own.licences.includes(code)) return "licence";
  const other = codesOf[opposite[direction]];
  const isOthers =
    other.prohibited.includes(code) || other.ledger === code || other.licences.includes(code);
  return isOthers ? null : "licence";
}

/** Rules in the shape they are looked up in. */
export interface CompiledRules {
  readonly byPrefix: ReadonlyMap<string, HsRule>;
  /** Rules longer than a heading, under their heading's four digits. */
  readonly belowHeading: ReadonlyMap<string, readonly HsRule[]>;
}

const headingDigits = 4;

/** Later rows win over earlier ones of the same prefix. */
export function compileRules(rules: readonly HsRule[]): CompiledRules {
  const byPrefix = new Map(rules.map((rule) => [rule.prefix, rule]));
  const belowHeading = new Map<string, HsRule[]>();
  for (const rule of byPrefix.values()) {
    if (rule.prefix.length <= headingDigits) continue;
    const heading = rule.prefix.slice(0, headingDigits);
    const rows = belowHeading.get(heading);
    if (rows === undefined) belowHeading.set(heading, [rule]);
    else rows.push(rule);
  }
  return { byPrefix, belowHeading };
}

function longestPrefix(hsCode: string, rules: CompiledRules): HsRule | null {
  for (let digits = hsCode.length; digits >= 2; digits -= 1) {
    const rule = rules.byPrefix.get(hsCode.slice(0, digits));
    if (rule !== undefined) return rule;
  }
  return null;
}

/**
 * The rules one line of goods falls under. A simplified declaration (flag A) needs only the first
 * four digits right, so a code padded with zeros inherits every rule below its heading as well;
 * since a true code may also end in zeros, its own rule stays in force beside them.
 */
function rulesFor(hsCode: string, isSimplified: boolean, rules: CompiledRules): HsRule[] {
  const own = longestPrefix(hsCode, rules);
  const found = own === null ? [] : [own];
  if (isSimplified && hsCode.endsWith("000000")) {
    for (const rule of rules.belowHeading.get(hsCode.slice(0, headingDigits)) ?? []) {
      if (rule !== own) found.push(rule);
    }
  }
  return found;
}

interface Finding {
  readonly codes: Set<string>;
  readonly hsCode: string;
  readonly prefix: string;
}

const reasonParams = ({ codes, hsCode, prefix }: Finding): Record<string, string> => ({
  codes: [...codes].toSorted().join(""),
  hsCode,
  rule: prefix,
});

/**
 * Reasons from the goods alone (ZJG-20, ZJG-22): the red channel when any line is red. At most one
 * reason of each kind, naming the first line of goods that raised it and all its codes.
 */
export function goodsReasons(manifest: ManifestDigest, rules: CompiledRules): readonly Reason[] {
  const { direction, isSimplified } = manifest;
  const found = new Map<Demand | "tax", Finding>();
  const add = (demand: Demand | "tax", code: string, hsCode: string, prefix: string): void => {
    const finding = found.get(demand) ?? { codes: new Set<string>(), hsCode, prefix };
    finding.codes.add(code);
    found.set(demand, finding);
  };
  for (const { hsCode } of manifest.items) {
    for (const rule of rulesFor(hsCode, isSimplified, rules)) {
      for (const code of rule.licences) {
        const demand = demandOf(code, direction);
        if (demand !== null) add(demand, code, hsCode, rule.prefix);
      }
      if (rule.taxable.includes(direction)) add("tax", "", hsCode, rule.prefix);
    }
  }
  const reasons: Reason[] = [];
  const prohibited = found.get("prohibited");
  if (prohibited) reasons.push({ code: "prohibitedGoods", params: reasonParams(prohibited) });
  const licence = found.get("licence");
  if (licence) reasons.push({ code: "licenceRequired", params: reasonParams(licence) });
  const ledger = found.get("ledger");
  if (ledger) reasons.push({ code: "quarantineLedgerRequired", params: reasonParams(ledger) });
  const tax = found.get("tax");
  if (tax) reasons.push({ code: "taxRelated", params: { hsCode: tax.hsCode, rule: tax.prefix } });
  return reasons;
}
