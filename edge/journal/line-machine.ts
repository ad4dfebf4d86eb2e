import type { OpenEntry } from "./entries.ts";
import type { MachineRefused, ReplayMachine } from "./replay.ts";

/** The line's core for replay, as a session's `open` entry configures it. */
export const lineMachineOf = (open: OpenEntry): ReplayMachine | MachineRefused => ({
  kind: "refused",
  why: `the line core is not connected to replay (logic ${open.logicVersion})`,
});
