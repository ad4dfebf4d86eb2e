import { invariant } from "../bug.ts";
import { encodeJson } from "../json-message.ts";
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
 *
 * Counts travel as Double, exact for every safe integer.
 */
export const sorterNamespaceUri = "urn:sortline:sorter";
export const sorterFolderName = "Sorters";
export const sorterEventTypeName = "SorterEventType";
export const sorterEventFields = { epoch: "Epoch", seq: "Seq", payload: "Payload" } as const;

type SorterArgumentType = "String" | "Double" | "Boolean";

export interface SorterMethod {
  readonly name: string;
  readonly kind: SorterCommand["kind"];
  /** In order; `field` is the command's own. */
  readonly inputs: readonly {
    readonly name: string;
    readonly field: string;
    readonly type: SorterArgumentType;
  }[];
}

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

export const sorterMethodAnswerName = "Answer";

/** Node ids within the namespace. Ids of sorters hold no character that would need quoting. */
export const sorterObjectNodeName = (sorterId: string): string => sorterId;
export const sorterMethodNodeName = (sorterId: string, method: string): string =>
  `${sorterId}/${method}`;

export interface SorterArgument {
  readonly type: SorterArgumentType;
  readonly value: string | number | boolean;
}

/** A command as a method call. */
export function toSorterCall(command: SorterCommand): {
  readonly method: string;
  readonly inputs: readonly SorterArgument[];
} {
  const method = sorterMethods.find(({ kind }) => kind === command.kind);
  invariant(method !== undefined, `there is a method for a ${command.kind} command`);
  const values: Readonly<Record<string, string | number | boolean>> = command;
  const inputs = method.inputs.map(({ field, type }) => {
    const value = values[field];
    invariant(value !== undefined, `a ${command.kind} command has ${field}`);
    return { type, value };
  });
  return { method: method.name, inputs };
}

/** A method call as the JSON of its command, to be judged like one from any other wire. */
export function fromSorterCall(method: SorterMethod, inputs: readonly unknown[]): Uint8Array {
  const fields = method.inputs.map(({ field }, index) => [field, inputs[index]] as const);
  return encodeJson({ kind: method.kind, ...Object.fromEntries(fields) });
}
