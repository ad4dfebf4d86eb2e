/**
 * Goal: the driver says what is to be shown again until it is, knows a light that refuses or shows
 * something else, and leaves it at rest; and a map that could not work is refused by its keys.
 * Method: the driver on a wire in the test's hands, in virtual time; maps with one mistake each; and a
 * property: whatever is written by a map is read from it.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAnnunciatorDriver } from "../../edge/devices/annunciator/driver.ts";
import type { AnnunciatorHeard } from "../../edge/devices/annunciator/heard.ts";
import {
  createAnnunciator,
  zAnnunciatorConfig,
} from "../../edge/devices/annunciator/open-annunciator.ts";
import type { WireHandlers } from "../../edge/devices/wire.ts";
import {
  lampColours,
  lampStates,
  restingAnnunciation,
  type Annunciation,
} from "../../protocols/annunciator/annunciation.ts";
import { zAnnunciatorJsonMap } from "../../protocols/annunciator/json-map.ts";
import { notConnected, sent } from "../../protocols/transport.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { startMessageLight } from "../../simulators/devices/annunciator/message-light.ts";
import { createMemoryBroker } from "../../simulators/wires/memory-bus.ts";
import { listen, onlyWires } from "../contract/device-rig.ts";
import {
  annunciatorJsonInput,
  annunciatorNodesInput,
  annunciatorRegistersInput,
  lit,
} from "../kit/annunciator.ts";

function stand(hasLife = true) {
  const clock = createVirtualClock();
  const told: Annunciation[] = [];
  let handlers: WireHandlers<AnnunciatorHeard> | null = null;
  let isOpen = false;
  const port = createAnnunciatorDriver({
    deviceId: "light-1",
    clock,
    staleAfterMs: hasLife ? 5_000 : null,
    downAfterMs: 10_000,
    wire: {
      open: (given) => (handlers = given),
      send(annunciation) {
        if (!isOpen) return notConnected;
        told.push(annunciation);
        return sent;
      },
      revive() {},
      async close() {
        isOpen = false;
      },
    },
  });
  const heard = listen(port);
  const setOpen = (next: boolean): void => {
    isOpen = next;
    handlers?.onState(next);
  };
  const live = (shows: Partial<Annunciation> = {}): void =>
    handlers?.onMessage({
      kind: "state",
      shows: new Map(Object.entries(shows).map(([name, value]) => [name, [value]])) as never,
      isSilencePressed: null,
    });
  /** Alive for so long, with a word each half second. */
  const liveFor = (ms: number, shows: Partial<Annunciation> = {}, each = (): void => {}): void => {
    for (let passed = 0; passed < ms; passed += 500) {
      each();
      live(shows);
      clock.runFor(500);
    }
  };
  const refuse = (): void => handlers?.onSendFailed("BadUserAccessDenied");
  return { clock, port, heard, told, setOpen, live, liveFor, refuse };
}

const red = lit({ red: "steady" });

describe("the driver", () => {
  test("keeps nothing for a wire that is down, and says what is so then once it is open", () => {
    const { clock, port, told, setOpen } = stand();
    expect(port.show(lit({ green: "steady" }))).toEqual(notConnected);
    port.show(red);
    clock.runFor(3_000);
    expect(told).toEqual([]);
    setOpen(true);
    expect(told).toEqual([red]);
    expect(port.health().counters["notToldTotal"]).toBe(2);
  });

  test("says it again each second", () => {
    const { clock, port, told, setOpen } = stand();
    setOpen(true);
    port.show(red);
    clock.runFor(3_000);
    expect(told).toEqual([red, red, red, red]);
  });

  test("one that refuses each time is down however alive it is, until it takes it", () => {
    const { port, setOpen, liveFor, refuse, heard } = stand();
    setOpen(true);
    port.show(red);
    liveFor(1_000);
    liveFor(20_000, {}, refuse);
    expect(port.health()).toMatchObject({ state: "down", reason: { code: "commandRefused" } });
    liveFor(4_000);
    expect(port.health().state).toBe("receiving");
    expect(heard.healthStates()).toContain("stale");
  });

  test("one without a sign of life that refuses says so", () => {
    const { port, setOpen, refuse } = stand(false);
    setOpen(true);
    refuse();
    expect(port.health()).toMatchObject({ state: "receiving", reason: { code: "commandRefused" } });
  });

  test("it may take two seconds to show what it was told, and no longer", () => {
    const { clock, port, setOpen, live } = stand();
    setOpen(true);
    port.show(red);
    clock.runFor(1_999);
    live({ red: "off" });
    expect(port.health().reason).toBeNull();
    clock.runFor(1);
    live({ red: "off" });
    expect(port.health().reason).toMatchObject({ code: "showsOther" });
  });

  test("what it shows before it was told anything is its own affair", () => {
    const { clock, port, setOpen, live } = stand();
    setOpen(true);
    clock.runFor(60_000);
    live({ red: "flashing" });
    expect(port.health()).toMatchObject({ state: "receiving", reason: null });
  });

  test("leaves it at rest, and says nothing more", async () => {
    const { clock, port, told, setOpen, live, heard } = stand();
    setOpen(true);
    port.show(red);
    await port.stop();
    expect(told.at(-1)).toEqual(restingAnnunciation);
    const total = heard.all.length;
    clock.runFor(60_000);
    live();
    expect(told).toHaveLength(2);
    expect(heard.all).toHaveLength(total);
  });
});

