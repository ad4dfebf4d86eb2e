// Goal: for any order of lost tails, new disks, cut links, restarts and acts no waybill that a lost
// journal held or asked for is granted again before it is settled, and nobody is leased anything
// while his records are not taken (laws 1, 12 and 14). Method: the real centre and the real agents'
// sessions in virtual time, journals that are cut and exchanged by chance, and a plain model.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { centreItself } from "../../edge/centre/acts/act-log.ts";
import type { Centre } from "../../edge/centre/centre.ts";
import { chainNow } from "../../edge/centre/lines/generations.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { createMemoryLink, type MemoryLink } from "../../edge/link/memory-link.ts";
import { unacknowledgedMsMax } from "../../edge/link/unacknowledged.ts";
import { person } from "../../protocols/actor.ts";
import { nameOfChain } from "../../protocols/chain-name.ts";
import { passIdOf } from "../../protocols/pass-id.ts";
import { beltCount } from "../../protocols/units.ts";
import { createVirtualClock, type VirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { claimAnswersIn, openAgent, type TestAgent } from "../centre/kit/site.ts";
import {
  createVirtualCopies,
  openVirtualCentre,
  stopVirtualCentre,
} from "../centre/kit/virtual-centre.ts";

const lines = ["L1", "L2"] as const;
const waybills = ["W001", "W002", "W003"];
const supervisor = person("zhou", "supervisor", "office");

const line = fc.constantFrom(...lines);
const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant("claim" as const), line, waybill: fc.nat(2) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("end" as const), pass: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("cut" as const), line }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("mend" as const), line }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("newDisk" as const), line }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("lostTail" as const), line, by: fc.nat(4) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("act" as const), line }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("settle" as const), waybill: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.constantFrom(500, 3_000, 12_000),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface AskedPass {
  readonly passId: string;
  readonly lineId: string;
  readonly waybill: string;
  readonly chain: string;
  isGranted: boolean;
  isSettled: boolean;
  /** Its last record, in its own agent's journal; null while it is on the belt. */
  end: { readonly journal: MemoryJournal; readonly seq: number } | null;
}

class World {
  readonly clock: VirtualClock = createVirtualClock();
  readonly link: MemoryLink = createMemoryLink({ clock: this.clock });
  readonly copies = createVirtualCopies();
  readonly own = new MemoryJournal({ chain: "centre", clock: this.clock });
  readonly agents = new Map<string, TestAgent>();
  readonly epochs = new Map<string, string>();
  readonly openedAt = new Map<string, number>();
  readonly writtenAt = new WeakMap<MemoryJournal, number[]>();
  readonly heard = new Map<string, number>();
  readonly asked: AskedPass[] = [];
  centre: Centre | null = null;
  sessions = 0;
  passes = 0;
  grants = 0;
  generations = 0;

  async start(): Promise<void> {
    this.centre = await openVirtualCentre(this);
    for (const lineId of lines) {
      this.open(lineId, new MemoryJournal({ chain: `agent-${lineId}`, clock: this.clock }));
    }
    await this.run(200);
  }

  open(lineId: string, journal: MemoryJournal): void {
    this.agents.set(lineId, openAgent(this.link, this.clock, lineId, journal));
    this.epochs.set(lineId, `s${(this.sessions += 1)}`);
    this.openedAt.set(lineId, this.clock.monotonic());
    this.heard.set(lineId, 0);
    const times = this.writtenAt.get(journal) ?? [];
    while (times.length < journal.lastSeq()) times.push(this.clock.monotonic());
    this.writtenAt.set(journal, times);
    journal.onSynced(() => {
      while (times.length < journal.lastSeq()) times.push(this.clock.monotonic());
    });
  }

