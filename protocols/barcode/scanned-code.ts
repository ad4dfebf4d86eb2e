import { z } from "zod";

/** Codes one read may hold; more are not a parcel's label but a fault of the scanner. */
export const codesPerReadMax = 16;
/** Characters of one code. */
export const codeCharsMax = 128;
/** The separator inside GS1 codes: data, not white space. */
export const groupSeparator = "\u001d";

/** One code of a read, as a scanner sends it. */
export const zScannedCode = z.strictObject({
  /** As printed; no control characters but GS. */
  text: z
    .string()
    .min(1)
    .max(codeCharsMax)
    .refine((text) => text === withoutControls(text), "control characters other than GS"),
  /** AIM symbology identifier such as `]C1`, or null where the scanner does not send it. */
  aim: z
    .string()
    .regex(/^\][A-Za-z][0-9A-Za-z]$/, "']', a letter, a letter or digit")
    .nullable(),
});
export type ScannedCode = z.infer<typeof zScannedCode>;

/** A reader may be set up to put the AIM identifier before the code. */
const aimPrefix = /^\][A-Za-z][0-9A-Za-z]/;

/** What a reader has sent for one code: the identifier that stands before it, if one does, and the code. */
export function partAim(sent: string): { readonly aim: string | null; readonly text: string } {
  const aim = aimPrefix.exec(sent)?.[0] ?? null;
  return { aim, text: withoutControls(sent.slice(aim?.length ?? 0)) };
}

/** Drops control characters other than GS. */
export const withoutControls = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about.
  text.replace(/[\u0000-\u001c\u001e\u001f\u007f]/g, "");
