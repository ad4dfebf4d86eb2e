import { Worker } from "node:worker_threads";
import type { Mutant } from "./mutants.ts";
import type { RunOptions } from "./options.ts";
import type { RunResult } from "./run.ts";

export type CampaignAnswer =
  | { readonly kind: "result"; readonly result: RunResult }
  | { readonly kind: "crashed"; readonly seed: number; readonly why: string };

/** Runs every option set, `threads` at a time; each answer as it comes. */
export async function runCampaign(
  runs: readonly RunOptions[],
  settings: {
    readonly threads: number;
    readonly mutant: Mutant | null;
    readonly onAnswer: (answer: CampaignAnswer, options: RunOptions) => void;
  },
): Promise<void> {
  const waiting = [...runs];
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("worker.ts", import.meta.url), {
      workerData: { mutant: settings.mutant },
    });
    try {
      for (let options = waiting.shift(); options !== undefined; options = waiting.shift()) {
        settings.onAnswer(await ask(worker, options), options);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: settings.threads }, work));
}

const ask = (worker: Worker, options: RunOptions): Promise<CampaignAnswer> =>
  new Promise((resolve, reject) => {
    const onError = (error: unknown): void => reject(error);
    worker.once("error", onError);
    worker.once("message", (answer: CampaignAnswer) => {
      worker.off("error", onError);
      resolve(answer);
    });
    worker.postMessage(options);
  });
