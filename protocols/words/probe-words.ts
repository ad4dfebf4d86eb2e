import * as en from "./en/probe.ts";
import { fill, type TemplateParams, type Translates } from "./template.ts";
import type { Language } from "./words.ts";
import * as zh from "./zh-cn/probe.ts";

/**
 * What `npm run probe` says, apart from the dictionaries: technicians read it at a terminal, and the
 * page need not carry it.
 */
type English = typeof en;
type Chinese = typeof zh;
/** Compiles only while both languages have the same keys and placeholders. */
const zhCn: { [S in keyof English]: Translates<English[S], Chinese[S]> } = zh;

export type HintCode = keyof English["probeHint"];

const hints: Readonly<Record<Language, Readonly<Record<HintCode, string>>>> = {
  en: en.probeHint,
  "zh-CN": zhCn.probeHint,
};
const counted: Readonly<Record<Language, string>> = {
  en: en.probe.counted,
  "zh-CN": zhCn.probe.counted,
};

const notShown: Readonly<Record<Language, string>> = {
  en: en.probe.notShown,
  "zh-CN": zhCn.probe.notShown,
};

export const hintText = (language: Language, code: HintCode, params: TemplateParams): string =>
  fill(hints[language][code], params);

export type LifeTextCode = keyof English["probeLife"];
const ofLife: Readonly<Record<Language, Readonly<Record<LifeTextCode, string>>>> = {
  en: en.probeLife,
  "zh-CN": zhCn.probeLife,
};

/** What became of a sorter when our life was stopped. */
export const lifeText = (language: Language, code: LifeTextCode, params: TemplateParams): string =>
  fill(ofLife[language][code], params);

/** How many lines more there would have been. */
export const notShownText = (language: Language, total: number): string =>
  fill(notShown[language], { total });

/** How many messages were taken, and how many not. */
export const countedText = (language: Language, good: number, discarded: number): string =>
  fill(counted[language], { good, discarded });
