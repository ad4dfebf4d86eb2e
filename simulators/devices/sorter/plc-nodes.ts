import type { WrittenRange } from "../opcua-array-writes.ts";
import type { PlcMemory } from "./plc-memory.ts";
import type { PlcType, PlcValue } from "./plc-variables.ts";

export interface PlcBrowseName {
  readonly namespaceUri: string;
  readonly name: string;
}

/** One node of a controller's OPC UA server. */
export interface PlcNode {
  /** By which faults name it. */
  readonly name: string;
  readonly namespaceUri: string;
  /**
   * Its id without its namespace, such as `s=DB_Sort.Enc`; or the browse names that lead to it from
   * Objects, and then it has another id at each start.
   */
  readonly at: string | readonly PlcBrowseName[];
  readonly type: PlcType;
  /** Elements of its array; null: it is none. */
  readonly size: number | null;
  readonly isWritable: boolean;
  /** Null: its quality is bad. */
  read(): PlcValue | null;
  /** The whole; of an array, `written` says which elements came, null that all did. */
  write(value: PlcValue, written: WrittenRange | null): void;
}

/** A controller's variables under their own names. */
export const plcNodesOf = (memory: PlcMemory, namespaceUri: string): PlcNode[] =>
  memory.variables.map(({ name, type, isWritable }) => {
    const first = memory.read(name);
    return {
      name,
      namespaceUri,
      at: `s=${name}`,
      type,
      size: typeof first === "object" ? (first?.length ?? null) : null,
      isWritable,
      read: () => memory.read(name),
      write: (value) => memory.write(name, value),
    };
  });
