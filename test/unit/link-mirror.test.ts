// Goal: a line agent relies on a clearance record only while it certainly is what the centre says
// (law 12). Method: feed the mirror streams by hand, one fault at a time.
import { describe, expect, test } from "vitest";
import {
  applyClearance,
  clearanceRecordsMax,
  emptyClearanceMirror,
  lookup,
  type ClearanceMirror,
} from "../../edge/line/clearance-mirror.ts";
import type { ClearanceMessage } from "../../protocols/link.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { record } from "../centre/kit/records.ts";

const leaseMs = 5_000;
/** The centre had heard us just now: the lease counts from arrival. */
const heardAt = Number.MAX_SAFE_INTEGER;
const at = monotonicMs;

const whole = (stream: string, waybills: readonly string[]): ClearanceMessage[] => [
  { kind: "snapshotBegin", stream, seq: 0, recordsTotal: waybills.length },
  { kind: "snapshotPart", stream, seq: 1, records: waybills.map((waybill) => record(waybill)) },
  { kind: "snapshotEnd", stream, seq: 2, leaseMs, heardAt },
];

function mirrorOf(...waybills: readonly string[]): ClearanceMirror {
  const mirror = emptyClearanceMirror();
  for (const message of whole("s1", waybills)) applyClearance(mirror, message, at(1_000));
  return mirror;
}

const isTrusted = (mirror: ClearanceMirror, waybill: string, ms: number): boolean => {
  const { record, isLeaseRunning } = lookup(mirror, waybill, at(ms));
  return record !== null && isLeaseRunning;
};

describe("law 12: snapshot, change, heartbeat", () => {
  test("nothing is trusted before the snapshot's end, everything after it", () => {
    const mirror = emptyClearanceMirror();
    const [begin, part, end] = whole("s1", ["W001"]) as [
      ClearanceMessage,
      ClearanceMessage,
      ClearanceMessage,
    ];
    applyClearance(mirror, begin, at(0));
    applyClearance(mirror, part, at(0));
    expect(isTrusted(mirror, "W001", 0)).toBe(false);
    expect(applyClearance(mirror, end, at(0))).toEqual({ kind: "accepted", isDuplicate: false });
    expect(isTrusted(mirror, "W001", 0)).toBe(true);
    expect(lookup(mirror, "W999", at(0)).record).toBeNull();
  });

  test("the lease ends exactly leaseMs after arrival, and a heartbeat renews it", () => {
    const mirror = mirrorOf("W001");
    expect(isTrusted(mirror, "W001", 5_999)).toBe(true);
    expect(isTrusted(mirror, "W001", 6_000)).toBe(false);
    applyClearance(
      mirror,
      { kind: "heartbeat", stream: "s1", seq: 3, leaseMs, heardAt },
      at(6_500),
    );
    expect(isTrusted(mirror, "W001", 11_499)).toBe(true);
    expect(isTrusted(mirror, "W001", 11_500)).toBe(false);
  });

  test("law 12: a message that was long under way does not stretch the lease", () => {
    const mirror = mirrorOf("W001");
    const beat = { kind: "heartbeat", stream: "s1", leaseMs } as const;
    applyClearance(mirror, { ...beat, seq: 3, heardAt: 2_000 }, at(6_500));
    expect(isTrusted(mirror, "W001", 6_999)).toBe(true);
    expect(isTrusted(mirror, "W001", 7_000)).toBe(false);
    applyClearance(mirror, { ...beat, seq: 4, heardAt: 2_500 }, at(40_000));
    expect(isTrusted(mirror, "W001", 40_000)).toBe(false);
  });

  test("a change replaces and removes", () => {
    const mirror = mirrorOf("W001", "W002");
    const held = record("W001", { version: 2, reasons: [{ code: "manualControl" }] });
    const change = { kind: "change", stream: "s1", seq: 3 } as const;
    applyClearance(mirror, { ...change, records: [held], removed: ["W002"] }, at(1_500));
    expect(lookup(mirror, "W001", at(1_500)).record?.standing).toBe("notReleasable");
    expect(lookup(mirror, "W002", at(1_500)).record).toBeNull();
  });

  test("a repeated message changes nothing, above all not the lease", () => {
    const mirror = mirrorOf("W001");
    const beat: ClearanceMessage = { kind: "heartbeat", stream: "s1", seq: 3, leaseMs, heardAt };
    applyClearance(mirror, beat, at(2_000));
    expect(applyClearance(mirror, beat, at(6_900))).toEqual({
      kind: "accepted",
      isDuplicate: true,
    });
    expect(isTrusted(mirror, "W001", 6_999)).toBe(true);
    expect(isTrusted(mirror, "W001", 7_000)).toBe(false);
  });
});

