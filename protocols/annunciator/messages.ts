import { z } from "zod";
import { zAnnunciation } from "./annunciation.ts";

/**
 * Our own messages, of dialect `sortline-json`: the agent publishes what is to be shown on `set`, at
 * each change and once a second, and as its will what is shown without it; the device tells on `state`
 * what it shows, at each change and at least every two seconds.
 */
export const annunciatorTopics = { set: "set", state: "state" } as const;

export const zAnnunciatorState = z.strictObject({
  shows: zAnnunciation,
  /** Of the key that silences the horn; it acknowledges nothing. */
  isSilencePressed: z.boolean(),
});
export type AnnunciatorState = z.infer<typeof zAnnunciatorState>;
