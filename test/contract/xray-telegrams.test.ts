/**
 * Goal: the X-ray driver keeps the contract of `XrayPort` over telegrams, and a wire that damages,
 * repeats, loses or cuts them costs no more than what it lost.
 * Method: the contract and fault suite, and the faults of the wire itself, in memory, on a
 * pseudo-terminal and over TCP either way.
 */
import { afterEach, beforeEach, expect, it } from "vitest";
import { beltCount } from "../../protocols/units.ts";
import { encodeXrayTelegram } from "../../protocols/xray/telegrams.ts";
import { describeFaults } from "./cell-suite.ts";
import { describeXrayPort, standOn, type XrayStand } from "./xray.contract.ts";
import {
  overCalledTcp,
  overMemoryBytes,
  overSerial,
  overTcp,
  type TelegramRig,
} from "./xray-rigs.ts";

const rigs = [
  { wire: "telegrams in memory", cell: null, open: overMemoryBytes },
  {
    wire: "telegrams on a serial line",
    cell: "xray/sortline-telegrams/serial",
    open: overSerial,
  },
  { wire: "telegrams over TCP (DEV1-36)", cell: "xray/sortline-telegrams/tcp", open: overTcp },
  {
    wire: "telegrams over TCP, calling",
    cell: "xray/sortline-telegrams/tcp-listen",
    open: overCalledTcp,
  },
] as const;

for (const rig of rigs) describeXrayPort(rig);

describeFaults("X-ray, $wire, with a fault of the wire", rigs, ({ open }) => {
  let rig: TelegramRig;
  let stand: XrayStand;

  beforeEach(async () => {
    rig = await open();
    stand = standOn(rig);
    await rig.until(() => stand.state() === "receiving", "the first sign of life");
    // One parcel, so that what is told of the wire is not told of the session's beginning.
    await stand.scan("pass-0", 1_000, 250);
    await rig.until(() => stand.of("verdict").length === 1, "the verdict on the first parcel");
  });
  afterEach(() => rig.close());

  const scanned = async () => {
    await stand.scan("pass-1", 5_000);
    await rig.until(() => stand.of("verdict").length === 2, "the verdict");
    expect(stand.of("item")).toHaveLength(2);
    expect(stand.of("image")).toHaveLength(2);
    expect(stand.of("verdict")[1]?.imageHash).toBe(stand.of("image")[1]?.imageHash);
    expect(stand.of("image")[1]?.passId).toBe("pass-1");
  };

  it("what came damaged is asked for again, and is told once", async () => {
    rig.deviceWire.setWireFaults({ damages: 2 });
    await scanned();
    expect(stand.counter("checksumTotal")).toBe(2);
    expect(stand.counter("missedTelegramsTotal")).toBe(0);
  });

  it("a telegram that comes twice is told once, and acknowledged each time", async () => {
    rig.deviceWire.setWireFaults({ repeats: 3 });
    await scanned();
    expect(stand.counter("repeatedTelegramsTotal")).toBe(3);
  });

  it("where an acknowledgement is lost the telegram comes again, and is told once", async () => {
    rig.deviceWire.setWireFaults({ missesAnswers: 2 });
    await scanned();
    expect(stand.counter("repeatedTelegramsTotal")).toBe(2);
  });

  it("a telegram that is given up leaves a gap, and its picture is none", async () => {
    await stand.scan("pass-1", 6_000);
    // That it left, the picture's head and the first piece: those behind it belong to nothing.
    rig.deviceWire.setWireFaults({ damages: 9 });
    await rig.until(() => stand.of("verdict").length === 2, "the second verdict");
    expect(stand.counter("missedTelegramsTotal")).toBeGreaterThan(0);
    expect(stand.of("image").map(({ itemSequence }) => itemSequence)).toEqual([1]);
  });

  it("telegrams are found in noise", async () => {
    rig.deviceWire.setWireFaults({ isNoisy: true });
    await scanned();
    expect(stand.counter("outsideFrameTotal")).toBeGreaterThan(0);
  });

  it("an announcement that nobody takes is given up after three tries, and the next one goes out", async () => {
    rig.deviceWire.setWireFaults({ missesAnnouncements: true });
    stand.announce("pass-1", 4_950);
    stand.announce("pass-2", 5_950);
    await rig.until(() => stand.counter("commandsFailedTotal") === 2, "both are given up");
    expect(rig.port.health().reason).toMatchObject({
      code: "notAcknowledged",
      detail: "announce: noAnswer",
    });
    rig.deviceWire.setWireFaults({ missesAnnouncements: false });
    await stand.scan("pass-3", 7_000);
    await rig.until(() => stand.of("item").length === 2, "the item");
    expect(stand.of("item")[1]?.passId).toBe("pass-3");
  });

  it("an image does not outlast the wire that it was coming over", async () => {
    rig.device.setFaults({ cutsImages: true });
    await stand.scan("pass-1", 5_000);
    await rig.until(() => stand.of("verdict").length === 2, "half an image, and the verdict");
    rig.device.setFaults({ cutsImages: false });
    const before = stand.counter("discardedTotal");
    await rig.cut();
    await rig.until(() => stand.counter("discardedTotal") > before, "the half is dropped");
    await rig.restore();
    await rig.until(() => stand.announce("pass-2", 5_950).kind === "sent", "a session anew");
    await stand.scan("pass-3", 7_000);
    await rig.until(() => stand.of("image").length === 2, "the image");
    expect(stand.of("image")[1]?.passId).toBe("pass-3");
  });

  it("a session of an earlier opening, kept by a converter, is none", async () => {
    const before = stand.counter("sessionsTotal");
    rig.sendRaw(encodeXrayTelegram({ kind: "start", session: 4_711, greeting: 1 }, 0));
    await rig.until(
      () => /another opening/.test(rig.port.health().reason?.detail ?? ""),
      "the refusal",
    );
    expect(stand.counter("sessionsTotal")).toBe(before);
    await scanned();
  });

  it("our own bytes that come back are no word of the machine's", async () => {
    const window = { entryFromCount: beltCount(1), entryToCount: beltCount(2), lengthMm: 300 };
    const before = stand.counter("discardedTotal");
    rig.sendRaw(encodeXrayTelegram({ kind: "announce", track: 7, ...window }, 1));
    await rig.until(() => stand.counter("discardedTotal") > before, "the refusal");
    expect(rig.port.health().reason?.code).toBe("ownEcho");
  });
});

describeFaults("X-ray, $wire, that begins no session", rigs, ({ open }) => {
  it("is told by name, and no announcement goes out", async () => {
    const rig = await open();
    rig.deviceWire.setWireFaults({ startsNothing: true });
    const stand = standOn(rig);
    await rig.until(
      () => rig.port.health().reason?.code === "doesNotHear",
      "that there is no session",
    );
    expect(stand.announce("pass-1", 5_000)).toEqual({ kind: "refused", why: "noSession" });
    expect(stand.state()).toBe("down");
    await rig.close();
  });
});
