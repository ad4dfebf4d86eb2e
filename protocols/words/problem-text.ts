import type { z } from "zod";
import type { zProblem } from "../ui/http.ts";
import type { Voice } from "./words.ts";

/** Its code has words in both languages; its message is for whoever programs against the server. */
export type ToldProblem = Pick<z.infer<typeof zProblem>, "error" | "field">;

/** Why the centre refused a request; a code that is not known is shown as it is. */
export const problemText = ({ error, field }: ToldProblem, { find, say }: Voice): string =>
  find("problem", error, field === null ? {} : { field }) ??
  say("ui", "problemUnknown", { code: error });
