import { exits } from "../../../protocols/sorting.ts";
import type { FaultSwitches } from "../../../simulators/faults/faults.ts";
import type { LineWorld } from "../../../simulators/world/line-world.ts";
import type { Evidence } from "../evidence.ts";
import type { DayCentre } from "./day-centre.ts";
import type { DayXray } from "./day-xray.ts";

/** A verdict this late finds its parcel beyond the last diverter. */
const verdictLateByMs = 40_000;

/** What can be broken in a simulated day: the world, and what the simple devices leave out. */
export function daySwitches(line: {
  readonly world: LineWorld;
  readonly xray: DayXray;
  readonly centre: DayCentre;
  readonly silent: { scanner: boolean; scale: boolean };
  readonly evidence: Evidence;
}): FaultSwitches {
  const { world, xray, centre, silent, evidence } = line;
  return {
    beltStopped: (isOn) => world.setDriveFault(isOn),
    emergencyStop: (isOn) => world.setEmergencyStop(isOn),
    encoderSlips: (isOn, strength) => world.hands.slipEncoder(isOn ? 0.9 + 0.2 * strength : 1),
    chuteBlocked: (isOn, strength) => {
      const hit = exits[Math.floor(strength * exits.length)];
      for (const exit of exits) if (!isOn || exit === hit) world.hands.blockChute(exit, isOn);
    },
    scannerSilent: (isOn) => void (silent.scanner = isOn),
    scaleSilent: (isOn) => void (silent.scale = isOn),
    xrayImagesLost: (isOn) => void (xray.faults.losesImages = isOn),
    algorithmSilent: (isOn) => void (xray.faults.losesVerdicts = isOn),
    verdictsLate: (isOn) => void (xray.faults.verdictLateByMs = isOn ? verdictLateByMs : 0),
    linkCut: (isOn) => {
      evidence.linkChanged(!isOn);
      centre.setCut(isOn);
    },
  };
}
