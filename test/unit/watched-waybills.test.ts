/**
 * Goal: of what the passes on the belts have asked for everything is known at once, and nothing is
 * believed that has not happened. Method: views by hand, and readings that are answered late.
 */
import { describe, expect, test } from "vitest";
import {
  createWatchedWaybills,
  type LookAgain,
} from "../../edge/centre/documents/watched-waybills.ts";
import type { WaybillView } from "../../edge/centre/documents/waybill-view.ts";
import type { RowChange } from "../../edge/clearance/working-set.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import { record } from "../centre/kit/records.ts";

const viewOf = (version: number, passesTotal = 0): WaybillView => ({
  manifest: { record: record("W1", { version }), pieces: 1 },
  passesTotal,
});

function rig() {
  const looks: { readonly waybill: string; readonly again: LookAgain }[] = [];
  const watched = createWatchedWaybills({
    look: (waybill, again) => void looks.push({ waybill, again }),
  });
  return { watched, looks };
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
    expect(watched.at("W1")).toEqual({ manifest: { record: next, pieces: 3 }, passesTotal: 2 });
    expect(watched.at("W2")).toBeNull();
    watched.remove("W1");
    expect(watched.at("W1")).not.toBeNull();
    watched.remove("W1");
    expect(watched.at("W1")).toBeNull();
  });

  test("after something that has not happened nothing is known until it is read again", () => {
    const { watched, looks } = rig();
    watched.add("W1", viewOf(2));
    watched.distrust();
    expect([watched.at("W1"), looks.length]).toEqual([null, 1]);
    // The disk fails once more, and what changes meanwhile makes no view.
    looks[0]!.again.missed();
    watched.change([changed({ table: "releases", key: "W1", value: ["p1"] })]);
    expect(watched.at("W1")).toBeNull();
    watched.lookAgain();
    const told = looks[1]!.again.seen(viewOf(1));
    expect([told?.version, watched.at("W1")]).toEqual([1, viewOf(1)]);
    // It is told once.
    watched.lookAgain();
    expect(looks).toHaveLength(2);
  });

  test("one that was seen and is not durable after all is read once more", () => {
    const { watched, looks } = rig();
    watched.add("W1", viewOf(2));
    watched.distrust();
    looks[0]!.again.seen(viewOf(1));
    looks[0]!.again.missed();
    expect(watched.at("W1")).toBeNull();
    watched.lookAgain();
    expect(looks).toHaveLength(2);
  });

  test("one that nobody watches any more is told to nobody", () => {
    const { watched, looks } = rig();
    watched.add("W1", viewOf(2));
    watched.distrust();
    watched.remove("W1");
    expect(looks[0]!.again.seen(viewOf(1))).toBeNull();
    watched.lookAgain();
    expect(looks).toHaveLength(1);
  });
});
