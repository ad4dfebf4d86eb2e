import type { LineEventBody } from "../../../edge/line/events.ts";
import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { FaultPlan } from "../../../simulators/faults/plan.ts";
import type { ScenarioOptions } from "../../../simulators/scenarios/options.ts";
import type { Oracle } from "../oracle.ts";
import { createAttendant } from "../../../simulators/site/attendant.ts";
import { createParcelStream } from "../../../simulators/scenarios/parcel-stream.ts";
import { createSeededEntropy } from "../../../simulators/world/chance.ts";
import { defaultLayout } from "../../../simulators/world/layout.ts";
import { createLineWorld, type LineWorld } from "../../../simulators/world/line-world.ts";
import type { LineDevices, LineMachinery, WorldFaults } from "../../../simulators/world/ports.ts";
import type { DayCentre } from "./day-centre.ts";
import { createDaySorter, type DaySorter } from "./day-sorter.ts";
import { createDaySupply } from "./day-supply.ts";
import type { DayXray } from "./day-xray.ts";

export interface DayLineOptions {
  readonly seed: number;
  readonly clock: Clock;
  readonly scenario: ScenarioOptions;
  readonly faultPlan: FaultPlan;
  readonly oracle: Oracle;
}

export interface DayWorldOptions extends DayLineOptions {
  readonly faults: WorldFaults;
  readonly centre: DayCentre;
  readonly xray: DayXray;
  /** What the line last sent to this device, which it sends back. */
  readonly tokenOf: (device: "scanner" | "scale") => string | undefined;
  /** Devices that say nothing at present. */
  readonly silent: Readonly<Record<"scanner" | "scale", boolean>>;
  readonly hear: (event: LineEventBody) => void;
  readonly hearSorter: (event: SorterEvent) => void;
}

interface DayDevices extends LineDevices {
  readonly sorter: DaySorter;
}

/** The lab's own belt, people and parcels; its devices speak to the core's host at once. */
export function createDayWorld(options: DayWorldOptions): LineWorld<DayDevices> {
  const { seed, clock, centre } = options;
  const { truth, evidence } = options.oracle;
  const stream = createParcelStream({
    seed,
    lineIndex: 0,
    scenario: options.scenario,
    beltSpeedMmPerS: defaultLayout.beltSpeedMmPerS,
  });
  const source = createDaySupply({
    clock,
    stream,
    centre,
    onTaken: evidence.documentsTaken,
    onStopped: evidence.stopped,
    onReleased: truth.onReleased,
  });
  return createLineWorld(
    {
      clock,
      entropy: createSeededEntropy(seed, "day people"),
      layout: defaultLayout,
      source,
      faults: options.faults,
      oracle: truth,
      foreignParcel: () => stream.foreign(),
    },
    (machinery) => connectDevices(machinery, options),
  );
}

function connectDevices(machinery: LineMachinery, options: DayWorldOptions): DayDevices {
  const { seed, clock, silent, hear, tokenOf } = options;
  const attendant = createAttendant({
    clock,
    entropy: createSeededEntropy(seed, "day attendant"),
    pressReset: () => sorter.localReset(),
  });
  const sorter = createDaySorter({
    clock,
    machinery: {
      ...machinery,
      runBelt(run) {
        attendant.lineStands(!run);
        machinery.runBelt(run);
      },
    },
    hear: options.hearSorter,
  });
  return {
    sorter,
    scanner: {
      read(labels) {
        if (silent.scanner) return;
        const token = tokenOf("scanner");
        hear({
          kind: "read",
          deviceId: "L1-scanner",
          codes: labels.map((text) => ({ text, aim: "]C0" })),
          proof: token === undefined ? {} : { token },
        });
      },
    },
    scale: {
      settled(weightG) {
        if (silent.scale) return;
        const track = tokenOf("scale");
        hear({ kind: "weight", weightG, proof: track === undefined ? {} : { track } });
      },
    },
    xray: options.xray,
  };
}
