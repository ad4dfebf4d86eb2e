import { toOpcuaCall, type OpcuaMethod } from "../opcua-methods.ts";
import type { SorterCommand } from "./sorter.ts";

/**
 * The sorter dialect as an OPC UA address space (our own, for the lab and for integrators).
 *
 * One server may hold many sorters: below `Objects/Sorters` one object each, with node id
 * `s={sorterId}` in the namespace below. Its methods are the commands; each answers with one
 * word: `accepted`, `fired` or `cancelled` (what became of this command id so far), a refusal's
 * reason, or `taken` for the commands that are not judged. The object raises events of type
 * `SorterEventType`: `Payload` is the same JSON text as over MQTT and is the message; `Epoch` and
 * `Seq` repeat its numbering for clients that only watch for gaps.
 */
export const sorterNamespaceUri = "urn:sortline:sorter";
export const sorterFolderName = "Sorters";
export const sorterEventTypeName = "SorterEventType";
export const sorterEventFields = { epoch: "Epoch", seq: "Seq", payload: "Payload" } as const;

export type SorterMethod = OpcuaMethod<SorterCommand["kind"]>;

const epochInput = { name: "Epoch", field: "epoch", type: "String" } as const;
const commandIdInput = { name: "CommandId", field: "commandId", type: "String" } as const;

export const sorterMethods: readonly SorterMethod[] = [
  {
    name: "Divert",
    kind: "divert",
    inputs: [
      commandIdInput,
      { name: "PassId", field: "passId", type: "String" },
      { name: "Exit", field: "exit", type: "String" },
      epochInput,
      { name: "FireAtCount", field: "fireAtCount", type: "Double" },
      { name: "ReleaseAtCount", field: "releaseAtCount", type: "Double" },
      { name: "NotAfterCount", field: "notAfterCount", type: "Double" },
    ],
  },
  { name: "Abort", kind: "abort", inputs: [commandIdInput, epochInput] },
  {
    name: "SetInduction",
    kind: "induction",
    inputs: [epochInput, { name: "IsPermitted", field: "isPermitted", type: "Boolean" }],
  },
  {
    name: "SetBelt",
    kind: "belt",
    inputs: [epochInput, { name: "Run", field: "run", type: "Boolean" }],
  },
  { name: "CancelAll", kind: "cancelAll", inputs: [epochInput] },
  { name: "Life", kind: "life", inputs: [epochInput] },
];

/** Node ids within the namespace. Ids of sorters hold no character that would need quoting. */
export const sorterObjectNodeName = (sorterId: string): string => sorterId;
export const sorterMethodNodeName = (sorterId: string, method: string): string =>
  `${sorterId}/${method}`;

/** A command as a method call. */
export const toSorterCall = (command: SorterCommand): ReturnType<typeof toOpcuaCall> =>
  toOpcuaCall(sorterMethods, command);
