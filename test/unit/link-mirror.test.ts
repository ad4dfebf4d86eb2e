// Goal: a line agent relies on a clearance record only while it certainly is what the centre says
// (law 12). Method: feed the mirror streams by hand, one fault at a time.
import { describe, expect, test } from "vitest";
import {
  applyClearance,
  claimsHeldMax,
  emptyClearanceMirror,
  lookup,
  type ClearanceMirror,
} from "../../edge/line/clearance-mirror.ts";
import { digestOfClaims } from "../../edge/line/held-claims.ts";
import type { ClearanceMessage } from "../../protocols/link.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { record } from "../centre/kit/records.ts";

const leaseMs = 5_000;
/** The centre had heard us just now: the lease counts from arrival. */
const heardAt = Number.MAX_SAFE_INTEGER;
const at = monotonicMs;

/** The message as it is when the centre had heard us last at `ms`. */
const heardWhen = (message: ClearanceMessage, ms: number): ClearanceMessage =>
  "heardAt" in message ? { ...message, heardAt: ms } : message;

/** Each waybill is asked for by one pass. */
const claimOn = (waybill: string) => ({ passId: `p-${waybill}`, waybill });
const held = (mirror: ClearanceMirror, waybill: string, ms: number) =>
  lookup(mirror, claimOn(waybill), at(ms));

/** A heartbeat over what the agent holds. */
const beat = (
  mirror: ClearanceMirror,
  body: Partial<Extract<ClearanceMessage, { kind: "heartbeat" }>> = {},
): ClearanceMessage => ({
  kind: "heartbeat",
  stream: "s1",
  seq: 3,
  leaseMs,
  heardAt,
  ...digestOfClaims(mirror.held),
  ...body,
});

const whole = (stream: string, waybills: readonly string[]): ClearanceMessage[] => [
  { kind: "snapshotBegin", stream, seq: 0, claimsTotal: waybills.length },
  {
    kind: "snapshotPart",
    stream,
    seq: 1,
    claims: waybills.map((waybill) => ({ ...claimOn(waybill), record: record(waybill) })),
  },
  { kind: "snapshotEnd", stream, seq: 2, leaseMs, heardAt },
];

function mirrorOf(...waybills: readonly string[]): ClearanceMirror {
  const mirror = emptyClearanceMirror();
  for (const message of whole("s1", waybills)) applyClearance(mirror, message, at(1_000));
  return mirror;
}

