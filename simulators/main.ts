import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { zWorldFile, type WorldFile } from "./config.ts";
import { serveControl } from "./lab/control-endpoint.ts";
import { startSite } from "./lab/site.ts";

const help = `The lab's world: belts, parcels, devices on real wires, documents and officers.

  node simulators/main.ts --config FILE [--seed N] [--speed X] [--officers N]

  --config    JSON, see simulators/config.ts; relative paths in it start at its folder
  --seed      one integer that reproduces the parcels and faults of a run
  --speed     0.25 to 4: how much faster than real time belts and people are. Devices and agents
              keep real time, so an agent's configured belt speed is the layout's times this
  --officers  how many lab officers work; a person may take tasks beside them

Prints JSON lines: the options of the run, {"kind":"ready",...}, then what happens.
Exit codes: 0 stopped by a signal, 1 could not start, 2 bad arguments or configuration.`;

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
  try {
    const { values } = parseArgs({
      options: {
        config: { type: "string" },
        seed: { type: "string" },
        speed: { type: "string" },
        officers: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(help);
      return null;
    }
    if (values.config === undefined) throw new Error("--config FILE is needed");
    const given: unknown = JSON.parse(readFileSync(values.config, "utf8"));
    const overrides = Object.fromEntries(
      (["seed", "speed", "officers"] as const).flatMap((key) =>
        values[key] === undefined ? [] : [[key, Number(values[key])]],
      ),
    );
    const isObject = typeof given === "object" && given !== null;
    const parsed = zWorldFile.safeParse(isObject ? { ...given, ...overrides } : given);
    if (parsed.success) return { file: parsed.data, folder: dirname(resolve(values.config)) };
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new Error(`${values.config}:\n  ${issues.join("\n  ")}`);
  } catch (error) {
    console.error(`world: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 2;
    return null;
  }
}

await main().catch(fail);
