/**
 * Goal: a folder that does not answer is told and holds nothing up, and a file that cannot be taken is
 * told by its name and keeps no other from being taken. Method: the wire on real folders in virtual
 * time; what does not answer is a look that the test keeps, or a pipe that nobody reads.
 */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { setImmediate as turnOfLoop } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import {
  folderStopMsMax,
  openFolderWire,
  type FolderNews,
  type FolderOptions,
  type FolderOrder,
} from "../../edge/devices/wires/folder-wire.ts";
import { filesPerTurnMax } from "../../edge/devices/wires/folder-backlog.ts";
import { filesIn, type FolderEntries } from "../../edge/devices/wires/folder-entries.ts";
import type { Wire } from "../../edge/devices/wire.ts";
import type { DeviceReason } from "../../protocols/device-reasons.ts";
import { createCollectingLog } from "../../protocols/log.ts";
import { notConnected, sent } from "../../protocols/transport.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { temporaryFolder } from "../contract/device-rig.ts";

const lookEveryMs = 100;
let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
  for (const name of ["from", "to"]) mkdirSync(folder.path(name));
});
afterEach(() => folder.remove());

const nothing: FolderEntries = { files: [], isWhole: true };
const within = (name: string): string[] => readdirSync(folder.path(name)).toSorted();
const announcement = (text: string): FolderOrder => ({
  kind: "put",
  name: "announced.json",
  bytes: new TextEncoder().encode(text),
});

function opened(more: Partial<FolderOptions> = {}, tellPath = folder.path("to")) {
  const clock = createVirtualClock();
  const { log, lines } = createCollectingLog();
  const news: FolderNews[] = [];
  const states: (boolean | DeviceReason | undefined)[] = [];
  const failed: string[] = [];
  const path = folder.path("from");
  const wire: Wire<FolderNews, FolderOrder> = openFolderWire({
    reach: { kind: "folder", path, tellPath, writes: "renamed", lookEveryMs, keptFilesMax: 10 },
    clock,
    log,
    ...more,
  });
  onTestFinished(() => {
    const closing = wire.close();
    clock.runFor(folderStopMsMax);
    return closing;
  });
  wire.open({
    onState: (isOpen, reason) => void states.push(isOpen || reason),
    onMessage: (message) => void news.push(message),
    onAdvice: () => {},
    onDropped: () => {},
    onSendFailed: (detail) => void failed.push(detail),
  });
  /** As many looks as it takes; a disk that answers has answered before the time of one that hangs. */
  const until = async (isSo: () => boolean, turnsEachMs = 1): Promise<void> => {
    for (let turns = 0; !isSo(); turns += 1) {
      if (turns > 100_000) throw new Error("it does not come");
      if (turns % turnsEachMs === 0) clock.runFor(1);
      await stat(folder.path("from"));
      await turnOfLoop();
    }
  };
  const looks = () => news.filter(({ kind }) => kind === "looked").length;
  return { clock, wire, lines, news, states, failed, until, looks };
}

