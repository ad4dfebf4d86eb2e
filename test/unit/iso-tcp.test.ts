/**
 * Goal: a controller's ISO connection carries the bytes of its telegrams, and whatever is no such
 * connection is given up by name.
 * Method: packets written out by hand, streams cut anywhere, and the shipped link against an end that
 * says them, in virtual time.
 */
import * as fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { zReach } from "../../edge/devices/reach.ts";
import { agreedWithinMs, overIsoTcp } from "../../edge/devices/wires/iso-tcp-link.ts";
import { createReopeningLink } from "../../edge/devices/wires/reopening-link.ts";
import { deviceReason } from "../../protocols/device-reasons.ts";
import { silentLog } from "../../protocols/log.ts";
import { monotonicMs } from "../../protocols/units.ts";
import {
  createIsoTcpReader,
  encodeConnectConfirm,
  encodeConnectRequest,
  encodeDisconnect,
  encodeIsoTcpData,
  isoTcpTpduBytes,
  tsapOf,
  tsapText,
  type IsoTcpWord,
} from "../../protocols/iso-tcp.ts";
import { notConnected, type ByteLinkHandlers } from "../../protocols/transport.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.split(" "), (byte) => Number.parseInt(byte, 16));
const tsaps = { calling: tsapOf("PC"), called: tsapOf("02.01") };
const request = hex("03 00 00 16 11 e0 00 00 00 01 00 c0 01 0a c1 02 50 43 c2 02 02 01");
const confirm = hex("03 00 00 16 11 d0 00 01 44 31 00 c0 01 0a c1 02 50 43 c2 02 02 01");
const read = (bytes: Uint8Array): readonly IsoTcpWord[] => createIsoTcpReader().push(bytes);

