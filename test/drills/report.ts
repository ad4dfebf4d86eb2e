/** What a drill found out: a line for each thing it claims, and one exit code for all of them. */
export interface Findings {
  /** One claim, with what was measured. */
  check(claim: string, holds: boolean, measured?: string): void;
  /** The same for a claim that nothing of a kind was found: the first few are named. */
  none(claim: string, found: readonly string[], measured?: string): void;
  readonly failed: readonly string[];
}

const namedMax = 5;

export function createFindings(print: (line: string) => void): Findings {
  const failed: string[] = [];
  const check = (claim: string, holds: boolean, measured?: string): void => {
    if (!holds) failed.push(claim);
    print(
      `${holds ? "ok    " : "FAILED"} ${claim}${measured === undefined ? "" : `: ${measured}`}`,
    );
  };
  return {
    check,
    none(claim, found, measured) {
      const named = found.slice(0, namedMax).join("; ");
      const more = found.length > namedMax ? `; and ${found.length - namedMax} more` : "";
      check(claim, found.length === 0, found.length === 0 ? measured : `${named}${more}`);
    },
    failed,
  };
}

/** Seconds with one decimal, for people. */
export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
