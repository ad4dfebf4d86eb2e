/**
 * Goal: horn and stack light show what they are told on every wire, also after they or the agent were
 * away, and what they are left at is told; a light that does not obey is known.
 * Method: the shipped driver and the simulated light at the two ends of each real wire, with lights
 * that are silent, stuck, started anew and cut off.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SilencePressed } from "../../edge/devices/annunciator/annunciator.ts";
import { isSameAnnunciation, type Annunciation } from "../../protocols/annunciator/annunciation.ts";
import { sent } from "../../protocols/transport.ts";
import { lit } from "../kit/annunciator.ts";
import { annunciatorCells, type AnnunciatorRig } from "./annunciator-rigs.ts";
import { describeFaults, describeRigs, withFault } from "./cell-suite.ts";
import { fallsSilent, listen } from "./device-rig.ts";
import { useOpcuaStand } from "./opcua-stand.ts";

const stand = useOpcuaStand("annunciator-");
let folders = 0;
const ownFolder = (): ((name: string) => string) => {
  folders += 1;
  const own = folders;
  return (name) => stand.path(`${own}-${name}`);
};

describeRigs("$wire", annunciatorCells, ({ open, tellsSignals, rests }) => {
  let rig: AnnunciatorRig;
  let heard: ReturnType<typeof listen<SilencePressed>>;
  const state = () => rig.port.health().state;
  const counter = (name: string): number => rig.port.health().counters[name] ?? 0;
  const shown = (wanted: Annunciation) =>
    rig.until(() => isSameAnnunciation(rig.device.shows(), wanted), JSON.stringify(wanted));

  beforeEach(async () => {
    rig = await open(ownFolder());
    heard = listen(rig.port);
    await rig.until(() => state() === "receiving", "its sign of life");
  });
  afterEach(() => rig.close());

  it("shows what it is told: each lamp, steady and flashing, and the horn", async () => {
    const all: Partial<Annunciation>[] = [
      { horn: true, red: "flashing" },
      { red: "steady" },
      { amber: "flashing", blue: "steady" },
      { amber: "steady", white: "steady" },
      { green: "steady", blue: "flashing" },
      { green: "flashing" },
      {},
    ];
    for (const some of all) {
      expect(rig.port.show(lit(some))).toEqual(sent);
      await shown(lit(some));
    }
    expect(counter("refusalsTotal")).toBe(0);
    expect(counter("showsOtherTotal")).toBe(0);
  });

  it("a key that is pressed is told once, however long it is held", async () => {
    const frames = (): number => counter("framesTotal");
    for (const times of [1, 2]) {
      rig.device.setKey(true);
      await rig.until(() => heard.said().length === times, "pressed");
      const before = frames();
      await rig.until(() => frames() > before + 3, "held");
      rig.device.setKey(false);
      const after = frames();
      await rig.until(() => frames() > after + 1, "released");
    }
    expect(heard.said()).toEqual([{ kind: "silencePressed" }, { kind: "silencePressed" }]);
  });

  it("one that was started anew is told again by itself", async () => {
    rig.port.show(lit({ red: "steady" }));
    await shown(lit({ red: "steady" }));
    rig.device.restart();
    expect(rig.device.shows()).toEqual(lit({}));
    await shown(lit({ red: "steady" }));
  });

  it("an agent that leaves leaves it at rest", async () => {
    rig.port.show(lit({ green: "steady" }));
    await shown(lit({ green: "steady" }));
    await rig.port.stop();
    await shown(rests);
  });

  describe("with a fault", withFault, () => {
    it("an agent that is gone leaves it at rest, and one that is back shows what is so then", async () => {
      rig.port.show(lit({ green: "steady" }));
      await shown(lit({ green: "steady" }));
      await rig.cut();
      await shown(rests);
      rig.port.show(lit({ amber: "steady" }));
      await rig.restore();
      await shown(lit({ amber: "steady" }));
      await rig.until(() => state() === "receiving", "received again");
    });

    it("PF-04: one that falls silent is stale, then down, and received once it speaks", async () => {
      await fallsSilent({
        until: rig.until,
        setSilent: (isSilent) => rig.device.setFaults({ isSilent }),
        healthStates: heard.healthStates,
      });
    });

    if (tellsSignals) {
      it("one that shows something else than it was told is down, and says what", async () => {
        rig.device.setFaults({ isStuck: true });
        rig.port.show(lit({ red: "steady" }));
        await rig.until(() => state() === "down", "down");
        expect(rig.port.health().reason).toMatchObject({
          code: "showsOther",
          detail: "red is off, and was told steady",
        });
        rig.device.setFaults({ isStuck: false });
        await rig.until(() => state() === "receiving", "received again");
        expect(rig.device.shows()).toEqual(lit({ red: "steady" }));
      });
    }
  });
});

describeFaults(
  "a server whose variables do not fit, $wire",
  annunciatorCells.filter(({ cell }) => cell === "annunciator/outputs/opcua"),
  ({ open }) => {
    it.each([
      ["a node that is not there", { missing: ["Light.Red"] }, "unknownThere", "red.lit"],
      ["a node of another type", { types: { "Light.Horn": "Double" } }, "mapMisfit", "horn"],
      ["a node that is read-only", { readOnly: ["Light.LifePc"] }, "mapMisfit", "life.toPlc"],
    ] as const)("%s is refused by key and node", async (_name, as, code, key) => {
      const rig = await open(ownFolder(), as);
      stand.atEnd.push(() => rig.close());
      listen(rig.port);
      const reason = () => rig.port.health().reason;
      await rig.until(() => reason()?.code === code, code);
      expect(reason()?.detail).toContain(key);
      expect(reason()?.detail).toContain("s=Light.");
    });
  },
);
