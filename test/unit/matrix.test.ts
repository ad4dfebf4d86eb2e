/**
 * Goal: a form of a machine that is not tried over a real wire, or whose suites are skipped, fails, and
 * the cell is named.
 * Method: the table against what the configuration accepts, form by form and wire by wire; and the
 * verdict on results in which one cell is left out, fails or is skipped.
 */
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { zAnnunciatorConfig } from "../../edge/devices/annunciator/open-annunciator.ts";
import { zCameraConfig } from "../../edge/devices/camera/open-camera.ts";
import { zScaleConfig } from "../../edge/devices/scale/open-scale.ts";
import { zScannerConfig } from "../../edge/devices/scanner/open-scanner.ts";
import { zSorterConfig } from "../../edge/devices/sorter/open-sorter.ts";
import { zXrayConfig } from "../../edge/devices/xray/open-xray.ts";
import { allCells, type Cell, type CellWire, type Forms, type Machine } from "../contract/cells.ts";
import {
  annunciatorJsonInput,
  annunciatorNodesInput,
  annunciatorRegistersInput,
} from "../kit/annunciator.ts";
import { osipDialect } from "../kit/osip.ts";
import { plcMapModbusInput, plcModbusLatches } from "../kit/plc-map-modbus.ts";
import { plcLatchMap, plcMap } from "../kit/plc-map.ts";
import { signalMapInput, signalRegistersInput } from "../kit/xray-signals.ts";
import { outcomesOf, tableOf, troubleIn } from "../matrix/verdict.ts";
import type { TestResult } from "../vitest-run.ts";

const reaches: Readonly<Record<CellWire, object>> = {
  serial: { path: "/dev/ttyS0" },
  tcp: { host: "192.0.2.1", port: 4_001 },
  "tcp-listen": { host: "192.0.2.2", port: 4_001, from: "192.0.2.1" },
  mqtt: { brokerUrl: "mqtt://192.0.2.3", base: "device" },
  opcua: { endpointUrl: "opc.tcp://127.0.0.1:4840" },
  folder: { path: "/srv/from" },
  http: { url: "http://192.0.2.4/still" },
};
const wires = Object.keys(reaches) as CellWire[];

const configs: Readonly<Record<Machine, z.ZodType>> = {
  scanner: zScannerConfig,
  scale: zScaleConfig,
  sorter: zSorterConfig,
  xray: zXrayConfig,
  annunciator: zAnnunciatorConfig,
  camera: zCameraConfig,
};

/** Of each form its dialect as somebody might configure it; the form's name begins with its kind. */
const dialects: { readonly [M in Machine]: Readonly<Record<Forms[M], object>> } = {
  scanner: {
    "frames sick": { preset: "sick" },
    "frames sick-cola-b": { preset: "sick-cola-b" },
    "frames keyence": { preset: "keyence" },
    "frames cognex": { preset: "cognex" },
    "frames datalogic": { preset: "datalogic" },
    "frames honeywell": { preset: "honeywell" },
    "zebra-ssi": {},
    "sortline-json": {},
    "json-map": { read: { topic: "read", codes: "codes" } },
    autoid: { namespaceUri: "urn:example:reader", node: "s=Reader1" },
  },
  scale: {
    toledo: {},
    "toledo-8213": { unit: "kg", decimals: 3 },
    "mt-sics SI": { ask: "SI" },
    "mt-sics S": { ask: "S" },
    "mt-sics SIR": { ask: "SIR" },
    cubiscan: {},
    "sick-mda": {},
    frames: { preset: "sick" },
  },
  sorter: {
    "sortline-telegrams": {},
    osip: osipDialect,
    "plc-map-modbus ring": plcMapModbusInput(["eye1"]),
    "plc-map-modbus latches": { ...plcMapModbusInput(["eye1"]), ...plcModbusLatches(["eye1"]) },
    "plc-map ring": plcMap(),
    "plc-map latches": plcLatchMap(),
    "sortline-json": {},
    "sortline-opcua": {},
  },
  xray: {
    "sortline-telegrams": {},
    "sortline-json": {},
    "sortline-opcua": {},
    dicos: { mmPerPixel: 1 },
    signals: signalMapInput(),
    "signals-modbus": signalRegistersInput(),
  },
  annunciator: {
    "sortline-json": {},
    "json-map": annunciatorJsonInput(),
    outputs: annunciatorNodesInput(),
    "outputs-modbus": annunciatorRegistersInput(),
  },
  camera: { snapshot: {}, files: {} },
};

