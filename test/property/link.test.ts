// Goal: whatever the wire loses, repeats or reorders, the mirror trusts a record only if it is what
// the centre last said, and what the link's codec writes is what it reads. Method: random streams
// from the real sender through a random carrier, compared with a model; round trips of messages.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  applyClearance,
  emptyClearanceMirror,
  isLeaseRunning,
  lookup,
} from "../../edge/line/clearance-mirror.ts";
import { claimsIn } from "../../edge/line/held-claims.ts";
import { createClearanceSender } from "../../edge/link/clearance-sender.ts";
import { createWireReader, encodeWireMessage } from "../../edge/link/wire-message.ts";
import {
  claimRefusals,
  zDownMessage,
  zUpMessage,
  type ClearanceMessage,
  type DownMessage,
  type UpMessage,
} from "../../protocols/link.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { record } from "../centre/kit/records.ts";
import { notConnected, sent } from "../../protocols/transport.ts";

type Fate = "arrives" | "lost" | "twice" | "late";

const action = fc.oneof(
  fc.record({ kind: fc.constant("put" as const), waybill: fc.nat(5) }),
  fc.record({ kind: fc.constant("drop" as const), waybill: fc.nat(5) }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(3_000) }),
  fc.record({ kind: fc.constant("carry" as const), isCarried: fc.boolean() }),
  fc.record({ kind: fc.constant("hello" as const) }),
);
const fate = fc.constantFrom<Fate>("arrives", "arrives", "arrives", "lost", "twice", "late");

const leaseMs = 2_500;

