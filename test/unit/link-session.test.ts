// Goal: an agent's side of the link opens, reopens and repairs the conversation by itself, and its
// journal reaches the centre whole and in order whatever the wire does. Method: the real session
// and a real journal in virtual time against a centre that answers as the protocol says.
import { imageKindOf } from "../../protocols/image-kind.ts";
import { system } from "../../protocols/actor.ts";
import { silentLog } from "../../protocols/log.ts";
import { describe, expect, test } from "vitest";
import { digestOfClaims, noHeldClaims } from "../../edge/line/held-claims.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { startAgentSession, traceBehindRecordsMax } from "../../edge/link/agent-session.ts";
import { unackedRecordsMax } from "../../edge/link/journal-outbox.ts";
import { createMemoryLink, type Trip } from "../../edge/link/memory-link.ts";
import { centreSilenceMs } from "../../edge/link/session-machine.ts";
import type { UpMessage } from "../../protocols/link.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { runFor } from "../centre/kit/virtual-run.ts";

const agentId = "agent-1";
const nothingHeld = digestOfClaims(noHeldClaims());
const heartbeat = { kind: "heartbeat", stream: "s", heardAt: 0, ...nothingHeld } as const;

function rig(options: { readonly carry?: (trip: Trip) => readonly number[] } = {}) {
  const clock = createVirtualClock();
  const journal = new MemoryJournal({ chain: agentId, clock });
  const link = createMemoryLink({ clock, ...options });
  const place = { stream: null as string | null, seq: 0 };
  const down: unknown[] = [];
  const images = new Map<string, Uint8Array>();
  const session = startAgentSession({
    end: link.agent(agentId),
    clock,
    chain: agentId,
    lineIds: ["L1"],
    journal,
    clearancePlace: () => place,
    readImage: (_passId, sha256) => Promise.resolve(images.get(sha256) ?? null),
    kindOfImage: (sha256) => imageKindOf(images.get(sha256) ?? new Uint8Array()),
    onDown: (message) => down.push(message),
    onTraceWanted: ({ deviceId, trace }) =>
      deviceId === "d" ? { kind: "traceTold", deviceId, trace, lastSeq: 0, frames: [] } : null,
    onGeneration: () => {},
    log: silentLog,
  });
  // The centre's copy: in order, without a gap, or not at all.
  const copy: number[] = [];
  const up: UpMessage[] = [];
  const pictures: string[] = [];
  const centre = { isThere: false, acks: true, begins: true };
  const ack = (): void => {
    if (!centre.acks) return;
    link.centre.send(agentId, { kind: "journalAck", chain: agentId, seq: copy.length });
  };
  const beat = (): void => {
    const message = { ...heartbeat, seq: 0, leaseMs: 0 };
    if (centre.isThere) link.centre.send(agentId, { kind: "clearance", message });
    clock.schedule((clock.monotonic() + 1_000) as never, beat);
  };
  link.centre.start({
    onState: () => {},
    onMessage: (_agentId, message) => {
      if (!centre.isThere) return;
      up.push(message);
      if (message.kind === "hello") {
        ack();
        const begin = { kind: "snapshotBegin", stream: "s", seq: 0, claimsTotal: 0 } as const;
        if (centre.begins) link.centre.send(agentId, { kind: "clearance", message: begin });
      }
      if (message.kind !== "journal") return;
      for (const { seq } of message.records) if (seq === copy.length + 1) copy.push(seq);
      ack();
    },
    onImage: (_agentId, _passId, sha256) => pictures.push(sha256),
  });
  beat();
  const write = (count: number): void => {
    for (let n = 0; n < count; n += 1) {
      const stamps = { wallAt: clock.wall(), actor: system("x", "x"), rulesVersion: null };
      journal.append([{ kind: "act", ...stamps, act: { n } }], () => {});
    }
  };
  const kinds = (kind: UpMessage["kind"]) => up.filter((message) => message.kind === kind);
  return {
    clock,
    journal,
    link,
    session,
    place,
    down,
    images,
    copy,
    pictures,
    centre,
    write,
    kinds,
  };
}

