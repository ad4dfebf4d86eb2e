import { canonicalJson } from "../journal/canonical-json.ts";
import type { DrawKey, KeptParameters } from "../clearance/config.ts";
import { drawsWith } from "../clearance/parameters.ts";
import { createDocumentJudge, readInput } from "../centre/documents/judge.ts";
import { createDocumentState } from "../clearance/state.ts";
import { createActJoiner } from "../centre/acts/act-pieces.ts";
import { zCentreAct, type CentreActOf } from "../centre/acts/acts.ts";
import { createParameterBook, type ParameterAct } from "../centre/acts/parameter-book.ts";

/**
 * The documents' judgments for replay: every input of a centre's journal is judged again under the
 * parameters that stand before it. Lots are drawn anew where the key is given; without it the
 * journal's own answers are taken, and it is counted what could not be derived.
 */
export interface DocumentCore {
  /** Each act of a journal, in order. */
  take(act: unknown): ActReplay;
  /**
   * The answer to `parametersWanted`: those that the journal holds further on, or null for none;
   * inputs are not judged then. Answers for the input that wanted them.
   */
  beginWith(acts: readonly ParameterAct[] | null): ActReplay;
  drawsUnderived(): readonly DrawsUnderived[];
}

export type ActReplay =
  /** Nothing in it is derived: it is kept. */
  | { readonly kind: "kept" }
  /** An input, and no parameters yet: `beginWith` comes next. */
  | { readonly kind: "parametersWanted" }
  /** An input whose judgment is not in the journal, so that there is nothing to compare. */
  | { readonly kind: "unjudged" }
  | { readonly kind: "judged"; readonly expected: string; readonly actual: string }
  | { readonly kind: "parameters"; readonly logicVersion: string }
  | { readonly kind: "unreadable"; readonly why: string };

export interface DrawsUnderived {
  readonly version: string;
  readonly drawKeyHash: string;
  readonly total: number;
}

type Keys = readonly Pick<DrawKey, "drawKeyHash" | "drawSecretHex">[];

export function createDocumentCore(keys: Keys): DocumentCore {
  const drawOf = drawsWith(keys);
  const underived = new Map<string, DrawsUnderived>();
  const noteUnderived = ({ version, drawKeyHash }: KeptParameters): void => {
    const total = (underived.get(drawKeyHash)?.total ?? 0) + 1;
    underived.set(drawKeyHash, { version, drawKeyHash, total });
  };
  const judge = createDocumentJudge({
    drawLot: (parameters, { name, rate, known }) => {
      const isDrawn = drawOf(parameters)?.(name, rate);
      if (isDrawn === undefined) noteUnderived(parameters);
      return isDrawn ?? known ?? true;
    },
    onFact: () => {},
  });
  const state = createDocumentState();
  const book = createParameterBook();
  const joiner = createActJoiner();
  let judgedBy: "nothingYet" | "nothing" | "parameters" = "nothingYet";
  let wanting: CentreActOf<"desk"> | null = null;

  const takeParameters = (act: ParameterAct): ActReplay => {
    const taken = book.take(act);
    if (taken === null) return { kind: "kept" };
    if (taken.kind === "broken") return { kind: "unreadable", why: taken.why };
    judge.judgeBy(taken.kept);
    judgedBy = "parameters";
    return { kind: "parameters", logicVersion: taken.logicVersion };
  };

  const takeInput = (act: CentreActOf<"desk">): ActReplay => {
    const { input, judged } = act;
    if (judgedBy === "nothing") return { kind: "unjudged" };
    if (judgedBy === "nothingYet") {
      wanting = act;
      return { kind: "parametersWanted" };
    }
    const { judged: actual } = judge.judgeInput(state, readInput(input), judged?.draws ?? {});
    if (judged === undefined) return { kind: "unjudged" };
    return { kind: "judged", expected: textOf(judged), actual: textOf(actual) };
  };

  return {
    take: (content) => {
      const joined = joiner.take(content);
      if (joined.kind === "begun") return { kind: "kept" };
      if (joined.kind === "broken") return { kind: "unreadable", why: joined.why };
      const read = zCentreAct.safeParse(joined.content);
      if (!read.success) return { kind: "kept" };
      const act = read.data;
      if (act.kind === "desk") return takeInput(act);
      const isParameters = act.kind === "parameters" || act.kind === "parameterVersion";
      return isParameters ? takeParameters(act) : { kind: "kept" };
    },
    beginWith: (acts) => {
      judgedBy = "nothing";
      for (const act of acts ?? []) takeParameters(act);
      return wanting === null ? { kind: "kept" } : takeInput(wanting);
    },
    drawsUnderived: () => [...underived.values()],
  };
}

/**
 * Of a journal whose beginning is not read: what is judged there depends on what was judged before, so
 * nothing is derived, and no difference is told that is none.
 */
export function documentsLeft(leftSeq: number): DocumentCore {
  const joiner = createActJoiner();
  let hasBegun = false;
  return {
    take: (content) => {
      const joined = joiner.take(content);
      // The first act may be the end of one whose beginning has left.
      if (joined.kind === "broken" && hasBegun) return { kind: "unreadable", why: joined.why };
      if (joined.kind !== "act") return { kind: "kept" };
      hasBegun = true;
      const act = zCentreAct.safeParse(joined.content).data;
      if (act?.kind !== "desk") return { kind: "kept" };
      return { kind: "unreadable", why: `what it depends on, records 1 to ${leftSeq}, has left` };
    },
    beginWith: () => ({ kind: "kept" }),
    drawsUnderived: () => [],
  };
}

/** For a report of what differs. */
export function textOf(outputs: unknown): string {
  const text = canonicalJson(outputs);
  return text.kind === "text" ? text.text : `not canonical, ${text.path}: ${text.why}`;
}

/** The first parameters among a journal's acts, with the versions that they name. */
export async function firstParametersAmong(
  acts: AsyncIterable<unknown>,
): Promise<readonly ParameterAct[] | null> {
  const found: ParameterAct[] = [];
  const joiner = createActJoiner();
  for await (const content of acts) {
    const joined = joiner.take(content);
    if (joined.kind !== "act") continue;
    const act = zCentreAct.safeParse(joined.content).data;
    if (act?.kind !== "parameterVersion" && act?.kind !== "parameters") continue;
    found.push(act);
    if (act.kind === "parameters") return found;
  }
  return null;
}