const isTrusted = (mirror: ClearanceMirror, waybill: string, ms: number): boolean => {
  const { record, isLeaseRunning } = held(mirror, waybill, ms);
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
    expect(held(mirror, "W999", 0).record).toBeNull();
  });

  test("the lease ends exactly leaseMs after arrival, and a heartbeat renews it", () => {
    const mirror = mirrorOf("W001");
    expect(isTrusted(mirror, "W001", 5_999)).toBe(true);
    expect(isTrusted(mirror, "W001", 6_000)).toBe(false);
    applyClearance(mirror, beat(mirror), at(6_500));
    expect(isTrusted(mirror, "W001", 11_499)).toBe(true);
    expect(isTrusted(mirror, "W001", 11_500)).toBe(false);
  });

  test("law 12: a message that was long under way does not stretch the lease", () => {
    const mirror = mirrorOf("W001");
    applyClearance(mirror, beat(mirror, { heardAt: 2_000 }), at(6_500));
    expect(isTrusted(mirror, "W001", 6_999)).toBe(true);
    expect(isTrusted(mirror, "W001", 7_000)).toBe(false);
    applyClearance(mirror, beat(mirror, { seq: 4, heardAt: 2_500 }), at(40_000));
    expect(isTrusted(mirror, "W001", 40_000)).toBe(false);
  });

  test("a change replaces what is held, ends passes, and says nothing of anything else", () => {
    const mirror = mirrorOf("W001", "W002");
    const controlled = record("W001", { version: 2, reasons: [{ code: "manualControl" }] });
    const change = { kind: "change", stream: "s1", seq: 3 } as const;
    const records = [controlled, record("W003")];
    applyClearance(mirror, { ...change, records, ended: ["p-W002", "p-W009"] }, at(1_500));
    expect(held(mirror, "W001", 1_500).record?.standing).toBe("notReleasable");
    expect(held(mirror, "W002", 1_500).record).toBeNull();
    expect(held(mirror, "W003", 1_500).record).toBeNull();
    expect(mirror.held.claimsTotal).toBe(1);
  });

  test("an answer brings its record, for its own pass and as long as that is open", () => {
    const mirror = mirrorOf();
    const answer = { kind: "claimAnswer", lineId: "L1", granted: true, why: null } as const;
    const told = { kind: "claimAnswer", stream: "s1", isHeld: true } as const;
    const one = { ...told, seq: 3, answer: { ...answer, ...claimOn("W001") } };
    applyClearance(mirror, { ...one, record: record("W001") }, at(1_500));
    expect(isTrusted(mirror, "W001", 1_500)).toBe(true);
    const another = { passId: "p-other", waybill: "W001" };
    expect(lookup(mirror, another, at(1_500)).record).toBeNull();
    const over = { ...told, seq: 4, isHeld: false, answer: { ...answer, ...another } };
    applyClearance(mirror, { ...over, record: record("W001") }, at(1_500));
    expect(lookup(mirror, another, at(1_500)).record).toBeNull();
    applyClearance(
      mirror,
      { kind: "change", stream: "s1", seq: 5, records: [], ended: ["p-W001"] },
      at(1_500),
    );
    expect(held(mirror, "W001", 1_500).record).toBeNull();
  });

  test.each([
    ["another number of claims", { claims: 2 }, "1 claims held, 2 told"],
    ["other claims", { claimsHash: "0".repeat(64) }, "other claims held than the 1 told"],
  ])("a heartbeat over %s renews nothing and is a gap", (_name, body, why) => {
    const mirror = mirrorOf("W001");
    const applied = applyClearance(mirror, beat(mirror, body), at(1_500));
    expect(applied).toEqual({ kind: "gap", why });
    expect(isTrusted(mirror, "W001", 1_500)).toBe(false);
  });

  test("a repeated message changes nothing, above all not the lease", () => {
    const mirror = mirrorOf("W001");
    const once = beat(mirror);
    applyClearance(mirror, once, at(2_000));
    expect(applyClearance(mirror, once, at(6_900))).toEqual({
      kind: "accepted",
      isDuplicate: true,
    });
    expect(isTrusted(mirror, "W001", 6_999)).toBe(true);
    expect(isTrusted(mirror, "W001", 7_000)).toBe(false);
  });
});

