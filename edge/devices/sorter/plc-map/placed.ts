import { z } from "zod";
import type { PlcMeaning } from "./meaning.ts";
import { mappedVariables, type MappedVariable } from "./variables.ts";

/**
 * Each variable of a map with the place where the configuration has it, under the same key; `read`
 * takes the place out of what stands there beside it.
 */
export const placedVariables = <Place>(
  map: PlcMeaning,
  read: (settings: unknown) => Place,
): (MappedVariable & { readonly place: Place })[] =>
  mappedVariables(map).map((variable) => ({
    ...variable,
    place: read(settingsAt(map, variable.key)),
  }));

function settingsAt(map: object, key: string): unknown {
  let at: unknown = map;
  for (const part of key.split(".")) at = zFields.parse(at)[part];
  return at;
}

const zFields = z.record(z.string(), z.unknown());
