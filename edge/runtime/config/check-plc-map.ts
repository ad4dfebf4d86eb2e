import { lifeEveryMs } from "../../devices/sorter/plc-map/machine.ts";
import { isMapped } from "../../devices/sorter/open-sorter.ts";
import type { PlcMeaning } from "../../devices/sorter/plc-map/meaning.ts";
import type { PlcAck, PlcEventKind } from "../../../protocols/sorter/plc-map.ts";
import { machineStates, type Exit } from "../../../protocols/sorting.ts";
import type { AgentFile } from "./agent-file.ts";
import { error, note, type Finding } from "./finding.ts";
import type { LineFile } from "./line-file.ts";

const dialectKey = "devices.sorter.dialect";

/** Whether a map of a controller's variables tells all that its line needs, and does what it commands. */
export function checkPlcMap({ line, devices }: AgentFile["lines"][number]): Finding[] {
  const { dialect, staleAfterMs } = devices.sorter;
  if (!isMapped(dialect)) return [];
  return [
    ...checkAge(staleAfterMs),
    ...checkKinds(dialect),
    ...checkNames(line, dialect),
    ...checkExits(line, dialect),
    ...checkNumbers(dialect),
    ...checkRing(line, dialect),
    ...checkLatches(line, dialect),
    ...checkTracks(line, dialect),
    ...checkPackml(dialect),
    ...checkDoubt(dialect),
  ];
}

/** What the driver has left of it, once the controller's life has been silent, must hold two reports. */
const staleAfterMsMin = 2 * lifeEveryMs;

function checkAge(staleAfterMs: number): Finding[] {
  if (staleAfterMs >= staleAfterMsMin) return [];
  return [
    error(
      "devices.sorter.staleAfterMs",
      `it must be at least ${staleAfterMsMin}: a controller's sign of life may take ${lifeEveryMs} ms`,
    ),
  ];
}

/** Without these, something that happens would never be told. */
const kindsNeeded: readonly PlcEventKind[] = [
  "blocked",
  "cleared",
  "fired",
  "cancelledNoLife",
  "cancelledEmergencyStop",
];
const acksNeeded: readonly PlcAck[] = ["accepted", "staleCount", "staleEpoch"];

function checkKinds({ events, ack }: PlcMeaning): Finding[] {
  const codes = Object.values(ack.code.codes);
  const unnamed = acksNeeded
    .filter((code) => !codes.includes(code))
    .map((code) => error(`${dialectKey}.ack.code.codes`, `no number means ${code}`));
  if (events === undefined) return unnamed;
  const kinds = Object.values(events.kind.kinds);
  const untold = kindsNeeded
    .filter((kind) => !kinds.includes(kind))
    .map((kind) => error(`${dialectKey}.events.kind.kinds`, `no number means ${kind}`));
  return [...untold, ...unnamed];
}

function checkNames({ layout }: LineFile, { events, latches }: PlcMeaning): Finding[] {
  const { binding } = layout.scanner;
  const wanted = {
    eyes: eyesOf(layout),
    inputs: binding.kind === "pulse" ? [binding.goodInputId, binding.noReadInputId] : [],
    guards: layout.zones.flatMap(({ guardIds }) => guardIds),
  };
  const diverters = layout.diverters.map(({ exit }) => exit);
  return [
    ...(["eyes", "inputs", "guards"] as const).flatMap((key) => {
      const told =
        latches === undefined ? Object.values(events?.[key] ?? {}) : keysOf(latches[key]);
      const where = latches === undefined ? "events" : "latches";
      const why = latches === undefined ? "no number means it" : "no latch is its own";
      return wanted[key]
        .filter((id) => !told.includes(id))
        .map((id) => error(`${dialectKey}.${where}.${key}`, `the layout names ${id}, and ${why}`));
    }),
    ...diverters
      .filter((exit) => latches !== undefined && latches.fired[exit] === undefined)
      .map((exit) => error(`${dialectKey}.latches.fired`, `nothing tells when ${exit} has moved`)),
  ];
}

const eyesOf = (layout: LineFile["layout"]): readonly string[] => [
  layout.inductionEyeId,
  ...layout.trackingEyes.map(({ eyeId }) => eyeId),
  ...layout.diverters.map(({ chuteEyeId }) => chuteEyeId),
  layout.end.eyeId,
];

const keysOf = (record: Readonly<Record<string, unknown>>): string[] => Object.keys(record);