test("law 12: that doubt is applied is told once, at once, and after a cut by the hello", async () => {
  const { clock, centre, session, link, place, kinds } = rig();
  centre.isThere = true;
  await runFor(clock, 1_000);
  session.clearanceTaken({ stream: "s", seq: 4 });
  await runFor(clock, 10);
  expect(kinds("clearanceTaken")).toEqual([{ kind: "clearanceTaken", stream: "s", seq: 4 }]);
  link.cut(agentId);
  Object.assign(place, { stream: "s", seq: 5 });
  session.clearanceTaken({ stream: "s", seq: 5 });
  link.restore(agentId);
  await runFor(clock, 3_000);
  expect(kinds("clearanceTaken")).toHaveLength(1);
  expect(kinds("hello").at(-1)).toMatchObject({ clearanceStream: "s", clearanceSeq: 5 });
});

describe("a device's trace", () => {
  const wanted = {
    kind: "traceWanted",
    deviceId: "d",
    trace: 1,
    remainingMs: 1_000,
    afterSeq: 0,
  } as const;

  test("is told when it is wanted, is no business of the core, and of no device nothing", async () => {
    const { clock, centre, link, kinds, down } = rig();
    centre.isThere = true;
    await runFor(clock, 1_000);
    link.centre.send(agentId, wanted);
    link.centre.send(agentId, { ...wanted, deviceId: "other" });
    await runFor(clock, 100);
    expect(kinds("traceTold")).toHaveLength(1);
    expect(JSON.stringify(down)).not.toContain("trace");
  });

  test("waits while the journal does: what is only looked at goes last", async () => {
    const { clock, centre, link, kinds, write } = rig();
    centre.isThere = true;
    await runFor(clock, 1_000);
    centre.acks = false;
    write(traceBehindRecordsMax);
    link.centre.send(agentId, wanted);
    await runFor(clock, 100);
    expect(kinds("traceTold")).toHaveLength(1);
    write(1);
    link.centre.send(agentId, wanted);
    await runFor(clock, 100);
    expect(kinds("traceTold")).toHaveLength(1);
  });
});

describe("the journal's way up", () => {
  test("every record arrives once, in order, after the centre has answered the hello", async () => {
    const { clock, centre, copy, write, session } = rig();
    centre.isThere = true;
    write(1_234);
    await runFor(clock, 2_000);
    expect(copy).toHaveLength(1_234);
    expect(session.counters().outbox).toMatchObject({ ackedSeq: 1_234, resendsTotal: 0 });
  });

  test("law 12: after the centre was away for 60 s the journal catches up", async () => {
    const { clock, centre, copy, write, journal } = rig();
    centre.isThere = true;
    await runFor(clock, 1_000);
    centre.isThere = false;
    for (let second = 0; second < 60; second += 1) {
      write(100);
      await runFor(clock, 1_000, 100);
    }
    expect(copy).toHaveLength(0);
    centre.isThere = true;
    await runFor(clock, 5_000);
    expect(copy).toHaveLength(6_000);
    expect(journal.acknowledgedSeq()).toBe(6_000);
  });

  test("and after the wire was cut for 60 s", async () => {
    const { clock, centre, copy, write, link, kinds } = rig();
    centre.isThere = true;
    write(10);
    await runFor(clock, 1_000);
    link.cut(agentId);
    write(5_000);
    await runFor(clock, 60_000, 1_000);
    expect(copy).toHaveLength(10);
    link.restore(agentId);
    await runFor(clock, 2_000);
    expect(copy).toHaveLength(5_010);
    expect(kinds("hello")).toHaveLength(2);
  });

  test("what is lost on the way is sent again", async () => {
    const chance = createSeededEntropy(7, "link");
    const { clock, centre, copy, write } = rig({
      carry: ({ message }) =>
        message.kind === "journal" && chance.next() < 0.3 ? [] : [Math.floor(chance.next() * 5)],
    });
    centre.isThere = true;
    for (let n = 0; n < 20; n += 1) {
      write(100);
      await runFor(clock, 200);
    }
    await runFor(clock, 60_000, 100);
    expect(copy).toHaveLength(2_000);
  });

  test("a centre that acknowledges nothing is sent a bounded number of records", async () => {
    const { clock, centre, write, copy, session } = rig();
    centre.isThere = true;
    await runFor(clock, 1_000);
    centre.acks = false;
    write(3 * unackedRecordsMax);
    await runFor(clock, 4_000);
    expect(copy.length).toBe(unackedRecordsMax);
    expect(session.counters().outbox.recordsSentTotal).toBe(unackedRecordsMax);
  });

  test("journalWanted sets the outbox back", async () => {
    const { clock, centre, copy, write, link } = rig();
    centre.isThere = true;
    write(500);
    await runFor(clock, 2_000);
    copy.length = 100;
    link.centre.send(agentId, { kind: "journalWanted", chain: agentId, afterSeq: 100 });
    await runFor(clock, 2_000);
    expect(copy).toHaveLength(500);
  });

  test("an acknowledgement beyond our end is counted: one of the two was replaced", async () => {
    const { clock, centre, write, link, session } = rig();
    centre.isThere = true;
    write(3);
    await runFor(clock, 1_000);
    link.centre.send(agentId, { kind: "journalAck", chain: agentId, seq: 99 });
    await runFor(clock, 100);
    expect(session.counters().outbox).toMatchObject({ foreignAcksTotal: 1, ackedSeq: 3 });
  });
});

