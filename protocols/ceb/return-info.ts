/** Longest piece of customs' words that is repeated to people, in characters. */
const infoCharsMax = 90;
/** Most of a text that is looked at; the specification allows 1,000 characters. */
const lookedAtMax = 2_000;

/**
 * A foreign text as one line for people: without what nobody can see and what would turn the text
 * around it, and cut to `charsMax` characters. Empty when nothing is left to read.
 */
export function oneLine(text: string, charsMax: number): string {
  const line = text
    .slice(0, lookedAtMax)
    .replaceAll(/[\p{C}\p{Z}\s]+/gu, " ")
    .trim();
  if (!/[\p{L}\p{N}]/u.test(line)) return "";
  const characters = Array.from(line);
  return characters.length <= charsMax ? line : `${characters.slice(0, charsMax).join("")}…`;
}

/** What customs writes around each of its sentences in the field. */
const coded = /\[Code:[^;\]]*;Desc:([^\]]*)\]/g;

/** Customs' own words (`returnInfo`) as one line; null when there is nothing to read in them. */
export function lineOfInfo(raw: string): string | null {
  const whole = raw.slice(0, lookedAtMax);
  const sentences = [...whole.matchAll(coded)].map((match) => match[1] ?? "");
  const said = sentences.length > 0 ? sentences.join("; ") : whole;
  return oneLine(said, infoCharsMax) || null;
}
