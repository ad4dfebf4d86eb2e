/**
 * Goal: telegrams of an X-ray machine are these bytes and no others, each field that is wrong is
 * refused by its name, and the line's side of the exchange keeps its numbers.
 * Method: approved bytes of a parcel's way through the machine, each way of breaking a body, and the
 * dialect on a wire in the test's hands, in virtual time.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { xrayTelegramCarriers } from "../../edge/devices/xray/sortline-telegrams.ts";
import type { XrayHeard } from "../../edge/devices/xray/heard.ts";
import { crc32 } from "../../protocols/crc32.ts";
import { sent, wireFull, type ByteLinkHandlers } from "../../protocols/transport.ts";
import { beltCount } from "../../protocols/units.ts";
import { createTelegramParser, encodeTelegramFrame } from "../../protocols/xray/telegram-frame.ts";
import {
  decodeXrayTelegram,
  encodeXrayTelegram,
  nextSeq,
  seqAhead,
  type XrayTelegram,
} from "../../protocols/xray/telegrams.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { approvedTelegrams, bytesOf, hexOf, readApprovedBytes } from "../kit/xray-telegrams.ts";

const onlyTelegram = (bytes: Uint8Array) => {
  const [word] = createTelegramParser().push(bytes);
  if (word?.kind !== "telegram") throw new Error(`${hexOf(bytes)} is no telegram`);
  return word;
};

describe("approved bytes", () => {
  const approved = readApprovedBytes();
  const told = approvedTelegrams.map(([, telegram]) => telegram);
  const verdictTelegram = told.find((telegram) => telegram.kind === "verdict")!;

  it.each(approvedTelegrams)("%s", (name, telegram, seq) => {
    const bytes = approved.get(name) ?? "";
    expect(hexOf(encodeXrayTelegram(telegram, seq))).toBe(bytes);
    const word = onlyTelegram(bytesOf(bytes));
    expect(word.seq).toBe(seq);
    expect(decodeXrayTelegram(word)).toEqual({ kind: "ok", telegram });
  });

  it("a text keeps the mark that some programs begin their files with", () => {
    const label = "\uFEFFknife";
    const boxes = verdictTelegram.boxes.map((box) => ({ ...box, label }));
    const telegram = { ...verdictTelegram, boxes };
    const word = onlyTelegram(encodeXrayTelegram(telegram, 1));
    expect(decodeXrayTelegram(word)).toEqual({ kind: "ok", telegram });
  });

  it("are all of them, and stand as they are in the page of the X-ray machines", () => {
    expect([...approved.keys()]).toEqual(approvedTelegrams.map(([name]) => name));
    const page = readFileSync("edge/devices/xray/README.md", "utf8");
    for (const bytes of approved.values()) expect(page).toContain(`\`${bytes}\``);
  });
});

describe("a body that is wrong is refused by its field", () => {
  const verdict = approvedTelegrams.find(([name]) => name === "VERDICT")![1];
  const item = { itemSequence: 1, track: 1, entryCount: beltCount(5), lengthMm: 300 };
  const bodyOf = (telegram: XrayTelegram, change: (body: Uint8Array) => Uint8Array | void) => {
    const { type, body } = onlyTelegram(encodeXrayTelegram(telegram, 1));
    return { type, body: change(body) ?? body };
  };
  const at = (index: number, value: number) => (body: Uint8Array) => {
    body[index] = value;
  };

  it.each([
    [
      "a byte less",
      bodyOf({ kind: "left", ...item }, (body) => body.slice(1)),
      /left: a body of 7/,
    ],
    ["a byte more", bodyOf({ kind: "ack" }, () => Uint8Array.of(0)), /ack: a body of 1/],
    ["item number 0", bodyOf({ kind: "left", ...item }, at(0, 0)), /left: itemSequence/],
    ["track 0", bodyOf(approvedTelegrams[4]![1], (b) => void b.fill(0, 0, 4)), /announce: track/],
    ["session 0", bodyOf(approvedTelegrams[1]![1], (b) => void b.fill(0)), /start: session/],
    ["a flag of tomorrow", bodyOf({ kind: "entered", ...item }, at(8, 7)), /entered: flags/],
    ["no length", bodyOf({ kind: "entered", ...item }, at(8, 1)), /entered: lengthMm/],
    ["a count beyond a double", bodyOf({ kind: "entered", ...item }, at(16, 0x7f)), /entryCount/],
    ["state 3", bodyOf(approvedTelegrams[3]![1], at(8, 3)), /machineLife: state/],
    ["beam 2", bodyOf(approvedTelegrams[3]![1], at(9, 2)), /machineLife: beamOn/],
    ["PR6.3-2: decision 7", bodyOf(verdict, at(8, 7)), /verdict: decision/],
    ["PR6.3-2: decision 8", bodyOf(verdict, at(8, 8)), /verdict: decision/],
    ["PR6.3-2: decision 9", bodyOf(verdict, at(8, 9)), /verdict: decision/],
    ["no algorithm", bodyOf(verdict, (b) => cutOut(b, 41, 3)), /verdict: algorithm/],
    ["an algorithm that is no text", bodyOf(verdict, at(42, 0xff)), /verdict: algorithm/],
    ["a box of no width", bodyOf(verdict, at(50, 0)), /verdict: boxes/],
    ["a confidence over 1", bodyOf(verdict, at(55, 0xff)), /verdict: boxes/],
    ["33 boxes", bodyOf(verdict, at(45, 33)), /verdict: /],
    ["NAK 0", bodyOf({ kind: "nak", why: "damaged" }, at(0, 0)), /nak: why/],
    ["an unknown type", { type: 0x33, body: new Uint8Array(0) }, /type 51 is unknown/],
  ])("%s", (_name, frame, why) => {
    expect(decodeXrayTelegram(frame)).toMatchObject({
      kind: "invalid",
      why: expect.stringMatching(why),
    });
  });

  function cutOut(body: Uint8Array, from: number, count: number): Uint8Array {
    const cut = Uint8Array.from([...body.subarray(0, from), 0, ...body.subarray(from + 1 + count)]);
    return cut;
  }
});

it("PR7.5-1: numbers go round without 0", () => {
  expect([nextSeq(0), nextSeq(1), nextSeq(65_534), nextSeq(65_535)]).toEqual([1, 2, 65_535, 1]);
  expect([seqAhead(2, 1), seqAhead(1, 65_535), seqAhead(65_535, 1)]).toEqual([1, 1, -1]);
});

/** The dialect, on a line whose other end is the test. */
function createStand() {
  const clock = createVirtualClock();
  const written: (XrayTelegram & { readonly seq: number })[] = [];
  const parser = createTelegramParser();
  const told: XrayHeard[] = [];
  let isFull = false;
  let line: ByteLinkHandlers | null = null;
  const wire = xrayTelegramCarriers.bytes!(
    {
      open(handlers) {
        line = handlers;
      },
      write(bytes) {
        if (isFull) return wireFull;
        for (const word of parser.push(bytes)) {
          if (word.kind !== "telegram") throw new Error("the line wrote no telegram");
          const decoded = decodeXrayTelegram(word);
          if (decoded.kind === "invalid") throw new Error(decoded.why);
          written.push({ ...decoded.telegram, seq: word.seq });
        }
        return sent;
      },
      async close() {},
    },
    clock,
    "a serial line",
  );
  wire.open({
    onState: () => {},
    onMessage: (heard) => told.push(heard),
    onAdvice: () => {},
    onDropped: () => {},
    onSendFailed: () => {},
  });
  line!.onOpen();
  const say = (telegram: XrayTelegram, seq: number) =>
    line!.onBytes(encodeXrayTelegram(telegram, seq));
  const greeting = (written[0] as { greeting: number }).greeting;
  return {
    clock,
    wire,
    told,
    say,
    setFull: (next: boolean) => {
      isFull = next;
    },
    raw: (bytes: Uint8Array) => line!.onBytes(bytes),
    start: (session = 7) => say({ kind: "start", session, greeting }, 0),
    /** What was written since it was asked last. */
    written: () => written.splice(0),
    details: () =>
      told.flatMap((heard) => (heard.kind === "discarded" ? [heard.reason.detail] : [])),
    counted: (name: string) =>
      told.reduce(
        (sum, heard) => sum + (heard.kind === "noted" ? (heard.counts[name] ?? 0) : 0),
        0,
      ),
  };
}

