// Goal: every agent's mirror follows the centre: snapshot, resume, or snapshot again, with bounded
// memory and bounded bursts. Method: the real sender and mirror over a wire that can be cut.
import { describe, expect, test } from "vitest";
import { applyClearance, emptyClearanceMirror, lookup } from "../../edge/line/clearance-mirror.ts";
import { createClearanceSender } from "../../edge/link/clearance-sender.ts";
import { perMessageMax } from "../../edge/link/clearance-pending.ts";
import { pendingMax, resendMessagesMax } from "../../edge/link/clearance-stream.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { ClearanceMessage } from "../../protocols/link.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { record } from "../centre/kit/records.ts";
import { notConnected } from "../../protocols/transport.ts";

function rig(waybills: readonly string[] = ["W001", "W002"]) {
  const clock = createVirtualClock();
  const known = new Set<string>();
  const claimOn = (waybill: string) => ({ passId: `p-${waybill}`, waybill });
  const mirror = emptyClearanceMirror();
  const sent: ClearanceMessage[] = [];
  const wire = { carries: true, accepts: true };
  /** Whether what has changed gets as far as the sender. */
  const told = { isDue: true };
  let streams = 0;
  const sender = createClearanceSender({
    clock,
    agentIds: ["a"],
    newStreamId: () => `s${(streams += 1)}`,
    leaseMs: 15_000,
    heartbeatMs: 1_000,
    whenTold: (then) => {
      if (told.isDue) then();
    },
    send: (_agentId, message) => {
      if (!wire.accepts) return notConnected;
      sent.push(message);
      if (wire.carries) applyClearance(mirror, message, clock.monotonic());
      return { kind: "sent" };
    },
  });
  const hello = (): void => {
    const stream = mirror.phase === "current" ? mirror.stream : null;
    sender.hello("a", { stream, seq: mirror.seq, at: clock.monotonic() });
  };
  const live = (): void => {
    if (wire.carries && sent.length > 0) sender.alive("a", clock.monotonic());
    clock.schedule(monotonicMs(clock.monotonic() + 1_000), live);
  };
  live();
  for (const waybill of waybills) {
    known.add(waybill);
    sender.restore("a", { ...claimOn(waybill), record: record(waybill) });
  }
  /** Its pass asks for it, or its record changes. */
  const put = (waybill: string, change: Partial<ClearanceRecord> = {}): void => {
    const next = record(waybill, change);
    if (known.has(waybill)) return sender.changed([next]);
    known.add(waybill);
    const granted = { kind: "claimAnswer", lineId: "L1", granted: true, why: null } as const;
    const answer = { ...granted, ...claimOn(waybill) };
    sender.answered("a", { answer, isHeld: true, record: next });
  };
  const held = (waybill: string) => lookup(mirror, claimOn(waybill), clock.monotonic());
  const kinds = (): readonly string[] => sent.map(({ kind }) => kind);
  return { clock, mirror, sender, sent, told, wire, hello, put, held, kinds };
}

