/**
 * Goal: the scale driver keeps the contract of `ScalePort` on every wire: one weight a parcel, and
 * none that is not settled.
 * Method: the shipped driver and the simulated scale of each dialect at the two ends of each wire,
 * with restless, overloaded, noisy, silent and unplugged scales.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ScaleReading } from "../../edge/devices/scale/scale.ts";
import { describeRigs, withFault } from "./cell-suite.ts";
import { fallsSilent, listen } from "./device-rig.ts";
import { scaleRigs, type ScaleRig } from "./scale-rigs.ts";

/** What an agent sees of a cut wire depends on when it looks. */
const lostWire: ReadonlySet<string | undefined> = new Set([
  "cannotOpen",
  "connectionLost",
  "refused",
]);

const box = { length: 420, width: 310, height: 95 };

describeRigs("$name, $wire", scaleRigs, ({ open, restless, stepG, measures }) => {
  let rig: ScaleRig;
  let heard: ReturnType<typeof listen<ScaleReading>>;
  const weights = () => heard.said().map(({ weightG }) => weightG);
  const counter = (name: string) => rig.port.health().counters[name] ?? 0;
  const state = () => rig.port.health().state;

  const shown = (weightG: number) => stepG * Math.round(weightG / stepG);

  /** The next parcel comes when the one before has left the platform. */
  const weigh = async (weightG: number, edgesMm?: typeof box) => {
    const before = weights().length;
    rig.device.settled(weightG, edgesMm);
    await rig.until(() => weights().length > before, `the weight of ${weightG} g`);
    const goneAt = rig.clock.monotonic() + rig.loadMs;
    await rig.until(() => rig.clock.monotonic() > goneAt, "the load is gone");
    const frames = counter("framesTotal");
    await rig.until(() => counter("framesTotal") >= frames + 5, "the empty platform");
  };

  beforeEach(async () => {
    rig = await open();
    heard = listen(rig.port);
    await rig.until(() => state() === "receiving", "the first frame");
  });
  afterEach(() => rig.close());

  it("PF-04, DEV1-29, DEV1-30: reports one weight a parcel, exact to what the scale shows", async () => {
    await weigh(1_234);
    await weigh(35);
    await weigh(29_999);
    expect(weights()).toEqual([1_234, 35, 29_999].map(shown));
  });

  if (measures) {
    it("DEV1-34: tells the edges beside the weight, and none that it has not seen", async () => {
      await weigh(1_230, box);
      rig.device.setFaults({ isBlind: true });
      await weigh(2_500, box);
      const [seen, unseen] = heard.said();
      expect(seen).toMatchObject({ weightG: 1_230, dimensionsMm: box, proof: { lengthMm: 420 } });
      expect(unseen).toEqual({ kind: "weight", weightG: 2_500, proof: {} });
      expect(counter("unmeasuredTotal")).toBe(1);
    });
  } else {
    it("tells nothing of edges", async () => {
      await weigh(1_230, box);
      expect(heard.said().map((reading) => "dimensionsMm" in reading)).toEqual([false]);
    });
  }

  it("reports two parcels of equal weight when the platform was empty between them", async () => {
    await weigh(500);
    await weigh(500);
    expect(weights()).toEqual([500, 500]);
  });

  describe("with a fault", withFault, () => {
    if (restless !== null) {
      it.each([
        ["in motion", { isRestless: true }, restless],
        ["out of range", { isOverloaded: true }, "outOfRangeTotal"],
      ] as const)(
        "PR3.1-8: a weight %s is counted and never reported",
        async (_name, faults, total) => {
          rig.device.setFaults(faults);
          const before = counter(total);
          rig.device.settled(700);
          await rig.until(() => counter(total) >= before + 3, "three refused readings");
          rig.device.setFaults({ isRestless: false, isOverloaded: false });
          // The rest of that load may still show; what counts is that nothing was said before.
          expect(weights()).toEqual([]);
        },
      );
    }

    if (measures) {
      it("PR3.4-2, PR3.4-3: one that cannot weigh is counted, and tells no weight", async () => {
        rig.device.setFaults({ isUnready: true });
        rig.device.settled(700, box);
        await rig.until(() => counter("notReadyTotal") > 0, "a refusal");
        const goneAt = rig.clock.monotonic() + rig.loadMs;
        await rig.until(() => rig.clock.monotonic() > goneAt, "the load is gone");
        rig.device.setFaults({ isUnready: false });
        await weigh(250, box);
        expect(weights()).toEqual([250]);
      });
    }

    it("bad input costs only itself", async () => {
      rig.device.setFaults({ isNoisy: true });
      await weigh(812);
      expect(weights()).toEqual([shown(812)]);
      expect(counter("discardedTotal")).toBeGreaterThan(0);
      expect(state()).toBe("receiving");
    });

    it("judges health by age, and recovers by itself", async () => {
      await fallsSilent({
        until: rig.until,
        setSilent: (isSilent) => rig.device.setFaults({ isSilent }),
        healthStates: () => heard.healthStates(),
      });
    });

    it("names what it could not read", async () => {
      rig.device.setFaults({ isSilent: true });
      await rig.until(() => state() !== "receiving", "silence");
      rig.sendRaw(Uint8Array.from([0x41, 0x42, 0x43]));
      await rig.until(() => state() === "down", "down");
      expect(rig.port.health().reason).toEqual({
        code: "badFrames",
        detail: expect.stringMatching(/^(?:outsideFrame|timedOut), bytes 41 42 43$/),
        params: { total: 1 },
      });
    });

    it("reopens a lost wire, and a weight from meanwhile is not delivered late", async () => {
      rig.cut();
      await rig.until(() => state() === "down", "down");
      await rig.until(() => lostWire.has(rig.port.health().reason?.code), "the wire is named");
      rig.device.settled(4_000);
      await rig.until(() => state() === "down", "still down");
      const endsAt = rig.clock.monotonic() + 200;
      await rig.until(() => rig.clock.monotonic() > endsAt, "the load is gone");
      rig.restore();
      await rig.until(() => state() === "receiving", "receiving again");
      await weigh(250);
      expect(weights()).toEqual([250]);
      expect(counter("reconnectsTotal")).toBe(1);
    });
  });

  it("tells nothing after stop", async () => {
    await rig.port.stop();
    const toldBefore = heard.all.length;
    rig.device.settled(300);
    const endsAt = rig.clock.monotonic() + 900;
    await rig.until(() => rig.clock.monotonic() > endsAt, "the time of stale and down");
    expect(heard.all.length).toBe(toldBefore);
  });
});
