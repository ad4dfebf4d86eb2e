import {
  flagNeed,
  numberMax,
  numberNeed,
  readOf,
  upTo,
  wordNeed,
  writtenOf,
  type MappedVariable,
} from "../../mapped-variable.ts";
import type { SignalMeaning } from "./meaning.ts";

/** How many were announced: a number of ours, after which it begins anew. */
export const announcedMax = numberMax(16);

/** All variables that a map of signals names, in one order. */
export function signalVariables(map: SignalMeaning): readonly MappedVariable[] {
  const { entry, verdict, announce } = map;
  const track = upTo(numberMax(announce.track.bits));
  return [
    ...(map.boot === undefined ? [] : [readOf("boot", wordNeed)]),
    readOf("machine.ready", flagNeed),
    readOf("machine.beamOn", flagNeed),
    readOf("machine.fault", flagNeed),
    readOf("machine.emergencyStop", flagNeed),
    readOf("machine.heartbeat", flagNeed),
    readOf("entry.times", upTo(2 ** entry.times.bits - 1)),
    readOf("entry.track", track),
    readOf("entry.length", numberNeed),
    readOf("verdict.times", upTo(2 ** verdict.times.bits - 1)),
    readOf("verdict.track", track),
    readOf("verdict.clear", flagNeed),
    readOf("verdict.suspect", flagNeed),
    writtenOf("announce.track", track),
    writtenOf("announce.times", upTo(announcedMax)),
  ];
}
