import type { Voice } from "../../../protocols/words/words.ts";

/** "chuteNotReady:green" in words: the code before the colon, its detail behind it. */
export function conditionText(condition: string, voice: Voice): string {
  const [code = "", ...rest] = condition.split(":");
  const raw = rest.join(":");
  const detail = voice.find("exit", raw) ?? raw;
  return (
    voice.find("condition", code, { detail }) ??
    voice.say("ui", "conditionUnknown", { code: condition })
  );
}
