import { ExtensionObject, NodeId, resolveNodeId } from "node-opcua";
import type { OpcuaStructure } from "./structure.ts";

/** What the library hands out, with its own class for such structures taken off. */
export function plainValue(value: unknown, uris: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((each) => plainValue(each, uris));
  if (!isOpaque(value)) return value;
  const { namespace, value: number } = value.nodeId;
  const structure: OpcuaStructure = {
    namespaceUri: uris[namespace] ?? "",
    id: `i=${String(number)}`,
    body: Uint8Array.from(value.buffer),
  };
  return structure;
}

/** The library has a class for them and does not show it. */
const isOpaque = (
  value: unknown,
): value is { readonly nodeId: NodeId; readonly buffer: Uint8Array } =>
  value instanceof ExtensionObject &&
  "nodeId" in value &&
  value.nodeId instanceof NodeId &&
  "buffer" in value &&
  value.buffer instanceof Uint8Array;

/** For the library to send; `index` is the namespace's number at this server. */
export const structureToSend = ({ id, body }: OpcuaStructure, index: number): ExtensionObject =>
  new Encoded(resolveNodeId(`ns=${index};${id}`), body);

/** A structure that is encoded already: the library asks for its encoding, and has it written. */
class Encoded extends ExtensionObject {
  readonly #body: Uint8Array;

  constructor(encoding: NodeId, body: Uint8Array) {
    super();
    this.#body = body;
    Object.defineProperty(this, "schema", {
      value: { name: "Encoded", encodingDefaultBinary: encoding },
    });
  }

  override encode(stream: { writeUInt8(byte: number): void }): void {
    for (const byte of this.#body) stream.writeUInt8(byte);
  }
}