describe("PR7.3-1: packets of RFC 1006", () => {
  it("03 00, the length with itself, and 02 F0 80 before the data", () => {
    const bytes = hex("03 00 00 0a 02 f0 80 41 42 43");
    expect(encodeIsoTcpData(hex("41 42 43"), isoTcpTpduBytes)).toEqual(bytes);
    expect(read(bytes)).toEqual([{ kind: "data", bytes: hex("41 42 43") }]);
  });

  it("a connection is asked for and made by both ends' TSAPs and references", () => {
    expect(encodeConnectRequest(1, tsaps)).toEqual(request);
    const [word] = read(request);
    expect(word).toEqual({ kind: "connectRequest", sourceRef: 1, tsaps, tpduBytesMax: 1_024 });
    if (word?.kind !== "connectRequest") throw new Error("no request");
    expect(encodeConnectConfirm(word, 0x4431)).toEqual(confirm);
    const named = { calling: tsaps.calling, called: tsaps.called };
    expect(read(confirm)).toEqual([
      { kind: "connectConfirm", destinationRef: 1, named, tpduBytesMax: 1_024 },
    ]);
  });

  it("a Buffer that its owner uses again changes nothing that was read or is held", () => {
    const reader = createIsoTcpReader();
    const chunk = Buffer.concat([request, request.subarray(0, 9)]);
    const words = reader.push(chunk);
    chunk.fill(0);
    expect([...words, ...reader.push(request.subarray(9))]).toEqual([
      ...read(request),
      ...read(request),
    ]);
  });

  it("the smaller size of a packet counts, and longer data takes several", () => {
    const small = request.slice();
    small[13] = 7;
    const [word] = read(small);
    if (word?.kind !== "connectRequest") throw new Error("no request");
    expect(word.tpduBytesMax).toBe(128);
    expect(encodeConnectConfirm(word, 2)[13]).toBe(7);
    const bytes = Uint8Array.from({ length: 300 }, (_, at) => at % 251);
    const packets = encodeIsoTcpData(bytes, 128);
    expect(packets.slice(0, 7)).toEqual(hex("03 00 00 84 02 f0 00"));
    expect(packets.length).toBe(300 + 3 * 7);
    expect(packets[2 * 132 + 6]).toBe(0x80);
  });

  it.each([
    ["a packet refuses", "03 00 00 0b 06 80 00 01 00 00 03", { kind: "disconnect", reason: 3 }],
    ["a packet finds fault", "03 00 00 09 04 70 00 01 02", { kind: "disconnect", reason: 2 }],
    ["no such packet", "02 24 30 31", "it does not begin with 03 00"],
    ["no such packet, from its second byte", "03 01", "it does not begin with 03 00"],
    ["a length that is none", "03 00 00 05 01", "a packet of 5 bytes"],
    ["a head beyond its packet", "03 00 00 07 09 f0 80", "a head beyond its packet"],
    ["data with numbers", "03 00 00 09 04 f0 00 00 00", "data of another class than 0"],
    ["another kind", "03 00 00 07 02 60 00", "a packet of kind 60"],
    ["no references", "03 00 00 08 03 e0 00 00", "a connection without references"],
    ["class 4", "03 00 00 0b 06 e0 00 00 00 01 40", "a connection of another class than 0"],
    [
      "a parameter cut off",
      "03 00 00 0e 09 e0 00 00 00 01 00 c1 02 50",
      "a parameter beyond its packet",
    ],
    [
      "a size that is none",
      "03 00 00 0e 09 e0 00 00 00 01 00 c0 01 0e",
      "packets of 2 to the 14 bytes",
    ],
  ])("%s: %s", (_, bytes, wanted) => {
    const word = typeof wanted === "string" ? { kind: "broken", detail: wanted } : wanted;
    expect(read(hex(bytes))).toEqual([word]);
  });

  it("without a size every end takes what we propose", () => {
    const named = { calling: null, called: null };
    expect(read(hex("03 00 00 0b 06 d0 00 01 00 02 00"))).toEqual([
      { kind: "connectConfirm", destinationRef: 1, named, tpduBytesMax: 1_024 },
    ]);
  });

  it("however a stream is cut, and whatever the size, what was written comes out", () => {
    const sizes = fc.constantFrom(128, 256, 1_024, 8_192);
    const written = fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { maxLength: 6 });
    const cuts = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 });
    fc.assert(
      fc.property(sizes, written, cuts, (size, messages, steps) => {
        const wire = messages.flatMap((bytes) => [...encodeIsoTcpData(bytes, size)]);
        const reader = createIsoTcpReader();
        const heard: number[] = [];
        for (let at = 0, turn = 0; at < wire.length; turn += 1) {
          const step = steps[turn % steps.length] ?? 1;
          for (const word of reader.push(Uint8Array.from(wire.slice(at, at + step)))) {
            if (word.kind !== "data") throw new Error(word.kind);
            heard.push(...word.bytes);
          }
          at += step;
        }
        expect(heard).toEqual(messages.flatMap((bytes) => [...bytes]));
      }),
    );
  });

  it("of whatever else comes nothing is made but words, and nothing is held behind a fault", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (chunks) => {
        const reader = createIsoTcpReader();
        const words = chunks.flatMap((chunk) => [...reader.push(chunk)]);
        const brokenAt = words.findIndex(({ kind }) => kind === "broken");
        expect(brokenAt === -1 || brokenAt === words.length - 1).toBe(true);
      }),
    );
  });

  it.each([
    ["02.01", "02 01"],
    ["PC", "50 43"],
    ["4C.49.4E.45", "4c 49 4e 45"],
    ["10", "31 30"],
  ])("a TSAP %s is %s", (text, bytes) => {
    expect(tsapOf(text)).toEqual(hex(bytes));
    expect(tsapOf(tsapText(tsapOf(text)))).toEqual(hex(bytes));
  });

  it("a configuration that names no TSAP, or one too long, is refused by its key", () => {
    const reach = { kind: "tcp", host: "192.0.2.11", port: 102, isoTcp: { own: "PC" } };
    const faults = (isoTcp: unknown) =>
      zReach.safeParse({ ...reach, isoTcp }).error?.issues.map(({ path }) => path.join("."));
    expect(faults({ own: "PC" })).toEqual(["isoTcp.device"]);
    expect(faults({ own: "PC", device: "x".repeat(17) })).toEqual(["isoTcp.device"]);
    expect(faults({ own: "two words", device: "02.01" })).toEqual(["isoTcp.own"]);
    expect(faults({ own: "PC", device: "02.01" })).toBeUndefined();
  });
});