describe("law 12: the sender", () => {
  test("an agent that lived through the centre's restart is knocked until it says hello", () => {
    const { clock, kinds, sender } = rig();
    clock.runFor(3_000);
    expect(new Set(kinds())).toEqual(new Set(["heartbeat"]));
    expect(sender.counters().snapshotsTotal).toBe(0);
  });

  test("renews no lease while something that has changed is still to be told", () => {
    const { clock, hello, held, told } = rig();
    hello();
    clock.runFor(5_000);
    told.isDue = false;
    clock.runFor(14_000);
    expect(held("W001").isLeaseRunning).toBe(true);
    clock.runFor(2_000);
    expect(held("W001").isLeaseRunning).toBe(false);
    told.isDue = true;
    clock.runFor(2_000);
    expect(held("W001").isLeaseRunning).toBe(true);
  });

  test("a snapshot grants no lease while something that has changed is still to be told", () => {
    const { clock, hello, held, sender, told, mirror } = rig();
    told.isDue = false;
    hello();
    clock.runFor(3_000);
    sender.snapshotWanted("a");
    clock.runFor(3_000);
    hello();
    clock.runFor(3_000);
    expect(sender.counters()).toMatchObject({ snapshotsTotal: 2, resumesTotal: 1 });
    expect(mirror.phase).toBe("current");
    expect(held("W001").isLeaseRunning).toBe(false);
    told.isDue = true;
    clock.runFor(1_000);
    expect(held("W001").isLeaseRunning).toBe(true);
  });

  test("a first hello gets a snapshot in parts, then changes and heartbeats with leases", () => {
    const waybills = Array.from({ length: 2 * perMessageMax + 1 }, (_, n) => `W${1000 + n}`);
    const { clock, hello, kinds, held, put, mirror } = rig(waybills);
    hello();
    clock.runFor(500);
    expect(kinds().filter((kind) => kind === "snapshotPart")).toHaveLength(3);
    expect(mirror.held.claimsTotal).toBe(waybills.length);
    put("W1000", { version: 2 });
    clock.runFor(1);
    expect(held("W1000").record?.version).toBe(2);
    clock.runFor(60_000);
    expect(held("W1000").isLeaseRunning).toBe(true);
  });

  test("what changes while the snapshot is under way comes right behind it", () => {
    const waybills = Array.from({ length: 5 * perMessageMax }, (_, n) => `W${1000 + n}`);
    const { clock, hello, put, held, sender, mirror } = rig(waybills);
    hello();
    clock.runFor(10);
    put("W1000", { version: 2 });
    sender.ended("a", "p-W1001");
    clock.runFor(1_000);
    expect(mirror.phase).toBe("current");
    expect(held("W1000").record?.version).toBe(2);
    expect(held("W1001").record).toBeNull();
  });

  test("a burst of changes makes few messages", () => {
    const { clock, hello, put, kinds } = rig(Array.from({ length: 200 }, (_, n) => `W${2000 + n}`));
    hello();
    clock.runFor(100);
    for (let n = 0; n < 200; n += 1) put(`W${2000 + n}`, { version: 2 });
    clock.runFor(1);
    expect(kinds().filter((kind) => kind === "change")).toHaveLength(1);
  });

  test("an agent whose place is still held is resumed without a snapshot", () => {
    const { clock, hello, put, held, wire, sender } = rig();
    hello();
    clock.runFor(100);
    wire.carries = false;
    for (let n = 0; n < 60; n += 1) {
      put(`W${3000 + n}`);
      clock.runFor(1_000);
    }
    wire.carries = true;
    hello();
    clock.runFor(10);
    expect(held("W3059")).toMatchObject({ isLeaseRunning: true });
    expect(held("W3059").record).not.toBeNull();
    expect(sender.counters()).toMatchObject({ snapshotsTotal: 1, resumesTotal: 1 });
  });

  test("an agent that was away too long gets a snapshot", () => {
    const { clock, hello, put, held, wire, sender } = rig();
    hello();
    clock.runFor(100);
    wire.carries = false;
    clock.runFor((resendMessagesMax + 1) * 1_000);
    put("W004");
    wire.carries = true;
    hello();
    clock.runFor(100);
    expect(held("W004").record).not.toBeNull();
    expect(sender.counters()).toMatchObject({ snapshotsTotal: 2, resumesTotal: 0 });
  });

  test("a wire that refused for a while goes on where it was, with what changed meanwhile", () => {
    const { clock, hello, put, held, wire, sender } = rig();
    hello();
    clock.runFor(100);
    wire.accepts = false;
    put("W004");
    clock.runFor(30_000);
    put("W005");
    wire.accepts = true;
    clock.runFor(1_500);
    expect(held("W004").record).not.toBeNull();
    expect(held("W005")).toMatchObject({ isLeaseRunning: true });
    expect(sender.counters()).toMatchObject({ snapshotsTotal: 1 });
  });

  test("too many changes for a refusing wire give up the stream, and the memory", () => {
    const { clock, hello, put, wire, sender, held } = rig();
    hello();
    clock.runFor(100);
    wire.accepts = false;
    clock.runFor(1_000);
    for (let n = 0; n <= pendingMax; n += 1) put(`W${100_000 + n}`);
    wire.accepts = true;
    clock.runFor(1_000);
    hello();
    clock.runFor(5_000);
    expect(held("W100000").record).not.toBeNull();
    expect(sender.counters().snapshotsTotal).toBe(2);
  });

  test("a wire that refuses in the middle of a snapshot makes the agent ask again", () => {
    const waybills = Array.from({ length: 5 * perMessageMax }, (_, n) => `W${1000 + n}`);
    const { clock, hello, wire, mirror, sent } = rig(waybills);
    hello();
    clock.runFor(10);
    wire.accepts = false;
    clock.runFor(2_000);
    wire.accepts = true;
    clock.runFor(1_000);
    // The knock is of a stream nobody knows, so the half snapshot is dropped.
    expect(sent.at(-1)?.kind).toBe("heartbeat");
    expect(mirror.phase).toBe("broken");
    hello();
    clock.runFor(1_000);
    expect(mirror.held.claimsTotal).toBe(waybills.length);
  });

  test("however often an agent asks, snapshots are at least a second apart", () => {
    const { clock, sender } = rig();
    for (let n = 0; n < 50; n += 1) {
      sender.snapshotWanted("a");
      clock.runFor(100);
    }
    expect(sender.counters().snapshotsTotal).toBeLessThanOrEqual(6);
    expect(sender.counters().snapshotsTotal).toBeGreaterThan(2);
  });

  test("an agent that is not in the configuration gets nothing", () => {
    const { sender, sent } = rig();
    sender.hello("stranger", { stream: null, seq: 0, at: 0 });
    sender.alive("stranger", 0);
    sender.snapshotWanted("stranger");
    expect(sent).toEqual([]);
  });
});
