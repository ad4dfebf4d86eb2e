// Goal: whatever an agent's right to a lease becomes, and whenever it does, the stream leases only to whom
// it is granted, never over a record, an answer or an end that is untold, and names exactly what the agent
// is to hold (law 12). Method: the pure machine under random events, late beats among them, on a wire that
// refuses now and then; what has been told is noted here, from the messages alone.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newClearanceStream, nextMessage, stepStream } from "../../edge/link/clearance-stream.ts";
import { pendingTotal } from "../../edge/link/clearance-pending.ts";
import type { LeaseRight, StreamEvent } from "../../edge/link/stream-events.ts";
import { digestOfClaims } from "../../edge/line/held-claims.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { ClearanceMessage } from "../../protocols/link.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { record, recordsToldBy } from "../centre/kit/records.ts";

const leaseMs = 4_000;
const rights: readonly LeaseRight[] = ["granted", "withheld", "ended"];

type Act =
  | { readonly kind: "hello"; readonly knows: boolean; readonly behind: number }
  | { readonly kind: "answered" | "changed" | "ended"; readonly place: number }
  | { readonly kind: "right"; readonly lease: LeaseRight }
  | { readonly kind: "woken" | "beat" | "snapshotDue" | "lateBeats" }
  | { readonly kind: "wire"; readonly carries: boolean };

const place = fc.nat(3);
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant("hello" as const), knows: fc.boolean(), behind: fc.nat(2) }),
  fc.record({ kind: fc.constantFrom("answered", "changed", "ended"), place }),
  fc.record({ kind: fc.constant("right" as const), lease: fc.constantFrom(...rights) }),
  fc.record({ kind: fc.constantFrom("woken", "woken", "beat", "snapshotDue", "lateBeats") }),
  fc.record({ kind: fc.constant("wire" as const), carries: fc.boolean() }),
);

/** One agent's stream; `leases` are those that were made now, not repeated to one that has returned. */
class Bench {
  readonly state = newClearanceStream("s0", leaseMs);
  leases = 0;
  #streams = 0;
  #versions = 0;
  #now = 0;
  #beatsOwed = 0;
  #carries = true;
  /** By waybill, as it is now. */
  readonly #records = new Map<string, ClearanceRecord>();
  /** By waybill, the version that the agent was told last. */
  readonly #told = new Map<string, number>();

  do(next: Act): void {
    this.#now += 400;
    const at = monotonicMs(this.#now);
    switch (next.kind) {
      case "hello": {
        const stream = next.knows ? this.state.stream : null;
        const seq = Math.max(0, this.state.seq - next.behind);
        return this.#tell({ kind: "hello", stream, seq, heardAt: this.#now, at });
      }
      case "answered": {
        const waybill = `W${next.place}`;
        const claim = { passId: `P${next.place}`, waybill, granted: true, why: null };
        const answer = { kind: "claimAnswer", lineId: "L1", ...claim } as const;
        const known = this.#records.get(waybill) ?? null;
        return this.#tell({ kind: "answered", answer, isHeld: true, record: known });
      }
      case "changed": {
        const waybill = `W${next.place}`;
        const changed = record(waybill, { version: (this.#versions += 1) });
        this.#records.set(waybill, changed);
        return this.#tell({ kind: "changed", records: [changed] });
      }
      case "ended":
        return this.#tell({ kind: "ended", passId: `P${next.place}` });
      case "right":
        return this.#tell({ kind: "leaseRight", lease: next.lease });
      case "snapshotDue":
        return this.#tell({ kind: "snapshotDue", at });
      case "woken":
      case "beat":
        return this.#tell({ kind: next.kind });
      case "lateBeats":
        for (; this.#beatsOwed > 0; this.#beatsOwed -= 1) this.#tell({ kind: "beat" });
        return;
      case "wire":
        this.#carries = next.carries;
    }
  }

  #step(event: StreamEvent): void {
    for (const effect of stepStream(this.state, event)) {
      const stream = `s${this.#streams + 1}`;
      if (effect.kind === "askBeat") this.#beatsOwed += 1;
      if (effect.kind === "renameStream" || effect.kind === "takeSnapshot") this.#streams += 1;
      if (effect.kind === "renameStream") this.#step({ kind: "streamRenamed", stream });
      if (effect.kind !== "takeSnapshot") continue;
      this.#told.clear();
      this.#step({ kind: "snapshotTaken", stream, at: monotonicMs(this.#now) });
    }
  }

  #tell(event: StreamEvent): void {
    this.#step(event);
    for (;;) {
      const isRepeated = this.state.replay.length > 0;
      const message = nextMessage(this.state);
      if (message === null) return;
      this.#judge(message, isRepeated);
      if (this.#carries) this.#learn(message);
      this.#step(this.#carries ? { kind: "sent", message } : { kind: "refused" });
    }
  }

  #judge(message: ClearanceMessage, isRepeated: boolean): void {
    if (!("leaseMs" in message) || message.leaseMs === 0) return;
    const { lease, pending, held } = this.state;
    expect(lease).not.toBe("ended");
    if (isRepeated) return;
    this.leases += 1;
    const told = [...held.waybills].map(([waybill]) => this.#told.get(waybill));
    const now = [...held.waybills].map(([, { record: one }]) => one?.version);
    expect({ lease, pending: pendingTotal(pending), told }).toEqual({
      lease: "granted",
      pending: 0,
      told: now,
    });
    expect(message).toMatchObject({ leaseMs, ...digestOfClaims(held) });
  }

  #learn(message: ClearanceMessage): void {
    for (const { waybill, version } of recordsToldBy(message)) this.#told.set(waybill, version);
  }
}

describe("a clearance stream's lease", () => {
  test("goes to whom it is granted, over nothing untold, and names what is held", () => {
    let leases = 0;
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
        const bench = new Bench();
        bench.do({ kind: "hello", knows: false, behind: 0 });
        for (const next of acts) bench.do(next);
        leases += bench.leases;
      }),
      { numRuns: 6_000 },
    );
    expect(leases).toBeGreaterThan(800);
  });

  test("that is granted goes as soon as all is told, without a heartbeat's time", () => {
    const bench = new Bench();
    bench.do({ kind: "right", lease: "withheld" });
    bench.do({ kind: "hello", knows: false, behind: 0 });
    bench.do({ kind: "woken" });
    bench.do({ kind: "lateBeats" });
    bench.do({ kind: "right", lease: "granted" });
    expect(bench.leases).toBe(0);
    bench.do({ kind: "lateBeats" });
    expect(bench.leases).toBe(1);
  });
});
