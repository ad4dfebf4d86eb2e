import { describe, expect, test } from "vitest";
import { createCheckpoints } from "../../edge/centre/checkpoint.ts";
import { newLineSessions } from "../../edge/centre/lines/line-sessions.ts";
import { endUntold, newPassBook, takeFact } from "../../edge/centre/lines/passes.ts";
import { newScene } from "../../edge/centre/page/scene.ts";
import type { Fact } from "../../protocols/facts.ts";
import { beltCount, epochMs } from "../../protocols/units.ts";
import { centreConfig } from "../centre/kit/config.ts";

/**
 * Goal: a checkpoint names the first record that a restart still needs: of what is open, of what may
 * still be told of, and of stories, also of those that are not read back yet. Method: the places in one
 * that is made of a few passes.
 */
const inducted = (passId: string): Fact => ({ kind: "inducted", passId, frontCount: beltCount(1) });
const lost = (passId: string): Fact => ({ kind: "lost", passId, lastSeenMm: 1 });
const chain = "agent-L1";

function placesAfter(facts: ReadonlyMap<number, Fact>, unreadFrom: ReadonlyMap<string, number>) {
  const passes = newPassBook();
  const scene = newScene(centreConfig(), passes, new Map(), epochMs(0));
  for (const [seq, fact] of facts) {
    const stamped = { lineId: "L1", wallAt: epochMs(seq), count: beltCount(seq), fact };
    takeFact(passes, stamped, { chain, seq });
  }
  const checkpoints = createCheckpoints({
    passes,
    sessions: newLineSessions(),
    scene,
    storiesUnreadFrom: () => unreadFrom,
  });
  return {
    passes,
    places: () => checkpoints.make(new Map([[chain, 90]])).chains,
  };
}

const facts = new Map([
  [31, inducted("a")],
  [32, inducted("b")],
  [33, lost("a")],
]);

describe("a checkpoint", () => {
  test("names where open passes and stories begin", () => {
    expect(placesAfter(facts, new Map()).places()).toEqual([
      { chain, appliedSeq: 90, openFromSeq: 32, storiesFromSeq: 31 },
    ]);
    expect(placesAfter(new Map(), new Map()).places()).toEqual([
      { chain, appliedSeq: 90, openFromSeq: 91, storiesFromSeq: 91 },
    ]);
  });

  test("keeps where stories begin that are not read back yet: the next restart needs them as well", () => {
    expect(placesAfter(facts, new Map([[chain, 7]])).places()).toMatchObject([
      { openFromSeq: 32, storiesFromSeq: 7 },
    ]);
  });

  test("counts a pass whose end is untold as one that may still be told of", () => {
    const { passes, places } = placesAfter(facts, new Map());
    endUntold(passes, () => true);
    expect(places()).toMatchObject([{ openFromSeq: 32, storiesFromSeq: 31 }]);
  });
});