const forms = Object.entries(dialects).flatMap(([machine, ofMachine]) =>
  Object.entries(ofMachine).map(([form, dialect]) => ({
    machine: machine as Machine,
    form,
    carriers: wires.filter((wire) => isCarried(machine as Machine, wire, form, dialect)),
  })),
);

function isCarried(machine: Machine, wire: CellWire, form: string, more: object): boolean {
  // A camera is told nothing.
  const isTold = wire === "folder" && machine !== "camera";
  const reach = { kind: wire, ...reaches[wire], ...(isTold ? { tellPath: "/srv/to" } : {}) };
  const dialect = { ...more, kind: form.split(" ")[0] };
  const moments = machine === "camera" ? { moments: ["left"] } : {};
  const { error } = configs[machine].safeParse({ id: "device-1", reach, dialect, ...moments });
  const issues = error?.issues ?? [];
  const isRefused = issues.some(({ path }) => path.join(".") === "dialect.kind");
  if (isRefused || issues.length === 0) return !isRefused;
  throw new Error(`${machine}, ${form} over ${wire}: ${error?.message}`);
}

/** What a dialect cannot tell apart: it is given bytes, messages, a server or files. */
const kindOfWire = (wire: CellWire): string =>
  wire === "serial" || wire === "tcp" || wire === "tcp-listen" ? "bytes" : wire;

const isOf = (machine: Machine, form: string) => (cell: Cell) =>
  cell.machine === machine && cell.form === form;

describe("the table", () => {
  test.each(forms)("$machine, $form: on each kind of wire that carries it", (each) => {
    const tried = allCells.filter(isOf(each.machine, each.form)).map(({ wire }) => wire);
    expect(each.carriers).toEqual(expect.arrayContaining(tried));
    expect(new Set(tried).size).toBe(tried.length);
    expect(new Set(tried.map(kindOfWire))).toEqual(new Set(each.carriers.map(kindOfWire)));
  });

  test.each(Object.keys(dialects) as Machine[])("%s: on each wire that it may have", (machine) => {
    const tried = allCells.filter((cell) => cell.machine === machine).map(({ wire }) => wire);
    const own = forms.filter((form) => form.machine === machine);
    expect(new Set(tried)).toEqual(new Set(own.flatMap(({ carriers }) => carriers)));
  });
});

describe("the verdict", () => {
  const resultOf = ({ id }: Cell, suite?: string, status = "passed"): TestResult => ({
    fullName: `a fact of ${id}`,
    status,
    meta: { cell: id, ...(suite === undefined ? {} : { suite }) },
  });
  const whole = allCells.flatMap((cell) => [resultOf(cell), resultOf(cell, "faults")]);
  const [planted = allCells[0]!] = allCells.filter(({ wire }) => wire === "serial");
  const others = allCells
    .filter((cell) => cell !== planted)
    .flatMap((cell) => [resultOf(cell), resultOf(cell, "faults")]);

  test("nothing is amiss where each cell has a test of each suite, and all passed", () => {
    const outcomes = outcomesOf([...whole, { fullName: "of no cell", status: "failed", meta: {} }]);
    expect(troubleIn(outcomes)).toEqual([]);
    expect(tableOf(outcomes)).toContain(
      `matrix: ${allCells.length} cells, ${2 * allCells.length} of ${2 * allCells.length} suites passed`,
    );
  });

  test("a cell of which there is no test is missing", () => {
    expect(troubleIn(outcomesOf(others))).toEqual([
      `matrix: ${planted.id}: contract missing`,
      `matrix: ${planted.id}: faults missing`,
    ]);
  });

  test.each([
    ["contract", undefined, "faults"],
    ["faults", "faults", "contract"],
  ])("a cell with nothing but tests of the %s lacks the other suite", (_, suite, lacking) => {
    const trouble = troubleIn(outcomesOf([...others, resultOf(planted, suite)]));
    expect(trouble).toEqual([`matrix: ${planted.id}: ${lacking} missing`]);
  });

  test.each([
    ["failed", "failed"],
    ["skipped", "skipped"],
    ["todo", "skipped"],
    ["pending", "skipped"],
  ])("one test that is %s among others that pass is told, with its title", (status, kind) => {
    const outcomes = outcomesOf([...whole, resultOf(planted, "faults", status)]);
    expect(troubleIn(outcomes)).toEqual([
      `matrix: ${planted.id}: faults ${kind}: a fact of ${planted.id}`,
    ]);
    const row = new RegExp(
      `^${planted.machine} +${planted.form} +serial +1 passed +1 ${kind}$`,
      "im",
    );
    expect(tableOf(outcomes)).toMatch(row);
  });
});
