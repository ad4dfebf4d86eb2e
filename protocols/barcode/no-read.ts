import type { ScannedCode } from "./scanned-code.ts";

/**
 * Texts by which readers say that they have seen no code. Which one is a setting of each reader, and
 * people change it, so all that are known are known of every reader, whatever its format: a no-read
 * that is taken for a number would send a parcel on its way under a label that nobody has read.
 */
const wordsAnywhere =
  /NOREAD|NOTREAD|UNREAD|MISREAD|BADREAD|READERR|READFAIL|NOCODE|NOBARCODE|NODECODE|NOLABEL|NODATA|NORESULT|NOTFOUND/;
/** Too short, or too much a part of other words, to be looked for within a text; a number may follow. */
const wordsAlone =
  /^(?:ERR(?:OR)?|FAIL(?:ED|URE)?|OVER(?:FLOW|RUN)?|TIMEOUT|MULTI(?:PLE)?(?:READ)?|INVALID|UNKNOWN|UNDEFINED|EMPTY|NULL|NONE|NAN)\d{0,4}$/;
const lettersAlone = /^(?:NC|NR|NG|NA|NOK|NO)$/;
/** `0000000`, `99999999`, `XXXX`: what fills a field, and no number that was given to a parcel. */
const filler = /^(?:0+|(.)\1{3,})$/;

/**
 * Full-width letters are letters; brackets, blanks and stars around a word are none of it, and
 * neither are an AIM identifier before it and a grade behind it.
 */
const wordOf = (text: string): string =>
  isPlain.test(text)
    ? text
    : text
        .normalize("NFKC")
        .replace(/^[^0-9A-Za-z]*\][A-Za-z][0-9A-Za-z]/, "")
        .replace(/:\d{1,3}(?=[^0-9A-Za-z]*$)/, "")
        .toUpperCase()
        .replaceAll(/[^0-9A-Z]/g, "");

/** As nearly all texts are: nothing in it is to be taken off or to be read as something else. */
const isPlain = /^[0-9A-Z]+$/;

/** Whether a text is a reader's word for "no code was seen". Never so of an empty one. */
export const isNoReadWord = (text: string): boolean => isWordForNone(wordOf(text), text);

function isWordForNone(word: string, text: string): boolean {
  // `???`, `***`, or a word in another script: no waybill has such characters alone.
  if (word === "") return text.trim() !== "";
  return wordsAnywhere.test(word) || wordsAlone.test(word) || lettersAlone.test(word);
}

/** Whether a code's text could be a no-read instead: a word for it, or a filler. */
export function isNoReadText(text: string): boolean {
  const word = wordOf(text);
  return isWordForNone(word, text) || filler.test(word);
}

/** The codes of a read without what some heads of the reader have put there for want of one. */
export const withoutNoReads = (codes: readonly ScannedCode[]): readonly ScannedCode[] =>
  codes.some(({ text }) => isNoReadText(text))
    ? codes.filter(({ text }) => !isNoReadText(text))
    : codes;
