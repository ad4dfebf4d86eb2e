import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { XrayEvent } from "../../edge/devices/xray/xray.ts";
import { notConnected, sent } from "../../protocols/transport.ts";
import { beltCount } from "../../protocols/units.ts";
import { decodeXrayImage } from "../../protocols/xray/xray-image.ts";
import { inCell, withFault, type InCell } from "./cell-suite.ts";
import { fallsSilent, listen } from "./device-rig.ts";
import { bodyOf, type MachineOptions, type XrayRig } from "./xray-rigs.ts";

/** What an agent sees of a cut wire depends on when it looks. */
const lostWire: ReadonlySet<string | undefined> = new Set([
  "cannotOpen",
  "connectionLost",
  "refused",
]);

/** One machine and one driver, and what the driver has told. */
export interface XrayStand {
  readonly rig: XrayRig;
  readonly all: readonly unknown[];
  of<K extends XrayEvent["kind"]>(kind: K): Extract<XrayEvent, { kind: K }>[];
  healthStates(): readonly string[];
  counter(name: string): number;
  state(): string;
  announce(passId: string, fromCount: number): ReturnType<XrayRig["port"]["announce"]>;
  /** An item that is announced, enters, and leaves the beam. */
  scan(passId: string, count: number, lengthMm?: number): Promise<void>;
  /** The machine must know of a pass before its item comes; both ways are not equally long. */
  untilAwaited(fromCount: number): Promise<void>;
  /** Tells of an item beside what the machine sees. */
  sayItem(itemSequence: number, entryCount: number): void;
}

export function standOn(rig: XrayRig): XrayStand {
  const heard = listen(rig.port);
  const stand: XrayStand = {
    rig,
    all: heard.all,
    of: <K extends XrayEvent["kind"]>(kind: K) =>
      heard.said().filter((event): event is Extract<XrayEvent, { kind: K }> => event.kind === kind),
    healthStates: () => heard.healthStates(),
    counter: (name) => rig.port.health().counters[name] ?? 0,
    state: () => rig.port.health().state,
    announce: (passId, fromCount) =>
      rig.port.announce({
        passId,
        entryFromCount: beltCount(fromCount),
        entryToCount: beltCount(fromCount + 100),
        lengthMm: 300,
      }),
    async scan(passId, count, lengthMm = 300) {
      expect(stand.announce(passId, count - 50)).toEqual(sent);
      await stand.untilAwaited(count - 50);
      rig.device.itemEntered(count);
      rig.device.itemCleared(count, lengthMm);
      rig.device.itemScanned([bodyOf(lengthMm)], count + 1_000);
    },
    async untilAwaited(fromCount) {
      const begunAt = rig.clock.monotonic();
      const hasPassed = (ms: number) => rig.clock.monotonic() > begunAt + ms;
      // A belt leaves some time between parcels, in which the machine gives signs of life; and what a
      // fault keeps from the machine never comes, so that there is an end to it.
      const isThere = () => hasPassed(50) && (rig.device.awaits(fromCount) || hasPassed(2_000));
      await rig.until(isThere, "the announcement's way");
    },
    sayItem(itemSequence, entryCount) {
      const item = { passId: null, itemSequence, entryCount: beltCount(entryCount), lengthMm: 300 };
      rig.deviceWire.say({ kind: "item", ...item }, false);
    },
  };
  return stand;
}

interface XrayWireKind extends InCell {
  readonly wire: string;
  readonly open: (machine?: MachineOptions) => Promise<XrayRig>;
}

