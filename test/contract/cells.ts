import type { AnnunciatorConfig } from "../../edge/devices/annunciator/open-annunciator.ts";
import type { CameraConfig } from "../../edge/devices/camera/open-camera.ts";
import type { Reach } from "../../edge/devices/reach.ts";
import type { ScaleConfig } from "../../edge/devices/scale/open-scale.ts";
import type { ScannerConfig } from "../../edge/devices/scanner/open-scanner.ts";
import type { SorterConfig } from "../../edge/devices/sorter/open-sorter.ts";
import type { XrayConfig } from "../../edge/devices/xray/open-xray.ts";
import type { MtSicsQuestion } from "../../protocols/scale/mt-sics.ts";
import type { ScannerPresetName } from "../../protocols/scanner/presets.ts";

type KindIn<Config extends { readonly dialect: { readonly kind: string } }> =
  Config["dialect"]["kind"];
type Mapped = "plc-map" | "plc-map-modbus";

/** How each machine may speak: its dialects, and where a dialect has several forms, each of them. */
export interface Forms {
  readonly scanner: Exclude<KindIn<ScannerConfig>, "frames"> | `frames ${ScannerPresetName}`;
  readonly scale: Exclude<KindIn<ScaleConfig>, "mt-sics"> | `mt-sics ${MtSicsQuestion}`;
  readonly sorter: Exclude<KindIn<SorterConfig>, Mapped> | `${Mapped} ${"ring" | "latches"}`;
  readonly xray: KindIn<XrayConfig>;
  readonly annunciator: KindIn<AnnunciatorConfig>;
  readonly camera: KindIn<CameraConfig>;
}
export type Machine = keyof Forms;
export type CellWire = Reach["kind"];

/**
 * The matrix: over which real wires (sockets of the loopback, pseudo-terminals, folders) the contract and
 * fault suites of each form run. A form that the code has and this table has not does not compile. A
 * dialect never learns which line its bytes come over, so it needs one that carries it and not each;
 * but every wire that a machine may have carries one of its forms here (`test/unit/matrix.test.ts`).
 */
const cells = {
  scanner: {
    "frames sick": ["serial", "tcp", "tcp-listen"],
    "frames sick-cola-b": ["tcp"],
    "frames keyence": ["serial"],
    "frames cognex": ["tcp"],
    "frames datalogic": ["serial"],
    "frames honeywell": ["tcp"],
    "zebra-ssi": ["serial", "tcp"],
    "sortline-json": ["mqtt"],
    "json-map": ["mqtt"],
    autoid: ["opcua"],
  },
  scale: {
    toledo: ["serial", "tcp"],
    "toledo-8213": ["tcp-listen"],
    "mt-sics SI": ["tcp"],
    "mt-sics S": ["tcp"],
    "mt-sics SIR": ["serial"],
    cubiscan: ["serial", "tcp"],
    "sick-mda": ["tcp"],
    frames: ["tcp"],
  },
  sorter: {
    "sortline-telegrams": ["serial", "tcp", "tcp-listen"],
    osip: ["tcp"],
    "plc-map-modbus ring": ["tcp"],
    "plc-map-modbus latches": ["serial"],
    "plc-map ring": ["opcua"],
    "plc-map latches": ["opcua"],
    "sortline-json": ["mqtt"],
    "sortline-opcua": ["opcua"],
  },
  xray: {
    "sortline-telegrams": ["serial", "tcp", "tcp-listen"],
    "sortline-json": ["mqtt"],
    "sortline-opcua": ["opcua"],
    dicos: ["folder"],
    signals: ["opcua"],
    "signals-modbus": ["tcp"],
  },
  annunciator: {
    "sortline-json": ["mqtt"],
    "json-map": ["mqtt"],
    outputs: ["opcua"],
    "outputs-modbus": ["tcp", "serial", "tcp-listen"],
  },
  camera: {
    snapshot: ["http"],
    files: ["folder"],
  },
} as const satisfies {
  readonly [M in Machine]: Readonly<Record<Forms[M], readonly CellWire[]>>;
};
type Cells = typeof cells;

type CellsOf<M extends Machine, F extends keyof Cells[M]> = Cells[M][F] extends readonly (infer W)[]
  ? `${M}/${F & string}/${W & string}`
  : never;

/** A cell's name, such as `scanner/frames sick/tcp`: machine, form and wire. */
export type CellId = {
  readonly [M in Machine]: { readonly [F in keyof Cells[M]]: CellsOf<M, F> }[keyof Cells[M]];
}[Machine];

export interface Cell {
  readonly id: CellId;
  readonly machine: Machine;
  readonly form: string;
  readonly wire: CellWire;
}

/** Every cell, in the order of the table. */
export const allCells: readonly Cell[] = Object.entries(cells).flatMap(([machine, forms]) =>
  Object.entries<readonly CellWire[]>(forms).flatMap(([form, wires]) =>
    wires.map((wire) => ({
      id: `${machine}/${form}/${wire}` as CellId,
      machine: machine as Machine,
      form,
      wire,
    })),
  ),
);
