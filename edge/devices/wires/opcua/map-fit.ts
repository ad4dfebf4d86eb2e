import type { MapMisfit, PlacedVariable } from "../../mapped-variable.ts";
import type { OpcuaPlace } from "./variables.ts";

/**
 * Two variables in one place, unless both are bits of it that are only read: an answer that is read
 * where we have written it would agree with everything. `namespaceUri` is that of all who name none.
 */
export function sharedNodes(
  variables: readonly PlacedVariable<OpcuaPlace>[],
  namespaceUri: string,
): MapMisfit[] {
  const before = new Map<string, PlacedVariable<OpcuaPlace>[]>();
  const misfits: MapMisfit[] = [];
  for (const variable of variables) {
    const { place, path } = variable;
    const node = `${place.namespaceUri ?? namespaceUri} ${place.node}`;
    const others = before.get(node) ?? [];
    const owner = others.find((other) => !areApart(other.place, place));
    if (owner !== undefined) misfits.push({ path, why: `${place.node} is ${owner.key} already` });
    before.set(node, [...others, variable]);
  }
  return misfits;
}

/** Different elements, or different bits of one; a whole value has all of both. */
function areApart(one: OpcuaPlace, other: OpcuaPlace): boolean {
  if (one.element !== other.element)
    return one.element !== undefined && other.element !== undefined;
  return one.bit !== undefined && other.bit !== undefined && one.bit !== other.bit;
}