/** What every X-ray machine's driver keeps, on whatever wire (`XrayPort`). */
export function describeXrayPort(where: XrayWireKind): void {
  const { wire, open } = where;
  describe(`X-ray, ${wire}`, inCell(where), () => {
    let stand: XrayStand;
    let rig: XrayRig;

    beforeEach(async () => {
      rig = await open();
      stand = standOn(rig);
      await rig.until(() => stand.state() === "receiving", "the first sign of life");
    });
    afterEach(() => rig.close());

    it("law 9, PR6.3-4: item, image and verdict come back with the announced pass, and agree", async () => {
      await stand.scan("pass-1", 5_000);
      await stand.scan("pass-2", 6_000, 700);
      await rig.until(() => stand.of("verdict").length >= 2, "two verdicts");
      expect(stand.of("item")).toEqual([
        { kind: "item", passId: "pass-1", itemSequence: 1, entryCount: 5_000, lengthMm: 300 },
        { kind: "item", passId: "pass-2", itemSequence: 2, entryCount: 6_000, lengthMm: 700 },
      ]);
      const [image] = stand.of("image");
      expect(image).toMatchObject({ passId: "pass-1", itemSequence: 1, entryCount: 5_000 });
      expect(image?.imageHash).toBe(createHash("sha256").update(image!.bytes).digest("hex"));
      expect(decodeXrayImage(image!.bytes)).toMatchObject({
        kind: "ok",
        header: { passId: "pass-1", itemSequence: 1, widthPx: 4, heightPx: 2 },
        highEnergy: new Uint16Array(8).fill(300),
      });
      expect(stand.of("verdict").map(({ passId, verdict }) => [passId, verdict])).toEqual([
        ["pass-1", "clear"],
        ["pass-2", "suspect"],
      ]);
      expect(stand.of("verdict").map(({ imageHash }) => imageHash)).toEqual(
        stand.of("image").map(({ imageHash }) => imageHash),
      );
    });

    it("law 9: a picture is known by its pixels, whatever pass and item its message names", async () => {
      await stand.scan("pass-1", 5_000);
      await stand.scan("pass-2", 6_000);
      await rig.until(() => stand.of("image").length >= 2, "two images");
      const [first, second] = stand.of("image");
      expect(second?.pictureHash).toBe(first?.pictureHash);
      expect(second?.imageHash).not.toBe(first?.imageHash);
    });

    it("law 9: an unannounced item comes without a pass", async () => {
      rig.device.itemCleared(9_000, 250);
      await rig.until(() => stand.of("item").length > 0, "the item");
      expect(stand.of("item")[0]).toMatchObject({ passId: null, itemSequence: 1 });
    });

    it("says whether the machine scans, once and at each change", async () => {
      await rig.until(() => stand.of("ready").length > 0, "ready");
      rig.device.setFaults({ isBeamOff: true });
      await rig.until(() => stand.of("ready").length > 1, "not ready");
      rig.device.setFaults({ isBeamOff: false, state: "fault" });
      await rig.until(() => stand.of("ready").length > 2, "fault");
      rig.device.setFaults({ state: "ready" });
      await rig.until(() => stand.of("ready").length > 3, "ready again");
      expect(stand.of("ready").map(({ isReady, reason }) => [isReady, reason?.code])).toEqual([
        [true, undefined],
        [false, "beamOff"],
        [false, "machineFault"],
        [true, undefined],
      ]);
    });

    it("passes on a verdict on other bytes as it is: its hash names no image of ours", async () => {
      rig.device.setFaults({ hashesWrongly: true });
      await stand.scan("pass-1", 5_000);
      await rig.until(() => stand.of("verdict").length > 0, "the verdict");
      expect(stand.of("verdict")[0]?.imageHash).not.toBe(stand.of("image")[0]?.imageHash);
    });

    it("counts a gap in the machine's items, which it delivers all the same", async () => {
      for (const sequence of [1, 3, 3, 4]) stand.sayItem(sequence, 5);
      await rig.until(() => stand.of("item").length >= 3, "three items");
      expect(stand.of("item").map(({ itemSequence }) => itemSequence)).toEqual([1, 3, 4]);
      expect(stand.counter("itemGapsTotal")).toBe(1);
      expect(stand.counter("repeatedItemsTotal")).toBe(1);
    });

    it("an item that comes again with something else is delivered: the core has to doubt it", async () => {
      for (const entryCount of [5, 5, 1_005]) stand.sayItem(1, entryCount);
      await rig.until(() => stand.of("item").length >= 2, "both items");
      expect(stand.of("item").map(({ entryCount }) => entryCount)).toEqual([5, 1_005]);
      expect(stand.counter("repeatedItemsTotal")).toBe(1);
    });

    it("while the wire is cut an announcement is refused, and nothing is sent late", async () => {
      await rig.cut();
      await rig.until(() => stand.state() === "down", "down");
      await rig.until(() => lostWire.has(rig.port.health().reason?.code), "the wire is named");
      expect(stand.announce("pass-1", 4_950)).toEqual(notConnected);
      expect(stand.counter("notConnectedTotal")).toBe(1);
      await rig.restore();
      await rig.until(() => stand.state() === "receiving", "receiving again");
      await rig.until(
        () => stand.announce("pass-9", 90_000).kind === "sent",
        "announcements go out again",
      );
      // The machine never heard of pass-1, so its item belongs to nobody.
      rig.device.itemCleared(5_000, 300);
      await rig.until(() => stand.of("item").length > 0, "the item");
      expect(stand.of("item")[0]?.passId).toBeNull();
      expect(stand.counter("reconnectsTotal")).toBe(1);
    });

    it("tells nothing after stop, and announces nothing", async () => {
      await stand.scan("pass-1", 5_000);
      await rig.until(() => stand.of("verdict").length > 0, "the verdict");
      await rig.port.stop();
      const toldBefore = stand.all.length;
      rig.device.itemCleared(6_000, 300);
      const endsAt = rig.clock.monotonic() + 600;
      await rig.until(() => rig.clock.monotonic() > endsAt, "the time of stale and down");
      expect(stand.all.length).toBe(toldBefore);
      expect(stand.announce("pass-2", 7_000)).toEqual(notConnected);
    });

    it("DEV1-39: a machine that knows no counts tells none, and the pass that was announced last", async () => {
      await rig.close();
      rig = await open({ knowsCounts: false });
      stand = standOn(rig);
      await rig.until(() => stand.state() === "receiving", "the first sign of life");
      stand.announce("pass-1", 90_000);
      await stand.scan("pass-2", 90_000);
      await rig.until(() => stand.of("verdict").length === 1, "the verdict");
      expect(stand.of("item")).toEqual([
        { kind: "item", passId: "pass-2", itemSequence: 1, lengthMm: 300 },
      ]);
      expect(stand.of("image")[0]).toMatchObject({ passId: "pass-2", lengthMm: 300 });
      expect(stand.of("image")[0]?.entryCount).toBeUndefined();
    });

    it("DEV1-38: a machine of one energy shows one plane", async () => {
      await rig.close();
      rig = await open({ energies: 1 });
      stand = standOn(rig);
      await rig.until(() => stand.state() === "receiving", "the first sign of life");
      await stand.scan("pass-1", 5_000);
      await rig.until(() => stand.of("verdict").length === 1, "the verdict");
      const [image] = stand.of("image");
      expect(decodeXrayImage(image!.bytes)).toMatchObject({
        kind: "ok",
        header: { planes: 1 },
        highEnergy: new Uint16Array(8).fill(300),
        lowEnergy: null,
      });
      expect(stand.of("verdict")[0]?.imageHash).toBe(image?.imageHash);
    });

    describe("with a fault", withFault, () => {
      it("silence: health is judged by age, and ready is said anew after it", async () => {
        await rig.until(() => stand.of("ready").length === 1, "ready");
        const downs = await fallsSilent({
          until: rig.until,
          setSilent: (isSilent) => rig.device.setFaults({ isSilent }),
          healthStates: () => stand.healthStates(),
        });
        await rig.until(() => stand.of("ready").length === 1 + downs, "ready anew");
      });

      it("an image that is cut in its middle is none, and the next one is whole", async () => {
        rig.device.setFaults({ cutsImages: true });
        await stand.scan("pass-1", 5_000);
        await rig.until(() => stand.of("verdict").length === 1, "the verdict on what was cut");
        rig.device.setFaults({ cutsImages: false });
        await stand.scan("pass-2", 6_000);
        await rig.until(() => stand.of("verdict").length === 2, "the verdict on what is whole");
        const images = stand.of("image");
        expect(images.map(({ itemSequence }) => itemSequence)).toEqual([2]);
        expect(
          stand.of("verdict").map(({ imageHash }) => imageHash === images[0]?.imageHash),
        ).toEqual([false, true]);
        expect(stand.counter("discardedTotal")).toBeGreaterThan(0);
      });

      it("repeats: an item counts once, and what was seen of it is the same each time", async () => {
        rig.device.setFaults({ repeatsMessages: true });
        await stand.scan("pass-1", 5_000);
        await stand.scan("pass-2", 6_000, 700);
        await rig.until(() => stand.of("verdict").length >= 4, "each verdict twice");
        expect(stand.of("item").map(({ itemSequence }) => itemSequence)).toEqual([1, 2]);
        expect(stand.counter("repeatedItemsTotal")).toBe(2);
        expect(stand.counter("itemGapsTotal")).toBe(0);
        for (const kind of ["image", "verdict"] as const) {
          expect(new Set(stand.of(kind).map(({ imageHash }) => imageHash)).size).toBe(2);
        }
      });

      it("items in the wrong order stay in it, and are counted: the core has to doubt them", async () => {
        rig.device.setFaults({ swapsItems: true });
        for (const [index, count] of [5_000, 6_000].entries()) {
          stand.announce(`pass-${index}`, count - 50);
          await stand.untilAwaited(count - 50);
          rig.device.itemCleared(count, 300);
        }
        await rig.until(() => stand.of("item").length === 2, "both items");
        expect(stand.of("item").map(({ itemSequence }) => itemSequence)).toEqual([2, 1]);
        expect(stand.counter("itemGapsTotal")).toBe(1);
      });

      it("DEV1-3: an image before its item is held, and follows it", async () => {
        await stand.scan("pass-1", 5_000);
        rig.device.setFaults({ showsImagesFirst: true });
        await stand.scan("pass-2", 6_000);
        await rig.until(() => stand.of("verdict").length === 2, "both verdicts");
        const order = stand.all.flatMap((event) => {
          const { kind, itemSequence } = event as { kind: string; itemSequence?: number };
          return itemSequence === 2 ? [kind] : [];
        });
        expect(order).toEqual(["item", "image", "verdict"]);
        expect(stand.counter("aheadOfItemTotal")).toBe(1);
      });

      it("law 2: a suspect verdict counts before its item, and again behind it; a clear one waits", async () => {
        // Each item is said after the one that follows it.
        rig.device.setFaults({ swapsItems: true });
        await stand.scan("pass-1", 5_000, 700);
        await rig.until(() => stand.of("verdict").length === 1, "the suspect one");
        expect(stand.of("verdict")[0]).toMatchObject({ passId: "pass-1", verdict: "suspect" });
        expect([...stand.of("item"), ...stand.of("image")]).toEqual([]);
        await stand.scan("pass-2", 6_000);
        await rig.until(() => stand.counter("aheadOfItemTotal") === 4, "all that is seen of both");
        const order = stand.all.flatMap((event) => {
          const { kind, itemSequence } = event as { kind: string; itemSequence?: number };
          return itemSequence === undefined ? [] : [`${kind} ${itemSequence}`];
        });
        expect(order).toEqual(["verdict 1", "item 2", "image 1", "verdict 1", "item 1"]);
      });

      it("a verdict that is late comes late, with its own item", async () => {
        rig.device.setFaults({ verdictLateByMs: 150 });
        await stand.scan("pass-1", 5_000);
        rig.device.setFaults({ verdictLateByMs: 0 });
        await stand.scan("pass-2", 6_000, 700);
        await rig.until(() => stand.of("verdict").length === 2, "both verdicts");
        expect(stand.of("verdict").map(({ passId, verdict }) => [passId, verdict])).toEqual([
          ["pass-2", "suspect"],
          ["pass-1", "clear"],
        ]);
      });

      it("a restarted machine numbers its items anew without a gap", async () => {
        await stand.scan("pass-1", 5_000);
        await stand.scan("pass-2", 6_000);
        await rig.until(() => stand.of("verdict").length === 2, "both verdicts");
        rig.device.restart();
        await rig.until(
          () => stand.counter("machineRestartsTotal") === 1,
          "the restart is noticed",
        );
        await rig.until(() => stand.announce("pass-9", 90_000).kind === "sent", "it listens again");
        await stand.scan("pass-3", 7_000);
        await rig.until(() => stand.of("item").length >= 3, "three items");
        expect(stand.of("item").map(({ itemSequence }) => itemSequence)).toEqual([1, 2, 1]);
        expect(stand.of("item")[2]?.passId).toBe("pass-3");
        expect(stand.counter("itemGapsTotal")).toBe(0);
      });
    });
  });
}
