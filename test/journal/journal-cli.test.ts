/**
 * Goal: the journal's tool names tampering and differences, and its exit codes say which it was.
 * Method: files made by the real journal are tampered with through a raw connection or byte by
 * byte, then the tool runs in this process with its output collected, and once as a program.
 */
import { person } from "../../protocols/actor.ts";
import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { signAnchor } from "../../edge/journal/anchors/anchor.ts";
import { openAnchorFile } from "../../edge/journal/anchors/anchor-file.ts";
import { createAnchorKey } from "../../edge/journal/anchors/anchor-key.ts";
import { chainOn, emptyTail, type ChainTail } from "../../edge/journal/chain.ts";
import { runJournalCli } from "../../edge/audit/cli.ts";
import { stepEntry, type JournalEntry } from "../../edge/journal/entries.ts";
import { openJournalCopies } from "../../edge/journal/sqlite/sqlite-copies.ts";
import { appendDurably } from "../../edge/journal/journal.ts";
import { openJournalReader } from "../../edge/journal/sqlite/journal-reader.ts";
import type { MachineOf } from "../../edge/audit/replay.ts";
import type { JournalRecord } from "../../protocols/link.ts";
import { epochMs } from "../../protocols/units.ts";
import { journalFileWith, opened, openRaw, recordsOf, tamper, temporaryFolder } from "./support.ts";

/** Gives each weight back as a fact. */
const echo: MachineOf = () => ({
  kind: "machine",
  logicVersion: "1",
  step: (event) => ({ commands: [], facts: [{ kind: "weighed", of: event }] }),
});

