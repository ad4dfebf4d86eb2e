import * as en from "./en/trust.ts";
import { fill, type TemplateParams, type Translates } from "./template.ts";
import type { Language } from "./words.ts";
import * as zh from "./zh-cn/trust.ts";

/** What `npm run trust` says, apart from the dictionaries, because the page need not carry it. */
type English = typeof en;
type Chinese = typeof zh;
/** Compiles only while both languages have the same keys and placeholders. */
const zhCn: { [S in keyof English]: Translates<English[S], Chinese[S]> } = zh;

export type TrustCode = keyof English["trust"];

const sentences: Readonly<Record<Language, Readonly<Record<TrustCode, string>>>> = {
  en: en.trust,
  "zh-CN": zhCn.trust,
};

export const trustText = (
  language: Language,
  code: TrustCode,
  params: TemplateParams = {},
): string => fill(sentences[language][code], params);
