/**
 * Goal: a line agent as it is composed tells its horn and light what its line tells, hears its key, and
 * is hindered by it in nothing. Method: the shipped agent on scripted machines and a light in the
 * test's hands, in virtual time, without a centre.
 */
import { expect, test } from "vitest";
import type { AnnunciatorPort } from "../../edge/devices/annunciator/annunciator.ts";
import type { DeviceHealth } from "../../edge/devices/port.ts";
import { createMemoryImages } from "../../edge/images/memory-images.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { startLineAgent } from "../../edge/runtime/line-agent.ts";
import { createRecorder } from "../../edge/runtime/recorder.ts";
import type { Annunciation } from "../../protocols/annunciator/annunciation.ts";
import { asBug } from "../../protocols/bug.ts";
import { silentLog } from "../../protocols/log.ts";
import { notConnected, sent } from "../../protocols/transport.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createScriptedLine, scriptedConfig } from "../claims/scripted-line.ts";
import { lit } from "../kit/annunciator.ts";

const health = (state: DeviceHealth["state"]): DeviceHealth => ({
  state,
  reason: null,
  counters: {},
});

function createStand() {
  const clock = createVirtualClock();
  const line = createScriptedLine({ lineId: "L1", clock, onGreen() {}, onFired() {} });
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
  const { layout, ...config } = scriptedConfig("L1");
  const journal = new MemoryJournal({ chain: "a", clock, hashing: "never" });
  const agent = startLineAgent({
    lines: [
      {
        config: { ...config, layout: { ...layout, annunciatorId: port.deviceId } },
        configHash: "0".repeat(64),
        devices: {
          ...line.devices,
          annunciator: { port, horn: { upToPriority: 2, forMsMax: 60_000 } },
        },
      },
    ],
    epoch: "e1",
    firstToken: () => 0,
    chain: "a",
    clock,
    log: silentLog,
    onGeneration() {},
    onBug: (thrown, where) => {
      throw asBug(thrown, where);
    },
    recorder: createRecorder({ journal, onHole: ({ why }) => expect.unreachable(why) }),
    journal,
    images: createMemoryImages({ imagesMax: 1, bytesMax: 1 }),
    linkEnd: {
      agentId: "a",
      start: (handlers) => handlers.onState(false, "no centre"),
      send: () => notConnected,
      sendImage: () => notConnected,
      counters: () => ({
        sentTotal: 0,
        unsentTotal: 0,
        receivedTotal: 0,
        refusedTotal: 0,
        lastRefusal: null,
      }),
      close: async () => {},
    },
  });
  const [host] = agent.hosts;
  return {
    clock,
    agent,
    shown,
    host: host!,
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
