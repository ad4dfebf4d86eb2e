import type { HeldBack } from "../ui/http.ts";
import type { Voice } from "./words.ts";

/** What has to be done by hand comes first; empty where no line holds the parcel. */
export function heldBackText(
  { confirmed, unconfirmed, cannotRelease }: HeldBack,
  { say }: Voice,
): string {
  const listed = (lineIds: readonly string[]): { readonly lines: string } => ({
    lines: [...new Set(lineIds)].join(say("ui", "listComma")),
  });
  const loose = unconfirmed.map(({ lineId }) => lineId);
  return [
    ...(loose.length === 0 ? [] : [say("controlHeldBack", "unconfirmed", listed(loose))]),
    ...(cannotRelease.length === 0
      ? []
      : [say("controlHeldBack", "cannotRelease", listed(cannotRelease))]),
    ...(confirmed.length === 0 ? [] : [say("controlHeldBack", "confirmed", listed(confirmed))]),
  ].join(" ");
}
