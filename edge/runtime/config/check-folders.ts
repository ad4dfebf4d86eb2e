import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { AgentFile } from "./agent-file.ts";
import { error, type Finding } from "./finding.ts";
import { namedPlaces, type NamedPlace } from "./named-places.ts";

/**
 * A watched folder is one machine's, and one way's: whatever else lies there is moved away, the agent's
 * own journals and keys as well. So it holds nothing that is named elsewhere, and lies in nothing. Paths
 * are compared as they lead, not as they are written.
 */
export function checkFolders(file: AgentFile, configPath: string): Finding[] {
  const places = namedPlaces(file, configPath).flatMap(placesOf);
  const byPath = new Map<string, Place[]>();
  for (const place of places) byPath.set(place.real, [...(byPath.get(place.real) ?? []), place]);
  const findings = places.flatMap((place) =>
    withThoseAbove(place.real).flatMap((above) =>
      (byPath.get(above) ?? []).flatMap((other) => collisionOf(place, other)),
    ),
  );
  // What it keeps lies in it as well: once is enough.
  return [...new Map(findings.map((each) => [`${each.key} ${each.with}`, each.finding])).values()];
}

interface Place extends NamedPlace {
  /** Where it leads. */
  readonly real: string;
  /** In the order of the configuration. */
  readonly order: number;
}

/** With the folders below a watched one, which may be links. */
function placesOf(named: NamedPlace, order: number): readonly Place[] {
  const real = leadsTo(named.at);
  const kept = named.is === "watched" ? ["taken", "aside"] : [];
  const below = kept.map((name) => ({ ...named, order, real: leadsTo(join(named.at, name)) }));
  return [
    { ...named, order, real },
    ...below.filter((each) => !withThoseAbove(each.real).includes(real)),
  ];
}

interface Collision {
  readonly key: string;
  readonly with: string;
  readonly finding: Finding;
}

/** `inner` lies in `outer`, or is it. */
function collisionOf(inner: Place, outer: Place): readonly Collision[] {
  if (inner.key === outer.key || (inner.is !== "watched" && outer.is !== "watched")) return [];
  const told = (one: Place, other: Place, how: string): readonly Collision[] => [
    { key: one.key, with: other.key, finding: error(one.key, `${shown(one)} ${how}`) },
  ];
  if (inner.real === outer.real && outer.is !== "file" && inner.is !== "file") {
    const [first, later] =
      inner.is === "watched" && (outer.is !== "watched" || inner.order > outer.order)
        ? [outer, inner]
        : [inner, outer];
    return told(later, first, `is also the folder of ${first.key}: each needs its own`);
  }
  return inner.is === "watched"
    ? told(inner, outer, `lies in ${shown(outer)}, the folder of ${outer.key}: each needs its own`)
    : told(outer, inner, `holds ${shown(inner)}, which is ${inner.key}: it would be moved away`);
}

const shown = ({ at, real }: Place): string =>
  resolve(at) === real ? real : `${at} (which leads to ${real})`;

/** A path and all folders that it lies in. */
function withThoseAbove(path: string): readonly string[] {
  const above = dirname(path);
  return above === path ? [path] : [path, ...withThoseAbove(above)];
}

/** A chain of links that is longer leads nowhere. */
const linksMax = 40;

/** Of what is not there yet, or cannot be looked at, as far as that is known. */
function leadsTo(path: string, links = 0): string {
  try {
    return realpathSync(path);
  } catch {
    const above = dirname(resolve(path));
    if (above === resolve(path)) return above;
    const there = join(leadsTo(above, links), basename(path));
    const target = linkedBy(there);
    return target === null || links >= linksMax
      ? there
      : leadsTo(resolve(dirname(there), target), links + 1);
  }
}

/** Where a link leads whose target may not be there yet; null for what is none. */
function linkedBy(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
