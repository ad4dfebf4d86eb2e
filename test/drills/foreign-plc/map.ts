// What the engineer of the foreign controller hands to Sortline's people: where each variable is,
// and what its numbers mean. It is the `reach` and the `dialect` of the sorter's configuration.

import {
  beltBits,
  chuteElements,
  codes,
  exitNumbers,
  eyeNumber,
  kinds,
  operations,
  pageEyes,
  ringSize,
} from "./foreign-db.ts";
import type { Exit } from "./foreign-db.ts";
import { foreignNamespaceUri } from "./foreign-opcua.ts";

export interface ForeignMapOptions {
  port: number;
  eyes?: readonly string[];
  /** The exits that have a diverter; the same as the controller's. */
  diverters?: readonly Exit[];
  chutes?: readonly Exit[];
  pollMs?: number;
  security?: Readonly<Record<string, unknown>>;
}

/** Names by number, as the page writes `kinds`, `eyes` and `codes`. */
function byNumber(numbers: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(numbers).map(([name, number]) => [number, name]));
}

const node = (group: string, name: string) => ({ node: `s="${group}"."${name}"` });

export function createForeignMap(options: ForeignMapOptions) {
  const { port, eyes = pageEyes, diverters = ["red", "inspection"] } = options;
  const { chutes = ["green", "red", "inspection"], pollMs = 20 } = options;
  const security = options.security ?? { mode: "none" };
  return {
    reach: { kind: "opcua", endpointUrl: `opc.tcp://127.0.0.1:${port}`, security },
    dialect: {
      kind: "plc-map",
      namespaceUri: foreignNamespaceUri,
      pollMs,
      count: { ...node("Belt", "Pos"), bits: 32 },
      boot: node("System", "Boot"),
      life: { fromPlc: node("System", "Life"), toPlc: node("Pc", "Life") },
      belt: {
        running: { ...node("Belt", "Flags"), bit: beltBits.running },
        speed: { ...node("Belt", "Speed"), scale: 1 },
        emergencyStop: {
          ...node("Belt", "Flags"),
          bit: beltBits.emergencyStopOk,
          isActiveLow: true,
        },
        stop: node("Pc", "Halt"),
      },
      induction: node("Pc", "Induct"),
      events: {
        written: { ...node("Ring", "Written"), bits: 32 },
        size: ringSize,
        kind: { ...node("Ring", "Kind"), kinds: byNumber(kinds) },
        what: node("Ring", "What"),
        count: node("Ring", "Count"),
        eyes: byNumber(Object.fromEntries(eyes.map((name, index) => [name, eyeNumber(index)]))),
      },
      chutes: Object.fromEntries(
        chutes.map((exit) => [
          exit,
          { full: { ...node("Chute", "Full"), element: chuteElements[exit] } },
        ]),
      ),
      command: {
        seq: { ...node("Order", "Seq"), bits: 32 },
        op: { ...node("Order", "Op"), values: operations },
        exit: {
          ...node("Order", "Exit"),
          values: Object.fromEntries(diverters.map((exit) => [exit, exitNumbers[exit]])),
        },
        fireAt: node("Order", "FireAt"),
        releaseAt: node("Order", "ReleaseAt"),
        notAfter: node("Order", "NotAfter"),
        target: node("Order", "Target"),
        boot: node("Order", "Boot"),
      },
      ack: {
        seq: node("Answer", "Seq"),
        code: { ...node("Answer", "Code"), codes: byNumber(codes) },
      },
    },
  };
}
