/** A role that runs; `stop` resolves when its journal is closed. */
export interface RunningRole {
  /** For the line that is printed when the agent is ready. */
  readonly facts: Readonly<Record<string, string | number>>;
  stop(): Promise<void>;
}

export type StartedRole =
  | ({ readonly kind: "running" } & RunningRole)
  | { readonly kind: "refused"; readonly why: string };
