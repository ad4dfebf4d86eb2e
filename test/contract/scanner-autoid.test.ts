/**
 * Goal: a reader with an OPC UA server of its own (OPC 30010) is read like any other scanner, goes on
 * after a lost session, and what is wrong with it is named.
 * Method: a real server made of the companion specification's node set by a library that encodes the
 * results itself, reached through the configuration schema and the factory that the agent uses.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createScanner, zScannerConfig } from "../../edge/devices/scanner/open-scanner.ts";
import type { ScannerPort, ScannerRead } from "../../edge/devices/scanner/scanner.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import {
  createAutoIdReader,
  type AutoIdLabel,
  type SimulatedAutoIdReader,
} from "../../simulators/devices/autoid-reader.ts";
import { inCell, withFault } from "./cell-suite.ts";
import { agentWires, listen } from "./device-rig.ts";
import { useOpcuaStand } from "./opcua-stand.ts";
import { untilReal } from "./sorter-waiting.ts";

const clock = createSystemClock();
const stand = useOpcuaStand("autoid-");
const namespaceUri = "urn:example:reader";
const node = "s=Reader1";

let reader: SimulatedAutoIdReader;
beforeEach(async () => {
  reader = createAutoIdReader({
    port: 0,
    certificatesFolder: stand.path("server"),
    namespaceUri,
    node,
  });
  await reader.start();
});
afterEach(() => reader.stop());

function open(change: object = {}) {
  const config = zScannerConfig.parse({
    id: "L1-scanner",
    reach: { kind: "opcua", endpointUrl: reader.endpointUrl() },
    dialect: { kind: "autoid", namespaceUri, node, ...change },
  });
  const port = createScanner(config, { wires: agentWires(clock, stand.path("client")), clock });
  stand.atEnd.push(() => port.stop());
  return { port, heard: listen<ScannerRead>(port) };
}

const label = (text: string, more: Partial<AutoIdLabel> = {}): AutoIdLabel => ({
  codeType: "CODE128",
  text,
  ...more,
});
const codes = ({ said }: ReturnType<typeof listen<ScannerRead>>) =>
  said().map((read) => read.codes);
const reasonOf = async (port: ScannerPort, code: string): Promise<string> => {
  await untilReal(() => port.health().reason?.code === code, code, 15_000);
  return port.health().reason?.detail ?? "";
};

describe("a reader with OPC UA", inCell({ cell: "scanner/autoid/opcua" }), () => {
  test("DEV1-27: each event is one read, with all its codes and whatever else the reader says of them", async () => {
    const { heard, port } = open();
    await untilReal(() => reader.isScanning(), "scanning", 15_000);
    reader.read([label("]C0RB123456785CN", { grade: 3.5, symbology: "]C0" }), label("X2")]);
    reader.read([label("CP473124829CN", { isBytes: true })]);
    reader.read([]);
    reader.read([label("NoRead")]);
    reader.read([label("RB3", { symbology: "x", position: { positionX: 1, positionY: 2 } })]);
    await untilReal(() => heard.said().length >= 5, "five reads");
    expect(codes(heard)).toEqual([
      [
        { text: "RB123456785CN", aim: "]C0" },
        { text: "X2", aim: null },
      ],
      [{ text: "CP473124829CN", aim: null }],
      [],
      [],
      [{ text: "RB3", aim: null }],
    ]);
    expect(port.health().state).toBe("receiving");
  });

  test("one that scans already is no fault", async () => {
    const { heard } = open();
    await untilReal(() => reader.isScanning(), "scanning", 15_000);
    const second = open();
    await untilReal(() => second.port.health().state === "receiving", "receiving", 15_000);
    reader.read([label("RB1")]);
    await untilReal(() => second.heard.said().length + heard.said().length >= 2, "both reads");
    expect(second.port.health().reason?.code).not.toBe("commandRefused");
  });

  test("takes no token: what a binding would need is refused by the configuration", () => {
    const { port } = open();
    expect(port.tell({ kind: "token", token: "0815" }).kind).toBe("refused");
  });

  describe("with a fault", withFault, () => {
    test("PR4.2-4: scanning that ended with the session begins anew, and nothing of meanwhile is told late", async () => {
      const { heard, port } = open();
      await untilReal(() => reader.isScanning(), "scanning", 15_000);
      await reader.stop();
      await untilReal(() => port.health().state === "down", "down", 15_000);
      reader.read([label("LOST")]);
      await reader.start();
      await untilReal(() => reader.isScanning(), "scanning again", 15_000);
      reader.read([label("RB1")]);
      await untilReal(() => heard.said().length > 0, "a read");
      expect(codes(heard)).toEqual([[{ text: "RB1", aim: null }]]);
    });

    test("PR4.2-3: a reader that is not ready says so", async () => {
      reader.setFaults({ startStatus: 17 });
      const { port } = open();
      expect(await reasonOf(port, "commandRefused")).toBe("ScanStart: status 17");
    });

    test("results of another kind are refused by name, and the next label is read", async () => {
      const { heard, port } = open();
      await untilReal(() => reader.isScanning(), "scanning", 15_000);
      reader.setFaults({ isOcr: true });
      reader.read([label("PRINTED")]);
      expect(await reasonOf(port, "badMessage")).toMatch(/no optical one$/);
      reader.setFaults({ isOcr: false });
      reader.read([label("RB1")]);
      await untilReal(() => heard.said().length > 0, "a read");
      expect(codes(heard)).toEqual([[{ text: "RB1", aim: null }]]);
    });

    test("a node or a namespace that is not there is named with those that are", async () => {
      expect(await reasonOf(open({ namespaceUri: "urn:other" }).port, "unknownThere")).toMatch(
        /no namespace urn:other; there is .*urn:example:reader/,
      );
      expect(await reasonOf(open({ node: "s=Reader2" }).port, "unknownThere")).toMatch(/s=Reader2/);
    });
  });
});
