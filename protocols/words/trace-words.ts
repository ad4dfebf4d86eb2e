import type { SeenOnWire, TraceWay } from "../trace.ts";
import * as en from "./en/trace.ts";
import { problemText, type ToldProblem } from "./problem-text.ts";
import { fill, type TemplateParams, type Translates } from "./template.ts";
import { voices, type Language } from "./words.ts";
import * as zh from "./zh-cn/trace.ts";

/** The words of a device's trace, apart from the dictionaries: they come with the trace's own script. */
type English = typeof en;
type Chinese = typeof zh;
/** Compiles only while both languages have the same keys and placeholders. */
const zhCn: { [S in keyof English]: Translates<English[S], Chinese[S]> } = zh;

interface TraceDictionary {
  readonly trace: Readonly<Record<TraceTextCode, string>>;
  readonly traceWay: Readonly<Record<TraceWay, string>>;
  readonly traceProblem: Readonly<Record<string, string>>;
}
export type TraceTextCode = keyof English["trace"];

const dictionaries: Readonly<Record<Language, TraceDictionary>> = { en, "zh-CN": zhCn };
/** What a request about a trace alone can be refused with, or what is said of it in other words. */
export const traceProblemCodes: readonly string[] = Object.keys(en.traceProblem);

export const traceText = (
  language: Language,
  code: TraceTextCode,
  params: TemplateParams = {},
): string => fill(dictionaries[language].trace[code], params);

export const traceWayText = (language: Language, way: SeenOnWire["way"]): string =>
  dictionaries[language].traceWay[way];

/** Why the centre refused; what any request may be refused with is said as it is elsewhere. */
export function traceProblemText(language: Language, problem: ToldProblem): string {
  const { error, field } = problem;
  const template = dictionaries[language].traceProblem[error];
  return template === undefined
    ? problemText(problem, voices[language])
    : fill(template, field === null ? {} : { field });
}
