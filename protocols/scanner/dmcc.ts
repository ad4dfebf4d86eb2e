/**
 * Cognex's DMCC, as far as a reader speaks of itself: `||checksum:id[state]data`, where checksum and id
 * may be missing. State 1 says that the data is what was read, and not the answer to a command.
 * @see Cognex DataMan Communications and Programming Guide, DMCC: responses
 */
export type DmccAnswer =
  | { readonly kind: "done" }
  /** What a trigger has shown. */
  | { readonly kind: "read"; readonly data: string }
  | { readonly kind: "refused"; readonly why: string }
  /** Its data cannot be trusted as it stands: behind it there is a byte of checksum. */
  | { readonly kind: "checked" };

const answerPattern = /^\|\|([01]?)(?::\d*)?\[(\d{1,3})\]([\s\S]*)$/;

/** States of a command that was not done, in the maker's words. */
const refusals: Readonly<Record<number, string>> = {
  100: "unidentified error",
  101: "invalid command",
  102: "invalid parameter",
  103: "wrong checksum",
  104: "rejected in this state",
  105: "not available",
};

/** What a text says, or null where it is no answer. */
export function readDmccAnswer(text: string): DmccAnswer | null {
  const [, checksum = "", digits = "", data = ""] = answerPattern.exec(text) ?? [];
  if (digits === "") return null;
  const state = Number(digits);
  if (state === 0) return { kind: "done" };
  if (state !== 1) {
    return { kind: "refused", why: `${refusals[state] ?? "unknown state"} (${state})` };
  }
  return checksum === "1" ? { kind: "checked" } : { kind: "read", data };
}
