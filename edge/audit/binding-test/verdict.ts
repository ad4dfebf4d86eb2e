export type BindingVerdict =
  /** All `answers` fit; `telling` of them would have been others, had they been made at the output. */
  | { readonly kind: "proven"; readonly answers: number; readonly telling: number }
  /** It is not so, or it could not be seen: `sentence` says what was found, or what is missing. */
  | { readonly kind: "refused" | "unproven"; readonly sentence: string };

/** So many answers must tell what is latched at the trigger from what is put in at the output. */
export const tellingMin = 3;

export const refusal = (sentence: string): BindingVerdict => ({ kind: "refused", sentence });
export const unproven = (sentence: string): BindingVerdict => ({ kind: "unproven", sentence });

/** Nothing speaks against it: whether enough speaks for it. `lacking` says how there would be more. */
export const weighed = (answers: number, telling: number, lacking: string): BindingVerdict =>
  telling >= tellingMin
    ? { kind: "proven", answers, telling }
    : unproven(
        `${answers} answers fit, and ${telling} of them would look otherwise if they were made at the output (${tellingMin} are wanted): ${lacking}`,
      );
