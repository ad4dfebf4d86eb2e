/**
 * Goal: the X-ray driver keeps the contract of `XrayPort`: announcements go out, and items, images
 * and verdicts come in whole, checked and in order, or are refused by name.
 * Method: the shipped driver and the simulated machine over a real broker and in memory, with each
 * of the machine's faults, broken messages and a broker that goes away.
 */
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { XrayEvent } from "../../edge/devices/xray/xray.ts";
import { notConnected, sent } from "../../protocols/transport.ts";
import { beltCount } from "../../protocols/units.ts";
import { decodeXrayImage } from "../../protocols/xray/xray-image.ts";
import { listen } from "./device-rig.ts";
import { bodyOf, xrayRigs, type XrayRig } from "./xray-rigs.ts";

/** What an agent sees of a cut wire depends on when it looks. */
const lostWire: ReadonlySet<string | undefined> = new Set([
  "cannotOpen",
  "connectionLost",
  "refused",
]);

const ascii = (text: string) => new TextEncoder().encode(text);

describe.each(xrayRigs)("X-ray, $wire", ({ open }) => {
  let rig: XrayRig;
  let heard: ReturnType<typeof listen<XrayEvent>>;
  const of = <K extends XrayEvent["kind"]>(kind: K) =>
    heard.said().filter((event): event is Extract<XrayEvent, { kind: K }> => event.kind === kind);
  const counter = (name: string) => rig.port.health().counters[name] ?? 0;
  const state = () => rig.port.health().state;

  const announce = (passId: string, fromCount: number) =>
    rig.port.announce({
      passId,
      entryFromCount: beltCount(fromCount),
      entryToCount: beltCount(fromCount + 100),
      lengthMm: 300,
    });
  /** An item that is announced, enters, and leaves the beam. */
  const scan = async (passId: string, count: number, lengthMm = 300) => {
    expect(announce(passId, count - 50)).toEqual(sent);
    // The machine must know before the item comes; both go through the broker in order.
    const endsAt = rig.clock.monotonic() + 50;
    await rig.until(() => rig.clock.monotonic() > endsAt, "the announcement's way");
    rig.device.itemEntered(count);
    rig.device.itemCleared(count, lengthMm);
    rig.device.itemScanned([bodyOf(lengthMm)], count + 1_000);
  };

  beforeEach(async () => {
    rig = await open();
    heard = listen(rig.port);
    await rig.until(() => state() === "receiving", "the first sign of life");
  });
  afterEach(() => rig.close());

  it("law 9: item, image and verdict come back with the announced pass, and agree", async () => {
    await scan("pass-1", 5_000);
    await scan("pass-2", 6_000, 700);
    await rig.until(() => of("verdict").length >= 2, "two verdicts");
    expect(of("item")).toEqual([
      { kind: "item", passId: "pass-1", itemSequence: 1, entryCount: 5_000, lengthMm: 300 },
      { kind: "item", passId: "pass-2", itemSequence: 2, entryCount: 6_000, lengthMm: 700 },
    ]);
    const [image] = of("image");
    expect(image).toMatchObject({ passId: "pass-1", itemSequence: 1 });
    expect(image?.imageHash).toBe(createHash("sha256").update(image!.bytes).digest("hex"));
    expect(decodeXrayImage(image!.bytes)).toMatchObject({
      kind: "ok",
      header: { passId: "pass-1", itemSequence: 1, widthPx: 4, heightPx: 2 },
      highEnergy: new Uint16Array(8).fill(300),
    });
    expect(of("verdict").map(({ passId, verdict }) => [passId, verdict])).toEqual([
      ["pass-1", "clear"],
      ["pass-2", "suspect"],
    ]);
    expect(of("verdict").map(({ imageHash }) => imageHash)).toEqual(
      of("image").map(({ imageHash }) => imageHash),
    );
  });

  it("law 9: a picture is known by its pixels, whatever pass and item its message names", async () => {
    await scan("pass-1", 5_000);
    await scan("pass-2", 6_000);
    await rig.until(() => of("image").length >= 2, "two images");
    const [first, second] = of("image");
    expect(second?.pictureHash).toBe(first?.pictureHash);
    expect(second?.imageHash).not.toBe(first?.imageHash);
  });

  it("law 9: an unannounced item comes without a pass", async () => {
    rig.device.itemCleared(9_000, 250);
    await rig.until(() => of("item").length > 0, "the item");
    expect(of("item")[0]).toMatchObject({ passId: null, itemSequence: 1 });
  });

  it("says whether the machine scans, once and at each change", async () => {
    await rig.until(() => of("ready").length > 0, "ready");
    rig.device.setFaults({ isBeamOff: true });
    await rig.until(() => of("ready").length > 1, "not ready");
    rig.device.setFaults({ isBeamOff: false, state: "fault" });
    await rig.until(() => of("ready").length > 2, "fault");
    rig.device.setFaults({ state: "ready" });
    await rig.until(() => of("ready").length > 3, "ready again");
    expect(of("ready").map(({ isReady, reason }) => [isReady, reason?.code])).toEqual([
      [true, undefined],
      [false, "beamOff"],
      [false, "machineFault"],
      [true, undefined],
    ]);
  });

  it("judges health by age, and says ready anew after a silence", async () => {
    await rig.until(() => of("ready").length === 1, "ready");
    rig.device.setFaults({ isSilent: true });
    await rig.until(() => state() === "stale", "stale");
    await rig.until(() => state() === "down", "down");
    rig.device.setFaults({ isSilent: false });
    await rig.until(() => of("ready").length === 2, "ready anew");
    expect(heard.healthStates().slice(-4)).toEqual(["receiving", "stale", "down", "receiving"]);
  });

  it("passes on a verdict on other bytes as it is: its hash names no image of ours", async () => {
    rig.device.setFaults({ hashesWrongly: true });
    await scan("pass-1", 5_000);
    await rig.until(() => of("verdict").length > 0, "the verdict");
    expect(of("verdict")[0]?.imageHash).not.toBe(of("image")[0]?.imageHash);
  });

  it("counts a gap in the machine's items, which it delivers all the same", async () => {
    const item = (sequence: number) =>
      ascii(`{"passId":null,"itemSequence":${sequence},"entryCount":5,"lengthMm":300}`);
    for (const sequence of [1, 3, 3, 4]) rig.sendRaw("item", item(sequence));
    await rig.until(() => of("item").length >= 3, "three items");
    expect(of("item").map(({ itemSequence }) => itemSequence)).toEqual([1, 3, 4]);
    expect(counter("itemGapsTotal")).toBe(1);
    expect(counter("repeatedItemsTotal")).toBe(1);
  });

  it("an item that comes again with something else is delivered: the core has to doubt it", async () => {
    for (const entryCount of [5, 5, 1_005]) {
      const item = `{"passId":null,"itemSequence":1,"entryCount":${entryCount},"lengthMm":300}`;
      rig.sendRaw("item", ascii(item));
    }
    await rig.until(() => of("item").length >= 2, "both items");
    expect(of("item").map(({ entryCount }) => entryCount)).toEqual([5, 1_005]);
    expect(counter("repeatedItemsTotal")).toBe(1);
  });

  it("a restarted machine numbers its items anew without a gap", async () => {
    await scan("pass-1", 5_000);
    await scan("pass-2", 6_000);
    rig.device.restart();
    await rig.until(() => counter("machineRestartsTotal") === 1, "the restart is noticed");
    await scan("pass-3", 7_000);
    await rig.until(() => of("item").length >= 3, "three items");
    expect(of("item").map(({ itemSequence }) => itemSequence)).toEqual([1, 2, 1]);
    expect(counter("itemGapsTotal")).toBe(0);
  });

  it.each([
    ["item", '{"passId":"p","itemSequence":0,"entryCount":5,"lengthMm":1}', /item.*itemSequence/],
    ["item", '{"passId":"p","itemSequence":1,"entryCount":5,"lengthMm":1,"x":1}', /item.*"x"/],
    ["verdict", '{"verdict":"clear"}', /verdict.*passId/],
    ["life", '{"state":"asleep","beamOn":true,"seq":1}', /life.*state/],
    ["life", '{"state":"rea', /life.*JSON/],
    ["image", "SLXI but nothing like an image", /image.*version/],
    ["picture", "{}", /picture unknown topic/],
  ])("refuses a broken %s by name, and the next item is whole", async (topic, text, why) => {
    const before = counter("discardedTotal");
    rig.device.setFaults({ isSilent: true });
    rig.sendRaw(topic, ascii(text));
    await rig.until(() => counter("discardedTotal") > before, "the refusal");
    await rig.until(() => state() === "stale", "stale");
    expect(rig.port.health().reason?.code).toBe("badMessage");
    expect(rig.port.health().reason?.detail).toMatch(why);
    rig.device.setFaults({ isSilent: false });
    await scan("pass-1", 5_000);
    await rig.until(() => of("verdict").length > 0, "the verdict");
    expect(of("item")).toHaveLength(1);
  });

  it("while the broker is away an announcement is refused, and nothing is sent late", async () => {
    await rig.cut();
    await rig.until(() => state() === "down", "down");
    await rig.until(() => lostWire.has(rig.port.health().reason?.code), "the wire is named");
    expect(announce("pass-1", 4_950)).toEqual(notConnected);
    expect(counter("notConnectedTotal")).toBe(1);
    await rig.restore();
    await rig.until(() => state() === "receiving", "receiving again");
    await rig.until(() => announce("pass-9", 90_000).kind === "sent", "announcements go out again");
    // The machine never heard of pass-1, so its item belongs to nobody.
    rig.device.itemCleared(5_000, 300);
    await rig.until(() => of("item").length > 0, "the item");
    expect(of("item")[0]?.passId).toBeNull();
    expect(counter("reconnectsTotal")).toBe(1);
  });

  it("tells nothing after stop, and announces nothing", async () => {
    await scan("pass-1", 5_000);
    await rig.until(() => of("verdict").length > 0, "the verdict");
    await rig.port.stop();
    const toldBefore = heard.all.length;
    rig.device.itemCleared(6_000, 300);
    const endsAt = rig.clock.monotonic() + 600;
    await rig.until(() => rig.clock.monotonic() > endsAt, "the time of stale and down");
    expect(heard.all.length).toBe(toldBefore);
    expect(announce("pass-2", 7_000)).toEqual(notConnected);
  });
});
