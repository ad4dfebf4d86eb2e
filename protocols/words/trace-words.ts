import type { SeenOnWire, TraceWay } from "../trace.ts";
import * as en from "./en/trace.ts";
import type { ToldProblem } from "./problem-text.ts";
import { fill, type TemplateParams, type Translates } from "./template.ts";
import type { Language } from "./words.ts";
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
/** What a request about a trace can be refused with. */
export const traceProblemCodes: readonly string[] = Object.keys(en.traceProblem);

export const traceText = (
  language: Language,
  code: TraceTextCode,
  params: TemplateParams = {},
): string => fill(dictionaries[language].trace[code], params);

export const traceWayText = (language: Language, way: SeenOnWire["way"]): string =>
  dictionaries[language].traceWay[way];

/** Why the centre refused; a code that is not known is shown as it is. */
export function traceProblemText(language: Language, { error, field }: ToldProblem): string {
  const template = dictionaries[language].traceProblem[error];
  return template === undefined ? error : fill(template, field === null ? {} : { field });
}