describe("law 12: a gap is doubt until the next snapshot is complete", () => {
  const gaps: readonly (readonly [string, ClearanceMessage])[] = [
    ["a missing number", { kind: "heartbeat", stream: "s1", seq: 4, leaseMs, heardAt }],
    ["an unknown stream", { kind: "heartbeat", stream: "s2", seq: 3, leaseMs, heardAt }],
    ["a part outside a snapshot", { kind: "snapshotPart", stream: "s1", seq: 3, records: [] }],
    ["a second end", { kind: "snapshotEnd", stream: "s1", seq: 3, leaseMs, heardAt }],
    ["a begin with a number", { kind: "snapshotBegin", stream: "s2", seq: 1, recordsTotal: 0 }],
    [
      "a snapshot that is too large",
      { kind: "snapshotBegin", stream: "s2", seq: 0, recordsTotal: clearanceRecordsMax + 1 },
    ],
  ];

  test.each(gaps)("%s", (_name, message) => {
    const mirror = mirrorOf("W001");
    expect(applyClearance(mirror, message, at(2_000)).kind).toBe("gap");
    expect(isTrusted(mirror, "W001", 2_000)).toBe(false);
    // What it said is still readable: a reason it names adds doubt.
    expect(lookup(mirror, "W001", at(2_000)).record).not.toBeNull();
    // The right number does not help any more, and neither does a heartbeat.
    const next: ClearanceMessage = { kind: "heartbeat", stream: "s1", seq: 3, leaseMs, heardAt };
    expect(applyClearance(mirror, next, at(2_000)).kind).toBe("gap");
    for (const part of whole("s3", ["W001"])) applyClearance(mirror, part, at(3_000));
    expect(isTrusted(mirror, "W001", 3_000)).toBe(true);
  });

  test("a snapshot that lost a part is not complete", () => {
    const mirror = mirrorOf("W001");
    const [begin, , end] = whole("s2", ["W001"]) as [
      ClearanceMessage,
      ClearanceMessage,
      ClearanceMessage,
    ];
    applyClearance(mirror, begin, at(2_000));
    expect(isTrusted(mirror, "W001", 2_000)).toBe(false);
    expect(applyClearance(mirror, { ...end, seq: 1 }, at(2_000))).toEqual({
      kind: "gap",
      why: "0 of 1 records came",
    });
  });

  test("a change in the middle of a snapshot is a gap", () => {
    const mirror = emptyClearanceMirror();
    applyClearance(mirror, whole("s1", ["W001"])[0]!, at(0));
    const place = { stream: "s1", seq: 1 };
    const change: ClearanceMessage = { kind: "change", ...place, records: [], removed: [] };
    expect(applyClearance(mirror, change, at(0)).kind).toBe("gap");
  });

  test("a new snapshot drops what is not in it", () => {
    const mirror = mirrorOf("W001", "W002");
    for (const message of whole("s2", ["W002"])) applyClearance(mirror, message, at(2_000));
    expect(lookup(mirror, "W001", at(2_000)).record).toBeNull();
    expect(isTrusted(mirror, "W002", 2_000)).toBe(true);
  });
});
