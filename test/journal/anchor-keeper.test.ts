/**
 * Goal: the centre's anchors vouch for its agents' copies and for its own journal (law 14).
 * Method: real journals, copies, keys and files; the shipped verify; a tail cut behind its back.
 */
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { AnchoredTail } from "../../edge/journal/anchors/anchor.ts";
import { chainOn, emptyTail } from "../../edge/journal/chain.ts";
import { runJournalCli } from "../../edge/audit/cli.ts";
import { openJournalCopies } from "../../edge/journal/sqlite/sqlite-copies.ts";
import { appendDurably } from "../../edge/journal/journal.ts";
import { startAnchorKeeper } from "../../edge/journal/anchors/anchor-keeper.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { entries, opened, tamper, temporaryFolder } from "./support.ts";

const verify = async (...argv: string[]) => {
  const out: string[] = [];
  const exit = await runJournalCli(["verify", ...argv], {
    machineOf: () => ({ kind: "refused", why: "nothing is replayed here" }),
    out: (line) => out.push(line),
    err: () => {},
  });
  return { exit, out: out.join("\n") };
};

/** A centre's folder: its own journal of 50 records, copies of two agents, all anchored. */
async function anchoredCentre(chain = "centre") {
  const folder = temporaryFolder();
  const clock = createVirtualClock();
  const files = { own: join(folder, "centre.db"), copies: join(folder, "copies.db") };
  const settings = {
    file: join(folder, "anchors.jsonl"),
    keyFile: join(folder, "key.pem"),
    everyS: 1,
  };
  const journal = await opened({ file: files.own, chain, clock });
  const held = await openJournalCopies({ file: files.copies });
  if (held.kind === "refused") throw new Error(held.why);
  const { copies } = held;
  const failures: string[] = [];
  const keeper = await startAnchorKeeper({
    settings,
    tails: (): AnchoredTail[] => [
      { ...journal.tail(), isOwn: true },
      ...copies.chains().map((chain) => copies.held(chain)),
    ],
    clock,
    onFailure: (why) => failures.push(why),
    onWritten: () => {},
  });
  if (keeper.kind === "refused") throw new Error(keeper.why);
  await copies.take([chainOn(emptyTail("agent-L1"), "{}")]);
  await copies.take([chainOn(emptyTail("agent-L2"), "{}")]);
  await appendDurably(journal, entries(30));
  clock.runFor(1_000);
  await appendDurably(journal, entries(20));
  await keeper.stop();
  await copies.close();
  await journal.close();
  expect(failures).toEqual([]);
  return { files, args: ["--anchors", settings.file, "--key", `${settings.keyFile}.pub`] };
}

describe("the centre's own journal", () => {
  it("is anchored now and then and when the centre stops, so that it verifies", async () => {
    const { files, args } = await anchoredCentre();
    expect(await verify(files.own, ...args)).toEqual({
      exit: 0,
      out: "centre: in order, 50 records, 2 anchors match",
    });
  });

  it("is told from an agent's of the same name, which an agent with both roles may have", async () => {
    const { files, args } = await anchoredCentre("agent-L1");
    expect(await verify(files.own, ...args)).toEqual({
      exit: 0,
      out: "agent-L1: in order, 50 records, 2 anchors match",
    });
    expect(await verify(files.copies, ...args)).toEqual({
      exit: 0,
      out: ["agent-L1", "agent-L2"]
        .map((chain) => `${chain}: in order, 1 records, 1 anchors match`)
        .join("\n"),
    });
    await tamper(files.own, "DELETE FROM record WHERE seq > 40");
    expect(await verify(files.own, ...args)).toMatchObject({
      exit: 1,
      out: expect.stringContaining("TAMPERED"),
    });
  });

  it("is known with the agents' to the next run, as it was signed last", async () => {
    const { args } = await anchoredCentre();
    const [, file = "", , key = ""] = args;
    const keeper = await startAnchorKeeper({
      settings: { file, keyFile: key.replace(/\.pub$/, ""), everyS: 1 },
      tails: () => [],
      clock: createVirtualClock(),
      onFailure: () => {},
      onWritten: () => {},
    });
    if (keeper.kind === "refused") throw new Error(keeper.why);
    expect(keeper.signedEnds.map(({ chain, seq }) => [chain, seq])).toEqual([
      ["centre", 50],
      ["agent-L1", 1],
      ["agent-L2", 1],
    ]);
    await keeper.stop();
  });

  it.each([30, 49])("shows that its tail behind record %i was cut off", async (seq) => {
    const { files, args } = await anchoredCentre();
    await tamper(files.own, `DELETE FROM record WHERE seq > ${seq}`);
    const { exit, out } = await verify(files.own, ...args);
    expect(exit).toBe(1);
    expect(out).toContain(`ends at ${seq}, but record 50 was anchored (cutOff)`);
  });
});