async function run(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const exit = await runJournalCli(argv, {
    machineOf: echo,
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { exit, out: out.join("\n"), err: err.join("\n") };
}

/** The first one is of second 1, and each next one `everyS` later. */
async function anchorsFor(tails: readonly ChainTail[], everyS = 0) {
  const folder = temporaryFolder();
  const [file, keyFile] = [join(folder, "anchors.jsonl"), join(folder, "anchor.key")];
  const made = createAnchorKey(keyFile);
  const result = await openAnchorFile(file);
  if (made.kind === "refused" || result.kind === "refused") throw new Error("no anchor file");
  for (const [index, tail] of tails.entries()) {
    const wallAt = epochMs(1_000 + index * everyS * 1_000);
    await result.anchorFile.append(signAnchor(tail, wallAt, made.key));
  }
  await result.anchorFile.close();
  return { file, args: ["--anchors", file, "--key", `${keyFile}.pub`] };
}

async function copiesFileOf(...chains: (readonly JournalRecord[])[]): Promise<string> {
  const file = join(temporaryFolder(), "copies.db");
  const result = await openJournalCopies({ file });
  if (result.kind === "refused") throw new Error(result.why);
  for (const records of chains) await result.copies.take(records);
  await result.copies.close();
  return file;
}

async function recordsIn(file: string, chain = "L1") {
  const result = await openJournalReader(file);
  if (result.kind === "refused") throw new Error(result.why);
  const { reader } = result;
  const records = await recordsOf({ readAfter: (seq, max) => reader.readAfter(chain, seq, max) });
  await reader.close();
  return records;
}

describe("journal verify (law 14)", () => {
  let file: string;
  beforeEach(async () => {
    file = await journalFileWith(50);
  });

  it("says that a sound journal is in order, and that no anchor was given", async () => {
    const { exit, out, err } = await run("verify", file);
    expect({ exit, out }).toEqual({ exit: 0, out: "L1: in order, 50 records, 0 anchors match" });
    expect(err).toContain("cut tail does not show");
  });

  it("works on a journal that is being written", async () => {
    const journal = await opened({ file });
    await appendDurably(journal, [stepEntry("L1", {}, { commands: [], facts: [] })]);
    expect(await run("verify", file)).toMatchObject({
      exit: 0,
      out: expect.stringContaining("51 records") as string,
    });
  });

  it.each<[string, string, string]>([
    [
      "edited",
      "UPDATE record SET body = replace(body, '170', '180') WHERE seq = 17",
      "record 17 was edited",
    ],
    ["removed", "DELETE FROM record WHERE seq = 17", "record 17 was removed"],
    [
      "removed and renumbered",
      "DELETE FROM record WHERE seq = 17; UPDATE record SET seq = -seq WHERE seq > 17;" +
        " UPDATE record SET seq = -seq - 1 WHERE seq < 0",
      "record 17 was removed",
    ],
    [
      "inserted",
      "UPDATE record SET seq = -seq WHERE seq >= 17; UPDATE record SET seq = 1 - seq WHERE seq < 0;" +
        " INSERT INTO record SELECT 17, chain, '{}', hash, hash FROM record WHERE seq = 16",
      "record 17 was inserted",
    ],
    [
      "swapped",
      "UPDATE record SET seq = -1 WHERE seq = 17; UPDATE record SET seq = 17 WHERE seq = 40;" +
        " UPDATE record SET seq = 40 WHERE seq = -1",
      "records 17 and 40 were swapped",
    ],
  ])("names the record that was %s", async (_, sql, words) => {
    await tamper(file, sql);
    const { exit, out } = await run("verify", file);
    expect(exit).toBe(1);
    expect(out).toContain(`L1: TAMPERED: ${words}`);
  });

  it.each([0, -5, Number.MIN_SAFE_INTEGER])("names a record inserted as number %d", async (seq) => {
    await tamper(
      file,
      `INSERT INTO record SELECT ${seq}, 'L7', '{}', prev_hash, hash FROM record WHERE seq = 1`,
    );
    const { exit, out } = await run("verify", file);
    expect(exit).toBe(1);
    expect(out).toBe(`L1: TAMPERED: record ${seq} was inserted: numbers begin at 1 (inserted)`);
    expect((await run("show", file, "--to", "1")).out).toContain(` ${seq}  unreadable`);
  });

  it("names a record inserted below 1 into a chain of the centre's copies", async () => {
    const copiesFile = await copiesFileOf([chainOn(emptyTail("A"), "{}")]);
    await tamper(
      copiesFile,
      "INSERT INTO record SELECT 0, chain, '{}', prev_hash, hash FROM record",
    );
    expect(await run("verify", copiesFile)).toMatchObject({
      exit: 1,
      out: "A: TAMPERED: record 0 was inserted: numbers begin at 1 (inserted)",
    });
  });

  it("names a cut tail through an anchor kept elsewhere", async () => {
    const { args } = await anchorsFor([(await recordsIn(file))[44]!]);
    expect(await run("verify", file, ...args)).toMatchObject({
      exit: 0,
      out: expect.stringContaining("L1: in order, 50 records, 1 anchors match") as string,
    });
    await tamper(file, "DELETE FROM record WHERE seq > 30");
    expect((await run("verify", file)).exit).toBe(0);
    const { exit, out } = await run("verify", file, ...args);
    expect(exit).toBe(1);
    expect(out).toContain("ends at 30, but record 45 was anchored (cutOff)");
  });

  it("names a journal that is wholly gone, when told whose it was", async () => {
    const { args } = await anchorsFor([(await recordsIn(file))[44]!]);
    await tamper(file, "DELETE FROM record");
    expect(await run("verify", file, ...args)).toMatchObject({ exit: 2 });
    const { exit, out } = await run("verify", file, ...args, "--chain", "L1");
    expect(exit).toBe(1);
    expect(out).toContain("ends at 0, but record 45 was anchored (cutOff)");
  });

  it("does not trust an anchor that another key signed", async () => {
    const tail = (await recordsIn(file))[44]!;
    const mine = await anchorsFor([tail]);
    const other = await anchorsFor([{ ...tail, hash: "0".repeat(64) }]);
    const key = mine.args[3]!;
    const { exit, out } = await run("verify", file, "--anchors", other.file, "--key", key);
    expect(exit).toBe(1);
    expect(out).toContain("FORGED: 1 anchors");
    expect(out).toContain("holds no anchor of L1 signed with this key; all 50 records stand on");
  });

  it("notices that the guards were taken away", async () => {
    const raw = await openRaw(file);
    await raw.exec("DROP TRIGGER record_no_delete");
    await raw.close();
    const { exit, out } = await run("verify", file);
    expect({ exit, out }).toMatchObject({
      exit: 1,
      out: expect.stringContaining("the guard record_no_delete was taken away") as string,
    });
  });

  it("names the record in whose bytes in the file one bit was flipped", async () => {
    const bytes = readFileSync(file);
    const { hash } = (await recordsIn(file))[22]!;
    const place = bytes.indexOf('"weightG":230');
    const hashPlace = bytes.indexOf(hash, place);
    for (const at of [place + 10, hashPlace + 5]) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      writeFileSync(file, changed);
      const { exit, out } = await run("verify", file);
      expect(exit).toBe(1);
      expect(out).toContain("record 23 was edited");
    }
  });

  it.each([
    ["body", 5],
    ["prev_hash", 3],
    ["hash", 1],
  ])(
    "names the record whose %s one flipped bit made a blob of the same bytes",
    async (column, before) => {
      const bytes = readFileSync(file);
      const contentAt = bytes.lastIndexOf("L1{", bytes.indexOf('"weightG":230'));
      bytes[contentAt - before]! ^= 1;
      writeFileSync(file, bytes);
      expect(await run("verify", file)).toMatchObject({
        exit: 1,
        out: `L1: TAMPERED: record 23 was edited: its ${column} is stored as blob, not as text (edited)`,
      });
    },
  );

  it("never passes a file in which a flipped bit changed any record", async () => {
    const bytes = readFileSync(file);
    const records = await recordsIn(file);
    let noticed = 0;
    for (let at = 60; at < bytes.length; at += 397) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 << (at % 8);
      writeFileSync(file, changed);
      const { exit } = await run("verify", file);
      if (exit === 0) expect(await recordsIn(file)).toEqual(records);
      else noticed += 1;
    }
    expect(noticed).toBeGreaterThan(20);
  });

  it("does not pass copies whose index tells another chain than the table", async () => {
    const record = chainOn(emptyTail("CHAIN-A"), "{}");
    const copiesFile = await copiesFileOf([record]);
    const bytes = readFileSync(copiesFile);
    bytes[bytes.indexOf("CHAIN-A{}")]! ^= 1;
    writeFileSync(copiesFile, bytes);
    const { exit, out } = await run("verify", copiesFile);
    expect(exit).toBe(1);
    expect(out).toMatch(/^DAMAGED: .*: row 1 missing from index/m);
  });

  it("reports for machines", async () => {
    await tamper(file, "DELETE FROM record WHERE seq = 17");
    const { exit, out } = await run("verify", file, "--json");
    expect(exit).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      isClean: false,
      guardsMissing: [],
      chains: [{ chain: "L1", lastSeq: 16, finding: { kind: "removed", seq: 17, lastSeq: 17 } }],
    });
  });

  it("verifies every chain of the centre's copies, also one that is wholly gone", async () => {
    const first = chainOn(emptyTail("A"), "{}");
    const copiesFile = await copiesFileOf(
      [first, chainOn(first, "{}")],
      [chainOn(emptyTail("B"), "{}")],
    );
    const { args } = await anchorsFor([first, chainOn(emptyTail("C"), "{}")]);
    const { exit, out } = await run("verify", copiesFile, ...args);
    const behind =
      "1 records after the last anchor (record 1, 1970-01-01T00:00:01.000Z) stand on the chain alone";
    expect(exit).toBe(1);
    expect(out.split("\n")).toEqual([
      `A: in order, 2 records, 1 anchors match; ${behind}`,
      `B: NOT ANCHORED: ${args[1]} holds no anchor of B signed with this key; all 1 records stand on the chain alone`,
      "C: TAMPERED: the chain ends at 0, but record 1 was anchored (cutOff)",
    ]);
    const one = await run("verify", copiesFile, ...args, "--chain", "A");
    expect(one).toMatchObject({
      exit: 0,
      out: `A: in order, 2 records, 1 anchors match; ${behind}`,
    });
  });
});

