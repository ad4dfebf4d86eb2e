import { answer, createCommandLine, flagOption, textOption } from "../protocols/command-line.ts";
import { createBugRecord } from "../protocols/bug.ts";
import type { LastWord } from "../protocols/link.ts";
import { errorText } from "../protocols/log-text.ts";
import { useCompiledCode, type CompiledCode } from "./runtime/compiled-code.ts";
import type { RoleParts, RunningRole, StartedRole } from "./runtime/role.ts";

/**
 * The edge program: reads one configuration file and takes the roles it names. The only place where
 * real clocks, disks and wires meet the lines and the centre.
 */
const help = `Sortline agent: the roles that its configuration names.

  npm run agent -- --config FILE [--check-config | --renew-certificate]

  --config        YAML or JSON; edge/runtime/config/agent-file.ts says what may stand in it
  --check-config  checks the file, tells what its lines have time for, and ends
  --renew-certificate
                  sets the OPC UA certificate of this agent aside, so that the next connection makes
                  a new one, which each server must trust; and ends
  --print-schema  writes the JSON Schema of the file, for editors, and ends

Prints one JSON line when it runs: {"kind":"ready",...}. Stops cleanly on SIGTERM and SIGINT.
Exit codes: 0 stopped or checked, 1 could not start, as on a full disk, 2 bad arguments or
configuration, 70 has to be started anew, because its journal failed or because of a bug of ours,
which the log tells.`;

const commandLine = createCommandLine({
  name: "agent",
  usage: help,
  options: {
    config: textOption("a file"),
    "check-config": flagOption,
    "renew-certificate": flagOption,
    "print-schema": flagOption,
  },
});

const exitCode = { ok: 0, failed: 1, refused: 2, restart: 70 } as const;
const nodeMajorMin = 24;
/** What has failed may not be able to stop in order; it ends all the same. */
const failedStopMsMax = 5_000;

async function main(): Promise<number | null> {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < nodeMajorMin) {
    console.error(
      `sortline needs Node ${nodeMajorMin}, this is ${process.versions.node}: use npm run`,
    );
    return exitCode.failed;
  }
  const read = commandLine.read(process.argv.slice(2));
  if (read.kind !== "read") return answer(read, console);
  const options = read.values;
  const compiled = useCompiledCode();
  const { readAgentFile } = await import("./runtime/config/read-agent-file.ts");
  if (options["print-schema"]) {
    const { agentFileSchema } = await import("./runtime/config/agent-schema.ts");
    console.log(JSON.stringify(agentFileSchema(), null, 2));
    return exitCode.ok;
  }
  if (options.config === undefined) {
    return answer(commandLine.refuse("--config: a file is wanted"), console);
  }
  const checked = readAgentFile(options.config);
  if (checked.kind === "refused") {
    for (const sentence of checked.sentences) console.error(`agent: ${sentence}`);
    return exitCode.refused;
  }
  if (options["check-config"]) {
    for (const { key, sentence } of checked.findings) console.log(`${key}: ${sentence}`);
    console.log(`${options.config}: in order`);
    return exitCode.ok;
  }
  return options["renew-certificate"]
    ? renew(checked.file)
    : run(checked.file, options.config, compiled);
}

async function renew({ dataDir }: AgentFile): Promise<number> {
  const { createSystemClock } = await import("./runtime/system-clock.ts");
  const { renewCertificate } = await import("./runtime/renew-certificate.ts");
  const { isDone, sentence } = renewCertificate(dataDir, createSystemClock());
  console[isDone ? "log" : "error"](isDone ? sentence : `agent: ${sentence}`);
  return isDone ? exitCode.ok : exitCode.failed;
}

type AgentFile = import("./runtime/config/agent-file.ts").AgentFile;

