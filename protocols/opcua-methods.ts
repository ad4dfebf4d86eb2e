import { invariant } from "./bug.ts";
import { encodeJson } from "./json-message.ts";

/**
 * Commands as methods of an OPC UA object: each kind is a method, each of its fields an argument.
 * Counts travel as Double, exact for every safe integer.
 */
export interface OpcuaMethod<Kind extends string = string> {
  readonly name: string;
  readonly kind: Kind;
  /** In order; `field` is the command's own. */
  readonly inputs: readonly {
    readonly name: string;
    readonly field: string;
    readonly type: OpcuaArgumentType;
  }[];
}

type OpcuaArgumentType = "String" | "Double" | "Boolean";

export interface OpcuaArgument {
  readonly type: OpcuaArgumentType;
  readonly value: string | number | boolean;
}

/** What each of these methods answers with: one word. */
export const opcuaAnswerName = "Answer";

/** A command as a method call. */
export function toOpcuaCall<Kind extends string>(
  methods: readonly OpcuaMethod<Kind>[],
  command: { readonly kind: Kind } & Readonly<Record<string, string | number | boolean>>,
): { readonly method: string; readonly inputs: readonly OpcuaArgument[] } {
  const method = methods.find(({ kind }) => kind === command.kind);
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
export function fromOpcuaCall(
  { kind, inputs }: OpcuaMethod,
  values: readonly unknown[],
): Uint8Array {
  const fields = inputs.map(({ field }, index) => [field, values[index]] as const);
  return encodeJson({ kind, ...Object.fromEntries(fields) });
}
