import { describe, expect, test } from "vitest";
import { storyRoutes, type RouteParts } from "../../edge/centre/http/document-routes.ts";
import { HttpProblem } from "../../edge/centre/http/problems.ts";
import { newPassBook, takeFact } from "../../edge/centre/lines/passes.ts";
import { person } from "../../protocols/actor.ts";
import type { Fact } from "../../protocols/facts.ts";
import { zStory } from "../../protocols/ui/http.ts";
import { beltCount, epochMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

/**
 * Goal: before the stories of before a restart are read nobody is told half of one, or that there is none
 * (S8). Method: the routes over a book as a restart leaves it: of a parcel that was on its belt with one
 * that still is, the end alone is told again.
 */
const waybill = "99012340001";
const left: Fact = {
  kind: "left",
  passId: "half",
  exit: "green",
  expected: "green",
  count: beltCount(9),
};
const told: readonly Fact[] = [
  { kind: "inducted", passId: "open", frontCount: beltCount(5) },
  { kind: "identified", passId: "half", waybill, deviceId: "s" },
  left,
];
const before: Fact = { kind: "inducted", passId: "half", frontCount: beltCount(1) };

type Reading = "endsSoon" | "goesOn" | "failed";

function stand(reading: Reading) {
  const passes = newPassBook();
  const take = (fact: Fact): unknown =>
    takeFact(
      passes,
      { lineId: "L1", wallAt: epochMs(1), count: beltCount(1), fact },
      { chain: "agent-L1", seq: 1 },
    );
  for (const fact of told) take(fact);
  const centre = {
    acts: { isAllKept: () => true },
    site: {
      passes,
      scene: { lines: new Map() },
      desk: {
        story: (_waybill: string, then: (story: object) => void) =>
          then({ kind: "seen", value: { papers: () => ({ manifest: null }), controls: [] } }),
      },
      stories: {
        warnings: () => (reading === "failed" ? ["not read"] : []),
        whenRead: () => {
          if (reading !== "endsSoon") return Promise.resolve(false);
          passes.byId.delete("half");
          passes.byWaybill.clear();
          for (const fact of [before, ...told.slice(1)]) take(fact);
          return Promise.resolve(true);
        },
      },
    },
  };
  const parts = { centre, clock: createVirtualClock() } as unknown as RouteParts;
  const routes = storyRoutes(parts);
  const ask = async (id: string, params: object) => {
    const answer = await routes
      .find((each) => each.id === id)!
      .answer({
        params,
        query: {},
        body: null,
        bytes: new Uint8Array(),
        came: { bytesTotal: 0, coding: "identity", problem: null, isCutOff: false },
        actorOf: () => person("li", "officer", "desk-1"),
      });
    if (answer instanceof HttpProblem) return answer.code;
    const story = zStory.parse(answer.payload.kind === "json" ? answer.payload.body : null);
    return story.passes.map(({ passId, timeline }) => [passId, ...timeline.map(kindOf)]);
  };
  const kindOf = ({ fact }: { readonly fact: Fact }): string => fact.kind;
  return {
    pass: (passId: string) => ask("tellPass", { passId }),
    parcel: (of: string) => ask("tellParcel", { waybill: of }),
  };
}

const whole = [["half", "inducted", "identified", "left"]];

describe("while the stories of before a restart are read", () => {
  test("a pass whose beginning is not told yet is waited for", async () => {
    expect(await stand("endsSoon").pass("half")).toEqual(whole);
    expect(await stand("endsSoon").pass("nobody")).toBe("unknownPass");
    expect(await stand("endsSoon").parcel(waybill)).toEqual(whole);
    expect(await stand("endsSoon").parcel("99012340002")).toBe("notFound");
  });

  test("where it takes longer it is neither told by halves nor called unknown", async () => {
    for (const reading of ["goesOn", "failed"] as const) {
      const { pass, parcel } = stand(reading);
      expect(await pass("half")).toBe("storiesUnread");
      expect(await pass("nobody")).toBe("storiesUnread");
      expect(await parcel(waybill)).toBe("storiesUnread");
    }
  });

  test("one that is on its belt is told at once", async () => {
    expect(await stand("goesOn").pass("open")).toEqual([["open", "inducted"]]);
  });
});
