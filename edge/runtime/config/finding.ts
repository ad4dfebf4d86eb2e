/** What is wrong with a configuration, or worth knowing, in one sentence about a key. */
export interface Finding {
  /** With an error the agent does not start. */
  readonly level: "error" | "note";
  readonly key: string;
  readonly sentence: string;
}

export const error = (key: string, sentence: string): Finding => ({
  level: "error",
  key,
  sentence,
});

export const note = (key: string, sentence: string): Finding => ({ level: "note", key, sentence });
