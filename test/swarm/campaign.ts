import { Worker } from "node:worker_threads";
import type { Mutant } from "./mutants.ts";
import type { RunOptions } from "./options.ts";
import type { RunResult } from "./run.ts";

export type CampaignAnswer =
  | { readonly kind: "result"; readonly result: RunResult }
  | { readonly kind: "crashed"; readonly seed: number; readonly why: string };

export interface CampaignSettings {
  readonly threads: number;
  readonly mutant: Mutant | null;
  /** Hears each answer as it comes; `enough` ends the campaign, runs under way included. */
  readonly onAnswer: (answer: CampaignAnswer, options: RunOptions) => "goOn" | "enough";
}

/** Runs every option set, `threads` at a time. */
export async function runCampaign(
  runs: readonly RunOptions[],
  settings: CampaignSettings,
): Promise<void> {
  const waiting = [...runs];
  const workers = new Set<Worker>();

  const end = async (): Promise<void> => {
    waiting.length = 0;
    await Promise.all([...workers].map((worker) => worker.terminate()));
  };

  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("worker.ts", import.meta.url), {
      workerData: { mutant: settings.mutant },
    });
    workers.add(worker);
    for (let options = waiting.shift(); options !== undefined; options = waiting.shift()) {
      const answer = await ask(worker, options);
      if (answer === null) return;
      if (settings.onAnswer(answer, options) === "enough") await end();
    }
    await worker.terminate();
  };

  await Promise.all(Array.from({ length: settings.threads }, work));
}

/** Null when the thread was ended before it could answer. */
const ask = (worker: Worker, options: RunOptions): Promise<CampaignAnswer | null> =>
  new Promise((resolve, reject) => {
    const forget = (): void => {
      worker.off("error", onError).off("message", onMessage).off("exit", onExit);
    };
    const onError = (error: unknown): void => {
      forget();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const onMessage = (answer: CampaignAnswer): void => {
      forget();
      resolve(answer);
    };
    const onExit = (): void => {
      forget();
      resolve(null);
    };
    worker.on("error", onError).on("message", onMessage).on("exit", onExit);
    worker.postMessage(options, []);
  });
