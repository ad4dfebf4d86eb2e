/**
 * Goal: a controller that speaks OSIP, with counts in it, keeps the contract of `SorterPort`, and what
 * it should not say or be told costs only itself.
 * Method: the contract suite between the shipped dialect and a simulated controller, in memory and
 * over TCP; and single telegrams written in the controller's place.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSorterDriver } from "../../edge/devices/sorter/driver.ts";
import { sorterOsipCarriers } from "../../edge/devices/sorter/osip.ts";
import { osipBelt, osipCode, osipWords } from "../../protocols/sorter/osip-sorter.ts";
import { createOsipParser, encodeOsip, type OsipTelegram } from "../../protocols/sorter/osip.ts";
import { beltCount } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { listenTcpLine } from "../../simulators/devices/byte-links.ts";
import { createSorterOsipWire } from "../../simulators/devices/sorter/osip-wire.ts";
import { createMemoryWire } from "../../simulators/wires/memory-byte-link.ts";
import { meaninglessOsip, osipDialect, osipFormat, osipPlant } from "../kit/osip.ts";
import { agentWires, listen, realTime } from "./device-rig.ts";
import { untilReal, untilVirtual } from "./sorter-waiting.ts";
import { describeSorterPort } from "./sorter.contract.ts";

const carriers = sorterOsipCarriers(osipDialect);
const kind = { cell: null, hasSubscriptions: false, isExclusive: true };

describeSorterPort(
  "OSIP in memory",
  async () => {
    const clock = createVirtualClock();
    const line = createMemoryWire({ clock, latencyMs: () => 1, chunkBytes: () => 33 });
    const wire = createSorterOsipWire({ link: line.b, clock, plant: osipPlant });
    return {
      clock,
      wire,
      openAgentEnd: () => carriers.bytes(line.a, clock),
      injectEvent: (event) => line.b.write(meaninglessOsip(JSON.stringify(event))),
      cut: async () => line.cut("pulled"),
      restore: async () => line.restore(),
      until: untilVirtual(clock),
      close: () => wire.close(),
    };
  },
  kind,
);

describeSorterPort(
  "OSIP over TCP",
  async () => {
    const { clock } = realTime();
    const line = listenTcpLine();
    const port = await line.listening;
    const wire = createSorterOsipWire({ link: line.link, clock, plant: osipPlant });
    return {
      clock,
      wire,
      openAgentEnd: () =>
        carriers.bytes(agentWires(clock).byteLink({ kind: "tcp", host: "127.0.0.1", port }), clock),
      injectEvent: (event) => line.link.write(meaninglessOsip(JSON.stringify(event))),
      cut: async () => line.unplug(),
      restore: async () => line.replug(),
      until: untilReal,
      close: () => wire.close(),
    };
  },
  { ...kind, cell: "sorter/osip/tcp" },
);

/** An agent's end on a line in memory whose other end is written by hand. */
function createStand() {
  const clock = createVirtualClock();
  const line = createMemoryWire({ clock });
  const said: OsipTelegram[] = [];
  const parser = createOsipParser(osipFormat);
  line.b.open({
    onOpen() {},
    onBytes(chunk) {
      for (const frame of parser.push(chunk))
        if (frame.kind === "telegram") said.push(frame.telegram);
    },
    onClose() {},
  });
  const wire = carriers.bytes(line.a, clock);
  const driver = createSorterDriver({
    deviceId: "sorter",
    wire,
    clock,
    staleAfterMs: 1_500,
    downAfterMs: 5_000,
    countsPerMsMax: 10,
    counter: null,
  });
  const heard = listen(driver);
  const date = "20261130120000";
  const names = { sender: "SPS03", receiver: "MFC__" };
  const say = (telegram: OsipTelegram): void => {
    line.b.write(encodeOsip(telegram, osipFormat));
    clock.runFor(1);
  };
  return {
    clock,
    wire,
    driver,
    heard,
    said,
    names,
    date,
    say,
    line: line.b,
    system: (number: number, count: number, boot = 17) =>
      say({
        ...names,
        number,
        type: "SYSU",
        fields: { group: osipBelt(count, 1_000), error: osipWords(boot, 0), date },
      }),
    place: (number: number, actual: string, barcode: string, code = 1) =>
      say({
        ...names,
        number,
        type: "UPD_",
        fields: { barcode, actual, error: osipCode(code), date },
      }),
    kinds: () => heard.said().map(({ kind: each }) => each),
    reason: () => driver.health().reason?.detail ?? "",
  };
}

