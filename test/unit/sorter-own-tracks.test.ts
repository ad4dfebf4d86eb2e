/**
 * Goal: a simulated controller that follows parcels gives each a number, and tells the same one at
 * each eye, until it leaves. Method: its following alone, front by front.
 */
import { describe, expect, it } from "vitest";
import { createOwnTracks } from "../../simulators/devices/sorter/own-tracks.ts";
import { defaultLayout, eyePlacesOf } from "../../simulators/world/layout.ts";

const places = eyePlacesOf(defaultLayout);
const front = (tracks: ReturnType<typeof createOwnTracks>, eyeId: string, count: number) =>
  tracks.seen(eyeId, true, count);

describe("a controller that follows parcels by itself", () => {
  it("knows where each eye of its belt stands, and which are the last ones", () => {
    expect(places).toMatchObject({
      induction: { atCount: 0, isExit: false },
      "pre-green": { atCount: 30_000, isExit: false },
      "green-chute": { atCount: 31_300, isExit: true },
      end: { atCount: 34_000, isExit: true },
    });
  });

  it("tells each parcel's number at every eye, though they are under way together", () => {
    const tracks = createOwnTracks({ places, aheadEvery: null });
    const [one, two] = [front(tracks, "induction", 1_000), front(tracks, "induction", 1_800)];
    expect([one, two]).toEqual([1, 2]);
    expect(front(tracks, "xray-entry", 6_020)).toBe(one);
    expect(tracks.seen("xray-entry", false, 6_420)).toBe(one);
    expect(front(tracks, "xray-entry", 6_790)).toBe(two);
    expect(front(tracks, "pre-red", 28_030)).toBe(one);
    expect(front(tracks, "red-chute", 29_330)).toBe(one);
    expect(front(tracks, "pre-green", 31_790)).toBe(two);
    expect(front(tracks, "end", 35_790)).toBe(two);
  });

  it("has no number for what nobody inducted, for what has left, and after a start", () => {
    const tracks = createOwnTracks({ places, aheadEvery: null });
    expect(front(tracks, "xray-entry", 9_000)).toBe(0);
    front(tracks, "induction", 10_000);
    expect(front(tracks, "end", 44_000)).toBe(1);
    expect(front(tracks, "end", 44_000)).toBe(0);
    front(tracks, "induction", 50_000);
    tracks.restart();
    expect(front(tracks, "xray-entry", 55_000)).toBe(0);
  });

  it("tells the number of the one behind at each so-many'th front, if it is such a one", () => {
    const tracks = createOwnTracks({ places, aheadEvery: 2 });
    front(tracks, "induction", 1_000);
    front(tracks, "induction", 3_000);
    expect(front(tracks, "xray-entry", 6_000)).toBe(1);
    expect(front(tracks, "xray-entry", 8_000)).toBe(2);
    expect(front(tracks, "pre-green", 33_000)).toBe(2);
    expect(front(tracks, "pre-green", 31_000)).toBe(2);
    expect(tracks.seen("pre-green", false, 31_400)).toBe(2);
  });

  it("tells a wrong one where it is made to, and goes on with its own", () => {
    const tracks = createOwnTracks({ places, aheadEvery: null });
    front(tracks, "induction", 1_000);
    tracks.mistake([9]);
    expect(front(tracks, "xray-entry", 6_000)).toBe(9);
    expect(front(tracks, "pre-red", 28_000)).toBe(1);
  });
});
