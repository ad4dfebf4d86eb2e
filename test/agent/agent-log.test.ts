import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { createBugRecord } from "../../protocols/bug.ts";
import { createCollectingLog, type LogLine } from "../../protocols/log.ts";
import type { DeviceKind } from "../../protocols/sorting.ts";
import type { Clock } from "../../protocols/time.ts";
import { epochMs, monotonicMs } from "../../protocols/units.ts";
import { readAgentFile } from "../../edge/runtime/config/read-agent-file.ts";
import { startLineRole } from "../../edge/runtime/line-role.ts";
import { redactText } from "../../edge/runtime/log-secrets.ts";

/**
 * Goal: an agent that reaches nothing says so at once and then at a bounded rate, and a bug of ours
 * ends it with its stack in the log. Method: the shipped example with every address changed to one
 * where nobody listens; the real role on a clock that runs sixty times as fast, and the real
 * program with a fault planted into one file as it is loaded.
 */
let folder = "";
let config = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sortline-log-"));
  config = join(folder, "agent.json");
  const example = parse(readFileSync("edge/examples/line-agent.yaml", "utf8")) as Example;
  const [line] = example.lines;
  Object.assign(example, { dataDir: join(folder, "data"), metricsPort: null });
  example.link.brokerUrl = "mqtt://line:hunter2@127.0.0.1:1";
  Object.assign(line.devices.scanner.reach, { path: join(folder, "ttyUSB0") });
  Object.assign(line.devices.scale.reach, { host: "127.0.0.1", port: 1 });
  Object.assign(line.devices.xray.reach, { brokerUrl: "mqtt://127.0.0.1:1" });
  Object.assign(line.devices.sorter.reach, {
    endpointUrl: "opc.tcp://127.0.0.1:1",
    security: { mode: "none" },
  });
  await writeFile(config, JSON.stringify({ ...example, log: { format: "json", level: "info" } }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Example {
  readonly link: { brokerUrl: string };
  readonly lines: readonly [
    { readonly devices: Readonly<Record<DeviceKind, { readonly reach: object }>> },
  ];
}

const timesAsFast = 60;

/** The machine's clock, run faster: waits are as long as their order and number need. */
function createFastClock(): Clock {
  const startedAt = performance.now();
  const monotonic = () => monotonicMs((performance.now() - startedAt) * timesAsFast);
  return {
    monotonic,
    wall: () => epochMs(Date.UTC(2026, 0, 1) + Math.floor(monotonic())),
    schedule: (dueAt, fire) => {
      const timer = setTimeout(fire, Math.max(0, dueAt - monotonic()) / timesAsFast);
      return { cancel: () => clearTimeout(timer) };
    },
  };
}

test("an agent that reaches no device and no broker says so at once, and once a minute each", async () => {
  const read = readAgentFile(config);
  if (read.kind !== "config") throw new Error(JSON.stringify(read));
  const clock = createFastClock();
  const { log, lines } = createCollectingLog();
  const onFatal = (why: string): never => {
    throw new Error(why);
  };
  const started = await startLineRole({
    file: read.file,
    configPath: config,
    clock,
    log,
    bugs: createBugRecord(log, clock, redactText),
    onFatal,
    onBug: (thrown) => onFatal(String(thrown)),
  });
  if (started.kind === "refused") throw new Error(started.why);

  const leftOutOf = (line: LogLine): number => Number(line.fields["leftOut"] ?? 0);
  const addresses = ["ttyUSB0", "127.0.0.1:1", "mqtt://127.0.0.1:1", "opc.tcp://127.0.0.1:1"];
  const told = (name: string, address: string) =>
    lines.filter(
      (line) =>
        line.name === name &&
        line.message.startsWith("not connected") &&
        String(line.fields["address"]).endsWith(address),
    );
  const wires = [
    ["devices.serial", addresses[0]],
    ["devices.tcp", addresses[1]],
    ["devices.mqtt", addresses[2]],
    ["link.mqtt", addresses[2]],
    ["devices.opcua", addresses[3]],
  ].map(
    ([name = "", address = ""]) =>
      () =>
        told(name, address),
  );
  await expect
    .poll(() => wires.map((wire) => wire().some(leftOutOf)), { timeout: 30_000 })
    .toEqual(wires.map(() => true));
  const minutes = clock.monotonic() / 60_000;
  await started.stop({ code: "stopped", why: "test" });

  for (const wire of wires) {
    expect(wire()[0]?.fields).not.toHaveProperty("leftOut");
    // Each reason has a minute of its own; of what is refused there is one, seldom two.
    expect(wire().length).toBeLessThanOrEqual(2 * (1 + minutes));
  }
  for (const deviceId of ["L1-scanner", "L1-scale", "L1-xray", "L1-sorter"]) {
    const down = lines.filter((line) => line.fields["deviceId"] === deviceId);
    expect(down[0]).toMatchObject({ level: "warn", message: "device down" });
    expect(down.length).toBeLessThanOrEqual(1 + minutes);
  }
  expect(lines.some(({ message }) => message === "nothing is heard of the centre")).toBe(true);
  // After its end an agent says nothing.
  const total = lines.length;
  await new Promise((later) => setTimeout(later, 0));
  expect(lines).toHaveLength(total);
}, 60_000);

interface Ended {
  readonly code: number | null;
  readonly log: readonly Record<string, unknown>[];
  readonly text: string;
}

/** The program with a file of the repository changed as it is loaded. */
function runPlanted(file: string, plant: readonly [text: string, instead: string]): Promise<Ended> {
  const hooks = `
    import { registerHooks } from "node:module";
    registerHooks({
      load(url, context, next) {
        const loaded = next(url, context);
        if (!url.endsWith(${JSON.stringify(file)})) return loaded;
        const source = String(loaded.source);
        const planted = source.replace(...${JSON.stringify(plant)});
        if (planted === source) throw new Error("nothing was planted");
        return { ...loaded, source: planted };
      },
    });`;
  const child = spawn(
    process.execPath,
    [
      "--import",
      `data:text/javascript,${encodeURIComponent(hooks)}`,
      "edge/main.ts",
      "--config",
      config,
    ],
    { stdio: ["ignore", "ignore", "pipe"], cwd: resolve(".") },
  );
  // It would outlive a test that gives up.
  onTestFinished(() => void child.kill("SIGKILL"));
  const said: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => said.push(line));
  return new Promise((resolve) =>
    child.once("close", (code) =>
      resolve({
        code,
        text: said.join("\n"),
        log: said
          .filter((line) => line.startsWith("{"))
          .map((line) => JSON.parse(line) as Record<string, unknown>),
      }),
    ),
  );
}

describe("a bug of ours ends the process with 70, and the log has its stack", () => {
  test.each<[what: string, file: string, plant: readonly [string, string], stack: string]>([
    [
      "in the line's core",
      "/edge/line/step.ts",
      [
        "export function step(",
        `export function step(state, event, config) {
           if (event.kind === "health") throw new TypeError("planted");
           return stepAsItWas(state, event, config);
         }
         function stepAsItWas(`,
      ],
      "edge/line/step.ts",
    ],
    [
      "in the start of a role",
      "/edge/runtime/line-role.ts",
      [
        "export async function startLineRole(",
        `export async function startLineRole() { throw new TypeError("planted"); }
         async function asItWas(`,
      ],
      "edge/runtime/line-role.ts",
    ],
    [
      "in a timer",
      "/edge/runtime/metrics.ts",
      ["export async", `setTimeout(() => { throw new TypeError("planted"); }, 1_500);export async`],
      "edge/runtime/metrics.ts",
    ],
    [
      "in a promise that nobody waits for",
      "/edge/runtime/metrics.ts",
      [
        "export async",
        `setTimeout(() => void Promise.reject(new TypeError("planted")), 1_500);export async`,
      ],
      "edge/runtime/metrics.ts",
    ],
  ])(
    "%s",
    async (_what, file, plant, stack) => {
      const { code, log, text } = await runPlanted(file, plant);
      expect(code).toBe(70);
      const bug = log.find(({ message }) => message === "a bug of ours");
      expect(bug).toMatchObject({
        level: "error",
        error: {
          name: "Bug",
          cause: {
            name: "TypeError",
            message: "planted",
            stack: expect.stringContaining(stack) as unknown,
          },
        },
      });
      expect(log.filter(({ exitCode }) => exitCode === 70)).toHaveLength(1);
      expect(text).not.toContain("hunter2");
    },
    60_000,
  );
});
