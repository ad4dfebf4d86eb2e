/**
 * Goal: a machine of discrete signals is an X-ray machine to the line, over OPC UA and over Modbus: it
 * is told of a parcel, tells of it, and has one word on it, which clears nobody when anything was
 * wrong. Method: the shipped driver against real servers on loopback, behind a relay whose plug can be
 * pulled, with the simulated machine or a hand on its variables.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { XrayEvent } from "../../edge/devices/xray/xray.ts";
import { notConnected, sent } from "../../protocols/transport.ts";
import { beltCount } from "../../protocols/units.ts";
import type { PlcOpcuaStart } from "../../simulators/devices/sorter/plc-opcua-server.ts";
import { describeFaults, describeRigs, withFault } from "./cell-suite.ts";
import { listen } from "./device-rig.ts";
import { useOpcuaStand } from "./opcua-stand.ts";
import { bodyOf } from "./xray-rigs.ts";
import { signalCells, type SignalRig } from "./xray-signals-rigs.ts";

const stand = useOpcuaStand("xray-signals-");
let folders = 0;
const ownFolder = (): ((name: string) => string) => {
  folders += 1;
  const own = folders;
  return (name) => stand.path(`${own}-${name}`);
};

describeRigs("discrete signals, $wire (DEV1-37)", signalCells, ({ open }) => {
  let rig: SignalRig;
  let heard: ReturnType<typeof listen<XrayEvent>>;
  const of = <K extends XrayEvent["kind"]>(kind: K) =>
    heard.said().filter((event): event is Extract<XrayEvent, { kind: K }> => event.kind === kind);
  const signals = () => of("signal").map(({ passId, verdict, why }) => [passId, verdict, why]);
  const counter = (name: string): number => rig.port.health().counters[name] ?? 0;
  const state = (): string => rig.port.health().state;
  const reason = () => rig.port.health().reason?.code;

  beforeEach(async () => {
    rig = await open(ownFolder());
    heard = listen(rig.port);
    await rig.until(() => of("ready").length > 0, "the first heartbeats");
  });
  afterEach(() => rig.close());

  const announce = (passId: string) =>
    rig.port.announce({
      passId,
      entryFromCount: beltCount(4_950),
      entryToCount: beltCount(5_050),
      lengthMm: 300,
    });

  /** Announced, and entered as soon as the machine has been told. */
  async function enter(passId: string, lengthMm = 300): Promise<void> {
    const items = of("item").length;
    expect(announce(passId)).toEqual(sent);
    await rig.until(() => rig.device.awaits(0), "the machine is told");
    rig.device.itemEntered(5_000);
    rig.device.itemCleared(5_000, lengthMm);
    await rig.until(() => of("item").length > items, "its item");
  }
  const judge = (lengthMm = 300): void => rig.device.itemScanned([bodyOf(lengthMm)], 6_000);

  it("law 9, PR6.3-4: item and word come back with the pass whose number the machine took", async () => {
    await enter("pass-1");
    judge();
    await rig.until(() => of("signal").length === 1, "the first word");
    await enter("pass-2", 700);
    judge(700);
    await rig.until(() => of("signal").length === 2, "the second word");
    expect(of("item")).toEqual([
      { kind: "item", passId: "pass-1", itemSequence: 1, lengthMm: 300 },
      { kind: "item", passId: "pass-2", itemSequence: 2, lengthMm: 700 },
    ]);
    expect(signals()).toEqual([
      ["pass-1", "clear", null],
      ["pass-2", "suspect", null],
    ]);
    expect(of("image")).toEqual([]);
    expect(of("verdict")).toEqual([]);
    expect(counter("discardedTotal")).toBe(0);
    expect(counter("itemGapsTotal")).toBe(0);
  });

  it("law 9: what nobody announced is nobody's", async () => {
    rig.device.itemCleared(5_000, 300);
    await rig.until(() => of("item").length === 1, "the item");
    expect(of("item")[0]).toMatchObject({ passId: null, itemSequence: 1 });
    judge();
    await rig.until(() => of("signal").length > 0, "its word");
    // The machine has no number for it, and says clear all the same.
    expect(new Set(signals().map(String))).toEqual(new Set([",unknown,signalOtherNumber"]));
  });

  it("says whether the machine scans, once and at each change", async () => {
    rig.device.setFaults({ isBeamOff: true });
    await rig.until(() => of("ready").length === 2, "not ready");
    rig.device.setFaults({ isBeamOff: false, state: "fault" });
    await rig.until(() => of("ready").length === 3, "fault");
    rig.device.setFaults({ state: "notReady" });
    await rig.until(() => of("ready").length === 4, "not ready");
    rig.device.setFaults({ state: "ready" });
    await rig.until(() => of("ready").length === 5, "ready again");
    expect(of("ready").map(({ isReady, reason: why }) => [isReady, why?.code])).toEqual([
      [true, undefined],
      [false, "beamOff"],
      [false, "machineFault"],
      [false, "machineNotReady"],
      [true, undefined],
    ]);
  });

  it("tells nothing after stop, and announces nothing", async () => {
    await enter("pass-1");
    await rig.port.stop();
    const before = heard.all.length;
    judge();
    const endsAt = rig.clock.monotonic() + 300;
    await rig.until(() => rig.clock.monotonic() > endsAt, "the time of a verdict");
    expect(heard.all).toHaveLength(before);
    expect(announce("pass-2")).toEqual(notConnected);
  });

  describe("with a fault", withFault, () => {
    it("PR6.4-1: both bits, or neither, with the strobe are no verdict", async () => {
      await enter("pass-1");
      rig.device.setFaults({ breaksMessages: true });
      judge();
      await rig.until(() => of("signal").length === 1, "the word on neither");
      rig.device.setFaults({ breaksMessages: false });
      await enter("pass-2");
      const track = Number(rig.memory.variables.find(({ key }) => key === "entry.track")?.show());
      rig.memory.set("verdict.track", track);
      rig.memory.set("verdict.clear", true);
      rig.memory.set("verdict.suspect", true);
      rig.memory.set("verdict.times", 2);
      await rig.until(() => of("signal").length === 2, "the word on both");
      expect(signals()).toEqual([
        ["pass-1", "unknown", "signalNotOneBit"],
        ["pass-2", "unknown", "signalNotOneBit"],
      ]);
      expect(counter("signalNotOneBitTotal")).toBe(2);
      expect(reason()).toBe("signalNotOneBit");
    });

    it("two verdicts between two looks: the first may have been a suspicion", async () => {
      await enter("pass-1");
      rig.device.setFaults({ repeatsMessages: true });
      judge();
      await rig.until(() => counter("signalMissedTotal") === 1, "missed");
      expect(signals()).toEqual([
        ["pass-1", "unknown", "signalMissed"],
        [null, "unknown", "signalMissed"],
      ]);
    });

    it("a verdict with another's number clears nobody", async () => {
      await enter("pass-1");
      await enter("pass-2");
      const latest = Number(rig.memory.variables.find(({ key }) => key === "entry.track")?.show());
      rig.memory.set("verdict.track", latest);
      rig.memory.set("verdict.clear", true);
      rig.memory.set("verdict.times", 1);
      await rig.until(() => counter("signalOtherNumberTotal") === 1, "the odd one");
      rig.memory.set("verdict.times", 2);
      const endsAt = rig.clock.monotonic() + 200;
      await rig.until(() => rig.clock.monotonic() > endsAt, "the time of a verdict");
      expect(signals()).toEqual([
        ["pass-1", "unknown", "signalOtherNumber"],
        ["pass-2", "unknown", "signalOtherNumber"],
        [null, "unknown", "signalOtherNumber"],
      ]);
    });

    it("bad quality, even once, is doubt in what is in the machine", async () => {
      await enter("pass-1");
      rig.memory.spoil("verdict.suspect", true);
      await rig.until(() => of("signal").length === 1, "doubt");
      rig.memory.spoil("verdict.suspect", false);
      judge();
      // What enters before the next good look was there while nobody could see.
      const told = counter("framesTotal");
      await rig.until(() => counter("framesTotal") > told + 1, "looks that are good again");
      await enter("pass-2");
      judge();
      await rig.until(() => signals().some(([, verdict]) => verdict === "clear"), "the next one");
      expect(signals()).toEqual([
        ["pass-1", "unknown", "signalsUnread"],
        ["pass-2", "clear", null],
      ]);
    });

    it("a heart that stands still: stale, down, and nothing in the machine is cleared", async () => {
      await enter("pass-1");
      rig.device.setFaults({ isSilent: true });
      await rig.until(() => state() === "down", "down");
      expect(signals()).toEqual([["pass-1", "unknown", "heartbeatStands"]]);
      expect(reason()).toBe("heartbeatStands");
      rig.device.setFaults({ isSilent: false });
      await rig.until(() => of("ready").length === 2, "ready anew");
      expect(heard.healthStates().slice(-4)).toEqual(["receiving", "stale", "down", "receiving"]);
    });

    it("a plug that was pulled: nothing is announced, and what was inside is not cleared", async () => {
      await enter("pass-1");
      await rig.cut();
      await rig.until(() => announce("pass-2").kind === "refused", "the loss");
      judge();
      await rig.restore();
      await rig.until(() => announce("pass-3").kind === "sent", "announced again");
      expect(signals()[0]).toEqual(["pass-1", "unknown", "connectionLost"]);
      expect(signals().every(([, verdict]) => verdict !== "clear")).toBe(true);
    });

    it("a controller that was started anew begins anew, and is believed from then on", async () => {
      await enter("pass-1");
      judge();
      await rig.until(() => of("signal").length === 1, "the first word");
      rig.device.restart();
      await rig.until(() => announce("pass-2").kind === "refused", "the end of the session");
      await rig.until(() => announce("pass-2").kind === "sent", "a new session");
      // A busy computer may lose a session once more, and with it what entered meanwhile.
      for (let turn = 1; of("item").length < 2 && turn <= 5; turn += 1) {
        await rig.until(() => announce("pass-2").kind === "sent", "a session");
        await rig.until(() => rig.device.awaits(0), "the machine is told");
        rig.device.itemEntered(5_000);
        rig.device.itemCleared(5_000, 300);
        const endsAt = rig.clock.monotonic() + 1_500;
        await rig.until(() => of("item").length === 2 || rig.clock.monotonic() > endsAt, "a look");
        judge();
      }
      expect(of("item")[1]).toMatchObject({ passId: "pass-2" });
      await rig.until(() => signals().length > 1 && signals().at(-1)?.[1] === "clear", "its word");
      expect(signals().at(-1)).toEqual(["pass-2", "clear", null]);
    });
  });
});

describeFaults(
  "a server whose variables do not fit, $wire",
  signalCells.filter(({ cell }) => cell === "xray/signals/opcua"),
  ({ open }) => {
    it.each<[string, PlcOpcuaStart, string, string]>([
      [
        "a node that is not there",
        { missing: ["Xray.Verdict.Clear"] },
        "unknownThere",
        "verdict.clear",
      ],
      [
        "a node of another type",
        { types: { "Xray.Verdict.Clear": "Double" } },
        "mapMisfit",
        "verdict.clear",
      ],
      [
        "a node that is read-only",
        { readOnly: ["Xray.Next.Track"] },
        "mapMisfit",
        "announce.track",
      ],
    ])("%s is refused by key and node", async (_name, as, code, key) => {
      const rig = await open(ownFolder(), as);
      stand.atEnd.push(() => rig.close());
      listen(rig.port);
      const reason = () => rig.port.health().reason;
      await rig.until(() => reason()?.code === code, code);
      expect(reason()?.detail).toContain(key);
      expect(reason()?.detail).toContain("s=Xray.");
    });
  },
);