  async run(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 20) {
      this.clock.runFor(20);
      for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
      for (const lineId of lines) await this.listen(lineId);
    }
  }

  /** What came down since: grants and leases, each judged when it comes. */
  async listen(lineId: string): Promise<void> {
    const agent = this.agents.get(lineId)!;
    for (let at = this.heard.get(lineId)!; at < agent.down.length; at += 1) {
      const message = agent.down[at]!;
      const [answer] = claimAnswersIn([message]);
      if (answer?.granted === true) await this.judgeGrant(answer.passId, answer.waybill);
      else if (message.kind === "clearance" && "leaseMs" in message.message) {
        if (message.message.leaseMs > 0) await this.judgeLease(lineId, agent.journal);
      }
    }
    this.heard.set(lineId, agent.down.length);
    const [begun] = agent.begun;
    if (begun === undefined) return;
    this.generations += 1;
    await agent.session.stop();
    const { chain, after } = begun;
    const journal = new MemoryJournal({ chain, clock: this.clock, after });
    journal.append([{ kind: "generation", begun }], () => {});
    this.clock.runFor(1);
    this.open(lineId, journal);
  }

  async judgeGrant(passId: string, waybill: string): Promise<void> {
    this.grants += 1;
    for (const other of this.asked) {
      if (other.waybill !== waybill || other.passId === passId || other.isSettled) continue;
      const isOver = nameOfChain(other.chain).generation < this.generationOf(other.lineId);
      if (!other.isGranted && !isOver) continue;
      expect(await this.isEndHeld(other), `${passId} got ${waybill} of ${other.passId}`).toBe(true);
    }
    const own = this.asked.find((each) => each.passId === passId);
    if (own !== undefined) own.isGranted = true;
  }

  generationOf(lineId: string): number {
    return nameOfChain(chainNow(this.centre!.journals.generations, `agent-${lineId}`)).generation;
  }

  async isEndHeld({ end }: AskedPass): Promise<boolean> {
    if (end === null) return false;
    const [written] = await end.journal.readAfter(end.seq - 1, 1);
    const [held] = await this.copies.readAfter(end.journal.chain, end.seq - 1, 1);
    return written !== undefined && written.hash === held?.hash;
  }

  async judgeLease(lineId: string, journal: MemoryJournal): Promise<void> {
    const held = this.copies.held(journal.chain);
    const now = this.clock.monotonic();
    const [own] = held.seq === 0 ? [] : await journal.readAfter(held.seq - 1, 1);
    const isOne = held.seq === 0 || own?.hash === held.hash;
    expect(isOne, `${lineId} is leased though its journal is another`).toBe(true);
    const oldest = this.writtenAt.get(journal)?.[held.seq] ?? now;
    expect(now - oldest).toBeLessThan(unacknowledgedMsMax + 1_200);
  }

  async take(one: Step): Promise<void> {
    switch (one.kind) {
      case "claim":
        return this.claim(one.line, waybills[one.waybill]!);
      case "end": {
        const open = this.asked.filter(({ end }) => end === null);
        const pass = open[one.pass % Math.max(1, open.length)];
        if (pass !== undefined) this.end(pass);
        return;
      }
      case "cut":
        return this.link.cut(`agent-${one.line}`);
      case "mend":
        return this.link.restore(`agent-${one.line}`);
      case "newDisk":
        return this.exchange(one.line, 0);
      case "lostTail": {
        const { journal } = this.agents.get(one.line)!;
        return this.exchange(one.line, Math.max(0, journal.lastSeq() - one.by));
      }
      case "act":
        void this.centre!.journals.change.ask(`agent-${one.line}`, supervisor, "lost");
        return;
      case "restart":
        await stopVirtualCentre(this.centre!, this.clock);
        this.centre = await openVirtualCentre(this);
        return;
      case "settle":
        return this.settle(waybills[one.waybill]!);
      case "wait":
        return this.run(one.ms);
    }
  }

  claim(lineId: string, waybill: string): void {
    const agent = this.agents.get(lineId)!;
    const epoch = this.epochs.get(lineId)!;
    const passId = passIdOf({ lineId, epoch, number: (this.passes += 1) });
    agent.tell(lineId, 1, { kind: "inducted", passId, frontCount: beltCount(1) });
    if (agent.session.claim(lineId, passId, waybill).kind !== "sent") return;
    const chain = chainNow(this.centre!.journals.generations, `agent-${lineId}`);
    const rest = { isGranted: false, isSettled: false, end: null };
    this.asked.push({ passId, lineId, waybill, chain, ...rest });
  }

  /** Told by the journal that the agent has now, which may not be the one that told of it first. */
  end(pass: AskedPass): void {
    const agent = this.agents.get(pass.lineId)!;
    if (agent.journal.chain !== pass.chain) return;
    const count = beltCount(0);
    const { passId } = pass;
    const [exit, expected] = ["inspection", "inspection"] as const;
    agent.tell(pass.lineId, 0, { kind: "left", passId, exit, expected, count });
    this.clock.runFor(1);
    pass.end = { journal: agent.journal, seq: agent.journal.lastSeq() };
  }

  /** The agent starts anew with what is left of its journal; a new disk knows of no generation. */
  async exchange(lineId: string, keep: number): Promise<void> {
    const old = this.agents.get(lineId)!;
    await old.session.stop();
    const kept = await old.journal.readAfter(0, keep);
    const isLater = nameOfChain(old.journal.chain).generation > 1;
    const chain = keep === 0 ? `agent-${lineId}` : old.journal.chain;
    const [first] = kept;
    const after = isLater && first !== undefined ? JSON.parse(first.body).begun.after : undefined;
    const journal = new MemoryJournal({ chain, clock: this.clock, ...(after && { after }) });
    for (const { body } of kept) journal.append([JSON.parse(body)], () => {});
    this.clock.runFor(1);
    this.open(lineId, journal);
  }

  settle(waybill: string): void {
    const { claims } = this.centre!.site;
    if (!claims.unsettled().some((each) => each.waybill === waybill)) return;
    const act = { kind: "settled", waybill, outcome: "notReleased", reason: null } as const;
    this.centre!.acts.write(act, centreItself);
    claims.settle(waybill);
    for (const pass of this.asked) if (pass.waybill === waybill) pass.isSettled = true;
  }
}

test("law 1: a lost journal frees nothing, and nobody unheard is leased anything", async () => {
  const seen = { grants: 0, generations: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const world = new World();
      await world.start();
      for (const one of steps) {
        await world.take(one);
        await world.run(100);
      }
      seen.grants += world.grants;
      seen.generations += world.generations;
      await stopVirtualCentre(world.centre!, world.clock);
    }),
    { numRuns: 100 },
  );
  expect(seen.grants).toBeGreaterThan(100);
  expect(seen.generations).toBeGreaterThan(10);
}, 120_000);
