// Goal: what was judged stays as it was judged, whatever rates and keys a later start brings, and an
// auditor derives it again (law 17). Method: a whole centre on a real disk, killed and started with
// other parameters; then the journal's own tool on its file, with and without the kept keys.
import { lstat, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runJournalCli } from "../../edge/audit/cli.ts";
import { createLineMachines } from "../../edge/audit/line-cores.ts";
import type { ClearanceConfig } from "../../edge/clearance/config.ts";
import { keptClearanceOf } from "../../edge/clearance/parameters.ts";
import { keepDrawKeys, readDrawKeys } from "../../edge/journal/draw-key-file.ts";
import { createMemoryLink } from "../../edge/link/memory-link.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import {
  documentRules,
  openCentre,
  removeFolder,
  sendDocuments,
  temporaryFolder,
  type RunningCentre,
  recordOf,
} from "./kit/site.ts";

const clock = createSystemClock();
type Version = ClearanceConfig["parameters"][number];

const documentsWith = (change: Partial<Version>): ClearanceConfig => ({
  ...documentRules,
  parameters: documentRules.parameters.map((version) => ({ ...version, ...change })),
});
const first = documentsWith({
  inspectionRate: 0.5,
  machinePassRatio: 0.5,
  drawSecretHex: "1a".repeat(32),
});
/** The same name and day, other rates and another key: the worst that an administrator can do. */
const second = documentsWith({
  inspectionRate: 0.9,
  machinePassRatio: 0.1,
  drawSecretHex: "2b".repeat(32),
});
const waybills = (series: string): readonly string[] =>
  Array.from({ length: 40 }, (_, n) => `${series}${String(n).padStart(6, "0")}CN`);

let folder = "";
let keysFile = "";
beforeEach(async () => {
  folder = await temporaryFolder();
  keysFile = join(folder, "draw-keys.jsonl");
});
afterEach(() => removeFolder(folder));

const start = (documents: ClearanceConfig): Promise<RunningCentre> =>
  openCentre({ folder, clock, link: createMemoryLink({ clock }), documents });

const recordsOf = (site: RunningCentre, which: readonly string[]) =>
  Promise.all(which.map((waybill) => recordOf(site, waybill)));

async function replay(...options: string[]) {
  const out: string[] = [];
  const argv = ["replay", join(folder, "centre.sqlite"), ...options];
  const exit = await runJournalCli(argv, {
    machineOf: createLineMachines(),
    out: (line) => out.push(line),
    err: (line) => out.push(line),
  });
  return { exit, text: out.join("\n") };
}

/** A day under the first parameters, a kill, and a day under the second. */
async function twoDays(): Promise<{
  readonly before: readonly (ClearanceRecord | null)[];
  readonly after: readonly (ClearanceRecord | null)[];
}> {
  const one = await start(first);
  await sendDocuments(one, waybills("PA"));
  const before = await recordsOf(one, waybills("PA"));
  await one.crash();
  const other = await start(second);
  const after = await recordsOf(other, waybills("PA"));
  await sendDocuments(other, waybills("PB"));
  await other.stop();
  return { before, after };
}

test("nothing is judged anew after a start with other rates and another key", async () => {
  const { before, after } = await twoDays();
  const drawn = before.filter((record) =>
    record?.reasons.some(({ code }) => code === "randomControl"),
  ).length;
  expect(drawn).toBeGreaterThan(5);
  expect(drawn).toBeLessThan(35);
  expect(after).toEqual(before);
});

