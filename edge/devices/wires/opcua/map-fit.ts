import { browseNameOf } from "../../../../protocols/opcua-places.ts";
import type { MapMisfit, PlacedVariable } from "../../mapped-variable.ts";
import { isPath, shownNode, type OpcuaPlace } from "./nodes.ts";

/**
 * Two variables in one place, as far as the map tells: a path may lead anywhere, which shows when
 * connecting. `namespaceUri` is that of all who name none.
 */
export function sharedNodes(
  variables: readonly PlacedVariable<OpcuaPlace>[],
  namespaceUri: string,
): MapMisfit[] {
  return sharedPlaces(variables, ({ place }) => {
    const uri = place.namespaceUri ?? namespaceUri;
    if (!isPath(place.node)) return `${uri} ${place.node}`;
    const names = place.node.map(browseNameOf);
    return JSON.stringify(names.map((each) => [each.namespaceUri ?? uri, each.name]));
  }).map(({ variable: { path }, why }) => ({ path, why }));
}

interface Placed {
  readonly key: string;
  readonly place: OpcuaPlace;
}

/**
 * Two variables in one place, unless both are bits of it that are only read: an answer that is read
 * where we have written it would agree with everything. `nodeOf` names a node so that no other has
 * that name.
 */
export function sharedPlaces<Variable extends Placed>(
  variables: readonly Variable[],
  nodeOf: (variable: Variable, index: number) => string,
): { readonly variable: Variable; readonly why: string }[] {
  const before = new Map<string, Variable[]>();
  const shared: { variable: Variable; why: string }[] = [];
  variables.forEach((variable, index) => {
    const { place } = variable;
    const node = nodeOf(variable, index);
    const others = before.get(node) ?? [];
    const owner = others.find((other) => !areApart(other.place, place));
    if (owner !== undefined) {
      shared.push({ variable, why: `${shownNode(place.node)} is ${owner.key} already` });
    }
    before.set(node, [...others, variable]);
  });
  return shared;
}

/** Different elements, or different bits of one; a whole value has all of both. */
function areApart(one: OpcuaPlace, other: OpcuaPlace): boolean {
  if (one.element !== other.element)
    return one.element !== undefined && other.element !== undefined;
  return one.bit !== undefined && other.bit !== undefined && one.bit !== other.bit;
}
