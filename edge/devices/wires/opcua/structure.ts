/**
 * A structure of OPC UA that the library does not know: which encoding it is in, by the URI of its
 * namespace and its identifier there, and its bytes. A dialect that wants it decodes it itself.
 */
export interface OpcuaStructure {
  readonly namespaceUri: string;
  /** As in `i=5040`. */
  readonly id: string;
  readonly body: Uint8Array;
}

export const isOpcuaStructure = (value: unknown): value is OpcuaStructure =>
  typeof value === "object" && value !== null && "body" in value && "namespaceUri" in value;
