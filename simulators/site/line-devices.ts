import { exits } from "../../protocols/sorting.ts";
import { beltCount } from "../../protocols/units.ts";
import type { SimulatedCamera } from "../devices/camera/camera.ts";
import { startFrameScale } from "../devices/frame-scale.ts";
import type { SimulatedScale } from "../devices/scale.ts";
import { startFrameScanner } from "../devices/scanner-frames.ts";
import type { SimulatedScanner } from "../devices/scanner.ts";
import {
  asDevicesSee,
  createSorterCabinet,
  type SorterCabinet,
} from "../devices/sorter/cabinet.ts";
import { sorterConfig } from "../devices/sorter/config.ts";
import { startXray, type SimulatedXray } from "../devices/xray/machine.ts";
import { createXrayMqttWire } from "../devices/xray/mqtt-wire.ts";
import { labScaleFormat, labScannerFormat, readerTicksAhead } from "../devices/lab-formats.ts";
import { createAlgorithm } from "../images/algorithm.ts";
import type { XrayPicture } from "../images/render.ts";
import { createSeededEntropy } from "../world/chance.ts";
import { eyeIdsOf } from "../world/layout.ts";
import type { LineDevices, LineMachinery } from "../world/ports.ts";
import type { LabLineOptions } from "./lab-line-options.ts";

/** The simulated devices of one line, on their wires and on the belt. */
export interface ConnectedDevices extends LineDevices {
  readonly cabinet: SorterCabinet;
  readonly scanner: SimulatedScanner;
  readonly witness?: SimulatedScanner;
  readonly scale: SimulatedScale;
  readonly xray: SimulatedXray;
}

export function connectDevices(
  options: LabLineOptions,
  machinery: LineMachinery,
): ConnectedDevices {
  const { lineId, layout, deviceClock: clock, wires } = options;
  const cabinet = createSorterCabinet({
    config: sorterConfig({
      sorterId: `${lineId}-sorter`,
      eyeIds: eyeIdsOf(layout),
      diverters: layout.diverters.map(({ exit }) => exit),
      chutes: exits,
      ...options.sorter,
    }),
    clock,
    entropy: createSeededEntropy(options.seed, `sorter ${options.lineIndex}`),
    wire: wires.sorter,
    machinery: { ...machinery, belt: () => asDevicesSee(machinery, options.speed) },
  });
  const reader = {
    clock,
    format: options.scannerFormat ?? labScannerFormat,
    // The reader's own encoder, beside the sorter's: another base, the same belt.
    ticks: () => machinery.count() + readerTicksAhead,
  };
  return {
    cabinet,
    sorter: cabinet.side,
    scanner: beside(
      wires.camera,
      startFrameScanner({
        ...reader,
        link: wires.scanner,
        onDecoded: (isGood) => cabinet.model.pulse(isGood ? "good-read" : "no-read"),
      }),
    ),
    ...(wires.witness === undefined
      ? {}
      : { witness: startFrameScanner({ ...reader, link: wires.witness }) }),
    scale: startFrameScale({ link: wires.scale, clock, format: labScaleFormat, measures: true }),
    xray: connectXray(options, (worldCount) =>
      beltCount(cabinet.model.count() - (machinery.count() - worldCount)),
    ),
  };
}

/** What comes before the scanner comes before the camera, whatever can be read of it. */
const beside = (camera: SimulatedCamera | undefined, scanner: SimulatedScanner): SimulatedScanner =>
  camera === undefined
    ? scanner
    : {
        ...scanner,
        read(labels) {
          camera.sees(labels[0] ?? "");
          scanner.read(labels);
        },
      };

function connectXray(
  options: LabLineOptions,
  beltCountOf: (worldCount: number) => ReturnType<typeof beltCount>,
): SimulatedXray {
  const { pictures, eyesight, deviceClock: clock, xrayEars, wires } = options;
  const judge = createAlgorithm(
    options.algorithm,
    createSeededEntropy(options.seed, `algorithm ${options.lineIndex}`),
  );
  let taken: XrayPicture | null = null;
  const { xray, mmPerCount } = options.layout;
  return startXray({
    ...xrayEars,
    eyeToBeamCounts: xray === null ? 0 : (xray.beamMm - xray.entryMm) / mmPerCount,
    wire: wires.xrayWire ?? createXrayMqttWire(wires.xray.bus, wires.xray.base),
    clock,
    beltCountOf,
    take(bodies) {
      taken = pictures(bodies);
      return taken;
    },
    judge: () => (taken === null ? nothingSeen : judge(taken)),
    /** So the lab's officers can be modelled to see what is in the picture in front of them. */
    onShown(imageHash) {
      xrayEars?.onShown?.(imageHash);
      if (taken === null) return;
      eyesight.remember(
        imageHash,
        taken.things.map(({ kind }) => kind),
      );
    },
  });
}

const nothingSeen = { verdict: "unknown", boxes: [], latencyMs: 0 } as const;