describe("a folder that does not answer", () => {
  it("holds up no stop for long, and is named", async () => {
    const { clock, wire, lines } = opened({ seeFolder: () => new Promise(() => {}) });
    clock.runFor(1);
    let isStopped = false;
    const stopping = wire.close().then(() => (isStopped = true));
    clock.runFor(folderStopMsMax - 1);
    await turnOfLoop();
    expect(isStopped).toBe(false);
    clock.runFor(1);
    await stopping;
    expect(lines.at(-1)).toMatchObject({
      level: "warn",
      fields: {
        address: folder.path("from"),
        why: `no answer within 2 s from ${folder.path("from")}`,
      },
    });
  });

  it("one that answers stops at once", async () => {
    const { wire, until, looks, lines } = opened();
    await until(() => looks() > 0);
    await wire.close();
    expect(lines.filter(({ level }) => level === "warn")).toEqual([]);
  });

  it("is lost after five seconds, and found again", async () => {
    let answer: (seen: FolderEntries) => void = () => {};
    const seeFolder = () => new Promise<FolderEntries>((resolve) => (answer = resolve));
    const { clock, wire, states, until } = opened({ seeFolder });
    clock.runFor(1);
    answer(nothing);
    await until(() => states.length === 1);
    clock.runFor(lookEveryMs);
    await turnOfLoop();
    clock.runFor(5_000 - lookEveryMs);
    expect(states).toEqual([true]);
    clock.runFor(lookEveryMs);
    expect(states.slice(1)).toMatchObject([{ code: "noAnswer", params: { seconds: 5 } }]);
    expect(wire.send(announcement("1"))).toEqual(notConnected);
    answer(nothing);
    await until(() => states.length === 3);
    expect(states[2]).toBe(true);
  });

  it("has five seconds for each file, however long it took to look", async () => {
    // Whoever reads a pipe waits for somebody who writes.
    execFileSync("mkfifo", [folder.path("from/slow.dcs")]);
    let answer: (seen: FolderEntries) => void = () => {};
    const seeFolder = () => new Promise<FolderEntries>((resolve) => (answer = resolve));
    const { clock, states, news } = opened({ seeFolder });
    clock.runFor(4_000);
    answer({
      files: [{ name: "slow.dcs", bytes: 1, changedAtMs: 1, inode: 1 }],
      isWhole: true,
    });
    const taken = "from/taken/000000001-slow.dcs";
    while (!existsSync(folder.path(taken))) await turnOfLoop();
    clock.runFor(4_999);
    expect(states).toEqual([true]);
    clock.runFor(1);
    expect(states.slice(1)).toMatchObject([{ code: "noAnswer" }]);
    // Who reads may have hung up before all of it was written.
    await Promise.allSettled([writeFile(folder.path(taken), "slowly")]);
    while (news.length === 0) await turnOfLoop();
    // And what it gives is no file's.
    expect(news).toEqual([
      { kind: "notRead", name: "000000001-slow.dcs", why: expect.stringContaining("ESPIPE") },
    ]);
    expect([within("from/aside"), within("from/taken")]).toEqual([["000000001-slow.dcs"], []]);
  });

  it("law 6: is told nothing of what waited for it", async () => {
    const pipe = folder.path("to/.announced.json.new");
    execFileSync("mkfifo", [pipe]);
    const { wire, states, failed, until, looks } = opened();
    await until(() => looks() > 0);
    // Whoever writes into a pipe waits for somebody who reads.
    expect([wire.send(announcement("1")), wire.send(announcement("2"))]).toEqual([sent, sent]);
    await until(() => states.length > 1);
    expect(states[1]).toMatchObject({ code: "noAnswer" });
    expect(await readFile(pipe, "utf8")).toBe("1");
    await until(() => failed.length > 0);
    expect(failed).toEqual(["announced.json: the folder was lost before"]);
    await until(() => states.at(-1) === true);
    expect(wire.send(announcement("3"))).toEqual(sent);
  });
});

describe("a file that cannot be taken", () => {
  const plain = new Uint8Array([1]);
  const namedInBytes = (name: string): Buffer =>
    Buffer.concat([Buffer.from(`${folder.path("from")}/`), Buffer.from(name, "latin1")]);
  const filesOf = (news: readonly FolderNews[]) =>
    news.flatMap((each) => (each.kind === "looked" ? [] : [`${each.kind} ${each.name}`]));

  it("whose name is no UTF-8 lies aside under one that can be read, and is told", async () => {
    writeFileSync(namedInBytes("caf\xe9 1.dcs"), plain);
    writeFileSync(namedInBytes("caf\xe9.tmp"), plain);
    writeFileSync(folder.path("from/caf\u00e9 2.dcs"), plain);
    const { news, states, until, looks } = opened();
    await until(() => looks() > 2);
    expect(news.filter(({ kind }) => kind === "notRead")).toEqual([
      { kind: "notRead", name: "000000001-caf\\xe9\\x201.dcs", why: "its name is no UTF-8" },
    ]);
    expect(within("from/aside")).toEqual(["000000001-caf\\xe9\\x201.dcs"]);
    expect(within("from/taken")).toEqual(["000000001-caf\u00e9 2.dcs"]);
    expect(states).toEqual([true]);
  });

  it("whose name would steer a terminal lies aside under one that is shown", async () => {
    writeFileSync(folder.path("from/\x1b[2J\u202e1.dcs"), plain);
    const { news, lines, until, looks } = opened();
    await until(() => looks() > 1);
    const name = "000000001-\\x1b[2J\\u{202e}1.dcs";
    const why = "its name has characters that nobody sees";
    expect(news.filter(({ kind }) => kind === "notRead")).toEqual([{ kind: "notRead", name, why }]);
    expect(within("from/aside")).toEqual([name]);
    expect(lines.at(-1)?.fields).toMatchObject({ file: name, why });
  });

  it("keeps no other from being taken", async () => {
    const { news, states, until, looks } = opened();
    await until(() => looks() > 0);
    mkdirSync(folder.path("from/taken/000000001-stuck.dcs"));
    writeFileSync(folder.path("from/stuck.dcs"), plain);
    await until(() => filesOf(news).length === 1);
    writeFileSync(folder.path("from/next.dcs"), plain);
    await until(() => filesOf(news).length === 2);
    expect(filesOf(news)).toEqual(["notRead stuck.dcs", "file 000000002-next.dcs"]);
    expect(states).toEqual([true]);
  });

  it("is told to the log at once, and then each minute with how many there were", async () => {
    const { clock, lines, news, until } = opened();
    for (const name of ["\xe91", "\xe92", "\xe93", "\xe94"]) {
      writeFileSync(namedInBytes(name), plain);
      const before = filesOf(news).length;
      await until(() => filesOf(news).length > before);
    }
    const told = () => lines.filter(({ message }) => message === "a file was not taken");
    expect(told()).toMatchObject([
      { level: "warn", fields: { file: "000000001-\\xe91", why: "its name is no UTF-8" } },
    ]);
    clock.runFor(60_000);
    expect(told().slice(1)).toMatchObject([{ fields: { file: "000000004-\\xe94", leftOut: 2 } }]);
  });
});

