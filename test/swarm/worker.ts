import { parentPort, workerData } from "node:worker_threads";
import type { RunOptions } from "./options.ts";
import { isMutant, plantMutant } from "./mutants.ts";

/** Runs seeds on a thread of its own, so that a mutant is planted before anything is loaded. */
const { mutant } = workerData as { readonly mutant: string | null };
if (mutant !== null && isMutant(mutant)) plantMutant(mutant);
const { runSeed } = await import("./run.ts");

parentPort?.on("message", (options: RunOptions) => {
  runSeed(options).then(
    (result) => parentPort?.postMessage({ kind: "result", result }, []),
    (error: unknown) => {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      parentPort?.postMessage({ kind: "crashed", seed: options.seed, why }, []);
    },
  );
});
