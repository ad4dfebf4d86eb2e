/**
 * Goal: a controller with plain variables keeps the sorter's contract in virtual time. Method: the
 * contract suite over the memory of a simulated controller, which is asked every `pollMs` and
 * written to as over a network, with the map that reads it.
 */
import { PlcMachine } from "../../edge/devices/sorter/plc-map/machine.ts";
import { opcuaVariablesOf } from "../../edge/devices/sorter/plc-map-opcua.ts";
import { speak } from "../../edge/devices/dialect.ts";
import { shownNode } from "../../edge/devices/wires/opcua/nodes.ts";
import {
  valueOf,
  type NotWritten,
  type VariableReadings,
  type VariableWrites,
} from "../../edge/devices/variables.ts";
import type { Wire, WireHandlers } from "../../edge/devices/wire.ts";
import type { PlcMap } from "../../protocols/sorter/plc-map-opcua.ts";
import { notConnected, sent } from "../../protocols/transport.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { createVirtualClock, type VirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createPlcMemory, type PlcMemory } from "../../simulators/devices/sorter/plc-memory.ts";
import { plcLatchMap, plcMap, plcRingSize, unreadableReadings } from "../kit/plc-map.ts";
import { untilVirtual } from "./sorter-waiting.ts";
import { describeSorterPort } from "./sorter.contract.ts";

type Shown = VariableReadings | NotWritten;

const wayMs = 1;

/** A map's variables by the names that the controller has for them. */
function createTable(map: PlcMap) {
  const variables = opcuaVariablesOf(map);
  const nameOf = new Map(variables.map(({ key, place }) => [key, shownNode(place.node).slice(2)]));
  return { map, variables, nameOf };
}
type Table = ReturnType<typeof createTable>;

function readAll(
  { variables, nameOf }: Table,
  memory: PlcMemory,
  clock: VirtualClock,
): VariableReadings {
  const shown = new Map([...new Set(nameOf.values())].map((name) => [name, memory.read(name)]));
  const values = variables
    .filter(({ isRead }) => isRead)
    .map(({ key, need, place }) => {
      const whole = shown.get(nameOf.get(key) ?? "") ?? null;
      const one =
        Array.isArray(whole) && place.element !== undefined ? whole[place.element] : whole;
      const value = place.bit === undefined ? one : (Number(one) & (1 << place.bit)) !== 0;
      return [
        key,
        whole === null ? ({ kind: "noValue", why: "bad" } as const) : valueOf(need, value),
      ] as const;
    });
  return {
    kind: "readings",
    askedAt: clock.monotonic(),
    serverStart: null,
    values: new Map(values),
  };
}

/** A cable to the controller's memory, with a plug that can be pulled. */
function createMemoryNetwork(table: Table, memory: PlcMemory, clock: VirtualClock) {
  const { map, nameOf } = table;
  const ends = new Set<(isUp: boolean) => void>();
  const ears = new Set<(shown: Shown) => void>();
  let isUp = true;
  const after = (ms: number, fire: () => void) =>
    clock.schedule(monotonicMs(clock.monotonic() + ms), fire);

  const openEnd = (): Wire<Shown, VariableWrites> => {
    let told: WireHandlers<Shown> | null = null;
    const ask = (): void => {
      if (told === null || !isUp) return;
      const answer = readAll(table, memory, clock);
      after(wayMs, () => {
        if (isUp) told?.onMessage(answer);
      });
      after(map.pollMs, ask);
    };
    const plug = (next: boolean): void => {
      told?.onState(next);
      if (next) ask();
    };
    return {
      open(handlers) {
        told = handlers;
        ends.add(plug);
        ears.add((shown) => told?.onMessage(shown));
        after(0, () => plug(isUp));
      },
      send({ steps }) {
        if (told === null || !isUp) return notConnected;
        steps.forEach((step, index) => {
          after(wayMs * (1 + 2 * index), () => {
            if (!isUp) return;
            for (const { key, value } of step) {
              memory.write(nameOf.get(key) ?? "", value as number | boolean);
            }
          });
        });
        return sent;
      },
      revive() {},
      async close() {
        ends.delete(plug);
        told = null;
      },
    };
  };

  return {
    openEnd,
    say(shown: Shown) {
      for (const hear of ears) hear(shown);
    },
    plug(next: boolean) {
      isUp = next;
      for (const tell of ends) tell(next);
    },
  };
}

for (const [way, map] of [
  ["a ring", plcMap()],
  ["latches", plcLatchMap()],
] as const) {
  describeSorterPort(
    `variables in memory with ${way}`,
    async () => {
      const clock = createVirtualClock();
      const memory = createPlcMemory({ eyeIds: ["eye1"], ringSize: plcRingSize });
      const network = createMemoryNetwork(createTable(map), memory, clock);
      let word = 0;
      const nextWord = () => (word += 1);
      return {
        clock,
        wire: memory.wire,
        openAgentEnd: () =>
          speak(new PlcMachine({ map, countsPerMsMax: 10, nextWord }), network.openEnd(), clock),
        injectEvent: (event) => network.say(unreadableReadings(event, clock)),
        cut: async () => network.plug(false),
        restore: async () => network.plug(true),
        until: untilVirtual(clock),
        close: async () => network.plug(false),
      };
    },
    { cell: null, hasSubscriptions: false, isPolled: true },
  );
}