describe("what the centre has told", () => {
  const end = { chain: "centre", seq: 12, hash: "c".repeat(64) };
  const told = (each: UpMessage | undefined) => (each?.kind === "hello" ? each.told : null);

  test("is said in each hello: how far this journal is held, and how far the centre's own reached", async () => {
    const { clock, centre, write, link, kinds } = rig();
    centre.isThere = true;
    write(3);
    await runFor(clock, 1_000);
    link.centre.send(agentId, { kind: "centreReached", end });
    await runFor(clock, 3_000);
    link.cut(agentId);
    link.restore(agentId);
    await runFor(clock, 100);
    expect(kinds("hello").map(told)).toEqual([
      { seq: 0, centre: null },
      { seq: 3, centre: end },
    ]);
  });

  test("is not forgotten for a centre that holds less", async () => {
    const { clock, centre, copy, write, link, kinds } = rig();
    centre.isThere = true;
    write(300);
    await runFor(clock, 1_000);
    copy.length = 100;
    link.centre.send(agentId, { kind: "journalAck", chain: agentId, seq: 100 });
    link.cut(agentId);
    await runFor(clock, 3_000);
    link.restore(agentId);
    await runFor(clock, 100);
    expect(told(kinds("hello").at(-1))).toEqual({ seq: 300, centre: null });
  });
});

