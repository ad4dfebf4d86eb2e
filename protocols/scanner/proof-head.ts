import { z } from "zod";
import { zReadProof, type ReadProof } from "./read-proof.ts";

/** Letters or signs in front of a number; a digit would run into it. */
const zPrefix = z.string().regex(/^[^0-9]{1,4}$/, "1 to 4 characters, no digits");
const zMark = z.string().regex(/^[^0-9A-Za-z]$/, "one sign, no letter or digit");

/**
 * What a scanner puts in front of its codes to tell whose read it is, such as `T0815,N7|`: numbers
 * behind their prefixes, separated, and closed by a mark that stands nowhere else in a frame. Which
 * numbers a scanner can put there is in its maker's manual; the prefixes are the site's to set.
 */
export const zProofHead = z
  .strictObject({
    end: zMark.describe("The sign behind all of them, which stands nowhere else in a frame."),
    separator: zMark.describe("The sign between two of them; another than the end."),
    token: zPrefix.optional().describe("What stands before the token that the device was sent."),
    ticks: zPrefix
      .optional()
      .describe("What stands before its count of the belt's encoder at its trigger."),
    counter: zPrefix.optional().describe("What stands before the number of its trigger."),
    test: zPrefix.optional().describe("What stands before the digits of a test trigger."),
  })
  .refine(({ end, separator }) => end !== separator, {
    path: ["separator"],
    message: "must differ from the end",
  })
  .refine(
    (head) => {
      const prefixes = kinds.flatMap((kind) => head[kind] ?? []);
      return new Set(prefixes).size === prefixes.length && prefixes.length > 0;
    },
    { path: ["token"], message: "at least one prefix, and no two the same" },
  );
export type ProofHead = z.infer<typeof zProofHead>;

const kinds = ["token", "ticks", "counter", "test"] as const;
type Kind = (typeof kinds)[number];

/** The head of a frame's text and what follows it; null when the head is not what the format says. */
export function readProofHead(
  head: ProofHead,
  text: string,
): { readonly proof: ReadProof; readonly rest: string } | null {
  const endAt = text.indexOf(head.end);
  // Without its head a read proves nothing; that is for the line to judge.
  if (endAt === -1) return { proof: {}, rest: text };
  const found: Partial<Record<Kind, string | number>> = {};
  for (const part of text.slice(0, endAt).split(head.separator)) {
    const kind = kinds.find((each) => head[each] !== undefined && isOf(part, head[each]));
    if (kind === undefined || found[kind] !== undefined) return null;
    const digits = part.slice(head[kind]?.length);
    found[kind] = kind === "ticks" || kind === "counter" ? Number(digits) : digits;
  }
  const proof = zReadProof.safeParse(found);
  return proof.success ? { proof: proof.data, rest: text.slice(endAt + 1) } : null;
}

/** The head as a scanner of this format writes it: whatever the proof and the format both have. */
export function writeProofHead(head: ProofHead, proof: ReadProof): string {
  const parts = kinds.flatMap((kind) => {
    const prefix = head[kind];
    const value = proof[kind];
    return prefix === undefined || value === undefined ? [] : [`${prefix}${value}`];
  });
  return parts.length === 0 ? "" : parts.join(head.separator) + head.end;
}

const isOf = (part: string, prefix: string): boolean =>
  part.startsWith(prefix) && /^[0-9]{1,15}$/.test(part.slice(prefix.length));
