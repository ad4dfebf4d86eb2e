import { z } from "zod";
import type { PlcMeaning } from "./meaning.ts";
import { mappedVariables, type MappedVariable } from "./variables.ts";

export type PlacedVariable<Place> = MappedVariable & { readonly place: Place };

/**
 * Each variable of a map with the place where the configuration has it, under the same key; `read`
 * takes the place out of what stands there beside it.
 */
export const placedVariables = <Place>(
  map: PlcMeaning,
  read: (settings: unknown) => Place,
): PlacedVariable<Place>[] =>
  mappedVariables(map).map((variable) => ({
    ...variable,
    place: read(settingsAt(map, variable.path)),
  }));

function settingsAt(map: object, path: readonly string[]): unknown {
  let at: unknown = map;
  for (const part of path) at = zFields.parse(at)[part];
  return at;
}

const zFields = z.record(z.string(), z.unknown());
