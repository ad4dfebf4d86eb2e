// Goal: what the page is tested and pictured with is what a centre could really send.
// Method: every fixture scene and story is checked against the schemas of `protocols/ui`.
import { describe, expect, test } from "vitest";
import {
  fixtureEpoch,
  fixtureKinds,
  fixtureScene,
  imagesTotal,
  inductedAt,
  indexOfWaybill,
  waybillOf,
} from "../../control-ui/fixtures/site.ts";
import { archivedStory, panelOf, storyOf } from "../../control-ui/fixtures/stories.ts";
import { zPanel, zStory } from "../../protocols/ui/http.ts";
import { zScene } from "../../protocols/ui/scene.ts";

describe.each(fixtureKinds)("%s", (kind) => {
  test("scenes fit the schema at any moment", () => {
    for (let second = 0; second < 60; second += 7) {
      const scene = fixtureScene(kind, fixtureEpoch + second * 1_000);
      expect(zScene.safeParse(scene).error).toBeUndefined();
    }
  });

  test("M2: no pass is there twice, and parcels move on", () => {
    const before = fixtureScene(kind, fixtureEpoch);
    const after = fixtureScene(kind, fixtureEpoch + 1_000);
    for (const [id, line] of Object.entries(before.line)) {
      const moved = (after.line[id]?.motion.count ?? 0) - line.motion.count;
      expect(moved).toBe(line.motion.isRunning ? 1_000 : 0);
    }
  });
});

test("stories and panels of every kind of parcel fit the schema", () => {
  expect(zStory.safeParse(archivedStory()).error).toBeUndefined();
  for (let index = 1_200; index < 1_200 + 8 * imagesTotal; index += 1) {
    const since = inductedAt("healthy", "L1", index)!;
    const boxes = [{ x: 1, y: 1, width: 9, height: 9, label: "blade", confidence: 0.5 }];
    for (const now of [since + 5_000, since + 20_000, since + 60_000]) {
      const at = { lineId: "L1", index, kind: "healthy" as const, inductedAt: since, now, boxes };
      expect(zStory.safeParse(storyOf(at)).error).toBeUndefined();
      expect(zPanel.safeParse(panelOf(at, 26_800)).error).toBeUndefined();
    }
    expect(indexOfWaybill(waybillOf(index))).toBe(index);
  }
});
