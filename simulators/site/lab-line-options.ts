import type { ScannerFormat } from "../../protocols/scanner/format.ts";
import type { Clock } from "../../protocols/time.ts";
import type { ByteLink, MessageBus } from "../../protocols/transport.ts";
import type { SimulatedCamera } from "../devices/camera/camera.ts";
import type { SorterConfig } from "../devices/sorter/config.ts";
import type { SorterWire } from "../devices/sorter/wire.ts";
import type { XrayDevice } from "../devices/xray/machine.ts";
import type { XrayWire } from "../devices/xray/wire.ts";
import type { SiteWideSwitches } from "../faults/faults.ts";
import type { FaultPlan } from "../faults/plan.ts";
import type { AlgorithmOptions } from "../images/algorithm.ts";
import type { PictureSource } from "../images/pictures.ts";
import type { Eyesight } from "../officers/eyesight.ts";
import type { DocumentPost } from "../scenarios/forwarding.ts";
import type { ScenarioOptions } from "../scenarios/options.ts";
import type { PlannedParcel } from "../scenarios/parcel-stream.ts";
import type { WorldLayout } from "../world/layout.ts";
import type { WorldOracle } from "../world/ports.ts";

/** The wires of one line, as far as the devices' ends. Live or in memory makes no difference. */
export interface LineWires {
  readonly scanner: ByteLink;
  /** Of the second scanner, where one is fitted. */
  readonly witness?: ByteLink;
  readonly scale: ByteLink;
  readonly xray: { readonly bus: MessageBus; readonly base: string };
  /** Of an X-ray machine that speaks anything but messages. */
  readonly xrayWire?: XrayWire;
  readonly sorter: SorterWire;
  /** Looks at what the scanner reads; left out: none is fitted. */
  readonly camera?: SimulatedCamera;
  /** What can be broken between device and agent. */
  readonly switches: SiteWideSwitches;
}

export interface LabLineOptions {
  readonly lineId: string;
  /** Of the run, and which of its lines this is: together they fix everything drawn. */
  readonly seed: number;
  readonly lineIndex: number;
  /** See `seedOfRun`; default: the first. */
  readonly run?: number;
  readonly layout: WorldLayout;
  readonly scenario: ScenarioOptions;
  readonly faultPlan: FaultPlan;
  /** Time of belts, people and parcels. */
  readonly worldClock: Clock;
  /** Time of the devices' electronics, which does not run faster with the world. */
  readonly deviceClock: Clock;
  /** World milliseconds a device's millisecond. */
  readonly speed: number;
  readonly wires: LineWires;
  readonly sorter?: Partial<SorterConfig>;
  /** What the readers put before their codes, and how they are told; default: the lab's own. */
  readonly scannerFormat?: ScannerFormat;
  readonly pictures: PictureSource;
  readonly algorithm: AlgorithmOptions;
  readonly eyesight: Eyesight;
  /** Hears what the X-ray machine shows and judges. */
  readonly xrayEars?: Pick<XrayDevice, "onShown" | "onJudged">;
  readonly post: DocumentPost;
  readonly oracle: WorldOracle;
  readonly parcelsAhead: number;
  readonly settleMs: number;
  readonly truthIdOf?: (index: number) => string;
  onFaultFired?(name: string): void;
  onFaultMended?(name: string): void;
  onReleased?(parcel: PlannedParcel): void;
}
