import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

/**
 * Waits until the lab whose output is in the given file answers `ready`, and until parcels have left
 * each of its lines by all three exits, which may take two minutes more. With `--stopped`: until
 * nobody answers where the lab was. The caller limits how long the lab may take to be ready or gone.
 */
const exitsWithinS = 120;
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
  const readyAt = performance.now();
  const passedS = (): number => (performance.now() - readyAt) / 1_000;
  let lines: Line[] = [];
  const isServed = (line: Line): boolean =>
    ["green", "red", "inspection"].every((exit) => (line.exits[exit]?.count ?? 0) > 0);
  const areServed = await until(async () => {
    lines = (await (await fetch(`${url}/api/lines`)).json()) as Line[];
    if (lines.length > 0 && lines.every(isServed)) return true;
    return passedS() > exitsWithinS ? false : undefined;
  });
  for (const { id, exits } of lines) {
    const counts = Object.entries(exits).map(([exit, { count }]) => `${exit} ${count}`);
    console.log(`${id}: ${counts.join(", ")}, ${passedS().toFixed(0)} s after it was healthy`);
  }
  if (areServed) return;
  console.error(`no parcel by one of the three exits within ${exitsWithinS} s`);
  process.exitCode = 1;
}

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    await pause(500);
  }
}
