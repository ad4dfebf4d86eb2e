import { spawnSync } from "node:child_process";
import { packagedRuntime, root } from "./runtime.js";

/**
 * The last step of an installation: says in one sentence what npm's own warnings, which .npmrc
 * keeps quiet, would have meant, or what is missing. Exit codes: 0 all is there, 1 it is not.
 */

/** Their install scripts fetch or build something, so they can be there and yet not work. */
const built = ["sqlite3", "@serialport/bindings-cpp", "node-pty"];

/** Prints its own version, then a line for each of them that cannot be loaded. */
const trial = `
  console.log(process.version);
  for (const name of ${JSON.stringify(built)}) {
    try { require(name) } catch { console.log(name) }
  }`;

const found = look();
if (found.kind === "ready") console.log(`Sortline is ready: ${found.sentence}`);
else {
  console.error(`Sortline cannot run yet: ${found.why}`);
  process.exitCode = 1;
}

function look() {
  const runtime = packagedRuntime();
  if (runtime.kind === "missing") return runtime;
  const options = { cwd: root, encoding: "utf8" };
  const { status, stdout, error } = spawnSync(runtime.file, ["-e", trial], options);
  if (status !== 0) {
    const why = error?.message ?? `it ended with ${status}`;
    return { kind: "broken", why: `${runtime.file} does not run on this machine: ${why}.` };
  }
  const [version, ...unloadable] = stdout.trim().split("\n");
  if (unloadable.length === 0) return { kind: "ready", sentence: sentenceOn(version) };
  return {
    kind: "broken",
    why:
      `${unloadable.join(", ")} cannot be loaded; where no ready-made binary fits, npm compiles ` +
      "one, which takes Python 3, make and a C++ compiler: npm rebuild tries it again.",
  };
}

/** npm tells its scripts what it is and on which Node it runs. */
function sentenceOn(version) {
  const npmVersion = /\bnode\/(v\S+)/.exec(process.env.npm_config_user_agent ?? "")?.[1];
  const isOther = npmVersion !== undefined && npmVersion !== version;
  return (
    `every command runs on Node ${version}, which came along` +
    (isOther
      ? `, so it means nothing that some packages do not want npm's own ${npmVersion}`
      : "") +
    "; .npmrc keeps npm's warnings quiet, and npm ci --loglevel warn shows them."
  );
}