describe("journal verify with an anchors file that lost something (law 14)", () => {
  /** Record n is of second n, and every tenth of 50 records is anchored. */
  async function anchoredFile() {
    const file = join(temporaryFolder(), "journal.db");
    const journal = await opened({ file });
    const steps = Array.from({ length: 50 }, (_, index) =>
      stepEntry("L1", { wallAt: (index + 1) * 1_000 }, { commands: [], facts: [] }),
    );
    await appendDurably(journal, steps);
    await journal.close();
    const records = await recordsIn(file);
    const tails = [1, 11, 21, 31, 41, 50].map((seq) => records[seq - 1]!);
    const anchors = await anchorsFor(tails, 10);
    return { file, anchorsFile: anchors.file, args: anchors.args };
  }

  const linesOf = (anchorsFile: string): string[] =>
    readFileSync(anchorsFile, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  /** As the centre writes them: an empty line between two. */
  const write = (anchorsFile: string, lines: readonly string[]): void =>
    writeFileSync(anchorsFile, lines.map((line) => `\n${line}\n`).join(""));

  it("is in order up to the last anchor, and says no more of the tail than there is", async () => {
    const { file, args } = await anchoredFile();
    expect(await run("verify", file, ...args)).toEqual({
      exit: 0,
      out: "L1: in order, 50 records, 6 anchors match",
      err: "",
    });
  });

  it("does not pass an emptied one, of whichever emptiness", async () => {
    const { file, anchorsFile, args } = await anchoredFile();
    for (const content of ["", "\n\n"]) {
      writeFileSync(anchorsFile, content);
      expect(await run("verify", file, ...args)).toMatchObject({
        exit: 1,
        out: `L1: NOT ANCHORED: ${anchorsFile} holds no anchor; all 50 records stand on the chain alone`,
      });
    }
    const { exit, out } = await run("verify", file, ...args, "--json");
    expect(exit).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      isClean: false,
      chains: [{ finding: null, coverage: { last: null, recordsBehind: 50 } }],
    });
  });

  it("says that an empty one holds none, also of an empty journal", async () => {
    const { file, anchorsFile, args } = await anchoredFile();
    writeFileSync(anchorsFile, "");
    await tamper(file, "DELETE FROM record");
    expect((await run("verify", file, ...args)).err).toBe(`${anchorsFile} holds no anchor`);
  });

  it("says how long a tail behind the last anchor stands on the chain alone", async () => {
    const { file, anchorsFile, args } = await anchoredFile();
    write(anchorsFile, linesOf(anchorsFile).slice(0, 4));
    expect(await run("verify", file, ...args)).toEqual({
      exit: 0,
      out:
        "L1: in order, 50 records, 4 anchors match; 19 records after the last anchor" +
        " (record 31, 1970-01-01T00:00:31.000Z), over 19 s, stand on the chain alone",
      err: "",
    });
  });

  it("doubts a tail of more than three of the anchors' usual intervals", async () => {
    const { file, anchorsFile, args } = await anchoredFile();
    const doubt =
      "L1: an anchor came about every 10 s, but none for the last 39 s: the centre did not" +
      " anchor, or its anchors file was cut short";
    const lines = linesOf(anchorsFile);
    write(anchorsFile, lines.slice(0, 3));
    expect(await run("verify", file, ...args)).toMatchObject({ exit: 0, err: "" });
    write(anchorsFile, lines.slice(0, 2));
    expect(await run("verify", file, ...args)).toMatchObject({ exit: 0, err: doubt });
  });

  it("warns of a last line without its end, and of one that the next anchor followed", async () => {
    const { file, anchorsFile, args } = await anchoredFile();
    const text = readFileSync(anchorsFile, "utf8");
    writeFileSync(anchorsFile, text.slice(0, -100));
    const torn = await run("verify", file, ...args);
    expect(torn.exit).toBe(0);
    expect(torn.out).toContain("5 anchors match; 9 records after the last anchor");
    expect(torn.err).toContain("anchors, line 12 lacks its end, as a crash leaves it");
    appendFileSync(anchorsFile, `\n${text.trimEnd().split("\n").at(-1)}\n`);
    const wentOn = await run("verify", file, ...args);
    expect(wentOn).toMatchObject({ exit: 0, out: "L1: in order, 50 records, 6 anchors match" });
    expect(wentOn.err).toContain("anchors, line 12 lacks its end, as a crash leaves it");
  });

  it.each<[string, (line: string) => string]>([
    ["without its end", (line) => line.slice(0, 90)],
    ["without its beginning", (line) => line.slice(90)],
    ["of another shape", () => "{}"],
  ])("does not pass a line in its middle %s", async (_, spoil) => {
    const { file, anchorsFile, args } = await anchoredFile();
    const lines = linesOf(anchorsFile);
    write(anchorsFile, lines.with(2, spoil(lines[2]!)));
    const { exit, out } = await run("verify", file, ...args);
    expect(exit).toBe(1);
    expect(out).toContain("L1: in order, 50 records, 5 anchors match");
    expect(out).toContain("DAMAGED: anchors, line 6 is no anchor: ");
  });
});

