import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

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

if (import.meta.main) {
  const isHelp = readArguments();
  if (isHelp === null) {
    process.exitCode = 2;
  } else if (isHelp) {
    console.log(
      "Usage: npm run check\n\nFormat, types, lint and dead code. Exits 1 when one fails.",
    );
  } else {
    const failed = runChecks();
    process.exitCode = failed.length === 0 ? 0 : 1;
  }
}

/** Whether help is wanted; null for what it does not know, which it says. */
function readArguments(): boolean | null {
  try {
    const { values } = parseArgs({ options: { help: { type: "boolean", short: "h" } } });
    return values.help === true;
  } catch (error) {
    console.error(`check: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}