/** Null: it runs until a signal, or until something fatal, ends it. */
async function run(
  file: AgentFile,
  configPath: string,
  compiled: CompiledCode,
): Promise<number | null> {
  const { createSystemClock } = await import("./runtime/system-clock.ts");
  const { openPinoLog } = await import("./runtime/pino-log.ts");
  const { redactText } = await import("./runtime/log-secrets.ts");
  const clock = createSystemClock();
  const programLog = openPinoLog({ name: file.agentId, settings: file.log, clock });
  const { log } = programLog;
  const bugs = createBugRecord(log, clock, redactText);
  const roles: RunningRole[] = [];
  let isStopping = false;

  const stop = async (code: number, word: LastWord): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    const stopped = stopAll(roles, word, (error) => bugs.report(error, "stopping a role"));
    const isInOrder = code === exitCode.ok ? await stopped : await within(failedStopMsMax, stopped);
    log.info(isInOrder ? "stopped" : "ended without having stopped in order", { exitCode: code });
    await programLog.flush();
    process.exit(code);
  };
  const onFatal = (why: string): void => {
    log.error("this agent has to be started anew", { why });
    void stop(exitCode.restart, { code: "journalFailed", why });
  };
  /** After a bug nobody knows what still holds: devices fall back to what is safe without us. */
  const onBug = (thrown: unknown, where: string): void => {
    bugs.report(thrown, where);
    void stop(exitCode.restart, { code: "bug", why: where });
  };
  process.on("uncaughtException", (error) => onBug(error, "an exception that nobody caught"));
  process.on("unhandledRejection", (error) => onBug(error, "a rejection that nobody handled"));

  const parts: RoleParts = { file, configPath, clock, log, bugs, onFatal, onBug };
  const starts: (() => Promise<StartedRole>)[] = [];
  const { centre } = file;
  if (centre !== null) {
    const { startCentreRole } = await import("./runtime/centre-role.ts");
    starts.push(() => startCentreRole(parts, centre));
  }
  if (file.lines.length > 0) {
    const { startLineRole } = await import("./runtime/line-role.ts");
    starts.push(() => startLineRole(parts));
  }
  const untidyWhy = compiled.keep();
  if (untidyWhy !== null) log.warn("compiled code is not tidied up", { why: untidyWhy });
  for (const start of starts) {
    const started = await start().catch((error: unknown) => {
      if (isOfTheSystem(error)) throw error;
      onBug(error, "the start of a role");
      return null;
    });
    // A bug has ended it meanwhile.
    if (started === null || isStopping) return null;
    if (started.kind === "refused") {
      console.error(`agent ${file.agentId}: ${started.why}`);
      const word = { code: "stopped", why: "a role did not start" } as const;
      for (const role of roles) await role.stop(word);
      return exitCode.failed;
    }
    roles.push(started);
  }
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => void stop(exitCode.ok, { code: "stopped", why: signal }));
  }
  const facts = Object.assign({}, ...roles.map((role) => role.facts)) as object;
  console.log(JSON.stringify({ kind: "ready", agentId: file.agentId, ...facts }));
  log.info("ready", { ...facts });
  return null;
}

/** In the opposite order of their start; true unless one of them fails. */
async function stopAll(
  roles: readonly RunningRole[],
  word: LastWord,
  onFailed: (error: unknown) => void,
): Promise<boolean> {
  let isInOrder = true;
  for (const role of roles.toReversed()) {
    await role.stop(word).catch((error: unknown) => {
      isInOrder = false;
      onFailed(error);
    });
  }
  return isInOrder;
}

/** What `work` resolves with, or false after so long. */
const within = (waitMs: number, work: Promise<boolean>): Promise<boolean> =>
  Promise.race([work, new Promise<false>((resolve) => setTimeout(() => resolve(false), waitMs))]);

const isOfTheSystem = (error: unknown): error is Error =>
  error instanceof Error && "syscall" in error;

/** What the system refuses is the site's to mend; of anything else we show where it went wrong. */
function wordsOf(error: unknown): string {
  if (!isOfTheSystem(error)) return errorText(error).trim();
  return "code" in error && error.code === "EADDRINUSE"
    ? `${error.message}; centre.http.port and metricsPort name this agent's ports`
    : error.message;
}

const code = await main().catch((error: unknown) => {
  console.error(`agent: ${wordsOf(error)}`);
  return exitCode.failed;
});
// Timers and sockets of a half-made start must not keep a failed agent alive; whatever else ends
// here ends by itself, once all it said has been read.
if (code === exitCode.failed) process.exit(code);
if (code !== null) process.exitCode = code;
