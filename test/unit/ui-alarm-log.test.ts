// Goal: one alarm is one row on the page, whatever is told of it (W3, A1). Method: records into the
// log, with a storage that outlives it.
import { describe, expect, test } from "vitest";
import { AlarmLog, graverFirst } from "../../control-ui/web/live/alarm-log.ts";
import type { AlarmView } from "../../protocols/ui/scene.ts";
import { epochMs } from "../../protocols/units.ts";

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

const alarm = (id: string, change: Partial<AlarmView> = {}): AlarmView => ({
  id,
  lineId: "L1",
  code: "jam",
  passId: null,
  params: { eyeId: "e1" },
  at: epochMs(1_000),
  state: "active",
  endedAt: null,
  ...change,
});

describe("the log of alarms", () => {
  test("what matters most comes first, and what stands before a graver danger that is over", () => {
    const log = new AlarmLog(memory());
    const over = { state: "returned", endedAt: epochMs(2_000) } as const;
    log.add(alarm("stop", { code: "emergencyStop" }));
    log.add(alarm("jam"));
    log.add(alarm("green", { code: "unexpectedInGreen", ...over }));
    const isActive = ({ state }: AlarmView): boolean => state === "active";
    const sorted = log.unread.value.toSorted(graverFirst(isActive));
    expect(sorted.map(({ alarm: { id } }) => id)).toEqual(["stop", "jam", "green"]);
  });

  test("an alarm that returns is the same row, says when, and stays read", () => {
    const log = new AlarmLog(memory());
    log.add(alarm("a"));
    log.add(alarm("b"));
    log.markAllRead();
    log.add(alarm("a", { state: "returned", endedAt: epochMs(2_000) }));
    expect(log.entries.value.map(({ alarm: { id, state } }) => [id, state])).toEqual([
      ["b", "active"],
      ["a", "returned"],
    ]);
    expect(log.unread.value).toEqual([]);
  });

  test("one that has returned before anybody saw it is still news", () => {
    const log = new AlarmLog(memory());
    log.add(alarm("a"));
    log.add(alarm("a", { state: "returned", endedAt: epochMs(2_000) }));
    expect(log.unread.value.map(({ alarm: { state } }) => state)).toEqual(["returned"]);
  });

  test("outlives a reload; what an older page has stored in another shape is let go", () => {
    const storage = memory();
    new AlarmLog(storage).add(alarm("a"));
    expect(new AlarmLog(storage).entries.value).toHaveLength(1);
    storage.setItem("sortline.alarms", JSON.stringify([{ alarm: { id: "a" }, isRead: true }]));
    expect(new AlarmLog(storage).entries.value).toEqual([]);
  });
});
