/**
 * Goal: every scanner driver keeps the one contract of `ScannerPort`, whatever its wire.
 * Method: the same facts are tried on each wire, between the shipped driver and the simulated
 * scanner, with the wire cut, disturbed and silent.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ScannerRead } from "../../edge/devices/scanner/scanner.ts";
import { describeRigs, withFault } from "./cell-suite.ts";
import { fallsSilent, listen } from "./device-rig.ts";
import { scannerRigs, type ScannerRig } from "./scanner-rigs.ts";

/** What an agent sees of a cut wire depends on when it looks. */
const lostWire: ReadonlySet<string | undefined> = new Set([
  "cannotOpen",
  "connectionLost",
  "refused",
]);

const first = "RB123456785GB";
const second = "CP473124829CN";
/** Longer than any code. */
const noCode = "7".repeat(300);
const ascii = (text: string) => new TextEncoder().encode(text);

describeRigs("scanner, $wire", scannerRigs, ({ open, format, answers }) => {
  const isBytes = format !== null;
  /** As many codes as one read may have. */
  const several = format?.codeSeparator === null ? [first] : [first, second];
  /** Where a frame has no beginning of its own it begins where the one before has ended. */
  const isBegun = format === null || format.startHex !== null || format.framing === "cola-b";
  let rig: ScannerRig;
  let heard: ReturnType<typeof listen<ScannerRead>>;
  const texts = () => heard.said().map((read) => read.codes.map(({ text }) => text));
  const counter = (name: string) => rig.port.health().counters[name] ?? 0;
  const state = () => rig.port.health().state;

  beforeEach(async () => {
    rig = await open();
    heard = listen(rig.port);
    await rig.until(() => state() === "receiving", "the first sign of life");
  });
  afterEach(() => rig.close());

  it("law 1, DEV1-6, DEV1-7, DEV1-8, DEV1-9: reports each read once, with all its codes in order", async () => {
    rig.device.read(several);
    rig.device.read([second]);
    await rig.until(() => texts().length >= 2, "two reads");
    expect(texts()).toEqual([several, [second]]);
    expect(heard.said()[0]?.codes[0]).toEqual({ text: first, aim: "]C0" });
  });

  it("law 2, DEV1-10: a parcel without a code is a read without codes", async () => {
    rig.device.read([]);
    rig.device.read([first]);
    await rig.until(() => texts().length >= 2, "two reads");
    expect(texts()).toEqual([[], [first]]);
    expect(counter("noReadsTotal")).toBe(1);
  });

  it("keeps GS, which is data in GS1 codes", async () => {
    rig.device.read(["]C100106141411234567897400A\u001d4307US"]);
    await rig.until(() => texts().length > 0, "a read");
    expect(heard.said()[0]?.codes).toEqual([
      { text: "00106141411234567897400A\u001d4307US", aim: "]C1" },
    ]);
  });

  describe("with a fault", withFault, () => {
    it("PR1.3-9: judges health by age: stale, then down, then receiving again by itself", async () => {
      await fallsSilent({
        until: rig.until,
        setSilent: (isSilent) => rig.device.setFaults({ isSilent }),
        healthStates: () => heard.healthStates(),
        onDown: () =>
          expect(rig.port.health().reason).toEqual({ code: "silent", params: { seconds: 0.5 } }),
      });
      expect(rig.port.health().reason).toBeNull();
    });

    if (isBegun) {
      it("bad input costs only itself: it is counted, and good reads beside it arrive", async () => {
        rig.device.setFaults({ isNoisy: true });
        rig.device.read([first]);
        rig.device.read([second]);
        await rig.until(() => texts().length >= 2, "two reads");
        expect(texts()).toEqual([[first], [second]]);
        expect(counter("discardedTotal")).toBeGreaterThanOrEqual(2);
      });
    } else {
      it("law 2: noise in front of a frame that has no start makes its code one that no papers have", async () => {
        rig.device.setFaults({ isNoisy: true });
        rig.device.read([first]);
        rig.device.setFaults({ isNoisy: false });
        rig.device.read([second]);
        await rig.until(() => texts().length >= 2, "two reads");
        expect(texts()).toEqual([[expect.stringMatching(/^.+\]C0RB123456785GB$/)], [second]]);
      });
    }

    it("says in its health what it could not read, once it hears nothing else", async () => {
      rig.device.setFaults({ isSilent: true });
      await rig.until(() => state() !== "receiving", "silence");
      rig.sendRaw(rig.frameOf?.(`]C0${noCode}`) ?? ascii('{"seq":1,"codes":[{"text":5}]}'));
      await rig.until(() => state() === "down", "down");
      const { reason } = rig.port.health();
      expect(reason?.code).toBe(isBytes ? "badFrames" : "badMessage");
      expect(reason?.detail).toMatch(isBytes ? /5d 43 30 37/ : /codes\S*\.text/);
    });

    it("survives a message far too long, and reads the next parcel", async () => {
      rig.sendRaw(rig.frameOf?.("7".repeat(2_000)) ?? ascii("7".repeat(20_000)));
      rig.device.read([first]);
      await rig.until(() => texts().length > 0, "a read");
      expect(texts()).toEqual([[first]]);
      expect(counter("discardedTotal")).toBeGreaterThanOrEqual(1);
    });

    it("PR1.3-10, DEV1-14: reopens a lost wire for ever, and nothing said meanwhile is delivered late", async () => {
      await rig.cut();
      await rig.until(() => state() === "down", "down");
      await rig.until(() => lostWire.has(rig.port.health().reason?.code), "the wire is named");
      rig.device.read([second]);
      await rig.restore();
      await rig.until(() => state() === "receiving", "receiving again");
      rig.device.read([first]);
      await rig.until(() => texts().length > 0, "a read");
      expect(texts()).toEqual([[first]]);
      expect(counter("reconnectsTotal")).toBe(1);
    });
  });

  it("tells nothing after stop, not even of its health", async () => {
    rig.device.read([first]);
    await rig.until(() => texts().length > 0, "a read");
    await rig.port.stop();
    const toldBefore = heard.all.length;
    rig.device.read([second]);
    rig.device.setFaults({ isSilent: true });
    const endsAt = rig.clock.monotonic() + 700;
    await rig.until(() => rig.clock.monotonic() > endsAt, "the time of stale and down");
    expect(heard.all.length).toBe(toldBefore);
  });

  if (answers !== null) {
    it("PR1.3-5, DEV1-12: an answer to a command never becomes a code", async () => {
      for (const answer of [answers.taken, answers.refused]) {
        rig.sendRaw(rig.frameOf?.(answer) ?? ascii(answer));
      }
      rig.device.read([first]);
      await rig.until(() => texts().length > 0, "a read");
      expect(texts()).toEqual([[first]]);
      expect(counter("acksTotal")).toBe(1);
      expect(counter("refusalsTotal")).toBe(1);
      expect(rig.port.health().reason).toEqual({
        code: "commandRefused",
        detail: answers.named,
        params: expect.anything(),
      });
    });
  }

  if (isBytes) {
    it("DEV1-13: puts a frame together that comes in pieces", withFault, async () => {
      rig.device.setFaults({ isStuttering: true });
      rig.device.read(several);
      await rig.until(() => texts().length > 0, "a read");
      expect(texts()).toEqual([several]);
    });
  } else {
    it("a message delivered twice is one parcel; a lost one is counted", withFault, async () => {
      rig.device.read([first]);
      rig.sendRaw(ascii('{"seq":5,"codes":[]}'));
      rig.sendRaw(ascii('{"seq":5,"codes":[]}'));
      rig.sendRaw(ascii(`{"seq":6,"codes":[{"text":"${second}","aim":null}]}`));
      await rig.until(() => texts().length >= 3, "three reads");
      expect(texts()).toEqual([[first], [], [second]]);
      expect(counter("repeatedTotal")).toBe(1);
      expect(counter("sequenceGapsTotal")).toBe(1);
    });

    it("another read under the same number is no repeat of it", withFault, async () => {
      for (const text of [first, first, second]) {
        rig.sendRaw(ascii(`{"seq":5,"codes":[{"text":"${text}","aim":null}]}`));
      }
      await rig.until(() => texts().length >= 2, "both reads");
      expect(texts()).toEqual([[first], [second]]);
      expect(counter("repeatedTotal")).toBe(1);
    });
  }
});
