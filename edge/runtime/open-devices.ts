import type { DeviceKind, Exit } from "../../protocols/sorting.ts";
import { createAnnunciator } from "../devices/annunciator/open-annunciator.ts";
import { createCamera } from "../devices/camera/open-camera.ts";
import type { DevicePort } from "../devices/port.ts";
import { createScale } from "../devices/scale/open-scale.ts";
import { createScanner } from "../devices/scanner/open-scanner.ts";
import {
  counterOf,
  countsPerMsNominal,
  createSorter,
  halfTurnCounts,
  type SorterConfig,
} from "../devices/sorter/open-sorter.ts";
import type { SorterPort } from "../devices/sorter/sorter.ts";
import type { DriverDeps } from "../devices/wires/wires.ts";
import { createXray } from "../devices/xray/open-xray.ts";
import type { AgentFile, DeviceConfig } from "./config/agent-file.ts";
import type { LineDevices } from "./line-devices.ts";
import type { WireTraces } from "./wire-traces.ts";

type LineRole = AgentFile["lines"][number];

/** One device as the configuration has it, not opened yet. */
export interface NamedDevice {
  readonly kind: DeviceKind;
  readonly config: DeviceConfig;
  readonly open: (deps: DriverDeps) => DevicePort<unknown>;
}

export function openDevices(
  role: LineRole,
  deps: DriverDeps,
  traces: Pick<WireTraces, "tapOf">,
): LineDevices {
  const { scanner, witness, scale, xray, sorter, annunciator, cameras } = openersOf(role);
  const depsOf = ({ config }: { readonly config: { readonly id: string } }): DriverDeps => ({
    ...deps,
    tap: traces.tapOf(config.id),
  });
  return {
    scanner: scanner.open(depsOf(scanner)),
    witness: witness?.open(depsOf(witness)) ?? null,
    scale: scale?.open(depsOf(scale)) ?? null,
    xray: xray?.open(depsOf(xray)) ?? null,
    sorter: sorter.open(depsOf(sorter)),
    annunciator: annunciator && {
      port: annunciator.open(depsOf(annunciator)),
      horn: annunciator.config.horn,
    },
    cameras: cameras.map((camera) => ({
      port: camera.open(depsOf(camera)),
      moments: camera.config.moments,
      exits: camera.config.exits ?? null,
    })),
  };
}

/** All devices of an agent's lines, in the order of the configuration. */
export const devicesNamed = ({ lines }: Pick<AgentFile, "lines">): readonly NamedDevice[] =>
  lines.flatMap((role) =>
    Object.values(openersOf(role))
      .flat()
      .filter((named) => named !== null),
  );

/** A sorter, with what a test of it has to know of its line. */
export interface SorterNamed {
  readonly config: SorterConfig;
  readonly open: (deps: DriverDeps) => SorterPort;
  /** An exit that it has a diverter for. */
  readonly exit: Exit;
  /** Of the belt at its nominal speed. */
  readonly countsPerMs: number;
  /** The furthest ahead that a count can be told from one behind, with room to spare. */
  readonly countsAheadMax: number;
}

/** Null where there is no sorter of this id. */
export function sorterNamed(
  { lines }: Pick<AgentFile, "lines">,
  deviceId: string,
): SorterNamed | null {
  const role = lines.find(({ devices }) => devices.sorter.id === deviceId);
  const [diverter] = role?.line.layout.diverters ?? [];
  if (role === undefined || diverter === undefined) return null;
  const { sorter } = openersOf(role);
  return {
    config: sorter.config,
    open: sorter.open,
    exit: diverter.exit,
    countsPerMs: countsPerMsNominal(role.line.belt),
    countsAheadMax: halfTurnCounts(sorter.config) / 4,
  };
}

function openersOf({ line, devices }: LineRole) {
  const { scanner, witness, scale, xray, sorter, annunciator, cameras } = devices;
  const reader = (config: typeof scanner) => ({
    kind: "scanner" as const,
    config,
    open: (deps: DriverDeps) => createScanner(config, deps),
  });
  return {
    scanner: reader(scanner),
    witness: witness === null ? null : reader(witness),
    scale:
      scale === null
        ? null
        : {
            kind: "scale" as const,
            config: scale,
            open: (deps: DriverDeps) => createScale(scale, deps),
          },
    xray:
      xray === null
        ? null
        : {
            kind: "xray" as const,
            config: xray,
            open: (deps: DriverDeps) => createXray(xray, { counter: counterOf(sorter) }, deps),
          },
    sorter: {
      kind: "sorter" as const,
      config: sorter,
      open: (deps: DriverDeps) => createSorter(sorter, line.belt, deps),
    },
    annunciator:
      annunciator === null
        ? null
        : {
            kind: "annunciator" as const,
            config: annunciator,
            open: (deps: DriverDeps) => createAnnunciator(annunciator, deps),
          },
    cameras: cameras.map((camera) => ({
      kind: "camera" as const,
      config: camera,
      open: (deps: DriverDeps) => createCamera(camera, deps),
    })),
  };
}
