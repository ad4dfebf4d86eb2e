import { browseNameOf, zOpcuaPlace } from "../../../protocols/opcua-places.ts";
import { settingsAt, type Holds, type MappedVariable, type PlcMisfit } from "./plc-mapped.ts";
import type { PlcType, PlcValue } from "./plc-variables.ts";
import type { WrittenRange } from "../opcua-array-writes.ts";
import type { PlcBrowseName, PlcNode } from "./plc-nodes.ts";

/** A variable, and which part of which node it is. */
interface Part {
  readonly variable: MappedVariable;
  readonly namespaceUri: string;
  /** The id that the map gives it, or the path. */
  readonly node: string;
  readonly path: readonly PlcBrowseName[] | null;
  readonly element: number | null;
  readonly bit: number | null;
}

/**
 * The nodes that a map names, each of the narrowest type that holds what the map has in it: nothing
 * in a map says of which type a node is.
 */
export function nodesOfMap(
  map: { readonly namespaceUri: string },
  variables: readonly MappedVariable[],
): { readonly nodes: readonly PlcNode[]; readonly misfits: readonly PlcMisfit[] } {
  const groups = new Map<string, Part[]>();
  const misfits: PlcMisfit[] = [];
  for (const variable of variables) {
    const place = zOpcuaPlace.parse(settingsAt(map, variable.path));
    const namespaceUri = place.namespaceUri ?? map.namespaceUri;
    const path = typeof place.node === "string" ? null : pathOf(place.node, namespaceUri);
    const part: Part = {
      variable,
      namespaceUri: path?.at(-1)?.namespaceUri ?? namespaceUri,
      node: typeof place.node === "string" ? place.node : `/${place.node.join("/")}`,
      path,
      element: place.element ?? null,
      bit: place.bit ?? null,
    };
    const name = JSON.stringify(path ?? [namespaceUri, part.node]);
    const there = groups.get(name) ?? [];
    const why = misfitIn(part, there);
    if (why !== null) misfits.push({ key: variable.key, why: `${part.node} ${why}` });
    else groups.set(name, [...there, part]);
  }
  return { nodes: [...groups.values()].map(nodeOf), misfits };
}

const pathOf = (texts: readonly string[], namespaceUri: string): readonly PlcBrowseName[] =>
  texts.map((text) => {
    const { name, namespaceUri: own } = browseNameOf(text);
    return { name, namespaceUri: own ?? namespaceUri };
  });

const standard = "http://opcfoundation.org/UA/";

/** Why the part cannot stand in its node beside those that do, to be said behind the node; or null. */
function misfitIn(part: Part, there: readonly Part[]): string | null {
  const { variable, namespaceUri, path, element, bit } = part;
  if ([{ namespaceUri }, ...(path ?? [])].some((each) => each.namespaceUri === standard))
    return "is a node of OPC UA itself: namespaceUri is the controller's";
  if (variable.size !== null && element !== null) return "is a list: element is for single values";
  const [other] = there;
  if (other === undefined) return null;
  if (variable.size !== null || other.variable.size !== null) {
    return `is ${other.variable.key} already`;
  }
  if ((element === null) !== (other.element === null)) {
    const what = other.element === null ? "no array" : "an array";
    return `is ${what} for ${other.variable.key}`;
  }
  if (isBoolean(part) !== isBoolean(other)) {
    return `cannot be Boolean and a number: it is ${other.variable.key}, too`;
  }
  const taken = there.find(
    (each) => each.element === element && (each.bit === null || bit === null || each.bit === bit),
  );
  return taken === undefined ? null : `is ${taken.variable.key} already`;
}

const isBoolean = ({ variable, bit }: Part): boolean =>
  variable.holds.kind === "flag" && bit === null;

function nodeOf(parts: readonly Part[]): PlcNode {
  const [first] = parts;
  const { namespaceUri = "", node = "", path = null, element = null, variable } = first ?? {};
  const list = variable?.size ?? null;
  const size = element === null ? list : 1 + Math.max(...parts.map((part) => part.element ?? 0));
  return {
    name: path === null ? node.slice(2) : node,
    namespaceUri,
    at: path ?? node,
    type: typeOf(parts),
    size,
    isWritable: parts.some((part) => part.variable.take !== undefined),
    read: () =>
      list !== null
        ? (variable?.show() ?? null)
        : size === null
          ? shownBy(parts)
          : arrayOf(parts, size),
    write: (value, written) => {
      for (const part of parts) takeBy(part, value, written);
    },
  };
}

/** Null as soon as one of them is of bad quality. */
function shownBy(parts: readonly Part[]): boolean | number | null {
  let shown: boolean | number | null = null;
  for (const { variable, bit } of parts) {
    const value = variable.show();
    if (value === null || typeof value === "object") return null;
    shown = bit === null ? value : Number(shown) + Number(value) * 2 ** bit;
  }
  return shown;
}

function arrayOf(parts: readonly Part[], size: number): PlcValue | null {
  const empty = parts.some(isBoolean) ? false : 0;
  const list = Array.from({ length: size }, (_, element) => {
    const here = parts.filter((part) => part.element === element);
    return here.length === 0 ? empty : shownBy(here);
  });
  const good = list.filter((value) => value !== null);
  return good.length === size ? good : null;
}

/** Of an array that was written as a whole, what is as it was has not been written. */
function takeBy({ variable, element }: Part, value: PlcValue, written: WrittenRange | null): void {
  if (variable.take === undefined) return;
  if (typeof value !== "object") return variable.take(value);
  const at = element ?? 0;
  const one = value[at];
  const isWritten = written === null ? one !== variable.show() : isIn(at, written);
  if (one !== undefined && isWritten) variable.take(one);
}

const isIn = (at: number, { from, to }: WrittenRange): boolean => at >= from && at <= to;

function typeOf(parts: readonly Part[]): PlcType {
  if (parts.some(isBoolean)) return "Boolean";
  const held = parts.map(({ variable, bit }) =>
    bit === null
      ? variable.holds
      : ({ kind: "whole", least: 0, most: 2 ** (bit + 1) - 1 } as const),
  );
  if (held.some(({ kind }) => kind === "real")) return "Double";
  const whole = held.filter(
    (each): each is Extract<Holds, { kind: "whole" }> => each.kind === "whole",
  );
  const least = Math.min(...whole.map((each) => each.least));
  const most = Math.max(...whole.map((each) => each.most));
  if (least < 0) {
    if (least >= -(2 ** 15) && most < 2 ** 15) return "Int16";
    return least >= -(2 ** 31) && most < 2 ** 31 ? "Int32" : "Int64";
  }
  return most < 2 ** 16 ? "UInt16" : most < 2 ** 32 ? "UInt32" : "UInt64";
}
