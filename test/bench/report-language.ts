/** Of README and of what the bench prints. */
export type ReportLanguage = "en" | "zh";
