import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { ClaimMutant } from "./mutants.ts";
import type { ScheduleResult } from "./run.ts";

export interface ClaimCampaign {
  readonly seeds: readonly number[];
  readonly threads: number;
  readonly mutant: ClaimMutant | null;
  /** Hears each result as it comes; `enough` ends the campaign. */
  readonly onResult: (result: ScheduleResult) => "goOn" | "enough";
}

/** Runs one schedule for each seed, `threads` at a time. */
export async function runClaimCampaign(campaign: ClaimCampaign): Promise<void> {
  const waiting = [...campaign.seeds];
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("worker.ts", import.meta.url), {
      workerData: { mutant: campaign.mutant },
    });
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      worker.postMessage(seed, []);
      // Rejects when the worker throws, above all where a mutant no longer fits its file.
      const [result] = (await once(worker, "message")) as [ScheduleResult];
      if (campaign.onResult(result) === "enough") waiting.length = 0;
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: campaign.threads }, work));
}
