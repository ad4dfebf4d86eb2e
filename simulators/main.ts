import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  answer,
  createCommandLine,
  numberOption,
  seedOption,
  textOption,
  wholeOption,
} from "../protocols/command-line.ts";
import { parseJson } from "../protocols/json-message.ts";
import { zWorldFile, type WorldFile } from "./config.ts";
import { serveControl } from "./site/control-endpoint.ts";
import { startSite } from "./site/site.ts";

const help = `The lab's world: belts, parcels, devices on real wires, documents and officers.

  node simulators/main.ts --config FILE [--seed N] [--speed X] [--officers N]

  --config    JSON, see simulators/config.ts; relative paths in it start at its folder
  --seed      one integer that reproduces the parcels and faults of a run
  --speed     0.25 to 4: how much faster than real time belts and people are. Devices and agents
              keep real time, so an agent's configured belt speed is the layout's times this
  --officers  how many lab officers work; a person may take tasks beside them

Prints JSON lines: the options of the run, {"kind":"ready",...}, then what happens.
Exit codes: 0 stopped by a signal, 1 could not start, 2 bad arguments or configuration.`;

const commandLine = createCommandLine({
  name: "world",
  usage: help,
  options: {
    config: textOption("a file"),
    seed: seedOption,
    speed: numberOption(0.25, 4),
    officers: wholeOption(0, 200),
  },
});

const log = (event: Readonly<Record<string, unknown>>): void => {
  console.log(JSON.stringify(event));
};

async function main(): Promise<void> {
  const options = readOptions();
  if (options === null) return;
  const { file, folder } = options;
  log({ kind: "options", ...file });
  const site = await startSite(file, folder, log);
  const control = await serveControl(site, file.controlPort);
  log({
    kind: "ready",
    seed: file.seed,
    speed: file.speed,
    lines: file.lines.map(({ id }) => id),
    opcuaUrl: site.opcua?.endpointUrl() ?? null,
    controlUrl: `http://127.0.0.1:${control.port}`,
  });

  const stop = async (): Promise<void> => {
    log({ kind: "stopping", ...site.counters() });
    await control.close();
    await site.stop();
    process.exit(0);
  };
  let isStopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      stop().catch(fail);
    });
  }
}

function fail(error: unknown): void {
  console.error(`world: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

function readOptions(): { readonly file: WorldFile; readonly folder: string } | null {
  const read = commandLine.read(process.argv.slice(2));
  if (read.kind !== "read") {
    process.exitCode = answer(read, console);
    return null;
  }
  const { config, ...overrides } = read.values;
  if (config === undefined) return refuse(commandLine.refuse("--config: a file is wanted").text);
  try {
    const json = parseJson(readFileSync(config));
    if (json.kind === "invalid") return refuse(`world: ${config}: ${json.why}`);
    const given = json.value;
    const isObject = typeof given === "object" && given !== null;
    const wanted = Object.entries(overrides).filter(([, value]) => value !== undefined);
    const parsed = zWorldFile.safeParse(
      isObject ? { ...given, ...Object.fromEntries(wanted) } : given,
    );
    if (parsed.success) return { file: parsed.data, folder: dirname(resolve(config)) };
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    return refuse(`world: ${config}:\n  ${issues.join("\n  ")}`);
  } catch (error) {
    return refuse(`world: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refuse(text: string): null {
  console.error(text);
  process.exitCode = 2;
  return null;
}

await main().catch(fail);
