/**
 * Goal: the binding test's command judges a reader from a journal on disk (law 16), and says what
 * belongs into the configuration or what is wrong. Method: the entries of a line in virtual time in
 * a real file; the command with good, bad and missing words.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { runJournalCli } from "../../edge/audit/cli.ts";
import { appendDurably } from "../../edge/journal/journal.ts";
import { runTestParcels, type TestParcels } from "../swarm/test-parcels.ts";
import { opened, temporaryFolder } from "./support.ts";

const timeout = 240_000;
let latching: TestParcels;
let deceiving: TestParcels;

beforeAll(async () => {
  const lag = "silenceFirst" as const;
  latching = await runTestParcels({ binding: "echo", setUp: { lag }, always: {} });
  deceiving = await runTestParcels({
    binding: "echo",
    setUp: { lag },
    always: { echoesLatest: true },
  });
}, timeout);

/** A journal of these entries, and the list of whoever put the parcels on the belt. */
async function filesOf({ entries, labels }: TestParcels) {
  const folder = temporaryFolder();
  const [file, list] = [join(folder, "journal.db"), join(folder, "parcels.txt")];
  const journal = await opened({ file, chain: "agent-L1" });
  await appendDurably(journal, entries);
  await journal.close();
  writeFileSync(list, labels.map((label) => label ?? "-").join("\n"));
  return { file, list };
}

async function run(...argv: string[]) {
  const said: string[] = [];
  const exit = await runJournalCli(["binding-test", ...argv], {
    machineOf: () => ({ kind: "refused", why: "nothing is replayed here" }),
    out: (line) => said.push(line),
    err: (line) => said.push(line),
  });
  return { exit, said: said.join("\n") };
}

describe("journal binding-test (law 16)", () => {
  it("prints what belongs into the configuration", { timeout }, async () => {
    const { file, list } = await filesOf(latching);
    const args = [file, "--device", "L1-scanner", "--parcels", list, "--by", "Li, Wang"];
    const { exit, said } = await run(...args);
    expect(said).toMatch(/^L1-scanner of line L1, binding echo, records agent-L1 \d+-\d+$/m);
    expect(said).toMatch(/^proven: \d+ answers bore what was latched at their own triggers; \d+ /m);
    expect(said).toContain("into the configuration of line L1, at layout.scanner.binding:");
    expect(said).toMatch(
      /^ {2}tested: \{"device":"L1-scanner","binding":"echo","by":"Li, Wang","on":"\d{4}-\d\d-\d\d","records":"agent-L1 \d+-\d+"\}$/m,
    );
    expect(exit).toBe(0);
    const json = await run(...args, "--json");
    expect(JSON.parse(json.said)).toMatchObject({
      binding: "echo",
      verdict: { kind: "proven" },
      tested: { device: "L1-scanner", binding: "echo", by: "Li, Wang" },
    });
  });

  it("refuses a reader with the record that contradicts it, exit code 1", { timeout }, async () => {
    const { file, list } = await filesOf(deceiving);
    const { exit, said } = await run(
      file,
      "--device",
      "L1-scanner",
      "--parcels",
      list,
      "--by",
      "Li",
    );
    expect(said).toMatch(/^REFUSED: record \d+: .*which was sent after it for another/m);
    expect(said).toContain("configure this reader with the binding none");
    expect(exit).toBe(1);
  });

  it("proves nothing by a list that does not fit, exit code 1", { timeout }, async () => {
    const { file, list } = await filesOf(latching);
    writeFileSync(list, "A\n-\nB\n");
    const { exit, said } = await run(
      file,
      "--device",
      "L1-scanner",
      "--parcels",
      list,
      "--by",
      "Li",
    );
    expect(said).toMatch(/^NOT PROVEN: 3 parcels are named and \d+ came past the induction eye/m);
    expect(exit).toBe(1);
  });

  it("refuses bad use in a sentence, exit code 2", { timeout }, async () => {
    const { file, list } = await filesOf({ ...latching, entries: latching.entries.slice(0, 50) });
    const empty = join(temporaryFolder(), "empty.txt");
    writeFileSync(empty, "\n");
    const device = ["--device", "L1-scanner"];
    const by = ["--by", "Li"];
    const wrongs: readonly (readonly [string[], string])[] = [
      [[...device, ...by], "binding-test wants --device, --parcels and --by"],
      [
        ["--device", "L9-scanner", "--parcels", list, ...by],
        "knows no reader L9-scanner; it has L1-scanner",
      ],
      [[...device, ...by, "--parcels", "/nowhere"], "/nowhere: there is no such file or folder"],
      [[...device, ...by, "--parcels", empty], "it names no parcel"],
      [[...device, "--by", "x".repeat(65), "--parcels", list], "--by: a name of at most 64"],
      [
        [...device, ...by, "--parcels", list, "--pass", "p"],
        "--pass: binding-test does not take it",
      ],
    ];
    for (const [args, why] of wrongs) {
      const { exit, said } = await run(file, ...args);
      expect(said).toContain(why);
      expect(exit).toBe(2);
    }
  });
});
