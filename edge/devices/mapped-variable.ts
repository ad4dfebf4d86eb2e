import { z } from "zod";
import type { VariableNeed } from "./variables.ts";

/** One variable of a map. Its key is where it stands in the configuration. */
export interface MappedVariable {
  readonly key: string;
  /** The parts of the key, of which each may have dots. */
  readonly path: readonly string[];
  readonly need: VariableNeed;
  readonly isRead: boolean;
  readonly isWritten: boolean;
}

/** Why a map cannot work, by the parts of the key. */
export interface MapMisfit {
  readonly path: readonly string[];
  readonly why: string;
}

/** Each misfit as an issue of the configuration, by its key. */
export function refuseMisfits(
  context: z.RefinementCtx,
  misfitsOf: () => readonly MapMisfit[],
): void {
  // What is not even of its kind is said already.
  if (context.issues.length > 0) return;
  for (const { path, why } of misfitsOf()) {
    context.addIssue({ code: "custom", path: [...path], message: why });
  }
}

export type PlacedVariable<Place> = MappedVariable & { readonly place: Place };

export const readAt = (path: readonly string[], need: VariableNeed): MappedVariable => ({
  key: path.join("."),
  path,
  need,
  isRead: true,
  isWritten: false,
});

/** The parts of this key have no dots. */
export const readOf = (key: string, need: VariableNeed): MappedVariable =>
  readAt(key.split("."), need);

export const writtenOf = (key: string, need: VariableNeed): MappedVariable => ({
  ...readOf(key, need),
  isRead: false,
  isWritten: true,
});

export const flagNeed = { kind: "flag" } as const;
export const numberNeed = { kind: "number" } as const;
export const wordNeed = { kind: "word" } as const;
export const upTo = (most: number) => ({ kind: "integer", least: 0, most }) as const;
/** What we number ourselves stays positive in so many bits, so that a signed variable holds it. */
export const numberMax = (bits: 16 | 32): number => 2 ** (bits - 1) - 1;

/**
 * Each variable of a map with the place where the configuration has it, under the same key; `read`
 * takes the place out of what stands there beside it.
 */
export const placedVariables = <Place>(
  map: object,
  variables: readonly MappedVariable[],
  read: (settings: unknown) => Place,
): PlacedVariable<Place>[] =>
  variables.map((variable) => ({ ...variable, place: read(settingsAt(map, variable.path)) }));

function settingsAt(map: object, path: readonly string[]): unknown {
  let at: unknown = map;
  for (const part of path) at = zFields.parse(at)[part];
  return at;
}

const zFields = z.record(z.string(), z.unknown());
