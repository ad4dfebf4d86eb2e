// Goal: whatever backup of the centre's records is put back, no waybill is released twice, and nobody
// is granted what another pass still holds by the agents' word (law 1). Method: the real centre and
// the real agents' sessions in virtual time; the centre's own journal and its copies are exchanged for
// earlier ones by chance, each for itself; and agents that remember nothing, which must be caught.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Centre } from "../../edge/centre/centre.ts";
import type { ChainTail } from "../../edge/journal/chain.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { createMemoryLink, type MemoryLink } from "../../edge/link/memory-link.ts";
import type { JournalRecord } from "../../protocols/link.ts";
import type { Exit } from "../../protocols/sorting.ts";
import { beltCount, monotonicMs, type MonotonicMs } from "../../protocols/units.ts";
import { passIdOf } from "../../protocols/pass-id.ts";
import { createVirtualClock, type VirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { claimAnswersIn, openAgent, type TestAgent } from "../centre/kit/site.ts";
import {
  createVirtualCopies,
  openVirtualCentre,
  stopVirtualCentre,
  type VirtualCopies,
} from "../centre/kit/virtual-centre.ts";

const lines = ["L1", "L2"] as const;
type LineId = (typeof lines)[number];
const waybills = ["W001", "W002", "W003"];

const line = fc.constantFrom(...lines);
const ofClaim = fc.record({ kind: fc.constant("claim" as const), line, waybill: fc.nat(2) });
const step = fc.oneof(
  { weight: 10, arbitrary: ofClaim },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("leave" as const),
      pass: fc.nat(5),
      isGreen: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("backup" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("putBack" as const),
      own: fc.nat(4),
      copies: fc.nat(4),
      missing: fc.option(line),
      claims: fc.array(ofClaim, { minLength: 4, maxLength: 8 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut" as const), line }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("mend" as const), line }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.constantFrom(500, 3_000, 8_000),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What an agent does not say of what the centre has told it. */
type Forgets = "nothing" | "acknowledged" | "centre" | "both";

class ForgetfulJournal extends MemoryJournal {
  forgets: Forgets = "nothing";
  override acknowledgedSeq(): number {
    const isForgotten = this.forgets === "acknowledged" || this.forgets === "both";
    return isForgotten ? 0 : super.acknowledgedSeq();
  }
  override notedCentre(): ChainTail | null {
    const isForgotten = this.forgets === "centre" || this.forgets === "both";
    return isForgotten ? null : super.notedCentre();
  }
}

interface Backup {
  readonly own: readonly JournalRecord[];
  readonly copies: ReturnType<VirtualCopies["backup"]>;
}

interface AskedPass {
  readonly passId: string;
  readonly lineId: LineId;
  readonly waybill: string;
  isGranted: boolean;
  hasLeft: boolean;
}

class World {
  readonly clock: VirtualClock = createVirtualClock();
  readonly link: MemoryLink = createMemoryLink({ clock: this.clock });
  readonly agents = new Map<LineId, TestAgent>();
  readonly heard = new Map<LineId, number>();
  readonly leasedUntil = new Map<LineId, MonotonicMs>();
  readonly asked: AskedPass[] = [];
  readonly released = new Set<string>();
  readonly backups: Backup[] = [];
  own = new MemoryJournal({ chain: "centre", clock: this.clock });
  copies = createVirtualCopies();
  centre: Centre | null = null;
  passes = 0;
  readonly seen = { grants: 0, greens: 0, found: 0 };
  readonly #forgets: Forgets;

  constructor(forgets: Forgets) {
    this.#forgets = forgets;
  }

  async start(): Promise<void> {
    this.centre = await openVirtualCentre(this);
    for (const lineId of lines) {
      const journal = new ForgetfulJournal({ chain: `agent-${lineId}`, clock: this.clock });
      journal.forgets = this.#forgets;
      this.agents.set(lineId, openAgent(this.link, this.clock, lineId, journal));
      this.heard.set(lineId, 0);
    }
    await this.run(200);
    await this.backup();
  }

  async run(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 20) {
      this.clock.runFor(20);
      for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
      for (const lineId of lines) this.listen(lineId);
    }
  }

  listen(lineId: LineId): void {
    const agent = this.agents.get(lineId)!;
    for (const message of agent.down.slice(this.heard.get(lineId))) {
      for (const { passId, waybill, granted, why } of claimAnswersIn([message])) {
        if (granted) this.judgeGrant(passId, waybill);
        agent.tell(lineId, 1, { kind: "claimAnswered", passId, waybill, granted, why });
      }
      if (message.kind === "clearance" && "leaseMs" in message.message) {
        const until = this.clock.monotonic() + message.message.leaseMs;
        this.leasedUntil.set(lineId, monotonicMs(until));
      }
    }
    this.heard.set(lineId, agent.down.length);
  }

  judgeGrant(passId: string, waybill: string): void {
    this.seen.grants += 1;
    expect(this.released.has(waybill), `${waybill} was released before`).toBe(false);
    for (const other of this.asked) {
      if (other.waybill !== waybill) continue;
      if (other.passId === passId) other.isGranted = true;
      else
        expect(other.isGranted && !other.hasLeft, `${passId} beside ${other.passId}`).toBe(false);
    }
  }

  async take(one: Step): Promise<void> {
    switch (one.kind) {
      case "claim":
        return this.claim(one.line, waybills[one.waybill]!);
      case "leave": {
        const open = this.asked.filter(({ hasLeft }) => !hasLeft);
        const pass = open[one.pass % Math.max(1, open.length)];
        if (pass !== undefined) this.leave(pass, one.isGreen);
        return;
      }
      case "backup":
        return this.backup();
      case "putBack":
        return this.putBack(one);
      case "restart":
        await stopVirtualCentre(this.centre!, this.clock);
        this.centre = await openVirtualCentre(this);
        return;
      case "cut":
        return this.link.cut(`agent-${one.line}`);
      case "mend":
        return this.link.restore(`agent-${one.line}`);
      case "wait":
        return this.run(one.ms);
    }
  }

  claim(lineId: LineId, waybill: string): void {
    const agent = this.agents.get(lineId)!;
    const passId = passIdOf({ lineId, epoch: "s1", number: (this.passes += 1) });
    agent.tell(lineId, 1, { kind: "inducted", passId, frontCount: beltCount(1) });
    if (agent.session.claim(lineId, passId, waybill).kind !== "sent") return;
    this.asked.push({ passId, lineId, waybill, isGranted: false, hasLeft: false });
  }

  /** By green only on a grant and a lease: so much of law 1 a line sees for itself. */
  leave(pass: AskedPass, isGreen: boolean): void {
    const { passId, lineId, waybill } = pass;
    const agent = this.agents.get(lineId)!;
    const isLeased = (this.leasedUntil.get(lineId) ?? 0) > this.clock.monotonic();
    const exit: Exit = isGreen && pass.isGranted && isLeased ? "green" : "inspection";
    pass.hasLeft = true;
    if (exit === "green") {
      this.seen.greens += 1;
      expect(this.released.has(waybill), `${waybill} is released twice`).toBe(false);
      this.released.add(waybill);
    }
    const rest = { waybill, recordVersion: null, imageHash: null, rulesVersion: "r" };
    agent.tell(lineId, 0, { kind: "decided", passId, exit, reasons: [], ...rest });
    agent.tell(lineId, 0, { kind: "left", passId, exit, expected: exit, count: beltCount(0) });
  }

  async backup(): Promise<void> {
    const own = await this.own.readAfter(0, 1_000_000);
    this.backups.push({ own, copies: this.copies.backup() });
  }

  /** A person has both lines on, but for one that may be missing if the other knows what was lost. */
  async putBack(one: Extract<Step, { kind: "putBack" }>): Promise<void> {
    const { own } = this.backups[one.own % this.backups.length]!;
    const { copies } = this.backups[one.copies % this.backups.length]!;
    await stopVirtualCentre(this.centre!, this.clock);
    this.own = new MemoryJournal({ chain: "centre", clock: this.clock });
    this.own.append(
      own.map(({ body }) => JSON.parse(body)),
      () => {},
    );
    this.copies = createVirtualCopies(copies);
    this.clock.runFor(1);
    for (const lineId of lines) this.link.restore(`agent-${lineId}`);
    const { missing } = one;
    if (missing !== null && this.doesOtherKnow(missing)) this.link.cut(`agent-${missing}`);
    this.centre = await openVirtualCentre(this);
    for (const claim of one.claims) {
      await this.run(600);
      await this.take(claim);
      if (this.centre.journals.older.view().isOlder) this.seen.found += 1;
    }
  }

  doesOtherKnow(missing: LineId): boolean {
    const agent = this.agents.get(missing === "L1" ? "L2" : "L1")!;
    const noted = MemoryJournal.prototype.notedCentre.call(agent.journal);
    const acknowledged = MemoryJournal.prototype.acknowledgedSeq.call(agent.journal);
    const held = this.copies.held(agent.journal.chain).seq;
    return (noted?.seq ?? 0) > this.own.lastSeq() || acknowledged > held;
  }
}

const seen = { grants: 0, greens: 0, found: 0 };

const safely = (forgets: Forgets) =>
  fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 40 }), async (steps) => {
    const world = new World(forgets);
    await world.start();
    for (const one of steps) {
      await world.take(one);
      await world.run(100);
    }
    seen.grants += world.seen.grants;
    seen.greens += world.seen.greens;
    seen.found += world.seen.found;
    await stopVirtualCentre(world.centre!, world.clock);
  });

test("law 1: no backup that is put back lets a waybill be released twice", async () => {
  await fc.assert(safely("nothing"), { numRuns: 150 });
  expect(seen.grants).toBeGreaterThan(100);
  expect(seen.greens).toBeGreaterThan(50);
  expect(seen.found).toBeGreaterThan(50);
}, 180_000);

/** What the first line did since is in no copy, and the second has written nothing since. */
const onlyPlaceTells: readonly Step[] = [
  { kind: "claim", line: "L1", waybill: 0 },
  { kind: "wait", ms: 3_000 },
  {
    kind: "putBack",
    own: 0,
    copies: 0,
    missing: "L1",
    claims: Array.from({ length: 10 }, () => ({ kind: "claim", line: "L2", waybill: 0 })),
  },
];

test.each(["acknowledged", "centre", "both"] as const)(
  "and agents that do not say what they remember are caught: %s",
  async (forgets) => {
    const options = { numRuns: 300, endOnFailure: true, examples: [[[...onlyPlaceTells]]] };
    const outcome = await fc.check(safely(forgets), options as never);
    expect(outcome.failed).toBe(true);
  },
  180_000,
);