describe("law 12: a gap is doubt until the next snapshot is complete", () => {
  const gaps: readonly (readonly [string, ClearanceMessage])[] = [
    ["a missing number", beat(mirrorOf("W001"), { seq: 4 })],
    [
      "DEV1-4: an unknown stream, as a foreign centre on the broker has it",
      beat(mirrorOf("W001"), { stream: "s2" }),
    ],
    ["a part outside a snapshot", { kind: "snapshotPart", stream: "s1", seq: 3, claims: [] }],
    ["a second end", { kind: "snapshotEnd", stream: "s1", seq: 3, leaseMs, heardAt }],
    ["a begin with a number", { kind: "snapshotBegin", stream: "s2", seq: 1, claimsTotal: 0 }],
    [
      "a snapshot that is too large",
      { kind: "snapshotBegin", stream: "s2", seq: 0, claimsTotal: claimsHeldMax + 1 },
    ],
  ];

  test.each(gaps)("%s", (_name, message) => {
    const mirror = mirrorOf("W001");
    expect(applyClearance(mirror, message, at(2_000)).kind).toBe("gap");
    expect(isTrusted(mirror, "W001", 2_000)).toBe(false);
    // What it said is still readable: a reason it names adds doubt.
    expect(held(mirror, "W001", 2_000).record).not.toBeNull();
    // The right number does not help any more, and neither does a heartbeat.
    expect(applyClearance(mirror, beat(mirror), at(2_000)).kind).toBe("gap");
    for (const part of whole("s3", ["W001"])) applyClearance(mirror, part, at(3_000));
    expect(isTrusted(mirror, "W001", 3_000)).toBe(true);
  });

  test("a late copy of a stream that was left is no news, whole or in parts", () => {
    const mirror = mirrorOf("W001");
    for (const message of whole("s2", ["W002"])) applyClearance(mirror, message, at(2_000));
    const late = [...whole("s1", ["W001"]), beat(mirror, { claims: 1 })];
    for (const message of late.map((one) => heardWhen(one, 2_000))) {
      const applied = applyClearance(mirror, message, at(2_500));
      expect(applied).toEqual({ kind: "accepted", isDuplicate: true });
    }
    expect(isTrusted(mirror, "W002", 2_500)).toBe(true);
    expect(held(mirror, "W001", 2_500).record).toBeNull();
  });

  test("a beginning that came behind a younger one is followed until the younger speaks", () => {
    const mirror = mirrorOf("W001");
    for (const message of whole("s3", ["W001"])) applyClearance(mirror, message, at(2_000));
    const [begin] = whole("s2", ["W001"]);
    expect(applyClearance(mirror, begin!, at(2_500)).kind).toBe("accepted");
    const younger = (ms: number) => heardWhen(beat(mirror, { stream: "s3" }), ms);
    // Said before, it may be as old as any late copy.
    const same = applyClearance(mirror, younger(2_500), at(3_000));
    expect(same).toEqual({ kind: "accepted", isDuplicate: true });
    const why = "stream s3 is younger than the one followed";
    expect(applyClearance(mirror, younger(2_501), at(3_000))).toEqual({ kind: "gap", why });
    const next = whole("s4", ["W001"]).map((one) => heardWhen(one, 3_001));
    for (const message of next) applyClearance(mirror, message, at(3_500));
    expect(isTrusted(mirror, "W001", 3_500)).toBe(true);
  });

  test("a whole stream that came behind a younger one leases nothing", () => {
    const mirror = mirrorOf("W001");
    const [begin, , end] = whole("s3", []);
    for (const message of [begin!, { ...end!, seq: 1 }]) applyClearance(mirror, message, at(2_000));
    // In the younger one it was held back, and the centre has heard so.
    for (const message of whole("s2", ["W001"])) {
      applyClearance(mirror, heardWhen(message, 2_000), at(2_500));
    }
    expect(held(mirror, "W001", 2_500).record).not.toBeNull();
    expect(isTrusted(mirror, "W001", 2_500)).toBe(false);
    const [late, later] = [2_000, 2_001].map((ms, index) =>
      heardWhen(beat(mirror, { stream: "s2", seq: 3 + index }), ms),
    );
    applyClearance(mirror, late!, at(2_500));
    expect(isTrusted(mirror, "W001", 2_500)).toBe(false);
    // Only a stream that is no older can be told what we said since the other one began.
    applyClearance(mirror, later!, at(2_500));
    expect(isTrusted(mirror, "W001", 2_500)).toBe(true);
  });

  test("more claims than an agent may hold are a gap, in a snapshot and one by one", () => {
    const mirror = mirrorOf();
    mirror.held.claimsTotal = claimsHeldMax;
    const answer = { kind: "claimAnswer", lineId: "L1", granted: true, why: null } as const;
    const told = { kind: "claimAnswer", stream: "s1", seq: 3, isHeld: true, record: null } as const;
    const one = { ...told, answer: { ...answer, ...claimOn("W001") } };
    expect(applyClearance(mirror, one, at(1_500)).kind).toBe("gap");
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
      why: "0 of 1 claims came",
    });
  });

  test("a change in the middle of a snapshot is a gap", () => {
    const mirror = emptyClearanceMirror();
    applyClearance(mirror, whole("s1", ["W001"])[0]!, at(0));
    const place = { stream: "s1", seq: 1 };
    const change: ClearanceMessage = { kind: "change", ...place, records: [], ended: [] };
    expect(applyClearance(mirror, change, at(0)).kind).toBe("gap");
  });

  test("a new snapshot drops what is not in it", () => {
    const mirror = mirrorOf("W001", "W002");
    for (const message of whole("s2", ["W002"])) applyClearance(mirror, message, at(2_000));
    expect(held(mirror, "W001", 2_000).record).toBeNull();
    expect(isTrusted(mirror, "W002", 2_000)).toBe(true);
  });
});
