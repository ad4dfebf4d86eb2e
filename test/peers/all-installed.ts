import { pathOfProgram } from "../kit/programs.ts";
import { peers, whyMissing } from "./peer.ts";

/**
 * Before anything of the layer runs: whoever asks for the real peers wants to know that they were
 * tried, so that a missing one fails the layer and is named once.
 */
export function setup(): void {
  const missing = peers
    .map(({ program }) => program)
    .filter((program) => pathOfProgram(program) === undefined);
  if (missing.length > 0) throw new Error(whyMissing(missing));
}
