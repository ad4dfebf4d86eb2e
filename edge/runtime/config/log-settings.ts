import { z } from "zod";
import { logLevels } from "../../../protocols/log.ts";

/** How an agent tells what happens to it. */
export const zLogSettings = z.strictObject({
  level: z.enum(logLevels).default("info").describe("Nothing below this is told."),
  format: z
    .enum(["auto", "json", "readable"])
    .default("auto")
    .describe(
      "json: one object a line, for programs; readable: for people; auto: readable exactly where standard error is a terminal.",
    ),
});
export type LogSettings = z.infer<typeof zLogSettings>;