describe("a journal that nobody takes (laws 1 and 12)", () => {
  const leaseOf = (down: readonly unknown[]): readonly number[] =>
    down.flatMap((each) => {
      const { message } = each as { message?: { leaseMs?: number } };
      return message?.leaseMs === undefined ? [] : [message.leaseMs];
    });

  test.each([
    ["empty", 0, 5, "journalShortened", []],
    ["shorter", 3, 5, "journalShortened", []],
    ["another one", 5, 5, "journalFork", []],
    // What the hello could not tell the centre is shown to it.
    ["another one behind its middle", 7, 5, "journalFork", [5]],
  ])(
    "%s: it says so itself, sends nothing that is new and relies on nothing",
    async (_name, own, held, code, shown) => {
      const { clock, link, session, write, down, centre, kinds } = rig();
      Object.assign(centre, { isThere: true, acks: false });
      const sent = (): readonly number[] =>
        kinds("journal").flatMap((each) =>
          each.kind === "journal" ? each.records.map(({ seq }) => seq) : [],
        );
      link.cut(agentId);
      write(own);
      await runFor(clock, 100);
      link.restore(agentId);
      await runFor(clock, 100);
      const hash = "a".repeat(64);
      link.centre.send(agentId, { kind: "journalAck", chain: agentId, seq: held, hash });
      await runFor(clock, 1_000);
      expect(session.journalDoubt()).toMatchObject({ code });
      expect(sent()).toEqual(shown);
      down.length = 0;
      const message = { ...heartbeat, seq: 1, leaseMs: 15_000 };
      link.centre.send(agentId, { kind: "clearance", message });
      await runFor(clock, 100);
      expect(leaseOf(down)).toEqual([0]);
    },
  );

  test("the very record that is held is no disagreement, wherever it lies", async () => {
    const { clock, link, session, write, journal, kinds, centre } = rig();
    write(7);
    await runFor(clock, 100);
    centre.isThere = true;
    const [fifth] = await journal.readAfter(4, 1);
    link.centre.send(agentId, { kind: "journalAck", chain: agentId, seq: 5, hash: fifth!.hash });
    await runFor(clock, 1_000);
    expect(session.journalDoubt()).toBeNull();
    expect(kinds("journal").length).toBeGreaterThan(0);
  });

  test("a record that waits 10 s for its acknowledgement is doubt until it has it", async () => {
    const { clock, centre, session, write, down } = rig();
    centre.isThere = true;
    await runFor(clock, 1_000);
    centre.acks = false;
    write(3);
    await runFor(clock, 9_000, 100);
    expect(session.journalDoubt()).toBeNull();
    await runFor(clock, 3_000, 100);
    expect(session.journalDoubt()).toMatchObject({ code: "journalLate" });
    centre.acks = true;
    write(1);
    await runFor(clock, 6_000, 100);
    expect(session.journalDoubt()).toBeNull();
    const told = down.filter((each) => (each as { kind: string }).kind === "journalDoubted");
    expect(told).toMatchObject([{ doubt: { code: "journalLate" } }, { doubt: null }]);
  });

  test("what the centre refuses is not sent again until the next hello has been answered", async () => {
    const { clock, centre, link, session, write, copy } = rig();
    centre.isThere = true;
    write(2);
    await runFor(clock, 1_000);
    const held = { chain: agentId, seq: 2, hash: "0".repeat(64) };
    const code = "journalFork";
    link.centre.send(agentId, { kind: "journalRefused", chain: agentId, code, why: "w", held });
    await runFor(clock, 100);
    expect(session.journalDoubt()).toEqual({ code, why: "w" });
    const before = copy.length;
    write(5);
    await runFor(clock, 8_000, 100);
    expect(copy).toHaveLength(before);
    link.cut(agentId);
    link.restore(agentId);
    await runFor(clock, 1_000);
    expect(copy).toHaveLength(before + 5);
    expect(session.journalDoubt()).toBeNull();
  });
});

describe("hello", () => {
  test("is said when the centre comes back after a silence, not while it is heard", async () => {
    const { clock, centre, kinds, session, place } = rig();
    place.stream = "s";
    centre.isThere = true;
    await runFor(clock, 20_000, 100);
    const before = kinds("hello").length;
    centre.isThere = false;
    await runFor(clock, centreSilenceMs + 2_000, 100);
    expect(session.isCentreHeard()).toBe(false);
    centre.isThere = true;
    await runFor(clock, 3_000, 100);
    expect(session.isCentreHeard()).toBe(true);
    expect(kinds("hello").length).toBe(before + 1);
  });

  test("names the place in the clearance stream, and no place while there is a gap", async () => {
    const { clock, centre, kinds, link, place } = rig();
    centre.isThere = true;
    place.stream = "s9";
    place.seq = 17;
    link.cut(agentId);
    link.restore(agentId);
    await runFor(clock, 100);
    expect(kinds("hello").at(-1)).toMatchObject({ clearanceStream: "s9", clearanceSeq: 17 });
    place.stream = null;
    link.cut(agentId);
    link.restore(agentId);
    await runFor(clock, 100);
    expect(kinds("hello").at(-1)).toMatchObject({ clearanceStream: null, clearanceSeq: 0 });
  });

  test("is said at most every two seconds, however often an unknown stream is heard", async () => {
    const { clock, centre, kinds } = rig();
    centre.isThere = true;
    centre.begins = false;
    await runFor(clock, 10_000, 100);
    expect(kinds("hello").length).toBeLessThanOrEqual(6);
    expect(kinds("hello").length).toBeGreaterThan(2);
  });

  test("is not said for a late copy of a beginning, while the core follows the stream", async () => {
    const { clock, centre, kinds, link, place } = rig();
    centre.isThere = true;
    place.stream = "s";
    await runFor(clock, 3_000, 100);
    const before = kinds("hello").length;
    const late = { kind: "snapshotBegin", stream: "s0", seq: 0, claimsTotal: 0 } as const;
    link.centre.send(agentId, { kind: "clearance", message: late });
    await runFor(clock, 10_000, 100);
    expect(kinds("hello").length).toBe(before);
    // The core follows it.
    place.stream = null;
    await runFor(clock, 3_000, 100);
    expect(kinds("hello").length).toBeGreaterThan(before);
  });

  test("a snapshot is asked for at most every two seconds, however many gaps there are", async () => {
    const { clock, centre, kinds, session, place } = rig();
    place.stream = "s";
    centre.isThere = true;
    for (let n = 0; n < 100; n += 1) {
      session.snapshotWanted("gap");
      await runFor(clock, 100);
    }
    expect(kinds("snapshotWanted").length).toBeLessThanOrEqual(5);
    expect(kinds("snapshotWanted").length).toBeGreaterThan(0);
  });
});

