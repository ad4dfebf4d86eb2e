/** Many at once: a map that loses its first one at each turn becomes slow to begin with. */
export function forgetOldest<V>(map: Map<string, V>, keepMax: number): string[] {
  const forgotten = [...map.keys()].slice(0, Math.max(0, map.size - keepMax));
  for (const key of forgotten) map.delete(key);
  return forgotten;
}