describe("law 12 through any carrier", () => {
  test("a trusted mirror equals what the centre had said up to its last message", () => {
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 60 }),
        fc.array(fate, { minLength: 1 }),
        (acts, fates) => {
          const clock = createVirtualClock();
          // What open passes have asked for, by pass.
          const source = new Map<string, ClearanceRecord>();
          const mirror = emptyClearanceMirror();
          // What the source held when each message was made, by stream and number.
          const told = new Map<
            string,
            { kind: string; at: number; records: ReadonlyMap<string, ClearanceRecord> }
          >();
          const generations = [0, 0, 0, 0, 0, 0];
          let version = 0;
          let streams = 0;
          let fateIndex = 0;
          let isCarried = true;
          let late: ClearanceMessage | null = null;
          const arrive = (message: ClearanceMessage): void => {
            const applied = applyClearance(mirror, message, clock.monotonic());
            if (applied.kind === "gap" && isCarried) sender.snapshotWanted("a");
          };
          const sender = createClearanceSender({
            clock,
            agentIds: ["a"],
            newStreamId: () => `s${(streams += 1)}`,
            leaseMs,
            heartbeatMs: 1_000,
            send: (_agentId, message) => {
              if (!isCarried) return notConnected;
              const place = `${message.stream} ${message.seq}`;
              // Sent again to an agent that comes back, it says what it said when it was made.
              if (message.kind !== "snapshotPart" && !told.has(place)) {
                const { kind } = message;
                told.set(place, { kind, at: clock.monotonic(), records: new Map(source) });
              }
              const fate = fates[(fateIndex += 1) % fates.length];
              if (late !== null) {
                const waiting = late;
                late = null;
                clock.schedule(clock.monotonic(), () => arrive(waiting));
              }
              if (fate === "late") late = message;
              if (fate === "arrives" || fate === "twice") {
                clock.schedule(clock.monotonic(), () => arrive(message));
              }
              if (fate === "twice") clock.schedule(clock.monotonic(), () => arrive(message));
              return sent;
            },
          });
          const live = (): void => {
            if (isCarried) sender.alive("a", clock.monotonic());
            clock.schedule(monotonicMs(clock.monotonic() + 500), live);
          };
          live();
          for (const act of acts) {
            if (act.kind === "put") {
              const waybill = `W00${act.waybill}`;
              const next = record(waybill, { version: (version += 1) });
              const passId = `p-${waybill}-${generations[act.waybill]}`;
              const isKnown = source.has(passId);
              source.set(passId, next);
              const granted = { kind: "claimAnswer", granted: true, why: null } as const;
              const answer = { ...granted, lineId: "L1", passId, waybill };
              if (isKnown) sender.changed([next]);
              else sender.answered("a", { answer, isHeld: true, record: next });
            } else if (act.kind === "drop") {
              const passId = `p-W00${act.waybill}-${generations[act.waybill]}`;
              source.delete(passId);
              sender.ended("a", passId);
              generations[act.waybill] = (generations[act.waybill] ?? 0) + 1;
            } else if (act.kind === "wait") clock.runFor(act.ms);
            else if (act.kind === "carry") isCarried = act.isCarried;
            else {
              const isCurrent = mirror.phase === "current";
              const stream = isCurrent ? mirror.stream : null;
              const at = clock.monotonic();
              if (isCarried) sender.hello("a", { stream, seq: mirror.seq, at });
            }
            clock.runFor(0);
            if (!isLeaseRunning(mirror, clock.monotonic())) continue;
            const then = told.get(`${mirror.stream} ${mirror.seq}`);
            const own = new Map(claimsIn(mirror.held).map((one) => [one.passId, one.record]));
            // That a pass is over may be told later, and by a heartbeat it is.
            if (then?.kind === "heartbeat") expect(own).toEqual(then.records);
            for (const [passId, one] of own) {
              if (then?.records.has(passId) === true) expect(one).toEqual(then.records.get(passId));
            }
            // However long it was under way, nothing is trusted longer than its lease.
            expect(clock.monotonic() - (then?.at ?? 0)).toBeLessThan(leaseMs);
          }
          // Healed, everything converges.
          isCarried = true;
          fates.splice(0, fates.length, "arrives");
          late = null;
          clock.runFor(5_000);
          if (mirror.phase !== "current")
            sender.hello("a", { stream: null, seq: 0, at: clock.monotonic() });
          clock.runFor(5_000);
          for (const [passId, held] of source) {
            const claim = { passId, waybill: held.waybill };
            expect(lookup(mirror, claim, clock.monotonic())).toEqual({
              record: held,
              isLeaseRunning: true,
            });
          }
          expect(mirror.held.claimsTotal).toBe(source.size);
          sender.stop();
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("the link's JSON", () => {
  const id = fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/);
  const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
  const down: fc.Arbitrary<DownMessage> = fc.oneof(
    fc.record({ kind: fc.constant("journalAck" as const), chain: id, seq: fc.nat() }),
    fc.record({ kind: fc.constant("journalWanted" as const), chain: id, afterSeq: fc.nat() }),
    fc.record({ kind: fc.constant("imageWanted" as const), passId: id, imageHash: hash }),
    fc.record({
      kind: fc.constant("clearance" as const),
      message: fc.record({
        kind: fc.constant("heartbeat" as const),
        stream: id,
        seq: fc.nat(),
        leaseMs: fc.nat(600_000),
        heardAt: fc.nat(),
        claims: fc.nat(),
        claimsHash: hash,
      }),
    }),
    fc.record({
      kind: fc.constant("clearance" as const),
      message: fc.record({
        kind: fc.constant("claimAnswer" as const),
        stream: id,
        seq: fc.nat(),
        answer: fc.record({
          kind: fc.constant("claimAnswer" as const),
          lineId: id,
          passId: id,
          waybill: fc.stringMatching(/^[0-9A-Z]{4,32}$/),
          granted: fc.boolean(),
          why: fc.constantFrom(...claimRefusals, null),
        }),
        isHeld: fc.boolean(),
        record: fc.constant(null),
      }),
    }),
  );
  const up: fc.Arbitrary<UpMessage> = fc.oneof(
    fc.record({ kind: fc.constant("snapshotWanted" as const), why: fc.string({ maxLength: 200 }) }),
    fc.record({ kind: fc.constant("clearanceTaken" as const), stream: id, seq: fc.nat() }),
    fc.record({
      kind: fc.constant("claim" as const),
      lineId: id,
      passId: id,
      waybill: fc.stringMatching(/^[0-9A-Z]{4,32}$/),
    }),
    fc.record({
      kind: fc.constant("journal" as const),
      records: fc.array(
        fc.record({
          chain: id,
          seq: fc.integer({ min: 1 }),
          body: fc.string(),
          prevHash: hash,
          hash,
        }),
        { minLength: 1, maxLength: 5 },
      ),
    }),
  );
  const readDown = createWireReader<DownMessage>(zDownMessage.options);
  const readUp = createWireReader<UpMessage>(zUpMessage.options);

  test("decode(encode(x)) = x, both ways", () => {
    fc.assert(
      fc.property(down, up, (one, other) => {
        expect(readDown(encodeWireMessage(one))).toEqual({ kind: "message", message: one });
        expect(readUp(encodeWireMessage(other))).toEqual({ kind: "message", message: other });
      }),
    );
  });

  test("any bytes are answered, never thrown", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(readUp(bytes).kind).toBe("refused");
      }),
    );
  });

  test("a refusal names the message and the field", () => {
    const bytes = encodeWireMessage({ kind: "claim", lineId: "L1", passId: "p", waybill: "x" });
    expect(readUp(bytes)).toMatchObject({
      kind: "refused",
      why: expect.stringMatching(/^claim\.waybill: /) as string,
    });
    expect(readUp(encodeWireMessage({ kind: "nonsense" }))).toEqual({
      kind: "refused",
      why: "kind: unknown",
    });
  });
});
