import type { DeviceKind } from "../../protocols/sorting.ts";
import type { DevicePort } from "../devices/port.ts";
import { createScale } from "../devices/scale/open-scale.ts";
import { createScanner } from "../devices/scanner/open-scanner.ts";
import { counterOf, createSorter } from "../devices/sorter/open-sorter.ts";
import type { DriverDeps } from "../devices/wires/wires.ts";
import { createXray } from "../devices/xray/open-xray.ts";
import type { AgentFile } from "./config/agent-file.ts";
import type { LineDevices } from "./line-devices.ts";
import type { WireTraces } from "./wire-traces.ts";

type LineRole = AgentFile["lines"][number];

/** One device as the configuration has it, not opened yet. */
export interface NamedDevice {
  readonly kind: DeviceKind;
  readonly config: NonNullable<LineRole["devices"][keyof LineRole["devices"]]>;
  readonly open: (deps: DriverDeps) => DevicePort<unknown>;
}

export function openDevices(
  role: LineRole,
  deps: DriverDeps,
  traces: Pick<WireTraces, "tapOf">,
): LineDevices {
  const { scanner, witness, scale, xray, sorter } = openersOf(role);
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
  };
}

/** All devices of an agent's lines, in the order of the configuration. */
export const devicesNamed = ({ lines }: Pick<AgentFile, "lines">): readonly NamedDevice[] =>
  lines.flatMap((role) => Object.values(openersOf(role)).filter((named) => named !== null));

function openersOf({ line, devices }: LineRole) {
  const { scanner, witness, scale, xray, sorter } = devices;
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
  };
}
