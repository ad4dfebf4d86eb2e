/**
 * Goal: nothing that the link carries is longer than the broker's packet, and only what is whole
 * arrives (case oversize-image). Method: both ends over a broker in memory that loses, repeats and
 * mixes up pieces, and cuts whoever sends too long a packet.
 */
import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createLinkCuts, givenUpMs, provenAfterMs } from "../../edge/link/link-cuts.ts";
import { createMqttAgentEnd, createMqttCentreEnd } from "../../edge/link/mqtt-link.ts";
import {
  createJoiner,
  createMessageJoiner,
  messagePieces,
  piecesOf,
  unfinishedMax,
} from "../../edge/link/pieces.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { record } from "../centre/kit/records.ts";
import { createMemoryBroker, type MemoryBusClient } from "../../simulators/wires/memory-bus.ts";
import { tooLong, sent } from "../../protocols/transport.ts";

const packetBytesMax = 16_384;
const bytesOf = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + seed) % 251);
const sha256Of = (bytes: Uint8Array): string => hash("sha256", bytes, "hex");

/** `isLost` sees each packet on its way. */
function rig(isLost: (topic: string, payload: Uint8Array) => boolean = () => false) {
  const clock = createVirtualClock();
  const sizes: number[] = [];
  /** Of the messages with an order, by topic. */
  const qosOf = new Map<string, Set<number>>();
  const broker = createMemoryBroker({ clock, isLost });
  const watched = (bus: MemoryBusClient): MemoryBusClient => ({
    ...bus,
    publish: (topic, payload, options) => {
      sizes.push(topic.length + payload.byteLength + 9);
      qosOf.set(topic, (qosOf.get(topic) ?? new Set()).add(options?.qos ?? 0));
      return bus.publish(topic, payload, options);
    },
  });
  const bus = watched(broker.connect());
  const agent = createMqttAgentEnd({ bus, site: "zjg", agentId: "a", packetBytesMax });
  const centreBus = watched(broker.connect());
  const centre = createMqttCentreEnd({ bus: centreBus, site: "zjg", packetBytesMax });
  const images: [passId: string, sha256: string][] = [];
  const heard: string[] = [];
  centre.start({
    onState: () => {},
    onMessage: (_agentId, message) => heard.push(message.kind),
    onImage: (_agentId, passId, _sha256, bytes) => images.push([passId, sha256Of(bytes)]),
  });
  const down: string[] = [];
  agent.start({ onState: () => {}, onMessage: (message) => down.push(message.kind) });
  return { clock, bus, agent, centre, images, heard, down, sizes, qosOf };
}

const body = "x".repeat(300_000);
const longRecord = { chain: "a", seq: 1, body, prevHash: "0".repeat(64), hash: "1".repeat(64) };
const claim = { kind: "claim", lineId: "L1", passId: "p", waybill: "RB123456785GB" } as const;

