/**
 * Goal: whoever types what the cameras' page shows under "By hand" gets a still at the first try, from a
 * simulated camera by `curl`, which is a foreign program, and into a folder; and the probe is content.
 * Method: the page's own lines, each in a shell, with ports and paths of the test's own.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parse, stringify } from "yaml";
import { whyNoStill } from "../../edge/devices/camera/still-file.ts";
import { freePort } from "../kit/ports.ts";

interface Hand {
  /** The one line of the page that has this, as it is typed here. */
  readonly line: (has: RegExp) => string;
  readonly folder: string;
  readonly url: string;
}

async function byHand(): Promise<Hand> {
  const folder = await mkdtemp(join(tmpdir(), "sortline-camera-page-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const port = String(await freePort());
  const page = await readFile("edge/devices/camera/README.md", "utf8");
  const from = page.indexOf("\n## By hand\n");
  const part = page.slice(from, page.indexOf("\n## ", from + 1));
  const typed = [
    ...[...part.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = ""]) =>
      block.trim().split("\n"),
    ),
    ...[...part.matchAll(/`(npm run [^`]*)`/g)].map(([, command = ""]) => command),
  ].map((text) =>
    text
      .replaceAll("/tmp", folder)
      .replaceAll("8090", port)
      .replaceAll("agent.yaml", join(folder, "agent.yaml")),
  );
  return {
    folder,
    url: `http://127.0.0.1:${port}/still`,
    line(has) {
      const [one, ...others] = typed.filter((text) => has.test(text));
      if (one === undefined || others.length > 0) throw new Error(`${has}: ${typed.join("\n")}`);
      return one;
    },
  };
}

/** In a group of its own, so that whatever it has begun ends with it. */
function begin(line: string): ChildProcess {
  const child = spawn("bash", ["-c", line], { detached: true, stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    process.kill(-(child.pid ?? 0), "SIGKILL");
    await ended;
  });
  return child;
}

async function beginCamera(line: string): Promise<(label: string) => void> {
  const child = begin(line);
  let said = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (said += text));
  await expect.poll(() => said, { timeout: 30_000 }).toContain('"kind":"ready"');
  return (label) => void child.stdin?.write(`${label}\n`);
}

async function run(line: string): Promise<{ readonly code: unknown; readonly said: string }> {
  const child = begin(line);
  let said = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (said += text));
  const [code] = (await once(child, "close")) as [unknown];
  return { code, said };
}

test.each([
  ["that wants to know who asks", / --http .* --user /],
  ["that everybody may ask", / --http \d+ --typed$/],
])("a camera %s gives curl a still of its own each time", async (_name, has) => {
  const { line, folder } = await byHand();
  const type = await beginCamera(line(has));
  const ask = async (): Promise<Buffer> => {
    expect((await run(line(/^curl /))).code).toBe(0);
    const still = await readFile(join(folder, "still.png"));
    expect(whyNoStill(still)).toBeNull();
    return still;
  };
  type("RB123456785GB");
  expect((await ask()).equals(await ask())).toBe(false);
});

test("a camera that puts files into a folder puts one for each line typed", async () => {
  const { line, folder } = await byHand();
  const type = await beginCamera(line(/ --folder /));
  type("RB123456785GB");
  const stills = join(folder, "stills");
  const whole = async () => (await readdir(stills)).filter((name) => !name.startsWith("."));
  await expect.poll(whole).toHaveLength(1);
  const [name = ""] = await whole();
  expect(whyNoStill(await readFile(join(stills, name)))).toBeNull();
});

test("the probe of the page is content with it", async () => {
  const { line, folder, url } = await byHand();
  await beginCamera(line(/ --http .* --user /));
  const file = parse(await readFile("edge/examples/line-agent.yaml", "utf8")) as {
    lines: [{ line: { layout: object }; devices: object }];
  };
  const [role] = file.lines;
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, "secret\n");
  await chmod(passwordFile, 0o600);
  await mkdir(join(folder, "data"));
  Object.assign(file, { dataDir: join(folder, "data") });
  Object.assign(role.line.layout, { cameraIds: ["L1-top"] });
  Object.assign(role.devices, {
    cameras: [
      {
        id: "L1-top",
        reach: { kind: "http", url, user: { name: "sortline", passwordFile } },
        dialect: { kind: "snapshot" },
        moments: ["inducted"],
      },
    ],
  });
  await writeFile(join(folder, "agent.yaml"), stringify(file));
  const { code, said } = await run(line(/ probe /));
  expect(said).toContain("image/png");
  expect(said).not.toContain("secret");
  expect(code).toBe(0);
});
