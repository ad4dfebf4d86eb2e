/**
 * Goal: whatever a bad line does to the telegrams between agent and controller, nothing moves twice,
 * late or for somebody else, nothing is told out of its order, and what is lost in the end is said.
 * Method: the shipped dialect and driver against a simulated controller in virtual time, on a line
 * that loses, damages, doubles and sends back single telegrams.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { frameTelegram } from "../../protocols/sorter/telegram-frames.ts";
import { notConnected, wireFull } from "../../protocols/transport.ts";
import { beltCount } from "../../protocols/units.ts";
import { createTelegramStand, type TelegramStand } from "../kit/telegram-stand.ts";

let stand: TelegramStand;
beforeEach(() => {
  stand = createTelegramStand();
  stand.begin();
});
afterEach(() => stand.stop());

const ids = (kind: "accepted" | "fired" | "cancelled" | "refused") =>
  stand.of(kind).map(({ commandId }) => commandId);
const numbers = () => stand.told.flatMap((event) => ("seq" in event ? [event.seq] : []));
const isInOrder = () => {
  const told = numbers();
  expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
};
const isEvent = (kind: string) => (text: string) => text.split(",")[4] === kind;
const isCommand = (kind: string) => (text: string) => text.split(",")[5] === kind;
const isHave = (text: string) => text.startsWith("A,");

describe("events", () => {
  test.each(["lost", "damaged"] as const)(
    "one that is %s comes again, in its place, and there is no gap",
    (fate) => {
      stand.spoil("device", isEvent("localReset"), fate);
      stand.model.localReset();
      stand.model.guard("g1", true);
      stand.model.guard("g1", false);
      stand.clock.runFor(1_000);
      expect(stand.of("localReset")).toHaveLength(1);
      expect(stand.of("gap")).toEqual([]);
      isInOrder();
      // It was asked for at once, when the first behind it came.
      expect(stand.said.agent.filter((text) => text.startsWith("R,"))).toHaveLength(1);
    },
  );

  test("one that is lost with nothing behind it comes again by itself", () => {
    stand.spoil("device", isEvent("localReset"), "lost");
    stand.model.localReset();
    stand.clock.runFor(300);
    expect(stand.of("localReset")).toHaveLength(1);
    expect(stand.of("gap")).toEqual([]);
  });

  test("one that is lost every time is a gap, told before what comes after it", () => {
    stand.spoil("device", isEvent("localReset"), "lost", 99);
    stand.model.localReset();
    // As soon as the controller has given it up, and says so.
    stand.clock.runFor(900);
    expect(stand.of("gap")).toEqual([{ kind: "gap", missed: 1 }]);
    expect(stand.of("localReset")).toEqual([]);
    isInOrder();
    expect(stand.driver.health().state).toBe("receiving");
  });

  test("one whose acknowledgement is lost comes again, and is told once", () => {
    stand.spoil("agent", isHave, "lost", 5);
    stand.model.localReset();
    stand.clock.runFor(1_000);
    expect(stand.of("localReset")).toHaveLength(1);
    expect(stand.counter("duplicatesTotal")).toBeGreaterThan(0);
    isInOrder();
  });

  test("a controller that promises for ever what it never repeats costs a second, then a gap", () => {
    const { epoch, seq } = stand.of("belt").at(-1)!;
    stand.model.setFaults({ freezeEvents: true });
    stand.told.length = 0;
    for (let each = 0; each < 11; each += 1) {
      expect(stand.told).toEqual([]);
      const text = `E,${epoch},${seq + 2 + each},${seq + 1},localReset,0`;
      stand.wire.b.write(frameTelegram(text));
      stand.clock.runFor(100);
    }
    expect(stand.told[0]).toEqual({ kind: "gap", missed: 1 });
    expect(numbers()).toEqual(Array.from({ length: 11 }, (_, each) => seq + 2 + each));
  });

  test("one that cannot be read under a good checksum is a gap, and is not asked for again", () => {
    const belt = stand.of("belt").at(-1)!;
    const asked = stand.said.agent.length;
    const next = belt.seq + 1;
    stand.wire.b.write(frameTelegram(`E,${belt.epoch},${next},${next},eye,eye1,maybe,5`));
    stand.clock.runFor(2);
    expect(stand.driver.health().reason).toMatchObject({ code: "badMessage" });
    expect(stand.said.agent.slice(asked)).toEqual([`A,${belt.epoch},${next}`]);
    stand.wire.b.write(frameTelegram(`E,${belt.epoch},${next + 1},${next + 1},localReset,0`));
    stand.clock.runFor(2);
    expect(stand.told.slice(-3).map(({ kind }) => kind)).toEqual([
      "healthChanged",
      "gap",
      "localReset",
    ]);
  });

  test("one of no session that is known, and unreadable, is answered by nothing", () => {
    const asked = stand.said.agent.length;
    stand.wire.b.write(frameTelegram("E,another,5,5,eye,eye1,maybe,5"));
    stand.clock.runFor(2);
    expect(stand.said.agent.slice(asked)).toEqual([]);
  });

  test("law 7: no report of the belt is told before an eye that came before it", () => {
    stand.spoil("device", isEvent("eye"), "lost");
    stand.encoder.turnTo(10);
    stand.model.eye("eye1", true, 10);
    stand.encoder.turnTo(700);
    stand.clock.runFor(1_000);
    const kinds = stand.told.flatMap((event) =>
      event.kind === "eye" || (event.kind === "belt" && event.count >= 10) ? [event.kind] : [],
    );
    expect(kinds[0]).toBe("eye");
    expect(stand.of("gap")).toEqual([]);
  });
});

describe("commands", () => {
  test.each(["lost", "damaged"] as const)("one that is %s is sent again and moves once", (fate) => {
    stand.spoil("agent", isCommand("divert"), fate);
    stand.divert("c1");
    stand.clock.runFor(500);
    expect(ids("accepted")).toEqual(["c1"]);
    stand.encoder.turnTo(400);
    stand.clock.runFor(100);
    expect(ids("fired")).toEqual(["c1"]);
    expect(stand.moves).toEqual(["red out", "red rest"]);
    expect(stand.timesSaid("divert,c1")).toBe(2);
  });

  test("PR7.5-3: one that comes twice is one, and so is one whose acknowledgement is lost", () => {
    stand.spoil("agent", isCommand("divert"), "twice");
    stand.spoil("device", isHave, "lost", 2);
    stand.divert("c1");
    stand.clock.runFor(1_000);
    expect(ids("accepted")).toEqual(["c1"]);
    expect(stand.timesSaid("divert,c1")).toBe(2);
    expect(stand.counter("commandsFailedTotal")).toBe(0);
  });

  test("they are taken in their order, also when the first is lost", () => {
    stand.spoil("agent", isCommand("induction"), "lost");
    stand.driver.send({ kind: "induction", isPermitted: false });
    stand.driver.send({ kind: "induction", isPermitted: true });
    stand.clock.runFor(500);
    expect(stand.isInductionPermitted()).toBe(true);
    expect(stand.said.device.filter((text) => text.startsWith("R,"))).toHaveLength(1);
  });

  test("an abort that overtakes its lost divert waits for it, and takes it back", () => {
    stand.spoil("agent", isCommand("divert"), "lost");
    stand.divert("c1");
    stand.driver.send({ kind: "abort", commandId: "c1" });
    stand.clock.runFor(500);
    expect(ids("accepted")).toEqual(["c1"]);
    expect(ids("cancelled")).toEqual(["c1"]);
    stand.encoder.turnTo(400);
    expect(stand.moves).toEqual([]);
  });

  test("an abort that is under way is not sent beside itself", () => {
    stand.spoil("device", isHave, "lost", 99);
    stand.divert("c1");
    for (let again = 0; again < 5; again += 1)
      stand.driver.send({ kind: "abort", commandId: "c1" });
    expect(stand.timesSaid("abort,c1")).toBe(1);
  });

  test("PR7.5-2: one without an answer is sent three times, given up, and said; the next ones pass", () => {
    stand.spoil("agent", isCommand("divert"), "lost", 3);
    stand.divert("c1");
    stand.clock.runFor(1_000);
    expect(stand.timesSaid("divert,c1")).toBe(3);
    expect(stand.counter("commandsFailedTotal")).toBe(1);
    expect(stand.driver.health().reason).toMatchObject({
      code: "notAcknowledged",
      detail: "divert",
    });
    stand.divert("c2");
    stand.clock.runFor(100);
    expect(ids("accepted")).toEqual(["c2"]);
  });

  test.each([
    ["abort", { kind: "abort", commandId: "c1" }],
    ["stop", { kind: "belt", run: false }],
    ["end of induction", { kind: "induction", isPermitted: false }],
    ["cancelAll", { kind: "cancelAll" }],
  ] as const)(
    "law 10: what takes back or stops, such as an %s, is said until it is heard",
    (_, command) => {
      stand.spoil("agent", isCommand(command.kind), "lost", 12);
      stand.driver.send(command);
      stand.clock.runFor(2_300);
      expect(stand.obeyed.at(-1)?.kind).not.toBe(command.kind);
      stand.clock.runFor(400);
      expect(stand.obeyed.findLast(({ kind }) => kind !== "life")).toMatchObject(command);
      expect(stand.counter("commandsFailedTotal")).toBe(0);
    },
  );

  test("a divert behind a stop that is not heard is given up all the same, and the next one passes", () => {
    stand.fates.agent = (text) => (text.startsWith("C,") ? "lost" : "arrives");
    stand.driver.send({ kind: "belt", run: false });
    stand.divert("c1");
    stand.clock.runFor(1_000);
    expect(stand.counter("commandsFailedTotal")).toBe(1);
    stand.divert("c2");
    stand.fates.agent = () => "arrives";
    stand.clock.runFor(500);
    expect(ids("accepted")).toEqual(["c2"]);
  });

  test("one behind another that is given up is sent once more, and taken", () => {
    stand.spoil("agent", (text) => text.includes("divert,c1"), "lost", 3);
    stand.divert("c1");
    stand.divert("c2");
    stand.clock.runFor(700);
    expect(stand.timesSaid("divert,c1")).toBe(3);
    expect(ids("accepted")).toEqual(["c2"]);
    expect(stand.counter("commandsFailedTotal")).toBe(1);
  });

  test("law 6: one that arrives past its count is refused at the device", () => {
    stand.spoil("agent", isCommand("divert"), "lost");
    stand.divert("c1");
    stand.encoder.turnTo(91);
    stand.clock.runFor(500);
    expect(stand.of("refused")).toMatchObject([{ commandId: "c1", why: "staleCount" }]);
    expect(stand.moves).toEqual([]);
  });

  test("law 6: one of an older session is refused at the device", () => {
    stand.spoil("agent", isCommand("divert"), "lost");
    stand.divert("c1");
    stand.model.powerOff();
    stand.model.powerOn();
    stand.clock.runFor(500);
    expect(stand.of("refused")).toMatchObject([{ commandId: "c1", why: "staleEpoch" }]);
  });

  test("law 6: nothing under way when the wire was lost is said on the next one", () => {
    stand.spoil("agent", isCommand("divert"), "lost", 99);
    stand.divert("c1");
    stand.wire.cut("pulled");
    stand.clock.runFor(10);
    expect(stand.divert("c2")).toEqual(notConnected);
    stand.wire.restore();
    stand.fates.agent = () => "arrives";
    stand.clock.runFor(3_000);
    stand.encoder.turnTo(400);
    expect(stand.timesSaid("divert,c1")).toBe(1);
    expect(stand.timesSaid("divert,c2")).toBe(0);
    expect(stand.moves).toEqual([]);
  });

  test("law 6: what the wire did not take is never said later", () => {
    stand.spoil("agent", isCommand("divert"), "refused");
    expect(stand.divert("c1")).toEqual(wireFull);
    stand.clock.runFor(1_000);
    expect(stand.timesSaid("divert,c1")).toBe(1);
    stand.divert("c2");
    stand.clock.runFor(100);
    expect(ids("accepted")).toEqual(["c2"]);
  });

  test("a life that the wire did not take does not unsay the command before it", () => {
    // Life is due every 500 ms, and so between the divert and its repeat.
    stand.clock.runFor(250);
    stand.spoil("agent", isCommand("divert"), "lost");
    stand.divert("c1");
    const before = stand.fates.agent;
    stand.fates.agent = (text) => (text.startsWith("L,") ? "refused" : before(text));
    stand.clock.runFor(150);
    expect(stand.said.agent.some((text) => text.startsWith("refused L,"))).toBe(true);
    stand.clock.runFor(150);
    expect(ids("accepted")).toEqual(["c1"]);
  });

  test("so many at once as may wait, and no more, and that is said", () => {
    stand.fates.device = (text) => (isHave(text) ? "lost" : "arrives");
    for (let each = 0; each < 40; each += 1) {
      stand.driver.send({ kind: "belt", run: each % 2 === 0 });
    }
    expect(stand.timesSaid("belt,")).toBe(32);
    stand.clock.runFor(100);
    expect(stand.driver.health().reason).toMatchObject({ code: "notAcknowledged" });
  });
});

describe("acknowledgements", () => {
  const lateAck = (stream: string, number: number) =>
    stand.wire.b.write(frameTelegram(`A,${stream},${number}`));
  const linkOf = (text: string) => text.split(",")[1] ?? "";
  const divertSaid = () => stand.said.agent.find((text) => text.includes("divert,c1")) ?? "";

  test("of another link, of a session, or of a number never sent answer nothing", () => {
    stand.spoil("agent", isCommand("divert"), "lost", 2);
    stand.divert("c1");
    const [, link = "", number = ""] = divertSaid().split(",");
    lateAck("ANOTHER", Number(number));
    lateAck(stand.of("belt").at(-1)!.epoch, Number(number));
    lateAck(link, Number(number) + 5);
    lateAck(link, Number(number) - 1);
    stand.clock.runFor(1_000);
    expect(stand.timesSaid("divert,c1")).toBe(3);
    expect(ids("accepted")).toEqual(["c1"]);
  });

  test("that come late, again and again, do not put off the repeat of another command", () => {
    const link = linkOf(stand.said.agent.find((text) => text.startsWith("L,")) ?? "");
    stand.spoil("agent", isCommand("divert"), "lost");
    stand.divert("c1");
    for (let each = 0; each < 5; each += 1) {
      lateAck(link, 1);
      stand.clock.runFor(50);
    }
    expect(ids("accepted")).toEqual(["c1"]);
  });

  test("no link has the name of one before, and each counts from 1", () => {
    const before = linkOf(stand.said.agent.find((text) => text.startsWith("L,")) ?? "");
    stand.wire.cut("pulled");
    stand.wire.restore();
    stand.clock.runFor(2_000);
    const after = linkOf(stand.said.agent.findLast((text) => text.startsWith("L,")) ?? "");
    expect(before).toMatch(/^[0-9A-Z]{8}$/);
    expect(after).toMatch(/^[0-9A-Z]{8}$/);
    expect(after).not.toBe(before);
    stand.divert("c1");
    expect(divertSaid()).toMatch(`C,${after},1,1,`);
  });
});

describe("whoever else speaks", () => {
  test("what the agent before had said and a slow line brings now moves nothing", () => {
    const epoch = stand.of("belt").at(-1)!.epoch;
    const link = stand.said.agent.find((text) => text.startsWith("L,"))?.split(",")[1] ?? "";
    stand.wire.cut("another agent");
    stand.wire.restore();
    stand.clock.runFor(1_000);
    const late = `C,${link},9,9,${epoch},divert,late,late-pass,red,100,150,90`;
    stand.wire.a.write(frameTelegram(late));
    stand.clock.runFor(100);
    expect(stand.told.some((event) => "commandId" in event)).toBe(false);
    expect(stand.said.device.some((text) => text.startsWith(`A,${link},9`))).toBe(false);
  });

  test("a line that sends back what we say acknowledges nothing, and is named", () => {
    stand.spoil("agent", isCommand("divert"), "lost", 3);
    stand.divert("c1");
    for (const text of stand.said.agent.slice(-3))
      stand.wire.b.write(frameTelegram(text.replace("lost ", "")));
    stand.clock.runFor(50);
    expect(stand.driver.health().reason?.detail).toMatch(/a telegram of an agent/);
    stand.clock.runFor(1_000);
    expect(stand.counter("commandsFailedTotal")).toBe(1);
    expect(ids("accepted")).toEqual([]);
  });
});

describe("life", () => {
  test("acknowledgements are none: without L everything pending is cancelled", () => {
    stand.divert("c1");
    stand.clock.runFor(100);
    stand.fates.agent = (text) => (text.startsWith("L,") ? "lost" : "arrives");
    stand.clock.runFor(1_600);
    expect(stand.of("cancelled")).toMatchObject([{ commandId: "c1", why: "noLife" }]);
    expect(stand.isInductionPermitted()).toBe(false);
  });

  test("a session that begins anew is taken up, with nothing of the old one", () => {
    const { epoch } = stand.of("belt").at(-1)!;
    stand.model.powerOff();
    stand.clock.runFor(50);
    stand.model.powerOn();
    stand.clock.runFor(1_000);
    expect(stand.of("session").at(-1)).toMatchObject({ seq: 0, count: 0 });
    expect(stand.of("belt").at(-1)!.epoch).not.toBe(epoch);
    expect(stand.divert("c1", { notAfterCount: beltCount(90) }).kind).toBe("sent");
    stand.clock.runFor(100);
    expect(ids("accepted")).toEqual(["c1"]);
  });
});