const mqtt = { kind: "mqtt", brokerUrl: "mqtt://127.0.0.1", base: "site/light" };
const opcua = { kind: "opcua", endpointUrl: "opc.tcp://127.0.0.1:4840" };
const tcp = { kind: "tcp", host: "192.0.2.1", port: 502 };
const jsonMap = annunciatorJsonInput();
const noLamps = Object.fromEntries(["horn", ...lampColours].map((name) => [name, undefined]));

describe("a configuration", () => {
  const issuesOf = (reach: object, dialect: object, more: object = {}): string[] =>
    (
      zAnnunciatorConfig.safeParse({ id: "light-1", reach, dialect, ...more }).error?.issues ?? []
    ).map(({ path, message }) => `${path.join(".")}: ${message}`);

  test("that is whole is taken, with its horn's defaults", () => {
    expect(issuesOf(mqtt, jsonMap)).toEqual([]);
    expect(issuesOf(opcua, annunciatorNodesInput())).toEqual([]);
    expect(issuesOf(tcp, annunciatorRegistersInput())).toEqual([]);
    const dialect = { kind: "sortline-json" };
    const { horn } = zAnnunciatorConfig.parse({ id: "light-1", reach: mqtt, dialect });
    expect(horn).toEqual({ upToPriority: 2, forMsMax: 60_000 });
  });

  const set = (change: object) => ({ ...jsonMap, set: { ...jsonMap.set, ...change } });
  const state = (change: object) => ({ ...jsonMap, state: { ...jsonMap.state, ...change } });
  test.each<[string, object, object, RegExp]>([
    ["a wire that cannot carry it", tcp, jsonMap, /^dialect\.kind: .* cannot be carried by TCP/],
    [
      "no signal",
      mqtt,
      { ...set(noLamps), state: undefined },
      /^dialect\.set: at least one signal/,
    ],
    ["outputs without one", opcua, annunciatorNodesInput(noLamps), /^dialect: at least one of/],
    [
      "two values that are one",
      mqtt,
      set({ red: { path: "red", off: 0, steady: 1, flashing: 1 } }),
      /^dialect\.set\.red: two of them/,
    ],
    [
      "a place within another",
      mqtt,
      set({ horn: { path: "lamps.red.on", off: 0, on: 1 } }),
      /^dialect\.set\.horn\.path: lamps\.red\.on lies where red\.path stands already/,
    ],
    [
      "a word where a lamp stands",
      mqtt,
      set({ fixed: { "lamps.red": 1 } }),
      /^dialect\.set\.(?:red\.path|fixed\.lamps\.red): .* lies where/,
    ],
    ["one topic for both", mqtt, state({ topic: "cmd" }), /^dialect\.state\.topic: .*another/],
    [
      "told of what is never set",
      mqtt,
      set({ red: undefined }),
      /^dialect\.state\.red: set has no red/,
    ],
    [
      "told of flashing that is never set",
      mqtt,
      state({ white: { path: "w", off: 0, steady: 1, flashing: 2 } }),
      /^dialect\.state\.white\.flashing: set\.white has no flashing/,
    ],
    [
      "two at one node",
      opcua,
      annunciatorNodesInput({ horn: { node: "s=Light.Red" } }),
      /^dialect\.red\.lit: .*horn/,
    ],
    [
      "two at one coil",
      tcp,
      annunciatorRegistersInput({ horn: { area: "coil", at: 1 } }),
      /^dialect\.red\.lit: coil 1 is horn already/,
    ],
    [
      "an output where nobody writes",
      tcp,
      annunciatorRegistersInput({ horn: { area: "discrete", at: 9 } }),
      /^dialect\.horn: /,
    ],
    ["a wildcard", mqtt, set({ topic: "a/#" }), /^dialect\.set\.topic: below the base/],
  ])("%s is refused by its key", (_name, reach, dialect, sentence) => {
    const issues = issuesOf(reach, dialect);
    expect(issues.some((issue) => sentence.test(issue)) ? "refused" : issues).toBe("refused");
  });

  test("down before stale is refused", () => {
    const ages = { staleAfterMs: 5_000, downAfterMs: 5_000 };
    expect(issuesOf(mqtt, { kind: "sortline-json" }, ages)).toEqual([
      "downAfterMs: must be more than staleAfterMs",
    ]);
  });
});