describe("replay of the documents' judgments", () => {
  test("finds no difference over a change of parameters, and draws again with the kept keys", async () => {
    await twoDays();
    await keepDrawKeys(keysFile, keptClearanceOf(first).keys);
    await keepDrawKeys(keysFile, keptClearanceOf(second).keys);
    const { exit, text } = await replay("--keys", keysFile);
    expect(text).toMatch(/centre: 0 steps in 0 sessions, 0 differences/);
    expect(text).toMatch(/\d\d+ judgments of documents were derived again/);
    expect(text).not.toContain("were not derived");
    expect(exit).toBe(0);
  });

  test("says which draws it could not derive where a key is missing", async () => {
    await twoDays();
    await keepDrawKeys(keysFile, keptClearanceOf(second).keys);
    const { exit, text } = await replay("--keys", keysFile);
    expect(text).toContain("0 differences");
    const missing = keptClearanceOf(first).keys[0]?.drawKeyHash.slice(0, 16);
    expect(text).toMatch(new RegExp(`\\d+ draws of version t1 were not derived: key ${missing}`));
    expect(text.match(/were not derived/g)).toHaveLength(1);
    expect(exit).toBe(0);
    expect((await replay()).text.match(/were not derived/g)).toHaveLength(2);
  });

  test("a draw that its key does not give is a difference", async () => {
    await twoDays();
    const [key] = keptClearanceOf(first).keys;
    const planted = { ...key!, drawSecretHex: "3c".repeat(32) };
    await keepDrawKeys(keysFile, [planted, ...keptClearanceOf(second).keys]);
    const { exit, text } = await replay("--keys", keysFile);
    expect(text).toMatch(/line documents/);
    expect(exit).toBe(1);
  });
});

describe("the kept keys", () => {
  test("are readable by their owner alone, each once, by period", async () => {
    await keepDrawKeys(keysFile, keptClearanceOf(first).keys);
    await keepDrawKeys(keysFile, keptClearanceOf(first).keys);
    await keepDrawKeys(keysFile, keptClearanceOf(second).keys);
    expect((await stat(keysFile)).mode & 0o777).toBe(0o600);
    expect(await readDrawKeys(keysFile)).toEqual({
      kind: "keys",
      keys: [...keptClearanceOf(first).keys, ...keptClearanceOf(second).keys],
    });
  });

  test("are in no half file either once their next keeper has begun", async () => {
    await keepDrawKeys(keysFile, keptClearanceOf(first).keys);
    const half = `${keysFile}.1.part`;
    await writeFile(half, await readFile(keysFile));
    await keepDrawKeys(keysFile, keptClearanceOf(first).keys);
    await expect(lstat(half)).rejects.toThrow(/ENOENT/);
    expect(await readDrawKeys(keysFile)).toMatchObject({ kind: "keys" });
  });

  test("are left alone where the file cannot be looked at", async () => {
    await symlink(keysFile, keysFile);
    const read = await keepDrawKeys(keysFile, keptClearanceOf(first).keys);
    expect(read).toMatchObject({ kind: "refused", why: expect.stringContaining(keysFile) });
    expect((await lstat(keysFile)).isSymbolicLink()).toBe(true);
    await rm(keysFile);
  });

  test("stand in no journal", async () => {
    await twoDays();
    const out: string[] = [];
    await runJournalCli(["show", join(folder, "centre.sqlite"), "--json"], {
      machineOf: createLineMachines(),
      out: (line) => out.push(line),
      err: (line) => out.push(line),
    });
    expect(out.some((line) => line.includes("parameterVersion"))).toBe(true);
    expect(out.filter((line) => line.includes("1a".repeat(32)))).toEqual([]);
    expect(out.filter((line) => line.includes("2b".repeat(32)))).toEqual([]);
  });

  test("a file that holds something else is refused, and what stands there is not repeated", async () => {
    await writeFile(keysFile, '{"secret":"do not tell"}\n');
    const read = await keepDrawKeys(keysFile, keptClearanceOf(first).keys);
    expect(read).toEqual({ kind: "refused", why: `${keysFile}: line 1 is no key` });
  });
});

test("where customs alone release, an activated manifest waits for their word and is kept so", async () => {
  const documents: ClearanceConfig = { ...documentRules, authority: "customs" };
  const [waybill = ""] = waybills("RC");
  const site = await start(documents);
  await sendDocuments(site, [waybill]);
  expect((await recordsOf(site, [waybill]))[0]?.reasons).toEqual([
    { code: "customsReleaseMissing" },
  ]);
  await site.stop();
  const again = await start(documents);
  expect((await recordsOf(again, [waybill]))[0]?.reasons).toEqual([
    { code: "customsReleaseMissing" },
  ]);
  await again.stop();
});
