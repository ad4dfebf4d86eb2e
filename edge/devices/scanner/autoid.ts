import { z } from "zod";
import { Bug } from "../../../protocols/bug.ts";
import { withoutNoReads } from "../../../protocols/barcode/no-read.ts";
import {
  autoIdNamespaceUri,
  autoIdNodes,
  codesOfScans,
  readOpticalScanResult,
  scanForever,
  type AutoIdScan,
} from "../../../protocols/scanner/autoid.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import type { Sending } from "../../../protocols/transport.ts";
import { speak, unreadable, type Dialect } from "../dialect.ts";
import type { Wire } from "../wire.ts";
import type { Carriers } from "../wires/carriers.ts";
import { createOpcuaEventWire } from "../wires/opcua/event-wire.ts";
import type { OpcuaCall } from "../wires/opcua/session.ts";
import { isOpcuaStructure } from "../wires/opcua/structure.ts";
import type { ScannerHeard } from "./heard.ts";

/** A reader with an OPC UA server of its own, as OPC 30010 has it. */
export const zAutoIdDialect = z.strictObject({
  kind: z
    .literal("autoid")
    .describe("An OPC UA reader by the companion specification AutoID, OPC 30010."),
  namespaceUri: z
    .string()
    .min(1)
    .max(500)
    .describe("URI of the namespace that the reader's own object is in."),
  node: z
    .string()
    .max(500)
    .regex(/^[sigb]=.+/, "an identifier such as i=5001 or s=Reader1")
    .describe("The reader's object, which tells the scan events and has the methods."),
  startsScanning: z
    .boolean()
    .default(true)
    .describe(
      "Whether ScanStart is called at each connection. False for a reader that is triggered by itself.",
    ),
});
export type AutoIdDialect = z.infer<typeof zAutoIdDialect>;

/** In this order, as they are asked for. */
const fields = ["ScanResult", "0:EventType"] as const;
/** OPC 10000-5, 6.4.34: the server has dropped events because nobody fetched them in time. */
const overflowEventType = /^(?:ns=0;)?i=3035$/;

export const autoIdCarriers = ({ namespaceUri, node, startsScanning }: AutoIdDialect) =>
  ({
    opcua(endpoint, clock) {
      const object = { namespaceUri, id: node };
      const wire = createOpcuaEventWire(endpoint, {
        node: object,
        fields,
        fieldsNamespaceUri: autoIdNamespaceUri,
      });
      const start = startsScanning ? scanStart(object) : null;
      const reader = speak(createDialect(start), withoutScanning(wire), clock);
      return { ...reader, send: () => noPlace };
    },
  }) satisfies Carriers<ScannerHeard, ProofCommand>;

/** A binding that needs a token or a test is refused by the configuration. */
const noPlace: Sending = { kind: "refused", why: "noSession" };

/**
 * Scanning ends with the session that has begun it, so that each connection begins it anew.
 * @see OPC 30010, 6.1.3.4
 */
const scanStart = (object: OpcuaCall["object"]): OpcuaCall => ({
  object,
  method: { namespaceUri: autoIdNamespaceUri, browseName: "ScanStart" },
  inputs: [
    {
      type: "Structure",
      value: {
        namespaceUri: autoIdNamespaceUri,
        id: `i=${autoIdNodes.scanSettingsBinary}`,
        body: scanForever(),
      },
    },
  ],
  refusalIn: ([status]) => (status === 0 ? null : `ScanStart: status ${String(status)}`),
});

/** A reader that scans already says so, and nothing is wrong. */
const withoutScanning = <In>(wire: Wire<In, OpcuaCall>): Wire<In, OpcuaCall> => ({
  ...wire,
  open: (handlers) =>
    wire.open({
      ...handlers,
      onSendFailed(detail) {
        if (!/\bBadInvalidState\b/.test(detail)) handlers.onSendFailed(detail);
      },
    }),
});

/** One event is one read, with all that was seen. The reader's own event types carry no result. */
function createDialect(
  start: OpcuaCall | null,
): Dialect<readonly unknown[], OpcuaCall, ScannerHeard, ProofCommand> {
  return {
    begin(_at, out) {
      if (start !== null) out.answer(start);
    },
    read([results, eventType], _at, out) {
      if (overflowEventType.test(String(eventType))) return out.tell({ kind: "gap" });
      out.tell(results === null || results === undefined ? { kind: "life" } : heardOf(results));
    },
    write() {
      throw new Bug("an AutoID reader has no place for a token");
    },
  };
}

function heardOf(results: unknown): ScannerHeard {
  const all: readonly unknown[] = Array.isArray(results) ? results : [results];
  const scans: AutoIdScan[] = [];
  for (const result of all) {
    if (!isOpcuaStructure(result)) return unreadable("ScanResult is no structure");
    const isOptical =
      result.namespaceUri === autoIdNamespaceUri &&
      result.id === `i=${autoIdNodes.opticalScanResultBinary}`;
    if (!isOptical) {
      return unreadable(`ScanResult is ${result.id} of ${result.namespaceUri}, no optical one`);
    }
    const read = readOpticalScanResult(result.body);
    if (read.kind === "invalid") return unreadable(`ScanResult: ${read.why}`);
    scans.push(read.scan);
  }
  const found = codesOfScans(scans);
  return found.kind === "invalid"
    ? unreadable(`ScanResult: ${found.why}`)
    : { kind: "read", codes: withoutNoReads(found.codes), proof: {} };
}