const announce = (passId: string) => ({
  passId,
  entryFromCount: beltCount(10),
  entryToCount: beltCount(20),
  lengthMm: 300,
});
const entered = (itemSequence: number): XrayTelegram => ({
  kind: "entered",
  itemSequence,
  track: null,
  entryCount: beltCount(15),
  lengthMm: 300,
});

const notTaken = (code: string, why: string) => ({
  kind: "notTaken",
  reason: { code, detail: `announce: ${why}` },
});

describe("the line's side", () => {
  it("greets at once and every 500 ms, and names the session once it has one", () => {
    const stand = createStand();
    stand.clock.runFor(1_000);
    stand.start(7);
    stand.clock.runFor(500);
    expect(stand.written().map((each) => ("session" in each ? each.session : each.kind))).toEqual([
      0,
      0,
      0,
      "ack",
      7,
    ]);
  });

  it("says nothing but LIFE before a session", () => {
    const stand = createStand();
    expect(stand.wire.send(announce("p"))).toEqual({ kind: "refused", why: "noSession" });
    stand.start();
    expect(stand.wire.send(announce("p"))).toEqual(sent);
  });

  it("announces one at a time, each under a number of its own that follows from its pass", () => {
    const stand = createStand();
    stand.start();
    stand.written();
    for (const pass of ["p", "q"]) stand.wire.send(announce(pass));
    const [first, ...none] = stand.written();
    expect(none).toEqual([]);
    stand.say({ kind: "ack" }, 1);
    const [second] = stand.written();
    expect([first?.seq, second?.seq]).toEqual([1, 2]);
    const another = createStand();
    another.start();
    another.wire.send(announce("p"));
    expect(another.written().at(-1)).toEqual(first);
    expect(first).not.toMatchObject({ track: (second as { track: number }).track });
  });

  it("PR7.5-2: sends again after 200 ms, three times in all, then gives up", () => {
    const stand = createStand();
    stand.start();
    stand.written();
    stand.wire.send(announce("p"));
    stand.clock.runFor(199);
    expect(stand.written()).toHaveLength(1);
    stand.clock.runFor(1);
    expect(stand.written().filter(({ kind }) => kind === "announce")).toHaveLength(1);
    stand.clock.runFor(400);
    expect(stand.written().filter(({ kind }) => kind === "announce")).toHaveLength(1);
    expect(stand.told.at(-1)).toEqual(notTaken("notAcknowledged", "noAnswer"));
  });

  it("PR7.5-4: a NAK for what came damaged has it sent again at once, any other gives it up", () => {
    const stand = createStand();
    stand.start();
    stand.written();
    stand.wire.send(announce("p"));
    stand.say({ kind: "nak", why: "damaged" }, 1);
    expect(stand.written()).toHaveLength(2);
    stand.say({ kind: "nak", why: "unreadable" }, 1);
    expect(stand.written()).toHaveLength(0);
    expect(stand.told.at(-1)).toEqual(notTaken("commandRefused", "unreadable"));
  });

  it("what the wire did not take is void, and is never said later", () => {
    const stand = createStand();
    stand.start();
    stand.written();
    stand.setFull(true);
    expect(stand.wire.send(announce("p"))).toEqual(wireFull);
    stand.setFull(false);
    stand.clock.runFor(300);
    expect(stand.written().filter(({ kind }) => kind === "announce")).toEqual([]);
    expect(stand.wire.send(announce("q"))).toEqual(sent);
    expect(stand.written()).toMatchObject([{ kind: "announce", seq: 2 }]);
  });

  it("so many announcements wait, and no more", () => {
    const stand = createStand();
    stand.start();
    const outcomes = Array.from({ length: 18 }, (_, at) => stand.wire.send(announce(`p${at}`)));
    expect(outcomes.map((outcome) => (outcome.kind === "sent" ? "" : outcome.why)).join("")).toBe(
      "wireFull",
    );
  });

  it("law 16: a telegram that is behind the last one is none of now", () => {
    const stand = createStand();
    stand.start();
    for (const [itemSequence, seq] of [
      [1, 1],
      [2, 2],
      [1, 1],
    ] as const) {
      stand.say(entered(itemSequence), seq);
    }
    expect(stand.told.filter(({ kind }) => kind === "item")).toHaveLength(2);
    expect(stand.details()).toEqual(["entered: number 1 after 2"]);
  });

  it("counts the numbers that were left out", () => {
    const stand = createStand();
    stand.start();
    stand.say(entered(1), 1);
    stand.say(entered(4), 4);
    expect(stand.counted("missedTelegramsTotal")).toBe(2);
    expect(stand.told.filter(({ kind }) => kind === "item")).toHaveLength(2);
  });

  it("a START that comes again changes nothing, and another one begins with 1", () => {
    const stand = createStand();
    stand.start(7);
    stand.say(entered(1), 1);
    stand.start(7);
    stand.say(entered(2), 2);
    stand.start(8);
    stand.say(entered(3), 1);
    expect(stand.told.filter(({ kind }) => kind === "item")).toHaveLength(3);
    expect(stand.counted("sessionsTotal")).toBe(2);
  });

  it("a machine that names another session has lost this one: the line greets anew", () => {
    const stand = createStand();
    stand.start(7);
    stand.wire.send(announce("p"));
    stand.written();
    const life = { lives: 1, state: "ready", beamOn: true } as const;
    stand.say({ kind: "machineLife", session: 0, ...life }, 0);
    expect(stand.written()).toMatchObject([{ kind: "lineLife", session: 0 }]);
    expect(stand.told.slice(-2)).toEqual([
      notTaken("notAcknowledged", "sessionEnded"),
      { kind: "life", seq: 1, state: "ready", beamOn: true },
    ]);
    expect(stand.wire.send(announce("q"))).toEqual({ kind: "refused", why: "noSession" });
  });

  it("an item of a machine that knows no counts comes without one", () => {
    const stand = createStand();
    stand.start();
    const item = { passId: null, itemSequence: 1, lengthMm: 300 };
    stand.say({ kind: "entered", ...item, track: 5, entryCount: null }, 1);
    expect(stand.told.at(-1)).toEqual({ kind: "item", ...item });
  });

  it("an item longer than any is refused by name", () => {
    const stand = createStand();
    stand.start();
    stand.say({ ...entered(1), lengthMm: 10_001 } as XrayTelegram, 1);
    expect(stand.details()).toEqual(["entered: item 1 of 10001 mm"]);
  });

  it("law 9: a number that no pass was announced under is nobody's", () => {
    const stand = createStand();
    stand.start();
    stand.say({ kind: "entered", ...itemOf(1), track: 4_711 }, 1);
    expect(stand.told.at(-1)).toMatchObject({ kind: "item", passId: null });
  });

  it("PR6.3-1: only what says clear is clear, and what is pending is no verdict", () => {
    const stand = createStand();
    stand.start();
    const decisions = ["notScanned", "clear", "suspect", "travelTimeOver", "viewTimeOver", "error"];
    for (const [at, decision] of ["pending", ...decisions].entries()) {
      const on = { itemSequence: 1, track: null, pixelsHash: "ab".repeat(32) };
      const verdict = { kind: "verdict", ...on, decision, algorithm: "a", boxes: [] };
      stand.say(verdict as unknown as XrayTelegram, at + 1);
    }
    const verdicts = stand.told.flatMap((heard) =>
      heard.kind === "verdict" ? [heard.verdict] : [],
    );
    expect(verdicts).toEqual(["unknown", "clear", "suspect", "unknown", "unknown", "unknown"]);
    expect(stand.counted("pendingVerdictsTotal")).toBe(1);
  });

  const pixels = Uint8Array.of(2, 1, 255, 255, 0, 0, 0, 128);
  const picture = (itemSequence: number, pixelsCrc = crc32(pixels)): XrayTelegram => ({
    kind: "picture",
    itemSequence,
    track: null,
    entryCount: null,
    lengthMm: null,
    widthPx: 2,
    heightPx: 1,
    planes: 2,
    pixelsCrc,
  });
  const piece = (itemSequence: number, from: number, to: number): XrayTelegram => ({
    kind: "piece",
    itemSequence,
    from,
    bytes: pixels.subarray(from, to),
  });
  const imagesOf = (telegrams: readonly XrayTelegram[]) => {
    const stand = createStand();
    stand.start();
    for (const [at, telegram] of telegrams.entries()) stand.say(telegram, at + 1);
    return {
      images: stand.told.flatMap((heard) => (heard.kind === "image" ? [heard.itemSequence] : [])),
      details: stand.details(),
    };
  };

  it.each([
    ["whole", [picture(1), piece(1, 0, 4), piece(1, 4, 8)], [1], []],
    ["another's piece", [picture(1), piece(1, 0, 4), piece(2, 4, 8)], [], [/item 2 .*not follow/]],
    ["a piece left out", [picture(1), piece(1, 4, 8)], [], [/from byte 4 .*not follow/]],
    ["a piece twice", [picture(1), piece(1, 0, 4), piece(1, 0, 4)], [], [/not follow/]],
    ["an empty piece", [picture(1), piece(1, 0, 0)], [], [/not follow/]],
    ["pieces without a picture", [piece(1, 0, 8)], [], [/without its beginning/]],
    ["other pixels than it said", [picture(1, 5), piece(1, 0, 8)], [], [/checksum of its pixels/]],
    [
      "a picture before the last is whole",
      [picture(1), piece(1, 0, 4), picture(2)],
      [],
      [/4 of 8/],
    ],
  ] as const)("a picture, %s", (_name, telegrams, images, details) => {
    const found = imagesOf(telegrams);
    expect(found.images).toEqual(images);
    expect(found.details).toHaveLength(details.length);
    details.forEach((why, at) => expect(found.details[at]).toMatch(why));
  });

  it.each(["before it", "behind it"])(
    "law 2: what speaks against a picture speaks against whoever it is of: said %s, under another item",
    (when) => {
      const stand = createStand();
      stand.start();
      const pixelsHash = createHash("sha256").update(pixels).digest("hex");
      const on = { itemSequence: 2, track: null, pixelsHash };
      const against = { kind: "verdict", ...on, decision: "suspect", algorithm: "a", boxes: [] };
      const ofOne = [picture(1), piece(1, 0, 8)];
      const said = when === "before it" ? [against, ...ofOne] : [...ofOne, against];
      for (const [at, telegram] of said.entries()) stand.say(telegram as XrayTelegram, at + 1);
      const image = stand.told.find((heard) => heard.kind === "image");
      const onImage = stand.told.filter(
        (heard) => heard.kind === "verdict" && heard.imageHash === image?.imageHash,
      );
      expect(onImage).toMatchObject([{ verdict: "suspect", algorithm: "a" }]);
    },
  );

  it("what is beyond the end of a picture, of no size, or too large is none", () => {
    const longer = { kind: "piece", itemSequence: 1, from: 0, bytes: new Uint8Array(9) } as const;
    expect(imagesOf([picture(1), longer]).details[0]).toMatch(/not follow/);
    const sized = (widthPx: number, heightPx: number) =>
      imagesOf([{ ...picture(1), widthPx, heightPx } as XrayTelegram]).details[0];
    expect(sized(0, 5)).toMatch(/no pixels/);
    expect(sized(4_000, 4_000)).toMatch(/too large/);
  });

  it("what has a good head and a damaged body is asked for by its number", () => {
    const stand = createStand();
    stand.start();
    stand.written();
    const bytes = encodeXrayTelegram(entered(1), 1);
    bytes[12] = 0xff;
    stand.raw(bytes);
    expect(stand.written()).toEqual([{ kind: "nak", why: "damaged", seq: 1 }]);
  });

  it("never answers an answer, or life, however damaged", () => {
    const stand = createStand();
    stand.written();
    for (const name of ["LIFE of the machine", "NAK, damaged"]) {
      const bytes = bytesOf(readApprovedBytes().get(name) ?? "");
      bytes[10] = (bytes[10] ?? 0) ^ 0x40;
      stand.raw(bytes);
    }
    expect(stand.written()).toEqual([]);
  });

  it("an unknown type is refused, not acknowledged", () => {
    const stand = createStand();
    stand.start();
    stand.written();
    stand.raw(encodeTelegramFrame({ type: 0x33, seq: 1, body: new Uint8Array(0) }));
    expect(stand.written()).toEqual([{ kind: "nak", why: "unknownType", seq: 1 }]);
  });

  function itemOf(itemSequence: number) {
    return { itemSequence, entryCount: beltCount(15), lengthMm: 300 };
  }
});
