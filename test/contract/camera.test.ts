/**
 * Goal: a still is the one that was asked for, whole, or there is none; and a camera that gives none is
 * known, on both wires.
 * Method: the shipped driver and a simulated camera at the two ends of a real socket or folder, with
 * cameras that are silent, cut their stills off, give away text, and are gone.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StillMissed, StillTaken } from "../../edge/devices/camera/camera.ts";
import { healthyCamera } from "../../simulators/devices/camera/camera.ts";
import { imageFormatOf } from "../../protocols/xray/image-format.ts";
import { cameraCells, type CameraRig } from "./camera-rigs.ts";
import { describeRigs, withFault } from "./cell-suite.ts";
import { fallsSilent, listen } from "./device-rig.ts";

describeRigs("$wire", cameraCells, ({ open, cell }) => {
  let rig: CameraRig;
  let heard: ReturnType<typeof listen<StillTaken | StillMissed>>;
  const state = () => rig.port.health().state;
  const counter = (name: string): number => rig.port.health().counters[name] ?? 0;
  const outcomeOf = async (id: string): Promise<StillTaken | StillMissed> => {
    await rig.until(() => rig.isReady(), "a still can be told from what came before");
    rig.take(id);
    const found = () => heard.said().find((event) => event.id === id);
    await rig.until(() => found() !== undefined, `what comes of ${id}`);
    return found()!;
  };

  /** Its fault is over, and it has been heard since. */
  const isMended = async (): Promise<void> => {
    const frames = counter("framesTotal");
    rig.device.setFaults(healthyCamera);
    await rig.until(() => counter("framesTotal") > frames, "it is heard");
  };

  beforeEach(async () => {
    rig = await open();
    heard = listen(rig.port);
    await rig.until(() => state() === "receiving", "its sign of life");
  });
  afterEach(() => rig.close());

  it("ZJG-44: each still is of its own moment, whole, and told once", async () => {
    const stills: StillTaken[] = [];
    for (const id of ["a", "b", "c"]) {
      rig.device.sees(`RB00000000${id}`);
      const outcome = await outcomeOf(id);
      if (outcome.kind !== "still") throw new Error(`${id}: ${outcome.kind}`);
      stills.push(outcome);
    }
    expect(stills.map(({ bytes }) => imageFormatOf(bytes))).toEqual(["png", "png", "png"]);
    expect(new Set(stills.map(({ bytes }) => Buffer.from(bytes).toString("base64"))).size).toBe(3);
    expect(heard.said()).toHaveLength(3);
    expect(counter("stillsTotal")).toBe(3);
    expect(counter("stillsMissedTotal")).toBe(0);
  });

  it("what was not asked for is told to nobody", async () => {
    const frames = counter("framesTotal");
    await rig.until(() => counter("framesTotal") > frames + 1, "it lives");
    expect(heard.said()).toEqual([]);
  });

  describe("with a fault", withFault, () => {
    it("a still that is cut off is none, and the next is taken", async () => {
      rig.device.setFaults({ isCut: true });
      expect(await outcomeOf("cut")).toEqual({ kind: "noStill", id: "cut" });
      await isMended();
      expect(await outcomeOf("whole")).toMatchObject({ kind: "still" });
    });

    it("text is no still, and the detail says what it is not", async () => {
      rig.device.setFaults({ isText: true });
      expect(await outcomeOf("text")).toEqual({ kind: "noStill", id: "text" });
      expect(counter("discardedTotal")).toBeGreaterThan(0);
      expect(rig.port.health().reason?.detail).toContain("it is neither JPEG nor PNG");
    });

    it("one that gives nothing away owes nothing later", async () => {
      rig.device.setFaults({ isSilent: true });
      expect(await outcomeOf("never")).toEqual({ kind: "noStill", id: "never" });
      await isMended();
      expect(await outcomeOf("then")).toMatchObject({ kind: "still" });
      expect(heard.said().map(({ id }) => id)).toEqual(["never", "then"]);
    });

    if (cell === "camera/snapshot/http") {
      it("PF-04: one that falls silent is stale, then down, and received once it answers", async () => {
        await fallsSilent({
          until: rig.until,
          setSilent: (isSilent) => rig.device.setFaults({ isSilent }),
          // Why it is down may change while it is.
          healthStates: () =>
            heard.healthStates().filter((now, index, all) => index === 0 || now !== all[index - 1]),
        });
      });
    }

    it("one that is gone is not asked, and is received once it is back", async () => {
      await rig.cut();
      await rig.until(() => state() === "down", "down");
      expect(rig.port.take("gone")).toEqual({ kind: "refused", why: "notConnected" });
      await rig.restore();
      await rig.until(() => state() === "receiving", "received again");
      expect(await outcomeOf("back")).toMatchObject({ kind: "still" });
      expect(heard.said().map(({ id }) => id)).not.toContain("gone");
    });
  });
});
