/** What follows one application identifier (AI). */
export interface Gs1Rule {
  /** AIs with this many digits share the rule, from `first` to `last`. */
  readonly first: string;
  readonly last: string;
  /** Digits only, or the characters of CSET 82. */
  readonly type: "N" | "X";
  readonly lengthMin: number;
  readonly lengthMax: number;
  /** Needs no separator behind it. */
  readonly isPredefined: boolean;
  /** The last digit, or the last of the first 14 for an item's trade number, is a check digit. */
  readonly hasCheckDigit: boolean;
  /** At least one of these must stand in the same data. Empty: none needed. */
  readonly requires: readonly string[];
  /** None of these may. */
  readonly excludes: readonly string[];
}

interface Extras {
  readonly isPredefined?: true;
  readonly hasCheckDigit?: true;
  readonly requires?: readonly string[];
  readonly excludes?: readonly string[];
}

function rule(
  range: string,
  format: `${"N" | "X"}${number}` | `${"N" | "X"}${number}-${number}`,
  extras: Extras = {},
): Gs1Rule {
  const [first = "", last = first] = range.split("-");
  const [least = "", most = least] = format.slice(1).split("-");
  return {
    first,
    last,
    type: format.startsWith("N") ? "N" : "X",
    lengthMin: Number(least),
    lengthMax: Number(most),
    isPredefined: extras.isPredefined ?? false,
    hasCheckDigit: extras.hasCheckDigit ?? false,
    requires: extras.requires ?? [],
    excludes: extras.excludes ?? [],
  };
}

const key = { isPredefined: true, hasCheckDigit: true } as const;
const trade = ["01", "02"];
const batch = ["01", "02", "03", "8006", "8026"];
const logistic = ["00"];

/**
 * The identifiers of logistics labels and those that stand beside them. Data with any other is
 * refused as a whole, since nobody could say where the unknown element ends.
 * @see GS1 General Specifications, section 3
 */
const gs1Rules: readonly Gs1Rule[] = [
  rule("00", "N18", key),
  rule("01", "N14", { ...key, excludes: ["02", "37"] }),
  rule("02", "N14", { ...key, requires: ["37"] }),
  rule("10", "X1-20", { requires: batch }),
  rule("11-13", "N6", { isPredefined: true, requires: batch }),
  rule("15-17", "N6", { isPredefined: true, requires: batch }),
  rule("20", "N2", { isPredefined: true, requires: batch }),
  rule("21", "X1-20", { requires: ["01", "03", "8006"] }),
  rule("30", "N1-8", { requires: trade }),
  rule("37", "N1-8", { requires: ["00", "02", "8026"] }),
  rule("240-241", "X1-30", { requires: batch }),
  rule("250-251", "X1-30", { requires: ["01", "8006"] }),
  rule("3100-3169", "N6", { isPredefined: true, requires: trade }),
  rule("3200-3299", "N6", { isPredefined: true, requires: trade }),
  rule("3300-3379", "N6", { isPredefined: true, requires: ["00", "01"] }),
  rule("3400-3499", "N6", { isPredefined: true, requires: ["00", "01"] }),
  rule("3500-3579", "N6", { isPredefined: true, requires: trade }),
  rule("3600-3699", "N6", { isPredefined: true, requires: ["00", "01"] }),
  rule("400", "X1-30"),
  rule("401", "X1-30"),
  rule("402", "N17", { hasCheckDigit: true }),
  rule("403", "X1-30", { requires: logistic }),
  rule("410-413", "N13", key),
  rule("414", "N13", key),
  rule("415", "N13", { ...key, requires: ["8020"] }),
  rule("416-417", "N13", key),
  rule("420", "X1-20", { excludes: ["421"] }),
  rule("421", "X3-12", { excludes: ["4307"] }),
  rule("422", "N3", { requires: ["01", "02", "8006", "8026"] }),
  rule("4300-4301", "X1-35", { requires: logistic }),
  rule("4302", "X1-70", { requires: logistic }),
  rule("4303", "X1-70", { requires: ["4302"] }),
  rule("4304-4306", "X1-70", { requires: logistic }),
  rule("4307", "X2", { requires: logistic }),
  rule("4308", "X1-30", { requires: logistic }),
  rule("4309", "N20", { requires: logistic }),
  rule("4310-4311", "X1-35", { requires: logistic }),
  rule("4312", "X1-70", { requires: logistic }),
  rule("4313", "X1-70", { requires: ["4312"] }),
  rule("4314-4316", "X1-70", { requires: logistic }),
  rule("4317", "X2", { requires: logistic }),
  rule("4318", "X1-20", { requires: logistic }),
  rule("4319", "X1-30", { requires: logistic }),
  rule("4320", "X1-35", { requires: logistic }),
  rule("4321-4323", "N1", { requires: logistic }),
  rule("4324-4325", "N10", { requires: logistic }),
  rule("4326", "N6", { requires: logistic }),
  rule("90", "X1-30"),
  rule("91-99", "X1-90"),
];

/** The identifier that `text` begins with at `from`, and its rule. */
export function identifierAt(text: string, from: number): { ai: string; rule: Gs1Rule } | null {
  for (const digits of [2, 3, 4]) {
    const ai = text.slice(from, from + digits);
    const found = rulesByDigits.get(digits)?.find((row) => ai >= row.first && ai <= row.last);
    if (ai.length === digits && /^\d+$/.test(ai) && found !== undefined) return { ai, rule: found };
  }
  return null;
}

const rulesByDigits = new Map(
  [2, 3, 4].map((digits) => [digits, gs1Rules.filter((row) => row.first.length === digits)]),
);