/** A session of echoed weights; the fact of pass p2 is another than the core derives. */
async function sessionFile(): Promise<string> {
  const file = join(temporaryFolder(), "journal.db");
  const journal = await opened({ file });
  const step = (passId: string, weightG: number, journalledG = weightG): JournalEntry => {
    const event = { kind: "weight", wallAt: 1_750_000_000_000, passId, weightG };
    const of = { ...event, weightG: journalledG };
    return stepEntry("L1", event, { commands: [], facts: [{ kind: "weighed", of }] });
  };
  await appendDurably(journal, [
    { kind: "open", lineId: "L1", logicVersion: "1", wallAt: epochMs(0), config: {} },
    step("p1", 100),
    step("p2", 200, 201),
    step("p3", 300),
    {
      kind: "act",
      wallAt: epochMs(1_750_000_001_000),
      actor: person("officer-1", "officer", "desk-1"),
      rulesVersion: null,
      act: { kind: "manualControl", waybill: "W1" },
    },
  ]);
  await journal.close();
  return file;
}

describe("journal replay (law 11)", () => {
  it("names the planted difference, as journalled and as derived", async () => {
    const { exit, out } = await run("replay", await sessionFile());
    expect(exit).toBe(1);
    expect(out).toContain("L1: 3 steps in 1 sessions, 1 differences");
    expect(out).toContain("record 3, line L1");
    expect(out).toMatch(/journalled .*"weightG":201/);
    expect(out).toMatch(/derived .*"weightG":200/);
  });

  it("reports for machines", async () => {
    const { out } = await run("replay", await sessionFile(), "--json");
    expect(JSON.parse(out)).toMatchObject({
      chains: [{ chain: "L1", stepsTotal: 3, actsTotal: 1, differencesTotal: 1 }],
    });
  });

  it("says that a journal of acts alone has nothing to derive", async () => {
    const file = join(temporaryFolder(), "centre.db");
    const journal = await opened({ file });
    await appendDurably(journal, [
      {
        kind: "act",
        wallAt: epochMs(0),
        actor: person("officer-1", "officer", "desk-1"),
        rulesVersion: null,
        act: { kind: "manualControl", waybill: "W1" },
      },
    ]);
    await journal.close();
    expect(await run("replay", file)).toMatchObject({
      exit: 0,
      out: expect.stringContaining("it holds no line's steps: nothing was derived again") as string,
    });
  });

  it("exits with 2 when something could not be replayed at all", async () => {
    const { exit, err } = await run("replay", await journalFileWith(2));
    expect(exit).toBe(2);
    expect(err).toContain("no session was opened");
  });
});

