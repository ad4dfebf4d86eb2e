/**
 * Goal: the commands that a technician types are enough to trust a server, and refuse what may not be
 * trusted. Method: the real programs: simulated devices by themselves with a good, an expired and a
 * foreign certificate, and `npm run trust` on the shipped configuration.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { killProgram, startProgram } from "../kit/own-programs.ts";
import { freePort } from "../kit/ports.ts";

const folder = mkdtempSync(join(tmpdir(), "sortline-trust-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface ExampleFile {
  dataDir: string;
  readonly lines: readonly {
    readonly devices: Record<string, { id: string; reach: object; dialect: object }>;
  }[];
}

interface Ended {
  readonly code: unknown;
  readonly out: string;
}

const trust = (args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const program = ["edge/trust/main.ts", ...args];
    execFile(process.execPath, program, { timeout: 30_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : error.code, out: out + err }),
    );
  });

test("a good server is trusted by the command; an expired and a foreign one are not", async () => {
  const [port, otherPort] = [await freePort(), await freePort()];
  const example = parse(readFileSync("edge/examples/line-agent.yaml", "utf8")) as ExampleFile;
  const { sorter, xray } = example.lines[0]?.devices ?? {};
  if (sorter === undefined || xray === undefined) throw new Error("the example has others");
  example.dataDir = join(folder, "data");
  const reach = (at: number) => ({
    kind: "opcua",
    endpointUrl: `opc.tcp://127.0.0.1:${at}`,
    security: { mode: "signAndEncrypt" },
  });
  sorter.reach = reach(port);
  xray.reach = reach(otherPort);
  xray.dialect = { kind: "sortline-opcua" };
  const config = join(folder, "agent.yaml");
  writeFileSync(config, stringify(example));
  const at = (device: string) => ["--config", config, "--device", device];
  const serve = (device: string, certificate: string) => {
    const words = `${device} --secure --certificate ${certificate}`.split(" ");
    return startProgram("simulators/alone/main.ts", words);
  };
  const belt = await freePort();
  const [good] = await Promise.all([
    serve(`sorter --opcua ${port} --belt ${belt}`, "good"),
    serve(`xray --opcua ${otherPort}`, "expired"),
  ]);
  const [unasked, late] = await Promise.all([
    trust(at(sorter.id)),
    trust([...at(xray.id), "--yes", "--replace", "--language", "zh-CN"]),
  ]);
  expect(unasked.out).toMatch(/SHA-256 {6}([0-9A-F]{4} ){15}[0-9A-F]{4}\n[\s\S]*nobody to ask/);
  expect(unasked.code).toBe(1);
  expect(late.out).toMatch(/不能信任：证书已过期/);
  expect(late.code).toBe(1);
  expect(await trust([...at(sorter.id), "--yes"])).toMatchObject({ code: 0 });

  await killProgram(good);
  await serve(`xray --opcua ${port}`, "foreign");
  const other = await trust([...at(sorter.id), "--yes"]);
  expect(other.out).toMatch(/CN=Somebody[\s\S]*bears other names/);
  expect(other.code).toBe(1);
});

test("a device that is not there, or has no such server, is named", async () => {
  const config = "edge/examples/line-agent.yaml";
  const missing = await trust(["--config", config, "--device", "nothing"]);
  expect(missing).toMatchObject({ code: 2, out: expect.stringMatching(/has no device nothing/) });
});
