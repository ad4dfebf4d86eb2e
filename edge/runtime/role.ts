import type { BugRecord } from "../../protocols/bug.ts";
import type { LastWord } from "../../protocols/link.ts";
import type { Log } from "../../protocols/log.ts";
import type { Clock } from "../../protocols/time.ts";
import type { AgentFile } from "./config/agent-file.ts";

/** What every role is given. */
export interface RoleParts {
  readonly file: AgentFile;
  /** Where it was read from, for the commands that people are told. */
  readonly configPath: string;
  readonly clock: Clock;
  readonly log: Log;
  /** For a bug that its role outlives. */
  readonly bugs: BugRecord;
  /** The agent has to be started anew, for a reason outside our code. */
  readonly onFatal: (why: string) => void;
  /** The agent has to be started anew, because nothing it knows can be trusted any more. */
  readonly onBug: (thrown: unknown, where: string) => void;
}

/**
 * A role that runs; `stop` resolves when its journal is closed. The word is for whoever will wonder
 * where it is.
 */
export interface RunningRole {
  /** For the line that is printed when the agent is ready. */
  readonly facts: Readonly<Record<string, string | number>>;
  stop(word: LastWord): Promise<void>;
}

export type StartedRole =
  | ({ readonly kind: "running" } & RunningRole)
  | { readonly kind: "refused"; readonly why: string };