describe("case oversize-image: pieces", () => {
  it("an image, a long record and a long snapshot arrive whole, in packets within the limit", () => {
    const { clock, agent, centre, images, heard, down, sizes } = rig();
    const image = bytesOf(614_400);
    expect(agent.sendImage("p1", sha256Of(image), image)).toEqual(sent);
    expect(agent.send({ kind: "journal", records: [longRecord] })).toEqual(sent);
    expect(agent.send(claim)).toEqual(sent);
    const claims = Array.from({ length: 500 }, (_, n) => {
      const waybill = `W${1_000 + n}`;
      return { passId: `p${n}`, waybill, record: record(waybill) };
    });
    const message = { kind: "snapshotPart", stream: "s", seq: 1, claims } as const;
    expect(centre.send("a", { kind: "clearance", message })).toEqual(sent);
    clock.runFor(10);
    expect(images).toEqual([["p1", sha256Of(image)]]);
    expect(heard).toEqual(["journal", "claim"]);
    expect(down).toEqual(["clearance"]);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(packetBytesMax);
    expect(centre.counters().refusedTotal).toBe(0);
  });

  it("images whose pieces are mixed, repeated or lost: whole or not at all, and whole when sent again", () => {
    let lostTotal = 0;
    const isLost = (topic: string): boolean =>
      topic.endsWith("/3/38") && lostTotal === 0 && (lostTotal += 1) > 0;
    const { clock, bus, agent, images } = rig(isLost);
    const image = bytesOf(600_000);
    const sha256 = sha256Of(image);
    agent.sendImage("p1", sha256, image);
    clock.runFor(10);
    expect(lostTotal).toBe(1);
    expect(images).toEqual([]);
    agent.sendImage("p1", sha256, image);
    clock.runFor(10);
    expect(images).toEqual([["p1", sha256]]);
    const other = bytesOf(40_000, 7);
    const pieces = piecesOf(other, packetBytesMax);
    for (const at of [2, 0, 0, 1]) {
      const { index, total, bytes } = pieces[at]!;
      bus.publish(`zjg/link/a/image/p2/${sha256Of(other)}/${index}/${total}`, bytes);
    }
    clock.runFor(10);
    expect(images.at(-1)).toEqual(["p2", sha256Of(other)]);
  });

  it.each([
    ["0/0", "no piece"],
    ["2/2", "no piece"],
    ["-1/2", "no piece"],
    ["1/99999", "no piece"],
    ["x/2", "no piece"],
  ])("a piece %s is refused by name", (place, why) => {
    const { clock, bus, centre, images } = rig();
    bus.publish(`zjg/link/a/image/p1/${"a".repeat(64)}/${place}`, bytesOf(5));
    clock.runFor(10);
    expect(images).toEqual([]);
    expect(centre.counters().lastRefusal).toContain(why);
  });

  it("a message of which a piece is lost is dropped, and the next one arrives", () => {
    let seen = 0;
    const isLost = (topic: string, payload: Uint8Array): boolean =>
      topic.endsWith("/up") && payload[0] === 112 && (seen += 1) === 2;
    const { clock, agent, heard } = rig(isLost);
    agent.send({ kind: "journal", records: [longRecord] });
    agent.send(claim);
    agent.send({ kind: "journal", records: [longRecord] });
    clock.runFor(10);
    expect(heard).toEqual(["claim", "journal"]);
  });

  it("pieces of which one was changed do not pass the hash over the whole", () => {
    const join = createMessageJoiner(1_000_000);
    const pieces = messagePieces(bytesOf(40_000), packetBytesMax).map((piece) => piece.slice());
    pieces[1]![5_000]! ^= 1;
    expect(pieces.map((piece) => join("a", piece).kind)).toEqual(["waiting", "waiting", "refused"]);
  });

  it("a broker's own word counts where it is less than the file says, and each connection's anew", () => {
    const { clock, images, sizes, ...ends } = rig();
    let said: number | null = null;
    const bus = { ...ends.bus, packetBytesMax: () => said };
    const agent = createMqttAgentEnd({ bus, site: "zjg", agentId: "a", packetBytesMax });
    const image = bytesOf(40_000);
    for (said of [3_000, null, 1_000_000]) {
      sizes.length = 0;
      expect(agent.sendImage("p1", sha256Of(image), image)).toEqual(sent);
      clock.runFor(10);
      const longest = Math.max(...sizes);
      expect(longest).toBeLessThanOrEqual(Math.min(said ?? packetBytesMax, packetBytesMax));
      expect(longest).toBeGreaterThan(2_000);
    }
    expect(images).toHaveLength(3);
  });

  it("what no end takes is not sent at all, so that nothing follows as if it had gone", () => {
    const { agent, clock, heard } = rig();
    const records = Array.from({ length: 9 }, () => ({
      ...longRecord,
      body: "x".repeat(1_000_000),
    }));
    expect(agent.send({ kind: "journal", records })).toEqual(tooLong);
    clock.runFor(10);
    expect(heard).toEqual([]);
  });

  it("what a broker kept is no message of the link", () => {
    const { clock, bus, agent, heard } = rig();
    expect(agent.send(claim)).toEqual(sent);
    clock.runFor(1);
    bus.publish("zjg/link/a/down", new TextEncoder().encode("{}"), { retain: true });
    bus.cut("out");
    bus.restore();
    clock.runFor(1);
    expect(agent.counters().lastRefusal).toContain("retained");
    expect(heard).toEqual(["claim"]);
  });
});

