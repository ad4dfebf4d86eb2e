import { voices, type Voice } from "./words.ts";

/**
 * Why induction is withheld, in words: "deviceDown:L1-xray" is a code and, behind the colon, its
 * detail. Conditions of one code are said once, with all their details.
 */
export function conditionsText(conditions: readonly string[], voice: Voice): string {
  const detailsOf = new Map<string, string[]>();
  for (const condition of conditions) {
    const [code = "", ...rest] = condition.split(":");
    const details = detailsOf.get(code) ?? [];
    detailsOf.set(code, details);
    if (rest.length > 0) details.push(detailText(rest.join(":"), voice));
  }
  return [...detailsOf]
    .map(([code, details]) => {
      const detail = details.join(voice.say("ui", "listComma"));
      const words = voice.find("condition", code, detail === "" ? {} : { detail });
      return (
        words ??
        voice.say("ui", "conditionUnknown", { code: detail === "" ? code : `${code}:${detail}` })
      );
    })
    .join(voice.say("ui", "listSemicolon"));
}

/** In English: for `/healthz`. */
export const conditionsLogText = (conditions: readonly string[]): string =>
  conditionsText(conditions, voices.en);

const detailText = (detail: string, voice: Voice): string =>
  voice.find("exit", detail) ??
  voice.find("deviceReason", detail) ??
  voice.find("why", detail) ??
  detail;
