import { spawnSync } from "node:child_process";
import { answer, createCommandLine } from "../protocols/command-line.ts";

/** `npm run check`: format, types, lint, dead code. Also the first layer of `npm test`. */
export const checks = [
  { name: "format", command: ["oxfmt", "--check", "."] },
  { name: "types", command: ["tsc", "-p", "."] },
  { name: "types of the page", command: ["tsc", "-p", "control-ui/web"] },
  { name: "lint", command: ["oxlint", "--type-aware", "--deny-warnings"] },
  { name: "dead code", command: ["knip"] },
] as const;

/** Runs every check, whatever the others say; the names of those that failed. */
export function runChecks(): string[] {
  const failed: string[] = [];
  for (const { name, command } of checks) {
    const [program, ...args] = command;
    const startedAt = performance.now();
    const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    const isOk = status === 0;
    console.log(`${isOk ? "ok    " : "FAILED"} ${name} (${command.join(" ")}, ${seconds} s)`);
    if (isOk) continue;
    failed.push(name);
    console.log([error?.message, stdout, stderr].filter(Boolean).join("\n"));
  }
  return failed;
}

const usage = `Usage: npm run check

Format, types, lint and dead code.
Exit codes: 0 all in order, 1 one fails, 2 bad arguments.`;

if (import.meta.main) {
  const read = createCommandLine({ name: "check", usage, options: {} }).read(process.argv.slice(2));
  if (read.kind === "read") process.exitCode = runChecks().length === 0 ? 0 : 1;
  else process.exitCode = answer(read, console);
}