describe("what goes down and up", () => {
  test("clearance, with the answers to claims in it, reaches the core, the rest stays here", async () => {
    const { clock, link, down } = rig();
    const claim = { kind: "claimAnswer", lineId: "L1", passId: "p", waybill: "W001" } as const;
    const answer = { ...claim, granted: true, why: null };
    const place = { stream: "s", seq: 1, isHeld: true, record: null };
    const told = {
      kind: "clearance",
      message: { kind: "claimAnswer", ...place, answer },
    } as const;
    link.centre.send(agentId, told);
    link.centre.send(agentId, { kind: "journalAck", chain: agentId, seq: 0 });
    await runFor(clock, 100);
    expect(down).toEqual([told]);
  });

  test("an image the centre lacks is sent again, one that is gone is not", async () => {
    const { clock, link, images, pictures } = rig();
    const [held, gone] = ["a".repeat(64), "b".repeat(64)] as const;
    images.set(held, new Uint8Array([1]));
    link.centre.send(agentId, { kind: "imageWanted", passId: "p", imageHash: gone });
    link.centre.send(agentId, { kind: "imageWanted", passId: "p", imageHash: held });
    await runFor(clock, 100);
    expect(pictures).toEqual([held]);
  });

  test("a claim on a cut wire says so at once", () => {
    const { link, session } = rig();
    link.cut(agentId);
    expect(session.claim("L1", "p", "W001")).toEqual({ kind: "refused", why: "notConnected" });
  });
});

describe("the last word", () => {
  const word = { code: "diskFull", why: "SQLITE_FULL" } as const;

  test("is the first that was said, again after a cut, and no hello behind it says that the agent is here", async () => {
    const { session, centre, kinds, clock, link } = rig();
    centre.isThere = true;
    await runFor(clock, 3_000);
    const hellos = kinds("hello").length;
    await session.leave(word, 0);
    await session.leave({ code: "stopped", why: "SIGTERM" }, 0);
    await runFor(clock, 100);
    expect(kinds("leaving")).toEqual([{ kind: "leaving", ...word }]);
    link.cut(agentId);
    link.restore(agentId);
    await runFor(clock, 10_000);
    expect(kinds("leaving")).toEqual([
      { kind: "leaving", ...word },
      { kind: "leaving", ...word },
    ]);
    expect(kinds("hello")).toHaveLength(hellos);
    await session.stop();
  });

  test("waits for a connection as long as it may, and is said before anything else", async () => {
    const { session, centre, kinds, clock, link } = rig();
    centre.isThere = true;
    link.cut(agentId);
    let isDone = false;
    void session.leave({ ...word, why: "x".repeat(1_000) }, 2_000).then(() => (isDone = true));
    await runFor(clock, 1_000);
    expect(isDone).toBe(false);
    link.restore(agentId);
    await runFor(clock, 100);
    expect(isDone).toBe(true);
    expect(kinds("leaving")).toEqual([{ kind: "leaving", ...word, why: "x".repeat(300) }]);
    await session.stop();
  });

  test("is given up where nobody can be reached", async () => {
    const { session, clock, link } = rig();
    link.cut(agentId);
    let isDone = false;
    void session.leave(word, 2_000).then(() => (isDone = true));
    await runFor(clock, 1_999);
    expect(isDone).toBe(false);
    await runFor(clock, 1);
    expect(isDone).toBe(true);
    await session.stop();
  });
});
