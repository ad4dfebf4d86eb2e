import * as enAlarms from "./en/alarms.ts";
import * as enCodes from "./en/codes.ts";
import * as enDevices from "./en/devices.ts";
import * as enFacts from "./en/facts.ts";
import * as enReasons from "./en/reasons.ts";
import * as enStates from "./en/states.ts";
import * as enUi from "./en/ui.ts";
import { fill, type PlaceholderOf, type TemplateParams, type Translates } from "./template.ts";
import * as zhAlarms from "./zh-cn/alarms.ts";
import * as zhCodes from "./zh-cn/codes.ts";
import * as zhDevices from "./zh-cn/devices.ts";
import * as zhFacts from "./zh-cn/facts.ts";
import * as zhReasons from "./zh-cn/reasons.ts";
import * as zhStates from "./zh-cn/states.ts";
import * as zhUi from "./zh-cn/ui.ts";

/** The languages people read. Messages carry codes and values only; words are made here. */
export const languages = ["zh-CN", "en"] as const;
export type Language = (typeof languages)[number];

const en = {
  ...enReasons,
  ...enAlarms,
  ...enStates,
  ...enDevices,
  ...enCodes,
  ...enFacts,
  ...enUi,
};
const zh = {
  ...zhReasons,
  ...zhAlarms,
  ...zhStates,
  ...zhDevices,
  ...zhCodes,
  ...zhFacts,
  ...zhUi,
};

type English = typeof en;
type Chinese = typeof zh;
/** Compiles only while every section has the same keys and placeholders in both languages. */
const zhCn: { [S in keyof English]: Translates<English[S], Chinese[S]> } = zh;

export type Section = keyof English;
export type KeyOf<S extends Section> = keyof English[S] & string;
type ParamsOf<S extends Section, K extends KeyOf<S>> = [PlaceholderOf<English[S][K]>] extends [
  never,
]
  ? []
  : [params: Readonly<Partial<Record<PlaceholderOf<English[S][K]>, string | number>>>];

type Dictionary = { readonly [S in Section]: { readonly [K in KeyOf<S>]: string } };
export const dictionaries: Readonly<Record<Language, Dictionary>> = { en, "zh-CN": zhCn };

/** One language's voice: looks up a template by section and key, and fills it. */
export interface Voice {
  readonly language: Language;
  readonly say: <S extends Section, K extends KeyOf<S>>(
    section: S,
    key: K,
    ...params: ParamsOf<S, K>
  ) => string;
  /** For codes that come over a wire: null when the dictionary has no such word. */
  readonly find: (section: Section, key: string, params?: TemplateParams) => string | null;
}

const voiceOf = (language: Language): Voice => {
  const sections: Readonly<Record<string, Readonly<Record<string, string>>>> =
    dictionaries[language];
  const find = (section: Section, key: string, params: TemplateParams = {}): string | null => {
    const words = sections[section];
    const template = words !== undefined && Object.hasOwn(words, key) ? words[key] : undefined;
    return template === undefined ? null : fill(template, params);
  };
  return {
    language,
    find,
    say: (section, key, ...[params]) => find(section, key, params) ?? key,
  };
};

export const voices: Readonly<Record<Language, Voice>> = {
  en: voiceOf("en"),
  "zh-CN": voiceOf("zh-CN"),
};
