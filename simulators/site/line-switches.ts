import { exits } from "../../protocols/sorting.ts";
import { lags } from "../devices/read-latch.ts";
import type { ScaleFaults, SimulatedScale } from "../devices/scale.ts";
import type { ScannerFaults, SimulatedScanner } from "../devices/scanner.ts";
import type { SorterFaults } from "../devices/sorter/faults.ts";
import type { SimulatedXray, XrayFaults } from "../devices/xray/machine.ts";
import type {
  FaultSwitch,
  FaultSwitches,
  LineSwitches,
  SiteWideSwitches,
} from "../faults/faults.ts";
import { healthyXray } from "../devices/xray/machine.ts";
import { eyeIdsOf, type WorldLayout } from "../world/layout.ts";
import type { LineWorld } from "../world/line-world.ts";
import type { ConnectedDevices } from "./line-devices.ts";

/** What can be broken on one line, and where the switch is. */
export interface Breakable extends ConnectedDevices {
  readonly world: LineWorld;
  readonly layout: WorldLayout;
  /** Switches of the wires, which differ from composition to composition. */
  readonly wires: SiteWideSwitches;
}

/** A verdict this late finds its parcel beyond the last diverter. */
const verdictLateByMs = 40_000;
const eventsLostMax = 3;
/** Encoder ratio while it slips: misses or doubles up to a tenth. */
const slipRatio = { from: 0.9, to: 1.1 };

export function lineSwitches(line: Breakable): LineSwitches & SiteWideSwitches {
  const { world, cabinet } = line;
  return {
    beltStopped: (isOn) => world.setDriveFault(isOn),
    emergencyStop: (isOn) => world.setEmergencyStop(isOn),
    encoderSlips: (isOn, strength) =>
      world.hands.slipEncoder(
        isOn ? slipRatio.from + strength * (slipRatio.to - slipRatio.from) : 1,
      ),
    chuteBlocked: onOneOf(exits, (exit, isOn) => world.hands.blockChute(exit, isOn)),
    ...sorterSwitches(line),
    scannerSilent: scannerSwitch(line.scanner, "isSilent"),
    scannerLags: (isOn, strength) =>
      line.scanner.setFaults({ lag: isOn ? (oneOf(lags, strength) ?? null) : null }),
    scannerEchoesLatest: (isOn, strength) =>
      line.scanner.setFaults({
        lag: isOn ? (oneOf(lags, strength) ?? null) : null,
        echoesLatest: isOn,
      }),
    // Its answers are one more than its triggers: silent at first they would be one fewer.
    counterAtOutput: (isOn) =>
      line.scanner.setFaults({ lag: isOn ? "noReadFirst" : null, countsOutputs: isOn }),
    scannerSkips: (isOn) => line.scanner.setFaults({ skips: isOn }),
    gatewayFlushes: (isOn, strength) => {
      line.scanner.setFaults({ isKeptByGateway: isOn });
      line.wires.scannerWireCut?.(isOn, strength);
    },
    scaleLags: (isOn, strength) =>
      line.scale.setFaults({ lag: isOn ? (oneOf(lags, strength) ?? null) : null }),
    scaleSilent: scaleSwitch(line.scale, "isSilent"),
    ...xraySwitches(line.xray),
    sorterDown: (isOn) => (isOn ? cabinet.powerOff() : cabinet.powerOn()),
    ...line.wires,
  };
}

function sorterSwitches({ cabinet, layout }: Breakable) {
  const eyeIds = eyeIdsOf(layout);
  const set = (faults: Partial<SorterFaults>): void => cabinet.model.setFaults(faults);
  return {
    eyeStuck: (isOn, strength) => {
      const eyeId = oneOf(eyeIds, strength);
      set({ stuckEye: isOn && eyeId !== undefined ? { [eyeId]: isBlockedOf(strength) } : {} });
    },
    diverterStuck: (isOn, strength) => {
      const exit = oneOf(layout.diverters, strength)?.exit;
      set({ deadDiverter: isOn && exit !== undefined ? [exit] : [] });
    },
    commandsLost: (isOn) => set({ dropCommand: isOn }),
    confirmsLost: (isOn) => set({ dropConfirm: isOn }),
    eventsFrozen: (isOn) => set({ freezeEvents: isOn }),
    eventsDoubled: (isOn) => set({ duplicateEvent: isOn }),
    eventsLost: (isOn, strength) => {
      if (isOn) cabinet.model.loseEvents(1 + Math.floor(strength * eventsLostMax));
    },
  } satisfies FaultSwitches;
}

function xraySwitches(xray: SimulatedXray) {
  const when =
    (faults: Partial<XrayFaults>): FaultSwitch =>
    (isOn) => {
      const healthy = Object.fromEntries(
        Object.keys(faults).map((key) => [key, healthyXray[key as keyof XrayFaults]]),
      );
      xray.setFaults(isOn ? faults : healthy);
    };
  return {
    xrayImagesLost: when({ losesImages: true }),
    xrayShiftsByOne: when({ shiftsByOne: true }),
    xrayImagesSwapped: when({ mixesPasses: true }),
    verdictsLate: when({ verdictLateByMs }),
    verdictsMisplaced: when({ hashesWrongly: true }),
    algorithmSilent: when({ losesVerdicts: true }),
    algorithmBroken: when({ breaksMessages: true }),
    xrayDown: when({ isSilent: true }),
  } satisfies FaultSwitches;
}

const scannerSwitch =
  (scanner: SimulatedScanner, fault: keyof ScannerFaults): FaultSwitch =>
  (isOn) =>
    scanner.setFaults({ [fault]: isOn });

const scaleSwitch =
  (scale: SimulatedScale, fault: keyof ScaleFaults): FaultSwitch =>
  (isOn) =>
    scale.setFaults({ [fault]: isOn });

/** Hits one of several, and mends the same one. */
function onOneOf<T>(all: readonly T[], toggle: (one: T, isOn: boolean) => void): FaultSwitch {
  let hit: T | undefined;
  return (isOn, strength) => {
    if (isOn) hit = oneOf(all, strength);
    if (hit !== undefined) toggle(hit, isOn);
  };
}

const oneOf = <T>(all: readonly T[], strength: number): T | undefined =>
  all[Math.floor(strength * all.length)];

/** A second draw out of the same strength: its digits after the third. */
const isBlockedOf = (strength: number): boolean => (strength * 1_000) % 1 < 0.5;