describe("another maker's JSON", () => {
  const whole = annunciatorJsonInput();
  const lamps = Object.fromEntries(lampColours.map((colour) => [colour, whole.set.red]));

  /** The shipped driver and the simulated light with one map, on a broker in memory. */
  const shownBy = (dialect: object, annunciation: Annunciation): Annunciation => {
    const clock = createVirtualClock();
    const broker = createMemoryBroker({ clock, latencyMs: () => 1 });
    const map = zAnnunciatorJsonMap.parse(dialect);
    const { base } = mqtt;
    const device = startMessageLight({ bus: broker.connect(), base, clock, map });
    const config = zAnnunciatorConfig.parse({ id: "light-1", reach: mqtt, dialect });
    const wires = onlyWires({ messageBus: () => broker.connect() });
    const port = createAnnunciator(config, { wires, clock });
    port.start(() => {});
    port.show(annunciation);
    clock.runFor(5_000);
    expect(port.health()).toMatchObject({ state: "receiving", reason: null });
    return device.shows();
  };

  const zAny = fc.record({
    horn: fc.boolean(),
    ...(Object.fromEntries(
      lampColours.map((colour) => [colour, fc.constantFrom(...lampStates)]),
    ) as Record<(typeof lampColours)[number], fc.Arbitrary<(typeof lampStates)[number]>>),
  });
  const key = fc.stringMatching(/^[A-Za-z_]{1,12}$/);
  const values = fc.uniqueArray(fc.oneof(fc.integer(), fc.string({ maxLength: 8 })), {
    minLength: 3,
    maxLength: 3,
  });

  test("whatever is written by a map is shown, wherever its signals stand", () => {
    const property = fc.property(
      zAny,
      fc.uniqueArray(key, { minLength: 6, maxLength: 6 }),
      fc.array(key, { maxLength: 3 }),
      values,
      (annunciation, keys, outer, [off, steady, flashing]) => {
        const at = (index: number) => [...outer, keys[index]].join(".");
        const places = Object.fromEntries(
          Object.keys(lamps).map((colour, index) => [
            colour,
            { path: at(index), off, steady, flashing },
          ]),
        );
        const signals = { ...places, horn: { path: at(5), off, on: steady } };
        const dialect = {
          kind: "json-map",
          set: { topic: "a", ...signals },
          state: { topic: "b", ...signals },
        };
        expect(shownBy(dialect, annunciation)).toEqual(annunciation);
      },
    );
    fc.assert(property, { numRuns: 50 });
  });

  test("a key that other objects have as well is a key like any other", () => {
    const red = { path: "__proto__.red", off: 0, steady: 1 };
    const dialect = { kind: "json-map", set: { topic: "a", red }, state: { topic: "b", red } };
    expect(shownBy(dialect, lit({ red: "steady" }))).toEqual(lit({ red: "steady" }));
  });
});