describe("journal show", () => {
  it("prints entries for people", async () => {
    const { exit, out } = await run("show", await sessionFile());
    expect(exit).toBe(0);
    expect(out).toContain("session opened, logic 1");
    expect(out).toContain("2025-06-15T15:06:40.000Z  L1  weight  passId=p1  weightG=100");
    expect(out).toContain("fact     weighed");
    expect(out).toContain("act of officer-1 (officer) at desk-1: manualControl  waybill=W1");
  });

  it("prints a fact whole, also where its record says part of it in the command", async () => {
    const file = join(temporaryFolder(), "journal.db");
    const journal = await opened({ file });
    const divert = { kind: "divert", passId: "p1", commandId: "p1-c1", exit: "red" };
    const commands = [{ ...divert, fireAtCount: 9, releaseAtCount: 12, notAfterCount: 8 }];
    const facts = [{ kind: "commanded", passId: "p1" }];
    await appendDurably(journal, [stepEntry("L1", { kind: "countReached" }, { commands, facts })]);
    await journal.close();
    const { out } = await run("show", file);
    expect(out).toContain(
      "fact     commanded  passId=p1  commandId=p1-c1  exit=red  fireAtCount=9",
    );
  });

  it.each<[string[], number[]]>([
    [["--pass", "p2"], [3]],
    [
      ["--kind", "weighed"],
      [2, 3, 4],
    ],
    [["--kind", "manualControl"], [5]],
    [
      ["--line", "L1", "--from", "3"],
      [3, 4],
    ],
    [["--line", "L2"], []],
    [
      ["--from", "2", "--to", "3"],
      [2, 3],
    ],
    [["--chain", "L1", "--pass", "p9"], []],
  ])("%j picks records %j", async (filter, seqs) => {
    const { exit, out } = await run("show", await sessionFile(), "--json", ...filter);
    const shown =
      out === "" ? [] : out.split("\n").map((line) => JSON.parse(line) as { seq: number });
    expect(exit).toBe(0);
    expect(shown.map(({ seq }) => seq)).toEqual(seqs);
  });
});

