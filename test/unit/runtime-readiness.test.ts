/**
 * Goal: an agent's `/healthz` is ready exactly while its lines induct, and otherwise says what the
 * line itself withholds induction for. Method: the line's core on its bench, and an agent around it
 * of which everything else is in order.
 */
import { describe, expect, it } from "vitest";
import { notReadyReasons } from "../../edge/runtime/readiness.ts";
import { beltCount } from "../../protocols/units.ts";
import { createLineBench, type Bench } from "../kit/line-bench.ts";

const counters = {
  entriesTotal: 0,
  commitsTotal: 0,
  failedTotal: 0,
  overflowsTotal: 0,
  entriesPending: 0,
};
const reasonsOf = ({ config, state }: Bench): readonly string[] =>
  notReadyReasons(
    {
      hosts: [{ config, state }],
      session: { isCentreHeard: () => true, journalDoubt: () => null },
      storage: () => ({ disk: null, logs: [], imagesNotKept: 0 }),
    },
    { health: () => ({ state: "writing", why: null, counters }) },
  );

const down = (deviceId: string) => (bench: Bench) =>
  bench.tell({ kind: "health", deviceId, state: "down", reason: null });

describe("an agent's readiness", () => {
  it("is told while nothing withholds induction", () => {
    const bench = createLineBench();
    expect(reasonsOf(bench)).toEqual(["line L1: the sorter has begun no session"]);
    bench.start();
    expect(reasonsOf(bench)).toEqual([]);
  });

  it.each<[string, (bench: Bench) => unknown, string]>([
    ["the X-ray is down", down("xray-1"), "no answer from xray-1"],
    ["the scanner is down", down("scanner-1"), "no answer from scanner-1"],
    ["the sorter is down", down("sorter-1"), "no answer from sorter-1"],
    [
      "the X-ray takes nothing",
      (bench) => bench.tell({ kind: "xrayReady", isReady: false, reason: null }),
      "the X-ray is not ready",
    ],
    [
      "a guard is open",
      (bench) => bench.sorter({ kind: "guard", guardId: "g1", isOpen: true, count: beltCount(0) }),
      "guard g1 is open",
    ],
    ["a reader is out of step", (bench) => (bench.state.reader.isInStep = false), "owes a test"],
    ["labels have slipped", (bench) => (bench.state.shift.greensToRecall = 2), "labels have"],
    ["a chute is full", (bench) => bench.chute("inspection", "full"), "chute is not ready"],
  ])("is gone when %s", (_, fault, words) => {
    const bench = createLineBench();
    bench.start();
    fault(bench);
    bench.stand(100);
    const reasons = reasonsOf(bench);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/^line L1: /);
    expect(reasons[0]).toContain(words);
  });

  it("is not taken away by a scale, without which parcels are doubted one by one", () => {
    const bench = createLineBench();
    bench.start();
    down("scale-1")(bench);
    expect(reasonsOf(bench)).toEqual([]);
  });
});