describe("when a file came", () => {
  const filesOf = (news: readonly FolderNews[]) =>
    news.flatMap((each) => (each.kind === "file" ? [each] : []));
  const dummy = new Uint8Array([1]);

  it("is told with it: it was not there yet, and lay there", async () => {
    writeFileSync(folder.path("from/before.dcs"), dummy);
    const { news, clock, until, looks } = opened();
    await until(() => looks() > 1);
    const beganAt = clock.monotonic();
    writeFileSync(folder.path("from/later.dcs"), dummy);
    await until(() => filesOf(news).length === 2);
    const [before, later] = filesOf(news);
    expect(before).toMatchObject({ name: "000000001-before.dcs", cameAfter: null });
    expect(later?.name).toBe("000000002-later.dcs");
    expect(later?.cameAfter).toBeLessThanOrEqual(beganAt);
    expect(later?.seenAt).toBeGreaterThanOrEqual(beganAt);
    expect(later!.seenAt - later!.cameAfter!).toBeLessThanOrEqual(lookEveryMs + 10);
  });

  it("is told by a glance more closely, which takes nothing", async () => {
    const { wire, news, clock, until, looks } = opened();
    await until(() => looks() > 0);
    writeFileSync(folder.path("from/there.dcs"), dummy);
    const moment = clock.monotonic();
    expect(wire.send({ kind: "glance" })).toEqual(sent);
    // It has answered long before the next look.
    for (let turns = 0; turns < 200; turns += 1) {
      await stat(folder.path("from"));
      await turnOfLoop();
    }
    expect(within("from")).toEqual(["aside", "taken", "there.dcs"]);
    writeFileSync(folder.path("from/came.dcs"), dummy);
    await until(() => filesOf(news).length === 2);
    const named = new Map(filesOf(news).map((file) => [file.cameAs, file]));
    expect(named.get("there.dcs")?.cameAfter).toBeLessThan(moment);
    expect(named.get("came.dcs")?.cameAfter).toBe(moment);
  });

  it("a glance at a folder that is gone says so, and asks no more than one at a time", async () => {
    const { wire, states, until, looks } = opened();
    await until(() => looks() > 0);
    renameSync(folder.path("from"), folder.path("away"));
    for (let asked = 0; asked < 50; asked += 1) wire.send({ kind: "glance" });
    while (states.length < 2) await turnOfLoop();
    expect(states.slice(1)).toMatchObject([{ code: "cannotOpen" }]);
    expect(wire.send({ kind: "glance" })).toEqual(notConnected);
    renameSync(folder.path("away"), folder.path("from"));
    await until(() => states.at(-1) === true);
  });
});