describe("the tool's usage", () => {
  it.each<[string[], string]>([
    [[], "a command is wanted"],
    [["prove", "x"], "a command is wanted"],
    [["verify"], "wants a FILE"],
    [["verify", "a", "b"], "b: no such word is wanted"],
    [["verify", "a", "--frob"], "--frob: there is no such option"],
    [["verify", "a", "--anchors", "x"], "--anchors and --key go together"],
    [["show", "a", "--from", "0"], "--from: 0 is not a whole number from 1"],
    [["show", "a", "--from", "5", "--to", "2"], "--from 5 is behind --to 2"],
    [["replay", "a", "--from", "5"], "--from: replay does not take it, it begins with record 1"],
    [["replay", "a", "--to", "5"], "--to: replay does not take it, it ends with the last record"],
    [["replay", "a", "--pass", "p1"], "--pass: replay does not take it"],
    [["verify", "a", "--from", "5"], "--from: verify does not take it, it begins with record 1"],
    [["show", "a", "--anchors", "x", "--key", "y"], "--anchors: show does not take it"],
    [["verify", "/nowhere/journal.db"], "/nowhere/journal.db: there is no such file or folder"],
    [["verify", tmpdir()], `${tmpdir()}: it is a folder, not a file`],
  ])("refuses %j with exit code 2 and says why", async (argv, why) => {
    const { exit, err } = await run(...argv);
    expect(exit).toBe(2);
    expect(err).toContain(why);
  });

  it("refuses a chain that the file does not hold, and anchors it cannot read", async () => {
    const file = await journalFileWith(1);
    for (const command of ["verify", "replay", "show"]) {
      const { exit, err } = await run(command, file, "--chain", "L7");
      expect(exit).toBe(2);
      expect(err).toContain("holds L1, not L7");
    }
    const { args } = await anchorsFor([]);
    expect(await run("verify", file, "--anchors", "/nowhere/a", "--key", args[3]!)).toEqual({
      exit: 2,
      out: "",
      err: "anchors /nowhere/a: there is no such file or folder",
    });
    expect(await run("verify", file, "--anchors", args[1]!, "--key", "/nowhere/k")).toEqual({
      exit: 2,
      out: "",
      err: "anchor key /nowhere/k: there is no such file or folder",
    });
  });

  it("runs as a program and helps", async () => {
    const program = join(import.meta.dirname, "../../edge/audit/cli.ts");
    const help = spawnSync(process.execPath, [program, "--help"], { encoding: "utf8" });
    expect(help).toMatchObject({ status: 0, stderr: "" });
    expect(help.stdout).toContain("Exit codes: 0 in order or proven, 1 tampering");
    const file = await journalFileWith(3);
    await tamper(file, "DELETE FROM record WHERE seq = 2");
    const verify = spawnSync(process.execPath, [program, "verify", file], { encoding: "utf8" });
    expect(verify.status).toBe(1);
    expect(verify.stdout).toContain("record 2 was removed");
  });
});
