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

/** Browse names from the Objects folder on, as they stand in a map. */
export type NodePath = readonly string[];

/** Where a variable is: a node, one element of its array, one bit of its integer. */
export interface OpcuaPlace {
  /** Its id, or the path that leads to it. */
  readonly node: string | NodePath;
  readonly namespaceUri?: string | undefined;
  readonly element?: number | undefined;
  readonly bit?: number | undefined;
}

export const isPath = (node: string | NodePath): node is NodePath => typeof node !== "string";

/** As people read it. */
export const shownNode = (node: string | NodePath): string =>
  isPath(node) ? `/${node.join("/")}` : node;
