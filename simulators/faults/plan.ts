import { z } from "zod";
import type { Entropy } from "../../protocols/time.ts";
import { happens, uniform } from "../world/chance.ts";
import { worldFaultSites } from "../world/ports.ts";

/**
 * What can go wrong in a line of the lab, by name; the lab's OPC UA server as a whole is stopped by
 * `site/control-endpoint.ts`. A plan gives each a probability an opportunity:
 * those of the world at each parcel, swing, edge or read; the timed ones once a minute, for a
 * while. PF numbers are the cases in which other lines have failed.
 */
export const timedFaults = [
  /** PF-10: the belt stops and starts again with parcels past the tracking point. */
  "beltStopped",
  /** PF-12. */
  "emergencyStop",
  /** PF-18. */
  "encoderSlips",
  /** PF-17. */
  "chuteBlocked",
  /** PF-03. */
  "eyeStuck",
  /** PF-01: it is confirmed and does not move. */
  "diverterStuck",
  /** PF-16. */
  "commandsLost",
  /** PF-25: what was done is never confirmed. */
  "confirmsLost",
  /** PF-15: events are numbered and do not arrive. */
  "eventsLost",
  /** PF-14: connected, and silent. */
  "eventsFrozen",
  /** Every event comes twice. */
  "eventsDoubled",
  "sorterDown",
  "scannerSilent",
  "scannerWireCut",
  /** Law 16: the reader answers one trigger behind. */
  "scannerLags",
  /** Law 16: it swallows a trigger and answers it at the next. */
  "scannerSkips",
  /** Law 16: one trigger behind, it sends back the token that it holds by then. */
  "scannerEchoesLatest",
  /** Law 16: one trigger behind, it numbers its answers and not its triggers. */
  "counterAtOutput",
  /** Law 16: what it said while its wire was away comes when the wire is back. */
  "gatewayFlushes",
  /** Law 16: each weight is the one before. */
  "scaleLags",
  "scaleSilent",
  "scaleWireCut",
  /** PF-04. */
  "xrayImagesLost",
  /** PF-05: an image names the pass before. */
  "xrayImagesSwapped",
  /** Law 16: each item gets the picture of the one before, with its own header. */
  "xrayShiftsByOne",
  /** PF-05: verdicts come when the parcel has long gone on. */
  "verdictsLate",
  /** The algorithm has looked at other bytes than were sent. */
  "verdictsMisplaced",
  /** PF-06: no answer. */
  "algorithmSilent",
  /** PF-06: answers that are no JSON. */
  "algorithmBroken",
  "xrayDown",
  /** PF-13. */
  "brokerDown",
  /** The line agent does not reach its centre. */
  "linkCut",
  /** Messages between line and centre are lost, doubled and overtake each other. */
  "linkLossy",
  /** PF-24: the agent's calendar is elsewhere for a while. */
  "calendarSteps",
  /** The line agent's machine sleeps for hours between two events, while the world stands. */
  "agentSleeps",
  /** The centre's calendar is elsewhere for a while, by up to a day and more. */
  "centreCalendarSteps",
] as const;
export type TimedFault = (typeof timedFaults)[number];

/**
 * Faults of the wires between devices, agent and centre, and of those programs' clocks: whoever
 * composes a site has their switches, and a real one lacks some. Every other timed fault is one of
 * the line itself, and every simulated line has its switch.
 */
export const siteWideFaults = [
  "scannerWireCut",
  "scaleWireCut",
  "brokerDown",
  "linkCut",
  "linkLossy",
  "calendarSteps",
  "agentSleeps",
  "centreCalendarSteps",
] as const satisfies readonly TimedFault[];
export type SiteWideFault = (typeof siteWideFaults)[number];

/**
 * What a reader is, rather than what befalls it: its binding test shows it, and whoever heeds that
 * configures such a reader with `none`. So they stand in a plan only where they are asked for.
 */
export const readerNatures = [
  "scannerEchoesLatest",
  "counterAtOutput",
] as const satisfies readonly TimedFault[];
const isReaderNature = (name: FaultName): boolean => readerNatures.some((each) => each === name);

export const faultNames = [...worldFaultSites, ...timedFaults] as const;
export type FaultName = (typeof faultNames)[number];
const zFaultName = z.enum(faultNames);

/** Probability an opportunity; what is not named never happens. */
export const zFaultPlan = z.partialRecord(zFaultName, z.number().min(0).max(1));
export type FaultPlan = z.infer<typeof zFaultPlan>;

/** How likely each is, at most, where it is switched on. */
const probabilityMax: Readonly<Record<FaultName, number>> = {
  parcelTooClose: 0.02,
  parcelRemovedByHand: 0.005,
  foreignParcel: 0.005,
  parcelSlips: 0.005,
  diverterDead: 0.01,
  diverterLate: 0.01,
  eyeBounce: 0.01,
  scanLost: 0.01,
  beltStopped: 0.1,
  emergencyStop: 0.02,
  encoderSlips: 0.05,
  chuteBlocked: 0.03,
  eyeStuck: 0.02,
  diverterStuck: 0.02,
  commandsLost: 0.03,
  confirmsLost: 0.02,
  eventsLost: 0.05,
  eventsFrozen: 0.02,
  eventsDoubled: 0.02,
  sorterDown: 0.02,
  scannerSilent: 0.03,
  scannerWireCut: 0.02,
  scannerLags: 0.03,
  scannerSkips: 0.03,
  scannerEchoesLatest: 0.03,
  counterAtOutput: 0.03,
  gatewayFlushes: 0.02,
  scaleLags: 0.03,
  scaleSilent: 0.02,
  scaleWireCut: 0.02,
  xrayImagesLost: 0.04,
  xrayImagesSwapped: 0.03,
  xrayShiftsByOne: 0.03,
  verdictsLate: 0.04,
  verdictsMisplaced: 0.02,
  algorithmSilent: 0.03,
  algorithmBroken: 0.03,
  xrayDown: 0.02,
  brokerDown: 0.02,
  linkCut: 0.04,
  linkLossy: 0.04,
  calendarSteps: 0.05,
  agentSleeps: 0.02,
  centreCalendarSteps: 0.05,
};

/**
 * Two levels of chance: each fault is on for the whole run or off for the whole run, and fires by
 * chance where it is on. So runs differ in kind, and each fault is seen alone, too.
 */
export function drawFaultPlan(entropy: Entropy, onShare: number): FaultPlan {
  const plan: Partial<Record<FaultName, number>> = {};
  for (const name of faultNames) {
    if (isReaderNature(name)) continue;
    const isOn = happens(entropy, onShare);
    const probability = uniform(entropy, 0.1, 1) * probabilityMax[name];
    if (isOn) plan[name] = probability;
  }
  return plan;
}
