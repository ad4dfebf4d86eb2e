import { z } from "zod";
import { invariant } from "../../../protocols/bug.ts";
import { messageBytesMax } from "../../../protocols/ceb/envelope.ts";
import { parseJson } from "../../../protocols/json-message.ts";
import { recordBodyCharsMax } from "../../../protocols/link.ts";
import { canonicalJson } from "../../journal/canonical-json.ts";
import type { CentreAct } from "./acts.ts";

/**
 * An act that is longer than a record may be is written as several records, together or not at
 * all: pieces of its canonical JSON, in order and with nothing between them.
 */
const zPiece = z.strictObject({
  kind: z.literal("piece"),
  /** From 0. */
  index: z.number().int().min(0),
  total: z.number().int().min(2),
  text: z.string(),
});
type Piece = z.infer<typeof zPiece>;

/** In JSON each character of a text that XML allows takes at most two. */
const escapedTimes = 2;
/** What stands around an act in its record, and around a piece's text: names, stamps, marks. */
export const frameCharsMax = 4_000;
/** What the record of a judgment takes at most, and a rule, and a hash. */
const judgedCharsMax = 10_000;
/** A waybill and a hash. */
const leftCharsMax = 500;
const ruleCharsMax = 500;
const hashCharsMax = 70;

/**
 * What the longest act takes as records: the longest message, in an act and then in pieces. A
 * journal has to take so much at once.
 */
export const actCharsMax = escapedTimes * escapedTimes * messageBytesMax + recordBodyCharsMax;

const pieceCharsMax = Math.floor((recordBodyCharsMax - frameCharsMax) / escapedTimes);

/** As many characters as it may take in records; none is encoded for it. */
export function charsAtMost(act: CentreAct): number {
  switch (act.kind) {
    case "desk": {
      const { input, judged } = act;
      const text = input.kind === "customsMessage" ? input.xml.length : 0;
      const judgments = judged === undefined ? 0 : judged.records.length + judged.outcomes.length;
      const leftChars = (judged?.left?.length ?? 0) * leftCharsMax;
      return escapedTimes * text + judgments * judgedCharsMax + leftChars + frameCharsMax;
    }
    case "parameterVersion":
      return act.parameters.rules.length * ruleCharsMax + frameCharsMax;
    case "parameters":
      return act.versions.length * hashCharsMax + frameCharsMax;
    case "checkpoint": {
      const places = act.chains.length + (act.sessions?.length ?? 0);
      return act.standing.length * judgedCharsMax + places * frameCharsMax;
    }
    case "claim":
    case "claimAsked":
    case "claimEnded":
    case "generationAsked":
    case "generationBegun":
    case "settled":
    case "broughtIn":
    case "olderFound":
    case "missingNamed":
    case "olderOver":
    case "lostSeen":
    case "damageFound":
    case "damageOver":
    case "traceBegun":
    case "lock":
    case "decision":
    case "taskAsked":
      return frameCharsMax;
  }
}

/** The act itself where one record holds it, else its pieces. */
export function cutAct(act: CentreAct): readonly (CentreAct | Piece)[] {
  const wholeCharsMax = recordBodyCharsMax - frameCharsMax;
  if (charsAtMost(act) <= wholeCharsMax) return [act];
  const json = canonicalJson(act);
  invariant(json.kind === "text", "an act has no canonical JSON");
  if (json.text.length <= wholeCharsMax) return [act];
  const texts = cutText(json.text);
  return texts.map((text, index) => ({ kind: "piece", index, total: texts.length, text }));
}

function cutText(text: string): readonly string[] {
  const texts: string[] = [];
  for (let from = 0; from < text.length;) {
    let to = Math.min(from + pieceCharsMax, text.length);
    // Half a pair would be written as six characters.
    if (isHighSurrogate(text.charCodeAt(to - 1))) to -= 1;
    texts.push(text.slice(from, to));
    from = to;
  }
  return texts;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

export type Joined =
  | { readonly kind: "act"; readonly content: unknown }
  /** More of it follows. */
  | { readonly kind: "begun" }
  | { readonly kind: "broken"; readonly why: string };

/** Puts the acts of a journal together again, given the `act` of each act entry in order. */
export function createActJoiner(): { take(content: unknown): Joined } {
  let texts: string[] = [];
  return {
    take: (content) => {
      const piece = zPiece.safeParse(content).data;
      if (piece === undefined) {
        const isCutOff = texts.length > 0;
        texts = [];
        return isCutOff
          ? { kind: "broken", why: "the act before it lacks its end" }
          : { kind: "act", content };
      }
      if (piece.index !== texts.length) {
        texts = [];
        return { kind: "broken", why: `piece ${piece.index} of an act stands alone` };
      }
      texts.push(piece.text);
      if (texts.length < piece.total) return { kind: "begun" };
      const json = parseJson(texts.join(""));
      texts = [];
      return json.kind === "ok"
        ? { kind: "act", content: json.value }
        : { kind: "broken", why: json.message };
    },
  };
}