describe("PR7.3-1: a link over ISO transport", () => {
  let clock: ReturnType<typeof createVirtualClock>;
  let end: ByteLinkHandlers;
  let written: Uint8Array[];
  let told: string[];

  beforeEach(() => {
    clock = createVirtualClock();
    written = [];
    told = [];
  });

  const openLink = (isCalling: boolean) => {
    const link = overIsoTcp(
      {
        open: (handlers) => {
          end = handlers;
        },
        write: (bytes) => {
          written.push(bytes);
          return { kind: "sent" };
        },
        renew: (reason) => end.onClose(reason),
        close: async () => {},
      },
      { clock, address: "192.0.2.11:102", isCalling, tsaps },
    );
    link.open({
      onOpen: () => told.push("open"),
      onBytes: (bytes) => told.push(String.fromCharCode(...bytes)),
      onClose: ({ code, detail = "" }) => told.push(`${code} ${detail}`.trim()),
    });
    end.onOpen();
    return link;
  };
  const data = (text: string) => encodeIsoTcpData(hex(text), isoTcpTpduBytes);

  it("whoever calls asks, and is open once it was answered", () => {
    const link = openLink(true);
    expect(written).toEqual([request]);
    expect(link.write(hex("41"))).toEqual(notConnected);
    end.onBytes(confirm);
    expect(told).toEqual(["open"]);
    link.write(hex("41"));
    expect(written.at(-1)).toEqual(data("41"));
    end.onBytes(data("42 43"));
    clock.runFor(agreedWithinMs * 2);
    expect(told).toEqual(["open", "BC"]);
  });

  it("whoever is called answers, and takes data that came with the question", () => {
    openLink(false);
    expect(written).toEqual([]);
    end.onBytes(Uint8Array.of(...request, ...data("42")));
    expect(written).toEqual([
      hex("03 00 00 16 11 d0 00 01 00 01 00 c0 01 0a c1 02 50 43 c2 02 02 01"),
    ]);
    expect(told).toEqual(["open", "B"]);
  });

  it.each([
    ["another called", "c1 02 50 43 c2 02 02 02", "PC was connected with 02.02"],
    ["another calling", "c1 02 50 44 c2 02 02 01", "PD was connected with 02.01"],
    ["another called, of which alone it speaks", "c2 02 02 02", "PC was connected with 02.02"],
  ])("an answer for %s is refused by name, and nothing behind is read", (_, names, made) => {
    const parameters = hex(names);
    const head = hex("03 00 00 00 00 d0 00 01 44 31 00");
    const answer = Uint8Array.of(...head, ...parameters);
    answer[3] = answer.length;
    answer[4] = answer.length - 5;
    openLink(true);
    end.onBytes(Uint8Array.of(...answer, ...data("41")));
    expect(told).toEqual([`requestRefused TSAP ${made}; PC asked for 02.01`]);
  });

  it.each([
    ["nobody", "03 00 00 0b 06 d0 00 01 44 31 00"],
    ["nobody, with room for it", "03 00 00 0f 0a d0 00 01 44 31 00 c1 00 c2 00"],
    ["whom we asked for", "03 00 00 0f 0a d0 00 01 44 31 00 c2 02 02 01"],
  ])("an answer that names %s is taken", (_, answer) => {
    openLink(true);
    end.onBytes(hex(answer));
    expect(told).toEqual(["open"]);
  });

  it("a device that breaks off right after it has agreed is called with growing waits", () => {
    const calledAt: number[] = [];
    const link = overIsoTcp(
      createReopeningLink({
        clock,
        entropy: { next: () => 0.5 },
        log: silentLog,
        attempt(handlers) {
          calledAt.push(clock.monotonic());
          clock.schedule(monotonicMs(clock.monotonic() + 5), () => handlers.onOpen());
          return {
            write() {
              const at = monotonicMs(clock.monotonic() + 5);
              clock.schedule(at, () => handlers.onBytes(confirm));
              clock.schedule(at, () => handlers.onClose(deviceReason("connectionLost")));
              return { kind: "sent" };
            },
            close: async () => {},
          };
        },
      }),
      { clock, address: "192.0.2.11:102", isCalling: true, tsaps },
    );
    link.open({
      onOpen: () => told.push("open"),
      onBytes: () => {},
      onClose: ({ code }) => told.push(code),
    });
    clock.runFor(60_000);
    const waits = calledAt.slice(1).map((at, index) => at - (calledAt[index] ?? 0));
    expect(told.slice(0, 2)).toEqual(["open", "connectionLost"]);
    expect(waits.slice(0, 5)).toEqual([160, 310, 610, 1_210, 2_410]);
    expect(Math.min(...waits.slice(5))).toBeGreaterThan(3_000);
  });

  it("the other end's smaller packets are kept to", () => {
    const link = openLink(true);
    const small = confirm.slice();
    small[13] = 7;
    end.onBytes(small);
    link.write(new Uint8Array(200));
    expect(written.at(-1)?.length).toBe(200 + 2 * 7);
  });

  it.each([
    ["another TSAP of ours", { called: tsapOf("02.02") }, "PC asks for 02.02"],
    ["another TSAP of its own", { calling: tsapOf("PC2") }, "PC2 asks for 02.01"],
  ])("%s is refused by name", (_, other, asks) => {
    openLink(false);
    end.onBytes(encodeConnectRequest(7, { ...tsaps, ...other }));
    expect(written).toEqual([encodeDisconnect(7, 3)]);
    expect(told).toEqual([`requestRefused TSAP ${asks}; PC and 02.01 are configured`]);
  });

  it.each([
    ["refused", encodeDisconnect(1, 3), "requestRefused ISO transport: reason 3"],
    [
      "of bare telegrams",
      hex("24 30 31"),
      "badMessage ISO transport: it does not begin with 03 00",
    ],
    ["data at once", data("41"), "badMessage ISO transport: data out of turn"],
    ["asked by both", request, "badMessage ISO transport: connectRequest out of turn"],
    [
      "made for another",
      hex("03 00 00 0b 06 d0 00 09 00 02 00"),
      "badMessage ISO transport: connectConfirm out of turn",
    ],
  ])("a connection that is %s is given up by name, and nothing behind is read", (_, bytes, why) => {
    openLink(true);
    end.onBytes(Uint8Array.of(...bytes, ...confirm, ...data("41")));
    expect(told).toEqual([why]);
  });

  it.each([true, false])(
    "a silent end is given up in time, calling %s, and asked anew",
    (isCalling) => {
      openLink(isCalling);
      clock.runFor(agreedWithinMs - 1);
      expect(told).toEqual([]);
      clock.runFor(1);
      expect(told).toEqual(["noAnswer"]);
      end.onOpen();
      end.onBytes(isCalling ? confirm : request);
      expect(told).toEqual(["noAnswer", "open"]);
      expect(written.length).toBe(isCalling ? 2 : 1);
    },
  );

  it("ended by the other end is lost, and what was held belongs to no later connection", () => {
    const link = openLink(true);
    end.onBytes(Uint8Array.of(...confirm, ...data("41").subarray(0, 5)));
    end.onBytes(data("41").subarray(5));
    end.onBytes(encodeDisconnect(1, 128));
    expect(told).toEqual(["open", "A", "connectionLost ISO transport: reason 128"]);
    expect(link.write(hex("41"))).toEqual(notConnected);
    end.onOpen();
    end.onBytes(confirm.subarray(0, 9));
    end.onClose({ code: "connectionLost" });
    end.onOpen();
    end.onBytes(confirm);
    expect(told.slice(3)).toEqual(["connectionLost", "open"]);
  });

  it("nothing is due any more once it is closed", async () => {
    const link = openLink(true);
    await link.close();
    clock.runFor(agreedWithinMs * 2);
    expect(told).toEqual([]);
  });
});
