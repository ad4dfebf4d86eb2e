import type { Exit } from "../../protocols/sorting.ts";
import type { Clock, Entropy } from "../../protocols/time.ts";
import { createBelt } from "./belt.ts";
import { createBeltRoute, type BeltRoute } from "./belt-route.ts";
import { createBodies } from "./bodies.ts";
import { createChute, type Chute } from "./chute.ts";
import { createDrive } from "./drive.ts";
import { createEncoder } from "./encoder.ts";
import { createHands, drawMishaps, type LineHands } from "./hands.ts";
import { createInfeed } from "./infeed.ts";
import type { WorldLayout } from "./layout.ts";
import type { LineParts } from "./line-parts.ts";
import type {
  LineDevices,
  LineMachinery,
  ParcelSource,
  PhysicalParcel,
  WorldFaults,
  WorldOracle,
} from "./ports.ts";

/** Gap between two parcels that were put on too close; below 0 the second lies on the first. */
const tooCloseMm = { from: -40, to: 180 };

/** One belt with everything on and around it. Lines share nothing, so a site is a list of them. */
export interface LineWorld<D extends LineDevices = LineDevices> {
  readonly machinery: LineMachinery;
  /** As connected. */
  readonly devices: D;
  readonly hands: LineHands;
  /** Presses or releases the emergency stop. */
  setEmergencyStop(isPressed: boolean): void;
  /** Stops the drive whatever the sorter wants, until told otherwise. */
  setDriveFault(isStopped: boolean): void;
  /** The source may have parcels again. */
  infeedChanged(): void;
  /** Truth ids of everything that was put on the belt and whose journey has not ended. */
  onBelt(): readonly string[];
  /** Reports what is left on the belt to the oracle. The world must not run on afterwards. */
  finish(): void;
}

export interface LineWorldOptions {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly layout: WorldLayout;
  readonly source: ParcelSource;
  readonly faults: WorldFaults;
  readonly oracle: WorldOracle;
  /** Makes a body that nobody sent, for the fault `foreignParcel`. */
  foreignParcel(): PhysicalParcel;
}

/**
 * Builds the line at rest and connects its devices, which get the machinery to act on, though not
 * within `connect` itself. The drive runs once the sorter asks for it; parcels come once it permits
 * induction.
 */
export function createLineWorld<D extends LineDevices>(
  options: LineWorldOptions,
  connect: (machinery: LineMachinery) => D,
): LineWorld<D> {
  const { clock, layout, faults, oracle } = options;
  const onMotion = (): void => devices.sorter.beltChanged();
  const belt = createBelt({ clock, rampMmPerS2: layout.rampMmPerS2, onMotion });
  const drive = createDrive(belt, layout.beltSpeedMmPerS, onMotion);
  const parts: LineParts = {
    clock,
    layout,
    belt,
    encoder: createEncoder(belt, layout.mmPerCount),
    bodies: createBodies({ belt, oracle, beltRoute: () => route }),
    chutes: createChutes(options, (exit, chute) =>
      devices.sorter.chuteChanged(exit, chute.state(), chute.fillPct()),
    ),
    faults,
    oracle,
    devices: () => devices,
  };
  const route: BeltRoute = createBeltRoute(parts);
  const hands = createHands(parts, route);
  const infeed = createInfeed({
    belt,
    source: withCrowding(options.source, options),
    induct(parcel) {
      const body = parts.bodies.add(parcel, belt.travelMm());
      parts.bodies.goOn(body);
      drawMishaps(parts, route, { body, hands, foreignParcel: () => options.foreignParcel() });
    },
  });
  const machinery: LineMachinery = {
    count: () => parts.encoder.count(),
    whenCount: (count, fire) => parts.encoder.whenCount(count, fire),
    belt: () => drive.status(),
    chute: (exit) => ({
      state: parts.chutes[exit].state(),
      fillPct: parts.chutes[exit].fillPct(),
    }),
    isEyeBlocked: (eyeId) => route.eyes.get(eyeId)?.isBlocked() ?? false,
    swing(exit, isOut) {
      oracle.onSwing(exit, isOut);
      route.diverters.get(exit)?.swing(isOut);
    },
    permitInduction: (isPermitted) => infeed.permit(isPermitted),
    runBelt: (run) => drive.ask(run),
  };
  const devices: D = connect(machinery);

  return {
    machinery,
    devices,
    hands,
    setEmergencyStop: (isPressed) => drive.setEmergencyStop(isPressed),
    setDriveFault: (isStopped) => drive.setFault(isStopped),
    infeedChanged: () => infeed.sourceChanged(),
    onBelt: () => [...parts.bodies.onBelt].map((body) => body.parcel.truthId),
    finish() {
      for (const body of parts.bodies.onBelt) parts.bodies.end(body, { kind: "stillOnBelt" });
    },
  };
}

function createChutes(
  { clock, entropy, layout }: LineWorldOptions,
  onChanged: (exit: Exit, chute: Chute) => void,
): Readonly<Record<Exit, Chute>> {
  const make = (exit: Exit): Chute => {
    const chute = createChute({
      layout: layout.chutes[exit],
      clock,
      entropy,
      onChanged: () => onChanged(exit, chute),
    });
    return chute;
  };
  return { green: make("green"), red: make("red"), inspection: make("inspection") };
}

/** People at the infeed sometimes put parcels on too close together. */
const withCrowding = (
  source: ParcelSource,
  { faults, oracle }: { readonly faults: WorldFaults; readonly oracle: WorldOracle },
): ParcelSource => ({
  next() {
    const parcel = source.next();
    if (parcel === null || !faults.fires("parcelTooClose")) return parcel;
    oracle.onMishap({ kind: "parcelTooClose", truthId: parcel.truthId, positionMm: 0 });
    const gapMm = tooCloseMm.from + faults.strength() * (tooCloseMm.to - tooCloseMm.from);
    return { ...parcel, gapMm };
  },
});
