import { parentPort, workerData } from "node:worker_threads";
import { plantChanges } from "../swarm/mutants.ts";
import { claimMutants, isClaimMutant } from "./mutants.ts";

/** Runs schedules on a thread of its own, so that a mutant is planted before anything is loaded. */
const { mutant } = workerData as { readonly mutant: string | null };
if (mutant !== null && isClaimMutant(mutant)) plantChanges(mutant, claimMutants[mutant]);
const { runSchedule } = await import("./run.ts");

parentPort?.on("message", (seed: number) => {
  runSchedule(seed).then(
    (result) => parentPort?.postMessage(result, []),
    (error: unknown) => {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      parentPort?.postMessage(
        { seed, wrong: [why], greens: 0, parcels: 0, holds: 0, restarts: 0 },
        [],
      );
    },
  );
});
