/**
 * Goal: of what the passes on the belts have asked for everything is known at once, and nothing is
 * believed that has not happened. Method: views by hand, and readings that are answered late.
 */
import { describe, expect, test } from "vitest";
import {
  createWatchedWaybills,
  readTogetherMax,
  type ReadAgain,
} from "../../edge/centre/documents/watched-waybills.ts";
import type { WaybillView } from "../../edge/centre/documents/waybill-view.ts";
import type { RowChange } from "../../edge/clearance/working-set.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import { record } from "../centre/kit/records.ts";

const viewOf = (version: number): WaybillView => ({
  manifest: { record: record("W1", { version }), pieces: 1 },
  passIds: [],
});

function rig() {
  const readings: { readonly waybills: readonly string[]; readonly again: ReadAgain }[] = [];
  const watched = createWatchedWaybills({
    read: (waybills, again) => void readings.push({ waybills, again }),
  });
  return { watched, readings };
}

const changed = (each: Pick<RowChange, "table" | "key"> & { readonly value: unknown }): RowChange =>
  ({ ...each, wasThere: true, isLast: false }) as RowChange;

describe("watched waybills", () => {
  test("are known as often as somebody watches them, and as their rows change", () => {
    const { watched } = rig();
    watched.add("W1", viewOf(1));
    watched.add("W1", viewOf(1));
    const next: ClearanceRecord = record("W1", { version: 2 });
    watched.change([
      changed({ table: "cases", key: "W1", value: { record: next, manifest: { pieces: 3 } } }),
      changed({ table: "releases", key: "W1", value: ["p1", "p2"] }),
      changed({ table: "cases", key: "W2", value: { record: next, manifest: { pieces: 1 } } }),
    ]);
    expect(watched.at("W1")).toEqual({
      manifest: { record: next, pieces: 3 },
      passIds: ["p1", "p2"],
    });
    expect(watched.at("W2")).toBeNull();
    watched.remove("W1");
    expect(watched.at("W1")).not.toBeNull();
    watched.remove("W1");
    expect(watched.at("W1")).toBeNull();
  });

  test("after something that has not happened nothing is known until it is read again", () => {
    const { watched, readings } = rig();
    watched.add("W1", viewOf(2));
    watched.distrust();
    expect([watched.at("W1"), readings.length]).toEqual([null, 1]);
    // The disk fails once more, and what changes meanwhile makes no view.
    readings[0]!.again.onEnd(["W1"]);
    watched.change([changed({ table: "releases", key: "W1", value: ["p1"] })]);
    expect([watched.at("W1"), readings.length]).toEqual([null, 1]);
    watched.lookAgain();
    const told = readings[1]!.again.seen("W1", viewOf(1));
    readings[1]!.again.onEnd([]);
    expect([told?.version, watched.at("W1")]).toEqual([1, viewOf(1)]);
    // It is told once.
    watched.lookAgain();
    expect(readings).toHaveLength(2);
  });

  test("one that was seen and is not durable after all is read once more", () => {
    const { watched, readings } = rig();
    watched.add("W1", viewOf(2));
    watched.distrust();
    readings[0]!.again.seen("W1", viewOf(1));
    readings[0]!.again.onEnd(["W1"]);
    expect(watched.at("W1")).toBeNull();
    watched.lookAgain();
    expect(readings).toHaveLength(2);
  });

  test("one that nobody watches any more is told to nobody", () => {
    const { watched, readings } = rig();
    watched.add("W1", viewOf(2));
    watched.distrust();
    watched.remove("W1");
    expect(readings[0]!.again.seen("W1", viewOf(1))).toBeNull();
    readings[0]!.again.onEnd([]);
    watched.lookAgain();
    expect(readings).toHaveLength(1);
  });

  test("while the disk hangs one reading waits and no second, whatever fails meanwhile", () => {
    const { watched, readings } = rig();
    watched.add("W1", viewOf(2));
    for (let second = 0; second < 9; second += 1) {
      watched.distrust();
      watched.lookAgain();
    }
    expect(readings).toHaveLength(1);
  });

  test("one whose rows are damaged keeps no other one waiting, and is asked for again", () => {
    const { watched, readings } = rig();
    watched.add("W0", null);
    for (let index = 1; index <= readTogetherMax; index += 1) watched.add(`W${index}`, viewOf(2));
    watched.distrust();
    const [first] = readings;
    for (const waybill of first!.waybills.slice(1)) first!.again.seen(waybill, viewOf(1));
    first!.again.onEnd(["W0"]);
    expect([watched.at("W0"), watched.at("W1")]).toEqual([null, viewOf(1)]);
    expect(readings).toHaveLength(1);
    watched.lookAgain();
    expect(readings[1]?.waybills).toEqual([`W${readTogetherMax}`, "W0"]);
  });

  test("very many are read one part after the other", () => {
    const { watched, readings } = rig();
    const total = readTogetherMax * 2 + 1;
    for (let index = 0; index < total; index += 1) watched.add(`W${index}`, viewOf(2));
    watched.distrust();
    for (let index = 0; index < 3; index += 1) {
      expect(readings).toHaveLength(index + 1);
      const { waybills, again } = readings[index]!;
      for (const waybill of waybills) again.seen(waybill, viewOf(2));
      again.onEnd([]);
    }
    expect(readings.map(({ waybills }) => waybills.length)).toEqual([200, 200, 1]);
    expect(watched.at("W0")).not.toBeNull();
    expect(watched.at(`W${total - 1}`)).not.toBeNull();
  });
});