describe("the agents' copies", () => {
  it("verify by the same file, and the centre's own chain is not missed among them", async () => {
    const { files, args } = await anchoredCentre();
    const { exit, out } = await verify(files.copies, ...args);
    expect(out.split("\n")).toEqual([
      "agent-L1: in order, 1 records, 1 anchors match",
      "agent-L2: in order, 1 records, 1 anchors match",
    ]);
    expect(exit).toBe(0);
  });

  it("show that one of them is wholly gone", async () => {
    const { files, args } = await anchoredCentre();
    await tamper(files.copies, "DELETE FROM record WHERE chain = 'agent-L2'");
    const { exit, out } = await verify(files.copies, ...args);
    expect(exit).toBe(1);
    expect(out).toContain("agent-L2: TAMPERED: the chain ends at 0");
  });
});

describe("an anchor file that cannot be written", () => {
  const startKeeper = async () => {
    const folder = temporaryFolder();
    const clock = createVirtualClock();
    const told: string[] = [];
    const tail = { ...emptyTail("agent-L1"), seq: 1 };
    const file = join(folder, "anchors.jsonl");
    const keeper = await startAnchorKeeper({
      settings: { file, keyFile: join(folder, "key.pem"), everyS: 1 },
      tails: () => [tail],
      clock,
      onFailure: (why) => told.push(why.replace(`anchors ${file}: `, "")),
      onWritten: () => told.push("written"),
    });
    if (keeper.kind === "refused") throw new Error(keeper.why);
    const handle = await open(file);
    const handles = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    const waitFor = async (total: number): Promise<void> => {
      while (told.length < total) await new Promise((resolve) => setImmediate(resolve));
    };
    return { clock, told, keeper, waitFor, sync: vi.spyOn(handles, "sync") };
  };

  it("is told at each try, and that it is over", async () => {
    const { clock, told, keeper, waitFor, sync } = await startKeeper();
    sync.mockImplementation(() => Promise.reject(new Error("its disk is full")));
    for (const total of [1, 2]) {
      clock.runFor(1_000);
      await waitFor(total);
    }
    sync.mockRestore();
    clock.runFor(1_000);
    await waitFor(3);
    clock.runFor(1_000);
    await keeper.stop();
    // What is written already is not written again.
    expect(told).toEqual(["its disk is full", "its disk is full", "written"]);
  });

  it("is told where it does not answer, and nothing is signed twice", async () => {
    const { clock, told, keeper, waitFor, sync } = await startKeeper();
    let goOn = (): void => {};
    sync.mockImplementation(() => new Promise<void>((resolve) => (goOn = resolve)));
    clock.runFor(1_000);
    while (sync.mock.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.runFor(2_000);
    expect(told).toEqual(["it does not answer", "it does not answer"]);
    goOn();
    await waitFor(3);
    sync.mockRestore();
    await keeper.stop();
    expect(told.slice(2)).toEqual(["written"]);
  });
});
