import type { Clock } from "../../protocols/time.ts";
import { beltMisfits, createPlcOfMap } from "../devices/sorter/plc-of-map.ts";
import type { TrackPlaces } from "../devices/sorter/own-tracks.ts";
import { tellsTracks } from "../devices/sorter/plc-mapped.ts";
import type { SorterWire } from "../devices/sorter/wire.ts";
import { defaultLayout, eyeIdsOf, eyePlacesOf, type WorldLayout } from "../world/layout.ts";
import { readMapFile, type MapFile } from "./map-file.ts";
import { laidAtNodes, laidInRegisters, type ServingParts } from "./laid-map.ts";
import type { AloneOptions } from "./options.ts";

/** A controller laid out by a map, on its wire, before its belt is there. */
export interface OpenPlc {
  readonly wire: SorterWire;
  /** Where its wire is. */
  readonly at: string;
  readonly layout: WorldLayout;
  readonly outputs: MapFile["outputs"];
  /** Where its eyes stand, if it follows parcels by itself. */
  readonly tracks: TrackPlaces | null;
  close(): Promise<void>;
}

/** Rejects where the map cannot be served, by its keys, and where a port is taken. */
export async function openPlc(
  options: AloneOptions,
  { path, id: sorterId }: NonNullable<AloneOptions["map"]>,
  parts: ServingParts,
): Promise<OpenPlc> {
  const read = readMapFile({ path, sorterId, speed: options.speed });
  if (read.kind === "refused") throw new Error(read.sentences.join("\n"));
  const { map, keyOfMap, outputs } = read.file;
  const layout = read.file.layout ?? defaultLayout;
  const belt = { eyeIds: eyeIdsOf(layout), diverters: layout.diverters.map(({ exit }) => exit) };
  const { memory, variables } = createPlcOfMap(map, belt, firstBootOf(parts.clock));
  const { misfits, serve } =
    map.kind === "plc-map"
      ? laidAtNodes(map, variables, options)
      : laidInRegisters(map, variables, options.wire);
  const all = [...beltMisfits(map, belt), ...misfits];
  if (all.length > 0) {
    throw new Error(all.map(({ key, why }) => `${keyOfMap}${key}: ${why}`).join("\n"));
  }
  const tracks = tellsTracks(map) ? eyePlacesOf(layout) : null;
  return { wire: memory.wire, layout, outputs, tracks, ...(await serve(parts)) };
}

/**
 * Another one than at the start before, as long as a start takes a tenth of a second; and small enough
 * for any type that a map may give it.
 */
export const firstBootOf = (clock: Clock): number =>
  1_000 + (Math.floor(clock.wall() / 100) % 31_000);
