import { z } from "zod";
import { logLevels } from "../../../protocols/log.ts";

/** How an agent tells what happens to it. */
export const zLogSettings = z.strictObject({
  /** Nothing below this is told. */
  level: z.enum(logLevels).default("info"),
  /**
   * `json`: one object a line, for programs. `readable`: for people. `auto`: readable exactly where
   * standard error is a terminal.
   */
  format: z.enum(["auto", "json", "readable"]).default("auto"),
});
export type LogSettings = z.infer<typeof zLogSettings>;
