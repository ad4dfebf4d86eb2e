import { createHash } from "node:crypto";
import { beltCount } from "../../../protocols/units.ts";
import type { AlgorithmVerdict } from "../../../protocols/verdicts.ts";
import type { Signals, SignalsModbus } from "../../../protocols/xray/signals.ts";
import type { XrayAnnounce } from "../../../protocols/xray/xray.ts";
import type { Holds, MappedVariable } from "../sorter/plc-mapped.ts";
import type { XraySaid, XrayWire } from "./wire.ts";

/** A map of signals, whatever carries them. */
export type AnySignalMap = Signals | SignalsModbus;

/** The controller beside an X-ray machine that has signals and nothing else. */
export interface SignalMemory {
  /** What the simulated machine says and is told. */
  readonly wire: XrayWire;
  readonly variables: readonly MappedVariable[];
  /** Fault: the quality of this variable is bad, or good again. */
  spoil(key: string, isBad: boolean): void;
  /** Fault: this variable shows something else than the machine has said. */
  set(key: string, value: boolean | number): void;
}

const flag = { kind: "flag" } as const;
const upTo = (most: number): Holds => ({ kind: "whole", least: 0, most });

/** Programmed after the map: its numbers are as wide as the map has them. */
export function createSignalMemory(map: AnySignalMap, firstBoot = 1): SignalMemory {
  const { entry, verdict, announce } = map;
  const turns = { entry: 2 ** entry.times.bits, verdict: 2 ** verdict.times.bits };
  const track = upTo(2 ** (announce.track.bits - 1) - 1);
  const values = new Map<string, boolean | number>(Object.entries(atStart(map, firstBoot)));
  const bad = new Set<string>();
  let isOn = true;
  let onAnnounce: (announcement: XrayAnnounce) => void = () => {};
  let onLineLost: () => void = () => {};

  const number = (key: string): number => Number(values.get(key));
  const setAll = (shown: Readonly<Record<string, boolean | number>>): void => {
    for (const [key, value] of Object.entries(shown)) values.set(key, value);
  };
  /** Latched first, and counted behind it. */
  const latch = (group: "entry" | "verdict", shown: Readonly<Record<string, boolean | number>>) => {
    setAll(shown);
    values.set(`${group}.times`, (number(`${group}.times`) + 1) % turns[group]);
  };

  const say = (said: XraySaid, isBroken: boolean): void => {
    switch (said.kind) {
      case "life":
        return setAll({
          "machine.ready": said.state === "ready",
          "machine.beamOn": said.beamOn,
          "machine.fault": energised(said.state === "fault", map.machine.fault),
          "machine.heartbeat": values.get("machine.heartbeat") !== true,
        });
      case "item":
        return latch("entry", {
          "entry.track": isBroken ? 0 : Number(said.passId ?? 0),
          "entry.length": said.lengthMm / entry.length.scale,
        });
      case "left":
        return;
      case "verdict":
        return latch("verdict", {
          "verdict.track": Number(said.passId ?? 0),
          "verdict.clear": isFound(said.verdict, "clear", isBroken),
          "verdict.suspect": isFound(said.verdict, "suspect", isBroken),
        });
    }
  };

  /** It was told that one more comes, under the number that stands there. */
  const takeAnnounced = (times: number): void => {
    if (!isOn || times === number("announce.times")) return;
    values.set("announce.times", times);
    const [entryFromCount, entryToCount] = [beltCount(0), beltCount(0)];
    const passId = String(number("announce.track"));
    onAnnounce({ passId, entryFromCount, entryToCount, lengthMm: 1 });
  };

  const shown = (key: string, holds: Holds): MappedVariable => ({
    path: key.split("."),
    key,
    holds,
    size: null,
    show: () => (bad.has(key) ? null : (values.get(key) ?? null)),
  });
  const written = (key: string, holds: Holds, take: (value: number) => void): MappedVariable => ({
    ...shown(key, holds),
    take: (value) => take(Number(value)),
  });

  return {
    variables: [
      ...(map.boot === undefined ? [] : [shown("boot", upTo(32_767))]),
      ...["ready", "beamOn", "fault", "emergencyStop", "heartbeat"].map((key) =>
        shown(`machine.${key}`, flag),
      ),
      shown("entry.times", upTo(turns.entry - 1)),
      shown("entry.track", track),
      shown("entry.length", { kind: "real" }),
      shown("verdict.times", upTo(turns.verdict - 1)),
      shown("verdict.track", track),
      shown("verdict.clear", flag),
      shown("verdict.suspect", flag),
      written("announce.track", track, (value) => values.set("announce.track", value)),
      written("announce.times", upTo(32_767), takeAnnounced),
    ],
    spoil(key, isBad) {
      if (isBad) bad.add(key);
      else bad.delete(key);
    },
    set: (key, value) => void values.set(key, value),
    wire: {
      say: (said, isBroken) => {
        if (isOn) say(said, isBroken);
      },
      // Nobody is shown anything; the algorithm behind the machine has seen it all the same.
      show: ({ header }) => createHash("sha256").update(JSON.stringify(header)).digest("hex"),
      onAnnounce: (handler) => {
        onAnnounce = handler;
      },
      onLineLost: (handler) => {
        onLineLost = handler;
      },
      setPower: (next) => {
        isOn = next;
      },
      restart() {
        const boot = number("boot") + 1;
        setAll(atStart(map, boot));
        onLineLost();
      },
      close: async () => {},
    },
  };
}

const energised = (isSo: boolean, { isActiveLow }: { readonly isActiveLow: boolean }): boolean =>
  isSo !== isActiveLow;

const isFound = (verdict: AlgorithmVerdict, what: AlgorithmVerdict, isBroken: boolean): boolean =>
  !isBroken && verdict === what;

/** Nothing has happened since its start. */
const atStart = ({ machine }: AnySignalMap, boot: number): Record<string, boolean | number> => ({
  boot,
  "machine.ready": false,
  "machine.beamOn": false,
  "machine.fault": energised(false, machine.fault),
  "machine.emergencyStop": energised(false, machine.emergencyStop),
  "machine.heartbeat": false,
  "entry.times": 0,
  "entry.track": 0,
  "entry.length": 0,
  "verdict.times": 0,
  "verdict.track": 0,
  "verdict.clear": false,
  "verdict.suspect": false,
  "announce.track": 0,
  "announce.times": 0,
});
