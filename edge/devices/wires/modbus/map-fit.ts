import type { MapMisfit, PlacedVariable } from "../../mapped-variable.ts";
import { placeMisfit, spansOf, type ModbusPlace } from "./places.ts";

/** A variable of a map, with its registers or its coil. */
export type MappedRegisters = PlacedVariable<ModbusPlace>;

/**
 * What registers cannot be told by anybody but their engineer is what they are; all that can be told
 * from the map alone is refused before anything is connected.
 */
export function misplacedIn(variables: readonly MappedRegisters[]): MapMisfit[] {
  return variables.flatMap((variable) => {
    const why = placeMisfit(variable);
    return why === null ? [] : [{ path: variable.path, why }];
  });
}

/** Two variables in one register, unless both are bits of it that are only read. */
export function sharedRegisters(variables: readonly MappedRegisters[]): MapMisfit[] {
  const owners = new Map<string, MappedRegisters>();
  const misfits: MapMisfit[] = [];
  for (const variable of variables) {
    for (const { area, at, size } of spansOf(variable.place, variable.need)) {
      const places = Array.from({ length: size }, (_, index) => `${area} ${at + index}`);
      const taken = places.find((place) => {
        const owner = owners.get(place);
        return owner !== undefined && owner !== variable && !areBits(owner, variable);
      });
      if (taken !== undefined) {
        const owner = owners.get(taken)?.key ?? "";
        misfits.push({ path: variable.path, why: `${taken} is ${owner} already` });
        break;
      }
      for (const place of places) owners.set(place, variable);
    }
  }
  return misfits;
}

/** What is misplaced by itself; where nothing is, what shares a place with another. */
export function registerMisfits(variables: readonly MappedRegisters[]): MapMisfit[] {
  const misplaced = misplacedIn(variables);
  return misplaced.length > 0 ? misplaced : sharedRegisters(variables);
}

/** Different bits of one register. One bit that means two things is a mistake. */
const areBits = ({ place: one }: MappedRegisters, { place: other }: MappedRegisters): boolean =>
  one.bit !== undefined && other.bit !== undefined && one.bit !== other.bit;
