/** A node by the URI of its namespace, since indexes differ from server to server. */
export interface OpcuaNode {
  readonly namespaceUri: string;
  /** String identifier. */
  readonly name: string;
}

/** A node of a maker's own, by whatever identifier it has there. */
export interface OpcuaForeignNode {
  readonly namespaceUri: string;
  /** `s=...`, `i=...`, `g=...` or `b=...`. */
  readonly id: string;
}

/** As people know it, for the log. */
export const nameOfNode = (node: OpcuaNode | OpcuaForeignNode): string =>
  "id" in node ? node.id : node.name;

/** A method by its browse name, of an object that has it. */
export interface OpcuaMethodName {
  readonly namespaceUri: string;
  readonly browseName: string;
}