function checkExits({ layout }: LineFile, dialect: PlcMeaning): Finding[] {
  const { command, chutes } = dialect;
  const served: readonly Exit[] = [...layout.diverters.map(({ exit }) => exit), layout.end.exit];
  return [
    ...layout.diverters
      .filter(({ exit }) => command.exit.values[exit] === undefined)
      .map(({ exit }) =>
        error(`${dialectKey}.command.exit.values`, `${exit} has a diverter, and no number`),
      ),
    ...served
      .filter((exit) => chutes[exit] === undefined)
      .map((exit) =>
        error(
          `${dialectKey}.chutes`,
          `nothing tells whether ${exit} has room, so nothing would ever be inducted`,
        ),
      ),
  ];
}

function checkNumbers({ command }: PlcMeaning): Finding[] {
  return (["op", "exit"] as const).flatMap((key) => {
    const numbers = Object.values(command[key].values);
    const isClear = new Set(numbers).size === numbers.length;
    if (isClear) return [];
    return [error(`${dialectKey}.command.${key}.values`, "one number means two things")];
  });
}

/** Events that the ring must keep: of so much time, in which nobody may have read it. */
const ringMs = 2_000;

function checkRing({ belt, tracking, layout }: LineFile, { events }: PlcMeaning): Finding[] {
  if (events === undefined) return [];
  const parcelsPerS = belt.speedMmPerS / (tracking.lengthMmMin + tracking.gapMmMin);
  const eyes = 2 + layout.trackingEyes.length + layout.diverters.length;
  const needed = Math.ceil((parcelsPerS * (2 * eyes + 1) * ringMs) / 1_000);
  // An eighth of it counts as overwritten while it is read.
  const kept = events.size - Math.ceil(events.size / 8);
  if (kept >= needed) return [];
  return [
    error(
      `${dialectKey}.events.size`,
      `this line may tell ${needed} events within ${ringMs / 1_000} s, and a ring of ${events.size} keeps ${kept}`,
    ),
  ];
}

/**
 * How often latches must be read. An eye's number has to stand still for four polls once between one
 * front and the next: while it is covered or while it is free, whichever is longer.
 */
export function latchPollMsMax({ belt, tracking }: LineFile): number {
  const periodMs = ((tracking.lengthMmMin + tracking.gapMmMin) * 1_000) / belt.speedMmPerS;
  return Math.floor(periodMs / 2 / 4);
}

function checkLatches(
  line: LineFile,
  { latches, pollMs }: PlcMeaning & { readonly pollMs: number },
): Finding[] {
  if (latches === undefined) return [];
  const pollMsMax = latchPollMsMax(line);
  if (pollMs <= pollMsMax) return [];
  return [
    error(
      `${dialectKey}.pollMs`,
      `it must be at most ${pollMsMax}: else latches do not tell the closest parcels apart`,
    ),
  ];
}

/** One eye without the controller's number would make every parcel unknown that it has numbered. */
function checkTracks({ layout }: LineFile, { latches }: PlcMeaning): Finding[] {
  if (latches === undefined) return [];
  const eyes = eyesOf(layout).filter((eyeId) => latches.eyes[eyeId] !== undefined);
  const tracked = eyes.filter((eyeId) => latches.eyes[eyeId]?.track !== undefined);
  if (tracked.length === 0) return [];
  return eyes
    .filter((eyeId) => !tracked.includes(eyeId))
    .map((eyeId) =>
      error(
        `${dialectKey}.latches.eyes.${eyeId}.track`,
        `${tracked.join(", ")} has the controller's number, and this one does not: every parcel would be unknown here`,
      ),
    );
}

/** A state without a number is one in which nothing of the controller is believed. */
function checkPackml({ packml }: PlcMeaning): Finding[] {
  if (packml === undefined) return [];
  const key = `${dialectKey}.packml.state.states`;
  const named = Object.values(packml.state.states);
  if (!named.includes("Execute")) {
    return [error(key, "no number means Execute, so nothing would ever be inducted")];
  }
  const unnamed = machineStates.filter((state) => !named.includes(state));
  if (unnamed.length === 0) return [];
  const which = unnamed.join(", ");
  return [note(key, `no number means ${which}: while the controller shows one, it is not heard`)];
}

function checkDoubt({ belt, induction }: PlcMeaning): Finding[] {
  const findings: Finding[] = [];
  if (belt.stop === undefined) {
    findings.push(
      note(`${dialectKey}.belt.stop`, "there is no such word, so doubt cannot stop the belt"),
    );
  }
  if (induction === undefined) {
    findings.push(
      note(
        `${dialectKey}.induction`,
        "there is no such word, so doubt cannot keep parcels off the belt",
      ),
    );
  }
  return findings;
}
