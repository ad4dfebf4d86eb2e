import { crc32 } from "../../../protocols/crc32.ts";

/** Passes that were announced, of which so many are remembered by their track numbers. */
const tracksMax = 256;

/**
 * A pass's number follows from its name, so that a number which an earlier run of this program gave,
 * and the machine still holds, is no pass of now. None is 0, or more than `most`.
 */
export function createTracks(most = 2 ** 32 - 1) {
  const passes = new Map<number, string>();
  const utf8 = new TextEncoder();
  return {
    announce(passId: string): number {
      let track = crc32(utf8.encode(passId)) % (most + 1);
      while (track === 0 || (passes.get(track) ?? passId) !== passId) {
        track = (track + 1) % (most + 1);
      }
      passes.set(track, passId);
      forgetOldest(passes, tracksMax);
      return track;
    },
    passOf: (track: number | null): string | null =>
      track === null ? null : (passes.get(track) ?? null),
  };
}

export function forgetOldest<Key>(map: Map<Key, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