describe("a folder that has filled up while nobody looked", () => {
  const total = 3 * filesPerTurnMax + 1;
  const nameOf = (n: number): string => `${String(n).padStart(3, "0")}.dcs`;
  const fill = (): void => {
    for (let n = 0; n < total; n += 1) {
      writeFileSync(folder.path(`from/${nameOf(n)}`), new Uint8Array([n]));
      utimesSync(folder.path(`from/${nameOf(n)}`), n + 1, n + 1);
    }
  };
  const cameAs = (news: readonly FolderNews[]): string[] =>
    news.flatMap((each) => (each.kind === "file" ? [each.cameAs] : []));
  const names = Array.from({ length: total }, (_, n) => nameOf(n));

  it("is emptied by one look, in turns, oldest first, and says meanwhile that it is behind", async () => {
    fill();
    let listed = 0;
    const seeFolder = (path: string) => {
      listed += 1;
      return filesIn(path);
    };
    const { news, states, until } = opened({ seeFolder });
    // A disk that is quick: all of it is done long before the next look is due.
    await until(() => cameAs(news).length === total, 20);
    expect(listed).toBe(1);
    expect(cameAs(news)).toEqual(names);
    expect(states).toEqual([true]);
    await until(() => news.at(-1)?.kind === "looked");
    const looked = news.filter(({ kind }) => kind === "looked");
    expect(looked[0]).toHaveProperty("isBehind", true);
    expect(looked.at(-1)).not.toHaveProperty("isBehind");
    expect(news.findIndex(({ kind }) => kind === "looked")).toBeLessThanOrEqual(filesPerTurnMax);
  });

  it("a file that is written to while it waits for its turn is taken whole, later", async () => {
    fill();
    const late = nameOf(total - 1);
    const { news, until } = opened();
    await until(() => cameAs(news).length > 0);
    writeFileSync(folder.path(`from/${late}`), "longer");
    utimesSync(folder.path(`from/${late}`), total, total);
    await until(() => cameAs(news).length === total);
    expect(within("from/aside")).toEqual([]);
    const last = news.find((each) => each.kind === "file" && each.cameAs === late);
    expect(last).toMatchObject({ bytes: new Uint8Array(Buffer.from("longer")) });
  });

  it("a file that the device takes back meanwhile is no fault", async () => {
    fill();
    const { news, states, until, looks } = opened();
    await until(() => cameAs(news).length > 0);
    rmSync(folder.path(`from/${nameOf(total - 1)}`));
    await until(() => cameAs(news).length === total - 1);
    const before = looks();
    await until(() => looks() > before + 1);
    expect(news.filter(({ kind }) => kind === "notRead")).toEqual([]);
    expect(states).toEqual([true]);
  });

  it("what lay there before anybody looked is put aside unread, where it is refused", async () => {
    fill();
    const { news, wire, until, looks } = opened();
    expect(wire.send({ kind: "refuseOld" })).toEqual(sent);
    await until(() => news.filter(({ kind }) => kind === "old").length === total);
    expect([cameAs(news), within("from")]).toEqual([[], ["aside", "taken"]]);
    expect(news[0]).toMatchObject({
      kind: "old",
      name: "000000001-000.dcs",
      why: "it lay there before anybody looked",
      cameAfter: null,
    });
    // The newest of them are kept.
    expect(within("from/aside").at(-1)).toBe(`000000${total}-${nameOf(total - 1)}`);
    const before = looks();
    await until(() => looks() > before);
    writeFileSync(folder.path("from/new.dcs"), "new");
    await until(() => cameAs(news).length > 0);
    expect(cameAs(news)).toEqual(["new.dcs"]);
  });
});

describe("a file that belongs to nothing lies aside", () => {
  it("also when that is said after the folder was lost", async () => {
    let isLost = false;
    const seeFolder = (path: string) =>
      isLost ? Promise.reject(new Error("lost")) : filesIn(path);
    const { wire, news, states, until } = opened({ seeFolder });
    writeFileSync(folder.path("from/a.dcs"), new Uint8Array([1]));
    await until(() => news.some(({ kind }) => kind === "file"));
    isLost = true;
    await until(() => states.length > 1);
    const order = { kind: "keepAside", name: "000000001-a.dcs", why: "nobody's" } as const;
    expect([wire.send(order), wire.send(announcement("1"))]).toEqual([sent, notConnected]);
    await until(() => within("from/aside").length === 1);
    expect(within("from/taken")).toEqual([]);
  });

  it("also when it came as the agent stopped, and nobody was told of it", async () => {
    const { wire, clock, news, until, looks } = opened();
    await until(() => looks() > 0);
    writeFileSync(folder.path("from/a.dcs"), new Uint8Array([1]));
    clock.runFor(lookEveryMs);
    while (!existsSync(folder.path("from/taken/000000001-a.dcs"))) await turnOfLoop();
    await wire.close();
    // It may have been read meanwhile.
    const isTold = news.some(({ kind }) => kind === "file");
    expect(within(isTold ? "from/taken" : "from/aside")).toEqual(["000000001-a.dcs"]);
  });

  it("is left where it lies by whoever only looks on", async () => {
    writeFileSync(folder.path("from/a.dcs"), new Uint8Array([1]));
    const { wire, news, failed, until, looks } = opened({ onlyLooks: true });
    await until(() => looks() > 3);
    expect(news.filter(({ kind }) => kind === "file")).toMatchObject([
      { name: "a.dcs", cameAs: "a.dcs" },
    ]);
    wire.send({ kind: "keepAside", name: "a.dcs", why: "nobody's" });
    wire.send(announcement("1"));
    await until(() => failed.length > 0);
    expect(failed).toEqual(["announced.json: the folder is only looked at"]);
    expect([within("from"), within("to")]).toEqual([["a.dcs"], []]);
    writeFileSync(folder.path("from/a.dcs"), new Uint8Array([1, 2]));
    await until(() => news.filter(({ kind }) => kind === "file").length === 2);
  });
});

it("one folder for both ways is refused also where it has two names", async () => {
  symlinkSync(folder.path("from"), folder.path("same"));
  const { states, until } = opened({}, folder.path("same"));
  await until(() => states.length > 0);
  expect(states).toMatchObject([
    {
      code: "cannotOpen",
      detail: `${folder.path("same")}: it is the very folder that the device's files come into`,
    },
  ]);
});
