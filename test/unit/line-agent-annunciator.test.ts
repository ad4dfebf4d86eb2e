/**
 * Goal: a line agent as it is composed tells its horn and light what its line tells, hears its key, and
 * is hindered by it in nothing. Method: the shipped agent on scripted machines and a light in the
 * test's hands, in virtual time, without a centre.
 */
import { expect, test } from "vitest";
import type { AnnunciatorPort } from "../../edge/devices/annunciator/annunciator.ts";
import type { DeviceHealth } from "../../edge/devices/port.ts";
import type { Annunciation } from "../../protocols/annunciator/annunciation.ts";
import { sent } from "../../protocols/transport.ts";
import { lit } from "../kit/annunciator.ts";
import { startLoneAgent } from "../kit/lone-agent.ts";

const health = (state: DeviceHealth["state"]): DeviceHealth => ({
  state,
  reason: null,
  counters: {},
});

function createStand() {
  const shown: Annunciation[] = [];
  let hear: Parameters<AnnunciatorPort["start"]>[0] = () => {};
  let isStopped = false;
  const port: AnnunciatorPort = {
    deviceId: "L1-light",
    health: () => health("receiving"),
    start: (sink) => {
      hear = sink;
      sink({ kind: "healthChanged", health: health("receiving") });
    },
    show(annunciation) {
      shown.push(annunciation);
      return sent;
    },
    async stop() {
      isStopped = true;
    },
  };
  return {
    ...startLoneAgent({
      layout: { annunciatorId: port.deviceId },
      devices: { annunciator: { port, horn: { upToPriority: 2, forMsMax: 60_000 } } },
    }),
    shown,
    press: () => hear({ kind: "silencePressed" }),
    says: (state: DeviceHealth["state"]) => hear({ kind: "healthChanged", health: health(state) }),
    isStopped: () => isStopped,
  };
}

test("a line that is well is green, and white says that no centre is heard", async () => {
  const { clock, shown, agent, isStopped } = createStand();
  clock.runFor(60_000);
  expect(shown.at(-1)).toEqual(lit({ green: "steady", white: "steady" }));
  expect(agent.devices().at(-1)).toMatchObject({ id: "L1-light", deviceKind: "annunciator" });
  await agent.stop();
  expect(isStopped()).toBe(true);
  const total = shown.length;
  clock.runFor(60_000);
  expect(shown).toHaveLength(total);
});

test("what the line tells is seen and heard, and the key silences the horn", () => {
  const { clock, shown, host, press } = createStand();
  clock.runFor(60_000);
  const epoch = host.state.belt.epoch ?? "";
  const chute = { kind: "chute", exit: "inspection", state: "full", fillPct: 100 } as const;
  host.receiveSorter({ ...chute, epoch, seq: 1_000_000 });
  expect(shown.at(-1)?.horn).toBe(false);
  // The table's delay.
  clock.runFor(3_250);
  const seen = lit({ amber: "flashing", blue: "steady", white: "steady" });
  expect(shown.at(-1)).toEqual({ ...seen, horn: true });
  press();
  expect(shown.at(-1)).toEqual(seen);
});

test("that it is not heard is told, and holds nothing", () => {
  const { clock, host, says } = createStand();
  clock.runFor(60_000);
  expect(host.state.toldConditions.size).toBe(0);
  says("down");
  clock.runFor(10_000);
  expect([...host.state.toldConditions.keys()]).toEqual(["annunciatorDown L1-light"]);
  expect(host.state.machine).toMatchObject({ packml: "Execute", isInductionPermitted: true });
});
