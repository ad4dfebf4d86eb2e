import type { Voice } from "../../../protocols/words/words.ts";

/** How long ago, in the largest unit that still says something. */
export function ageText(ms: number, { say }: Voice): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return say("ui", "ageSeconds", { n: seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return say("ui", "ageMinutes", { n: minutes });
  return say("ui", "ageHours", { n: Math.floor(minutes / 60) });
}
