import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openRowJournal } from "../../edge/journal/sqlite/sqlite-journal.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { centreText } from "../../simulators/lab/agent-files.ts";
import { tamper } from "../journal/support.ts";

/**
 * Goal: every command says in one line what is wrong with its arguments, by the option's name, and
 * ends as its help says. Method: package.json's commands are run with wrong arguments, lab and agent
 * with a port that is taken, and a centre on rows that somebody has changed.
 */
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** npm's own moments are no commands of a person. */
const commands = Object.keys(scripts).filter((name) => name !== "postinstall");

interface Ended {
  readonly code: unknown;
  readonly out: string;
  readonly err: string;
}

/** As npm would run it; `temporary` stands in for the machine's folder of that kind. */
function run(command: string, args: readonly string[], temporary = tmpdir()): Promise<Ended> {
  const [program = "", ...words] = (scripts[command] ?? "").split(" ");
  const env = { ...process.env, TMPDIR: temporary };
  return new Promise((resolve) => {
    execFile(program, [...words, ...args], { env, timeout: 30_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : error.code, out, err }),
    );
  });
}

/** The name under which a program speaks, where it is not the command's. */
const speakers: Readonly<Record<string, string>> = { start: "lab", "test:peers": "test" };
const seed = "a whole number from 0 to 2147483647";
/** A lab would outlive a test that gives up at 60 s. */
const bound = { timeout: 50_000, killSignal: "SIGKILL" } as const;

describe("wrong arguments", () => {
  test.concurrent.each(commands)("npm run %s knows no --storm", async (command) => {
    const { code, out, err } = await run(command, ["--storm"]);
    const help = await run(command, ["--help"]);
    const speaker = speakers[command] ?? command;
    expect(err).toBe(`${speaker}: --storm: there is no such option\n\n${help.out}`);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(help).toMatchObject({ code: 0, err: "" });
    expect(help.out).toMatch(/Exit codes: 0 .*\b2 (?:bad arguments|wrong usage)/s);
  });

  test.concurrent.each<[command: string, args: string[], sentence: string]>([
    ["start", ["--port", "-1"], "--port: -1 is not a whole number from 0 to 65535"],
    ["start", ["--port"], "--port: a whole number from 0 to 65535 is wanted"],
    ["start", ["--speed", "fast"], "--speed: fast is not a number from 0.25 to 4"],
    ["start", ["--data", "--seed", "1"], "--data: a folder is wanted"],
    ["agent", ["--config"], "--config: a file is wanted"],
    ["agent", [], "--config: a file is wanted"],
    ["swarm", ["--seeds", "-1"], "--seeds: -1 is not a whole number from 1 to 100000"],
    ["bench", ["--seconds", "soon"], "--seconds: soon is not a whole number from 1 to 3600"],
    ["bench", ["--against", "/nope"], "--against: /nope: there is no such file or folder"],
    ["bench", ["--against", "edge"], "--against: edge: it is no checkout of Sortline"],
    ["screenshots", ["--only"], "--only: a text is wanted"],
    ["journal", ["show", "x", "--from", "-1"], "--from: -1 is not a whole number from 1 to"],
    ["test:xsd", ["x", "--parcels", "0"], "--parcels: 0 is not a whole number from 1 to 1000000"],
    ["test:xsd", [], "DIR is wanted"],
    ["drills", ["--seed", "-1"], `--seed: -1 is not ${seed}`],
    ["check", ["all"], "all: no such word is wanted"],
    ["test", ["--layer", "rain"], "--layer: rain is not one of check, core, wire, e2e"],
  ])("npm run %s %j: %s", async (command, args, sentence) => {
    const { code, err } = await run(command, args);
    expect(err.split("\n")[0]).toContain(`${speakers[command] ?? command}: ${sentence}`);
    expect(code).toBe(2);
  });
});

describe("a file or folder that is not there or cannot be used", () => {
  test.concurrent.each<[command: string, args: string[], sentence: string]>([
    ["agent", ["--config", "/nope"], "/nope: there is no such file or folder"],
    ["agent", ["--config", "edge"], "edge: it is a folder, not a file"],
    // A device would be read for ever.
    ["agent", ["--config", "/dev/zero"], "/dev/zero: it is no ordinary file"],
    ["test:xsd", ["/nope"], "/nope: there is no such file or folder"],
    ["test:xsd", ["package.json"], "package.json: it, or what leads to it, is no folder"],
  ])("npm run %s %j: %s", async (command, args, sentence) => {
    const { code, err } = await run(command, args);
    expect(err).toBe(`${command}: ${sentence}\n`);
    expect(code).toBe(2);
  });

  const inTheWay = resolve("package.json");
  test.concurrent.each([
    // Below /proc nothing is ever made, though its folder is there.
    ["/proc/x", "/proc/x cannot be made"],
    ["/proc/x/y", "/proc/x/y cannot be made"],
    ["/proc", "/proc cannot be written"],
    [inTheWay, `${inTheWay} cannot be made: something of that name is there already`],
    [
      join(inTheWay, "x"),
      `${join(inTheWay, "x")} cannot be made: it, or what leads to it, is no folder`,
    ],
  ])("npm start -- --data %s", async (data, sentence) => {
    const { code, out, err } = await run("start", ["--port", "0", "--data", data]);
    expect(err).toBe(`lab: --data: ${sentence}; name another folder\n`);
    expect({ code, out }).toEqual({ code: 1, out: "" });
  });
});

