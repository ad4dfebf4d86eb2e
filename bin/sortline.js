#!/usr/bin/env node
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { packagedRuntime, root } from "./runtime.js";

/**
 * `sortline COMMAND`: each npm script but `postinstall` as a command, for whoever has linked this
 * checkout. It is JavaScript, because the Node that starts it may be too old to read anything else;
 * the programs then run on the Node that npm brought.
 */

/**
 * The programs of package.json's scripts; `words` come before those that are given. `atRoot`: the
 * program's tools look for files where they run.
 */
const commands = {
  start: { program: "simulators/lab/main.ts", does: "a whole lab site, with a page" },
  agent: { program: "edge/main.ts", does: "the roles that a configuration file names" },
  probe: { program: "edge/probe/main.ts", does: "looks at one device, and says what may be wrong" },
  trace: { program: "edge/probe/trace-main.ts", does: "looks at a device of a running line" },
  trust: { program: "edge/trust/main.ts", does: "trusts the OPC UA server of one device" },
  simulate: { program: "simulators/alone/main.ts", does: "one simulated device by itself" },
  journal: {
    program: "edge/audit/cli.ts",
    does: "verify, replay or show a journal or the archive, judge a reader, bring in an old journal",
  },
  swarm: { program: "test/swarm/main.ts", does: "parcels in virtual time, with faults, judged" },
  claims: { program: "test/claims/main.ts", does: "holds, late papers and bad links, judged" },
  drills: { program: "test/drills/main.ts", does: "kill processes, cut devices, see it recover" },
  bench: { program: "test/bench/main.ts", does: "how fast it is, and compared with another build" },
  fuzz: { program: "test/fuzz/main.ts", does: "noise and spoiled messages into every parser" },
  test: { program: "test/run.ts", does: "every layer of tests", atRoot: true },
  matrix: {
    program: "test/matrix/main.ts",
    does: "every machine over every wire, as a table",
    atRoot: true,
  },
  check: { program: "test/check.ts", does: "format, types, lint, dead code", atRoot: true },
  "test:peers": {
    program: "test/run.ts",
    words: ["--layer", "peers"],
    does: "drivers and link against mosquitto and socat",
    atRoot: true,
  },
  "test:xsd": { program: "test/xsd/validate.ts", does: "the lab's messages against schemas" },
  requirements: {
    program: "test/requirements/main.ts",
    does: "which tests name which requirement",
  },
  screenshots: { program: "test/e2e/screenshots.ts", does: "pictures of the page" },
};

const usage = `Sortline: every program of this checkout as one command.

  sortline COMMAND [OPTION ...]        sortline COMMAND --help tells its options

${Object.entries(commands)
  .map(([name, { does }]) => `  ${name.padEnd(14)} ${does}`)
  .join("\n")}

Exit codes: the command's own; 1 this checkout is not installed, 2 bad arguments.`;

const [name = "", ...args] = process.argv.slice(2);
if (name === "--help" || name === "-h") console.log(usage);
else if (Object.hasOwn(commands, name)) run(commands[name]);
else refuse();

function refuse() {
  const what =
    name === ""
      ? "a command is wanted"
      : `${name}: there is no such ${name.startsWith("-") ? "option" : "command"}`;
  console.error(`sortline: ${what}\n\n${usage}`);
  process.exitCode = 2;
}

function run({ program, words = [], atRoot = false }) {
  const runtime = packagedRuntime();
  if (runtime.kind === "missing") {
    console.error(`sortline: ${runtime.why}`);
    process.exitCode = 1;
    return;
  }
  const path = [join(root, "node_modules/.bin"), process.env.PATH ?? ""].join(delimiter);
  // A terminal tells the whole group; what is told to this process alone is handed on. We listen
  // before the program begins, so that no signal can end this process and leave the program alone.
  const handOn = (signal) => child.kill(signal);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, handOn);
  const child = spawn(runtime.file, [join(root, program), ...words, ...args], {
    stdio: "inherit",
    env: { ...process.env, PATH: path },
    ...(atRoot ? { cwd: root } : {}),
  });
  child.once("error", (error) => {
    console.error(`sortline: ${runtime.file}: ${error.message}`);
    process.exitCode = 1;
  });
  child.once("exit", (code, signal) => {
    process.exit(code ?? 128 + constants.signals[signal]);
  });
}
