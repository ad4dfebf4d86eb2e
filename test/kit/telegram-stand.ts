import { createSorterDriver } from "../../edge/devices/sorter/driver.ts";
import {
  sorterTelegramCarriers,
  zSorterTelegramDialect,
} from "../../edge/devices/sorter/sortline-telegrams.ts";
import type { SorterCommandBody, SorterGap } from "../../edge/devices/sorter/sorter.ts";
import type { DeviceHealthChanged } from "../../edge/devices/port.ts";
import { decodeSorterCommand } from "../../protocols/sorter/sorter-json.ts";
import type { SorterCommand, SorterEvent } from "../../protocols/sorter/sorter.ts";
import { beltCount } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { sorterConfig } from "../../simulators/devices/sorter/config.ts";
import { SorterModel } from "../../simulators/devices/sorter/sorter-model.ts";
import { createSorterTelegramWire } from "../../simulators/devices/sorter/telegram-wire.ts";
import { attachToWire } from "../../simulators/devices/sorter/wire.ts";
import { createMemoryWire } from "../../simulators/wires/memory-byte-link.ts";
import { createHandEncoder } from "../unit/sorter-stand.ts";
import { spoiled, type Fate, type FateOf } from "./spoiled-link.ts";

type Told = SorterEvent | SorterGap | DeviceHealthChanged;

/** Driver and controller at the two ends of a line in memory, in virtual time. */
export function createTelegramStand() {
  const clock = createVirtualClock();
  const wire = createMemoryWire({ clock, latencyMs: () => 1, chunkBytes: () => 7 });
  const encoder = createHandEncoder();
  const told: Told[] = [];
  const moves: string[] = [];
  /** What each end said, with what became of it unless it arrived. */
  const said = { agent: [] as string[], device: [] as string[] };
  const fates: { agent: FateOf; device: FateOf } = {
    agent: () => "arrives",
    device: () => "arrives",
  };
  const deviceLink = spoiled(wire.b, (text) => fates.device(text), said.device);
  const agentLink = spoiled(wire.a, (text) => fates.agent(text), said.agent);
  const deviceWire = createSorterTelegramWire({ link: deviceLink, clock });
  /** What the controller said, whether or not anybody could hear it. */
  const happened: SorterEvent[] = [];
  let isInductionPermitted = false;
  const model = new SorterModel({
    config: sorterConfig({ sorterId: "sorter", eyeIds: ["eye1"] }),
    clock,
    entropy: { next: Math.random },
    encoder,
    outputs: {
      event(event) {
        happened.push(event);
        deviceWire.publish(event);
      },
      diverter: (exit, isOut) => moves.push(`${exit} ${isOut ? "out" : "rest"}`),
      induction: (isPermitted) => {
        isInductionPermitted = isPermitted;
      },
      belt: () => {},
    },
  });
  /** The commands that reached the controller itself, in their order. */
  const obeyed: SorterCommand[] = [];
  attachToWire(model, {
    publish: (event) => deviceWire.publish(event),
    onCommand: (handler) =>
      deviceWire.onCommand((payload) => {
        const decoded = decodeSorterCommand(payload);
        if (decoded.kind === "ok") obeyed.push(decoded.value);
        return handler(payload);
      }),
  });
  const dialect = zSorterTelegramDialect.parse({ kind: "sortline-telegrams" });
  const driver = createSorterDriver({
    deviceId: "sorter",
    wire: sorterTelegramCarriers(dialect).bytes(agentLink, clock),
    clock,
    staleAfterMs: 1_500,
    downAfterMs: 5_000,
    countsPerMsMax: 10,
    counter: null,
  });
  driver.start((event) => told.push(event));
  const commandIn = (text: string): string => text.split(",").slice(5).join(",");

  return {
    clock,
    wire,
    encoder,
    model,
    driver,
    told,
    moves,
    said,
    happened,
    obeyed,
    fates,
    isInductionPermitted: () => isInductionPermitted,
    of: <K extends Told["kind"]>(kind: K) =>
      told.filter((event): event is Extract<Told, { kind: K }> => event.kind === kind),
    counter: (key: string) => driver.health().counters[key] ?? 0,
    /** Powered, heard, alive in the controller's eyes, and the belt's permission given. */
    begin() {
      clock.runFor(1);
      model.powerOn();
      clock.runFor(100);
      driver.send({ kind: "induction", isPermitted: true });
      clock.runFor(100);
    },
    divert: (commandId: string, more: Partial<Divert> = {}) =>
      driver.send({
        kind: "divert",
        commandId,
        passId: `pass-of-${commandId}`,
        exit: "red",
        fireAtCount: beltCount(100),
        releaseAtCount: beltCount(150),
        notAfterCount: beltCount(90),
        ...more,
      }),
    /** The first so many telegrams of this kind meet this fate. */
    spoil(end: "agent" | "device", isMeant: (text: string) => boolean, fate: Fate, times = 1) {
      let left = times;
      fates[end] = (text) => {
        if (!isMeant(text) || left === 0) return "arrives";
        left -= 1;
        return fate;
      };
    },
    /** Which commands the agent has put on the wire, whatever became of them, and how often. */
    timesSaid: (command: string) =>
      said.agent.filter((text) => commandIn(text).startsWith(command)).length,
    async stop() {
      await driver.stop();
      model.powerOff();
      await deviceWire.close();
    },
  };
}
type Divert = Extract<SorterCommandBody, { kind: "divert" }>;
export type TelegramStand = ReturnType<typeof createTelegramStand>;