test.each(["SIGINT", "SIGTERM"] as const)("the lab says that %s has stopped it", async (signal) => {
  const temporary = await mkdtemp(join(tmpdir(), "sortline-stop-"));
  const [program = "", ...words] = (scripts["start"] ?? "").split(" ");
  const env = { ...process.env, TMPDIR: temporary };
  const lab = spawn(program, [...words, "--port", "0"], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    ...bound,
  });
  let printed = "";
  for (const stream of [lab.stdout, lab.stderr]) {
    stream.on("data", (chunk) => {
      // Once it has begun, and before there is much to end.
      if (printed === "") lab.kill(signal);
      printed += String(chunk);
    });
  }
  const [code] = (await once(lab, "close")) as [number | null];
  expect({ code, printed }).toMatchObject({ code: 0 });
  expect(printed).toMatch(/^building the page\n(.*\n)*stopped\n$/);
  expect(await readdir(temporary)).toEqual([]);
  await rm(temporary, { recursive: true });
});

test("what a lab had started ends with it, even when the lab is killed outright", async () => {
  const temporary = await mkdtemp(join(tmpdir(), "sortline-kill-"));
  const [program = "", ...words] = (scripts["start"] ?? "").split(" ");
  const args = [...words, "--port", "0", "--data", temporary];
  const lab = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"], ...bound });
  let printed = "";
  for await (const chunk of lab.stdout) {
    printed += String(chunk);
    // All processes are there; the address comes later, when parcels run.
    if (printed.includes("waiting until parcels can run")) break;
  }
  const { centre } = JSON.parse(await readFile(join(temporary, "centre.yaml"), "utf8")) as {
    readonly centre: { readonly http: { readonly port: number } };
  };
  const url = `http://127.0.0.1:${centre.http.port}`;
  const children = await childrenOf(lab.pid ?? 0);
  expect(children.length).toBeGreaterThanOrEqual(5);
  expect((await fetch(`${url}/healthz`)).status).toBeGreaterThan(0);
  lab.kill("SIGKILL");
  await expect.poll(() => children.filter(isAlive), { timeout: 20_000 }).toEqual([]);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  await rm(temporary, { recursive: true });
}, 60_000);

/** Process ids of whatever this process has started and has not yet ended. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.trim().split(" ").map(Number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("a port that is taken", () => {
  let temporary = "";
  let server: Server;
  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), "sortline-port-"));
    server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterAll(async () => {
    server.close();
    await rm(temporary, { recursive: true, force: true });
  });

  test("is named by the lab, which starts nothing and leaves nothing behind", async () => {
    const { port } = server.address() as AddressInfo;
    expect(await run("start", ["--port", String(port)], temporary)).toEqual({
      code: 1,
      out: "",
      err: `lab: --port: ${port} is in use on 127.0.0.1; name another, or 0 for a free one\n`,
    });
    expect(await readdir(temporary)).toEqual([]);
  });

  test("is named by an agent, without a stack, and with the key to change", async () => {
    const { port } = server.address() as AddressInfo;
    const config = await writeCentreFile(temporary, port);
    const { code, err } = await run("agent", ["--config", config]);
    // Beside what its log says of the broker, which is not there either.
    expect(err).toMatch(new RegExp(`^agent: .*127.0.0.1:${port}; centre.http.port .*$`, "m"));
    expect(err).not.toMatch(/^ +at /m);
    expect(code).toBe(1);
  });
});

test("a row that somebody has changed is named by a centre, in one sentence", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sortline-row-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const config = await writeCentreFile(folder, 0);
  const file = join(folder, "centre", "centre.db");
  await mkdir(dirname(file));
  const clock = createVirtualClock();
  const opened = await openRowJournal({ file, chain: "centre", clock });
  if (opened.kind === "refused") throw new Error(opened.why);
  await opened.journal.close();
  await tamper(file, "INSERT INTO kept_row VALUES (0, '', NULL, '{}', 1)");
  const { code, err } = await run("agent", ["--config", config]);
  const why = `documents: fileDamaged: ${file}: row count is not as it was written`;
  expect(err).toContain(`agent centre: ${why}\n`);
  expect(err).not.toMatch(/^ +at /m);
  expect(code).toBe(1);
});

/** A centre with its data in this folder and nobody else on its wires. */
async function writeCentreFile(folder: string, httpPort: number): Promise<string> {
  const plan = {
    site: "lab",
    dataDir: folder,
    pageDir: null,
    httpPort,
    brokerUrl: "mqtt://127.0.0.1:1",
    opcuaUrl: "opc.tcp://127.0.0.1:1",
    wiresDir: folder,
    lineIds: ["L1"],
    speed: 1,
  };
  const config = join(folder, "centre.yaml");
  await writeFile(config, JSON.stringify(centreText(plan, Date.now())));
  return config;
}
