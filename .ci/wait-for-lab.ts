import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

/**
 * Waits until the lab whose output is in the given file answers `ready`, and until parcels have left
 * each of its lines by all three exits. With `--stopped`: until nobody answers where the lab was.
 * Ends by itself only when that is so; the caller sets the limit.
 */
const isStopping = process.argv.includes("--stopped");
const logFile = process.argv.at(-1) ?? "";

const url = await until(
  async () => /http:\/\/127\.0\.0\.1:\d+/.exec(await readFile(logFile, "utf8"))?.[0],
);
interface Line {
  readonly id: string;
  readonly exits: Readonly<Record<string, { readonly count: number }>>;
}

if (isStopping) await untilStopped();
else await untilServed();

async function untilStopped(): Promise<void> {
  const isGone = (): Promise<true | undefined> =>
    fetch(`${url}/healthz`).then(
      () => undefined,
      () => true,
    );
  await until(isGone);
  console.log("stopped");
}

async function untilServed(): Promise<void> {
  console.log(`lab at ${url}`);
  await until(async () => ((await fetch(`${url}/healthz`)).ok ? true : undefined));
  console.log("healthy");
  const lines = await until(async () => {
    const answer = (await (await fetch(`${url}/api/lines`)).json()) as Line[];
    const isServed = (line: Line): boolean =>
      ["green", "red", "inspection"].every((exit) => (line.exits[exit]?.count ?? 0) > 0);
    return answer.length > 0 && answer.every(isServed) ? answer : undefined;
  });
  for (const { id, exits } of lines) {
    const counts = Object.entries(exits).map(([exit, { count }]) => `${exit} ${count}`);
    console.log(`${id}: ${counts.join(", ")}`);
  }
}

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    await pause(500);
  }
}
