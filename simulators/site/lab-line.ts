import { createLineFaults, type LineFaults } from "../faults/faults.ts";
import { createForwarding, type Forwarding } from "../scenarios/forwarding.ts";
import { createParcelStream } from "../scenarios/parcel-stream.ts";
import { createSeededEntropy, seedOfRun } from "../world/chance.ts";
import { createLineWorld, type LineWorld } from "../world/line-world.ts";
import type { WorldLayout } from "../world/layout.ts";
import type { PhysicalParcel } from "../world/ports.ts";
import { createAttendant } from "./attendant.ts";
import type { LabLineOptions } from "./lab-line-options.ts";
import { connectDevices, type ConnectedDevices } from "./line-devices.ts";
import { lineSwitches } from "./line-switches.ts";

/** One line of the lab: a world, its devices on their wires, and those who bring parcels. */
export interface LabLine {
  readonly lineId: string;
  readonly world: LineWorld<ConnectedDevices>;
  readonly faults: LineFaults;
  readonly forwarding: Forwarding;
  /** Powers the devices and begins to bring documents and parcels. */
  start(): void;
  /** No more parcels, no more faults, devices off their wires. */
  stop(): Promise<void>;
}

export function createLabLine(options: LabLineOptions): LabLine {
  const { lineId, seed, run = 1, lineIndex, layout, worldClock, wires } = options;
  const runSeed = seedOfRun(seed, run);
  const entropy = (concern: string) => createSeededEntropy(runSeed, `${concern} ${lineIndex}`);
  const faults = createLineFaults({
    clock: worldClock,
    entropy: entropy("faults"),
    plan: options.faultPlan,
    onFired: (name) => options.onFaultFired?.(name),
    onMended: (name) => options.onFaultMended?.(name),
  });
  const stream = createParcelStream({
    seed,
    run,
    lineIndex,
    scenario: options.scenario,
    beltSpeedMmPerS: layout.beltSpeedMmPerS,
    ...(options.truthIdOf === undefined ? {} : { truthIdOf: options.truthIdOf }),
  });
  const forwarding = createForwarding({
    clock: worldClock,
    stream,
    post: options.post,
    parcelsAhead: options.parcelsAhead,
    settleMs: options.settleMs,
    onAvailable: () => world.infeedChanged(),
    onReleased: (parcel) => options.onReleased?.(parcel),
  });
  const attendant = createAttendant({
    clock: worldClock,
    entropy: entropy("attendant"),
    pressReset: () => world.devices.cabinet.model.localReset(),
  });
  const world: LineWorld<ConnectedDevices> = createLineWorld(
    {
      clock: worldClock,
      entropy: entropy("people"),
      layout,
      source: forwarding,
      faults,
      oracle: options.oracle,
      foreignParcel: () => stream.foreign(),
    },
    (machinery) =>
      connectDevices(options, {
        ...machinery,
        runBelt(run) {
          attendant.lineStands(!run);
          machinery.runBelt(run);
        },
      }),
  );
  const { devices } = world;

  return {
    lineId,
    world,
    faults,
    forwarding,
    start() {
      layOut(world, options.scenario.bodiesAtStart, layout, () => stream.foreign());
      devices.cabinet.powerOn();
      forwarding.start();
      faults.start(
        lineSwitches({ world, ...devices, layout: options.layout, wires: wires.switches }),
      );
    },
    async stop() {
      forwarding.stop();
      faults.heal();
      attendant.stop();
      devices.cabinet.powerOff();
      await Promise.all([
        devices.scanner.stop(),
        devices.witness?.stop(),
        devices.scale.stop(),
        devices.xray.stop(),
        wires.camera?.stop(),
      ]);
    },
  };
}

/** Spreads bodies over the belt before it moves; where one does not fit there is none. */
function layOut(
  world: LineWorld,
  count: number,
  layout: WorldLayout,
  make: () => PhysicalParcel,
): void {
  const endMm = layout.eyes.at(-1)?.positionMm ?? 0;
  for (let index = 1; index <= count; index += 1) {
    world.hands.putOn(make(), (index * endMm) / (count + 1));
  }
}
