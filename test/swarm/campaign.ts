import { Worker } from "node:worker_threads";
import type { RunResult } from "./run.ts";

/** What `worker.ts` answers to the options of one run. */
export type CampaignAnswer =
  | { readonly kind: "result"; readonly result: RunResult }
  | { readonly kind: "crashed"; readonly seed: number; readonly why: string };

export const swarmWorker = new URL("worker.ts", import.meta.url);

export interface CampaignSettings<Run, Answer> {
  /** A program that plants `workerData.mutant`, then answers each run that it is sent. */
  readonly worker: URL;
  readonly threads: number;
  readonly mutant: string | null;
  /** Hears each answer as it comes; `enough` ends the campaign, runs under way included. */
  readonly onAnswer: (answer: Answer, run: Run) => "goOn" | "enough";
}

/** Runs every one, `threads` at a time, each on a thread of its own. */
export async function runCampaign<Run, Answer>(
  runs: readonly Run[],
  settings: CampaignSettings<Run, Answer>,
): Promise<void> {
  const waiting = [...runs];
  const workers = new Set<Worker>();

  const end = async (): Promise<void> => {
    waiting.length = 0;
    await Promise.all([...workers].map((worker) => worker.terminate()));
  };

  const work = async (): Promise<void> => {
    const worker = new Worker(settings.worker, {
      workerData: { mutant: settings.mutant },
    });
    workers.add(worker);
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
      const answer = await ask<Answer>(worker, run);
      if (answer === null) return;
      if (settings.onAnswer(answer, run) === "enough") await end();
    }
    await worker.terminate();
  };

  await Promise.all(Array.from({ length: settings.threads }, work));
}

/** Null when the thread was ended before it could answer. */
const ask = <Answer>(worker: Worker, run: unknown): Promise<Answer | null> =>
  new Promise((resolve, reject) => {
    const forget = (): void => {
      worker.off("error", onError).off("message", onMessage).off("exit", onExit);
    };
    const onError = (error: unknown): void => {
      forget();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const onMessage = (answer: Answer): void => {
      forget();
      resolve(answer);
    };
    const onExit = (): void => {
      forget();
      resolve(null);
    };
    worker.on("error", onError).on("message", onMessage).on("exit", onExit);
    worker.postMessage(run, []);
  });