describe("what must not overtake shares one QoS on its topic", () => {
  it("up: claims, and the journal that ends their passes", () => {
    const { agent, qosOf } = rig();
    expect(agent.send(claim)).toEqual(sent);
    expect(agent.send({ kind: "journal", records: [longRecord] })).toEqual(sent);
    expect(qosOf.get("zjg/link/a/up")?.size).toBe(1);
  });

  it("down: clearance with the answers to claims, and what is said of the journal", () => {
    const { centre, qosOf } = rig();
    const message = { kind: "snapshotBegin", stream: "s", seq: 1, claimsTotal: 0 } as const;
    expect(centre.send("a", { kind: "clearance", message })).toEqual(sent);
    expect(centre.send("a", { kind: "journalAck", chain: "a", seq: 1 })).toEqual(sent);
    expect(qosOf.get("zjg/link/a/down")?.size).toBe(1);
  });
});

describe("case oversize-image: cuts", () => {
  const at = (ms: number) => monotonicMs(ms);
  const image = {
    sha256: "a".repeat(64),
    passId: "p1",
    totalBytes: 614_400,
    kind: "xray",
  } as const;

  it("an image is given up after the second cut that follows it, by name; nothing else ever is", () => {
    const cuts = createLinkCuts();
    cuts.imageSent(image, at(0));
    expect(cuts.cut(at(0))).toBeNull();
    expect(cuts.isSetAside(image, at(0))).toBe(false);
    cuts.imageSent(image, at(50));
    expect(cuts.cut(at(100))).toEqual(image);
    expect(cuts.isSetAside(image, at(100))).toBe(true);
    expect(cuts.report(at(100))).toEqual({ cuts: 2, givenUp: 1, givenUpBytes: 614_400 });
  });

  it("a cut after the centre was heard is not the image's", () => {
    const cuts = createLinkCuts();
    for (let turn = 0; turn < 5; turn += 1) {
      const sentAt = turn * 10_000;
      cuts.imageSent(image, at(sentAt));
      cuts.heard(at(sentAt + provenAfterMs));
      expect(cuts.cut(at(sentAt + provenAfterMs))).toBeNull();
    }
    expect(cuts.report(at(50_000))).toEqual({ cuts: 5, givenUp: 0, givenUpBytes: 0 });
  });

  it("what the centre said just before the cut clears no image", () => {
    const cuts = createLinkCuts();
    for (const ms of [0, 2_000]) {
      cuts.imageSent(image, at(ms));
      cuts.heard(at(ms + provenAfterMs - 1));
      cuts.cut(at(ms + provenAfterMs));
    }
    expect(cuts.report(at(4_000)).givenUp).toBe(1);
  });

  const giveUp = (cuts: ReturnType<typeof createLinkCuts>, sinceMs: number) => {
    for (const ms of [sinceMs - 1, sinceMs]) {
      cuts.imageSent(image, at(ms));
      cuts.cut(at(ms));
    }
  };
  const another = (totalBytes: number) => ({ ...image, sha256: "b".repeat(64), totalBytes });

  it.each([
    { what: "of that length", totalBytes: 614_400, isTried: false },
    {
      what: "a byte shorter, as the next of the same machine",
      totalBytes: 614_399,
      isTried: false,
    },
    { what: "a sixteenth shorter", totalBytes: 576_000, isTried: false },
    { what: "shorter by more", totalBytes: 575_999, isTried: true },
  ])("another image $what: tried $isTried, and what is not tried cuts nothing", (next) => {
    const cuts = createLinkCuts();
    giveUp(cuts, 1);
    expect(cuts.isSetAside(another(next.totalBytes), at(2))).toBe(!next.isTried);
    expect(cuts.report(at(2)).givenUp).toBe(next.isTried ? 1 : 2);
  });

  it("one a little shorter than what cut the link is tried where that much has come through", () => {
    const cuts = createLinkCuts();
    cuts.imageSent(another(614_000), at(0));
    cuts.heard(at(provenAfterMs));
    giveUp(cuts, 5_000);
    const next = (totalBytes: number) => ({ ...image, sha256: "c".repeat(64), totalBytes });
    expect(cuts.isSetAside(next(614_000), at(5_001))).toBe(false);
    expect(cuts.isSetAside(next(614_001), at(5_001))).toBe(true);
  });

  it("after a while one of that length is tried again, however many were set aside meanwhile", () => {
    const cuts = createLinkCuts();
    giveUp(cuts, 1);
    cuts.isSetAside(another(700_000), at(givenUpMs));
    const third = { ...image, sha256: "c".repeat(64) };
    expect(cuts.isSetAside(third, at(givenUpMs))).toBe(true);
    expect(cuts.isSetAside({ ...third, sha256: "d".repeat(64) }, at(givenUpMs + 1))).toBe(false);
  });

  it("where longer ones have come through, two cuts by chance set one image aside and no other", () => {
    const cuts = createLinkCuts();
    cuts.imageSent(another(614_400), at(0));
    cuts.heard(at(provenAfterMs));
    giveUp(cuts, 5_000);
    expect(cuts.isSetAside(image, at(5_001))).toBe(true);
    expect(cuts.isSetAside({ ...image, sha256: "c".repeat(64) }, at(5_001))).toBe(false);
  });

  it("of several under way the longest alone is suspected: a shorter one would be taken with it", () => {
    const cuts = createLinkCuts();
    for (const ms of [0, 1]) {
      cuts.imageSent(another(20_000), at(ms));
      cuts.imageSent(image, at(ms));
      cuts.imageSent(another(30_000), at(ms));
      cuts.cut(at(ms));
    }
    expect(cuts.isSetAside(image, at(2))).toBe(true);
    expect(cuts.isSetAside(another(30_000), at(2))).toBe(false);
  });

  it("what stills do to the link sets no X-ray image aside, and one cut is enough for a still", () => {
    const cuts = createLinkCuts();
    const still = { ...another(60_000), kind: "still" } as const;
    cuts.imageSent(still, at(0));
    expect(cuts.cut(at(10))).toEqual(still);
    expect(cuts.isSetAside({ ...still, sha256: "c".repeat(64) }, at(20))).toBe(true);
    expect(cuts.isSetAside(image, at(20))).toBe(false);
    expect(cuts.isSetAside(another(60_000), at(20))).toBe(false);
    // No officer lacks an image for it, so that no alarm says so.
    expect(cuts.report(at(20))).toEqual({ cuts: 1, givenUp: 0, givenUpBytes: 0 });
    giveUp(cuts, 100);
    expect(cuts.report(at(101))).toMatchObject({ givenUp: 1, givenUpBytes: 614_400 });
  });

  it("a broker that takes less than before is found out by the second image", () => {
    const cuts = createLinkCuts();
    cuts.imageSent(another(614_400), at(0));
    cuts.heard(at(provenAfterMs));
    let cutsTotal = 0;
    for (let number = 0; number < 50; number += 1) {
      const next = { ...image, sha256: String(number).padStart(64, "0") };
      for (const ms of [10_000 * (number + 1), 10_000 * (number + 1) + 500]) {
        if (cuts.isSetAside(next, at(ms))) continue;
        cuts.imageSent(next, at(ms));
        cuts.cut(at(ms + 1));
        cutsTotal += 1;
      }
    }
    expect(cutsTotal).toBe(4);
  });

  it("cuts are told by the minute, and what was given up is tried again after a while", () => {
    const cuts = createLinkCuts();
    giveUp(cuts, 1);
    expect(cuts.report(at(60_000))).toMatchObject({ cuts: 1, givenUp: 1 });
    expect(cuts.report(at(60_001))).toMatchObject({ cuts: 0, givenUp: 1 });
    expect(cuts.isSetAside(image, at(givenUpMs))).toBe(true);
    expect(cuts.isSetAside(image, at(givenUpMs + 1))).toBe(false);
    expect(cuts.report(at(givenUpMs + 1))).toEqual({ cuts: 0, givenUp: 0, givenUpBytes: 0 });
  });
});

describe("what is unfinished", () => {
  it("is bounded in number, however small its pieces are, and the newest still arrive", () => {
    const joiner = createJoiner(1e9);
    const piece = (index: number) => ({ index, total: 2, bytes: new Uint8Array() });
    for (let whole = 0; whole <= unfinishedMax; whole += 1) joiner.take(`${whole}`, piece(0));
    expect(joiner.take("0", piece(1)).kind).toBe("waiting");
    expect(joiner.take(`${unfinishedMax}`, piece(1)).kind).toBe("whole");
  });
});