describe("OSIP of a controller", () => {
  let stand: ReturnType<typeof createStand>;
  const eye = osipPlant.eyes["eye1"] ?? "";
  const divert = (commandId: string, fireAt = 300, windowCounts = 730) =>
    stand.driver.send({
      kind: "divert",
      commandId,
      passId: "p1",
      exit: "red",
      fireAtCount: beltCount(fireAt),
      releaseAtCount: beltCount(fireAt + windowCounts),
      notAfterCount: beltCount(fireAt - 20),
    });
  beforeEach(() => {
    stand = createStand();
    stand.clock.runFor(1);
    stand.system(0, 0);
    stand.system(1, 100);
  });
  afterEach(() => stand.driver.stop());

  test("begins a session with number 0, and tells its belt and eyes by count", () => {
    stand.place(2, eye, "128");
    expect(stand.heard.said()).toMatchObject([
      { kind: "session", seq: 0, count: 0 },
      { kind: "belt", seq: 1, count: 100, speedMmPerS: 1_000, isRunning: true },
      { kind: "eye", seq: 2, eyeId: "eye1", isBlocked: true, count: 128 },
    ]);
  });

  test("a number that is missing is a gap, and the last number is followed by 1", () => {
    stand.place(4, eye, "128");
    expect(stand.kinds()).toEqual(["session", "belt", "gap", "eye"]);
    for (let number = 10_000; number <= 90_000; number += 10_000) stand.system(number, 200);
    stand.system(99_999, 210);
    stand.heard.all.length = 0;
    stand.system(1, 220);
    expect(stand.kinds()).toEqual(["belt"]);
  });

  test("another boot number is another session, under a name that none had", () => {
    const epochs = () => stand.heard.said().map((event) => ("epoch" in event ? event.epoch : ""));
    const [first] = epochs();
    stand.system(9, 50, 18);
    stand.system(0, 0, 17);
    const [second, third] = epochs().slice(-2);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(second).toMatch(/^b18-/);
    expect(third).toMatch(/^b17-/);
  });

  test.each<[string, () => void, string]>([
    [
      "a place that nobody has named",
      () => stand.place(2, "FGINOTHR000100000000", "128"),
      "UPD_: FGINOTHR000100000000,",
    ],
    [
      "an eye without a count",
      () => stand.place(2, eye, "S000004711"),
      "UPD_: FGINEYE1000100000000, barcode S000004711",
    ],
    [
      "an answer with an unknown code",
      () => stand.place(2, "", "123", 77),
      "UPD_: order 123, error 00000077",
    ],
    [
      "a question where to",
      () =>
        stand.say({
          ...stand.names,
          number: 2,
          type: "REQ_",
          fields: { barcode: "1", actual: eye, target: "", error: osipCode(0), date: stand.date },
        }),
      "REQ_ is nothing that this agent answers",
    ],
  ])("%s is named, and makes no gap", (_, act, reason) => {
    act();
    expect(stand.reason()).toContain(reason);
    stand.system(3, 120);
    expect(stand.kinds()).toEqual(["session", "belt", "belt"]);
  });

  test("PR7.1-5: a type that does not exist is named, and answered with its error", () => {
    const move = (sender: string): void => {
      const { date } = stand;
      const fields = { error: osipCode(0), date };
      const bytes = encodeOsip(
        { ...stand.names, sender, number: 2, type: "ERR_", fields },
        osipFormat,
      );
      stand.line.write(Buffer.from(Buffer.from(bytes).toString("latin1").replace("ERR_", "MOVE")));
      stand.clock.runFor(2);
    };
    const before = stand.said.length;
    move("SPS03");
    expect(stand.reason()).toBe("there is no type MOVE");
    expect(stand.said.slice(before)).toMatchObject([
      { sender: "MFC__", receiver: "SPS03", type: "ERR_", fields: { error: "00000010" } },
    ]);
    move("SPS04");
    expect(stand.reason()).toBe("MOVE from SPS04 to MFC__");
    expect(stand.said).toHaveLength(before + 1);
  });

  test("a telegram of somebody else, or our own that comes back, is named and nothing more", () => {
    const fields = { date: stand.date };
    stand.say({ sender: "SPS04", receiver: "MFC__", number: 2, type: "SYNC", fields });
    expect(stand.reason()).toBe("SYNC from SPS04 to MFC__");
    stand.say({ sender: "MFC__", receiver: "SPS03", number: 2, type: "SYNC", fields });
    expect(stand.reason()).toBe("SYNC from MFC__ to SPS03");
    stand.system(2, 120);
    expect(stand.kinds()).toEqual(["session", "belt", "belt"]);
  });

  test("a number that goes back is named, and nothing is made of it", () => {
    stand.system(9, 110);
    stand.place(5, eye, "105");
    expect(stand.reason()).toBe("number 5 after 9");
    expect(stand.kinds()).not.toContain("eye");
  });

  test("ten numbers in a row that go back are another numbering, hence another session", () => {
    stand.system(5_000, 110);
    for (let number = 1; number <= 10; number += 1) stand.system(number, 120);
    expect(stand.kinds().filter((each) => each !== "gap")).toEqual(["session", "belt", "belt"]);
    stand.system(11, 130);
    const [first, last] = [stand.heard.said()[0], stand.heard.said().at(-1)];
    expect(last).toMatchObject({ kind: "belt", seq: 11, count: 130 });
    expect(last).not.toMatchObject({
      epoch: first !== undefined && "epoch" in first ? first.epoch : "",
    });
  });

  test("a divert goes out with its counts, its window and the controller's boot number", () => {
    divert("c1");
    stand.clock.runFor(1);
    const order = stand.said.find(({ type }) => type === "RES_");
    expect(order).toMatchObject({
      sender: "MFC__",
      receiver: "SPS03",
      fields: {
        target: osipPlant.chutes.red,
        group: "00000003000000000280",
        error: "00170730",
      },
    });
    if (order?.type !== "RES_") throw new Error("no order");
    stand.place(2, "", order.fields.barcode, 20);
    stand.place(3, "", order.fields.barcode, 0);
    expect(stand.heard.said().slice(-2)).toMatchObject([
      { kind: "accepted", commandId: "c1" },
      { kind: "fired", commandId: "c1", count: 300 },
    ]);
  });

  test("a second order for a parcel bears the parcel's number, and no two orders have one number", () => {
    divert("c1");
    divert("c2");
    divert("c1");
    stand.clock.runFor(1);
    const orders = stand.said.flatMap((each) => (each.type === "RES_" ? [each.fields] : []));
    const [first, second, again] = orders.map(({ barcode }) => barcode);
    expect(first).toMatch(/^\d{20}$/);
    expect(second).not.toBe(first);
    expect(again).toBe(first);
    expect(new Set(orders.map(({ actual }) => actual))).toEqual(new Set([first]));
  });

  test.each<[string, () => unknown]>([
    ["a count that RES_ has no room for", () => divert("c1", 20_000_000_000)],
    ["a window that it has no room for", () => divert("c1", 300, 10_000)],
    [
      "law 6: a command of another session",
      () => stand.wire.send({ kind: "cancelAll", epoch: "another" }),
    ],
  ])("%s is not sent, and that is said", (_, command) => {
    command();
    stand.clock.runFor(1);
    stand.system(2, 120);
    expect(stand.said.some(({ type }) => type === "RES_")).toBe(false);
    expect(stand.driver.health().reason).toMatchObject({ code: "commandRefused" });
  });

  test("an order that nobody here has given is told under a name of its own", () => {
    stand.place(2, "", "42", 0);
    expect(stand.heard.said().at(-1)).toMatchObject({
      kind: "fired",
      commandId: "osip-42",
      count: 100,
    });
  });

  test("PR7.1-7: a controller that asks for the time is told it, and an error of its is said", () => {
    const before = stand.said.length;
    stand.say({ ...stand.names, number: 2, type: "SYNQ", fields: { date: stand.date } });
    stand.clock.runFor(1);
    expect(stand.said.slice(before)).toMatchObject([
      { type: "SYNC", fields: { date: "20260101000000" } },
    ]);
    stand.say({
      ...stand.names,
      number: 3,
      type: "ERR_",
      fields: { error: osipCode(10), date: stand.date },
    });
    expect(stand.driver.health().reason).toMatchObject({
      code: "commandRefused",
      detail: "ERR_ 00000010",
    });
  });
});
