import { asBug, type Bug } from "../../protocols/bug.ts";
import { describe, expect, it } from "vitest";
import { isReportAwaited, nextReportCount } from "../../edge/line/step.ts";
import { emptyClearanceMirror } from "../../edge/line/clearance-mirror.ts";
import { stepClearance } from "../../edge/line/clearance-step.ts";
import type { JournalEntry } from "../../edge/journal/entries.ts";
import type { SorterCommandBody } from "../../edge/devices/sorter/sorter.ts";
import { createLineHost, type LineHost } from "../../edge/runtime/line-host.ts";
import type { ClaimAnswer, ClearanceMessage } from "../../protocols/link.ts";
import type { ProofCommand } from "../../protocols/scanner/read-proof.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import type { Fact } from "../../protocols/facts.ts";
import { exits } from "../../protocols/sorting.ts";
import { sent as sentIt, type NotSentWhy, type Sending } from "../../protocols/transport.ts";
import type { LineConfig } from "../../edge/line/config.ts";
import { beltCount, epochMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { benchConfig, hashNo, recordOf, waybillNo } from "../kit/line-bench.ts";

/**
 * The shell around the pure line, in virtual time with a journal whose syncs the test grants: no
 * command leaves before its entry is durable, and each is looked at again before it does.
 */
type WithoutNumber<T> = T extends unknown ? Omit<T, "epoch" | "seq"> : never;

interface Stand {
  readonly host: LineHost;
  readonly entries: JournalEntry[];
  readonly sent: SorterCommandBody[];
  readonly told: readonly ProofCommand[];
  readonly claims: string[];
  readonly bugs: readonly Bug[];
  /** Makes everything recorded so far durable, or says that it is not. */
  sync(isDurable?: boolean): void;
  /** As the shell does it: in the stream, with the record, then to the line. */
  answerClaim(answer: ClaimAnswer): void;
  say(event: WithoutNumber<SorterEvent>): void;
  /** Lets time pass, with a report of the belt every 100 ms. */
  run(ms: number): void;
  /** What the sorter's wire says from now on to whatever it is given. */
  answer(sending: Sending): void;
}

const waybill = waybillNo(1);

interface StandOptions {
  readonly leaseMs?: number;
  readonly config?: LineConfig;
}

function createStand({ leaseMs = 600_000, config = benchConfig }: StandOptions = {}): Stand {
  const clock = createVirtualClock();
  const mirror = emptyClearanceMirror();
  const entries: JournalEntry[] = [];
  const sent: SorterCommandBody[] = [];
  const told: ProofCommand[] = [];
  const claims: string[] = [];
  const bugs: Bug[] = [];
  let waiting: ((isDurable: boolean) => void)[] = [];
  let answer: Sending = sentIt;
  let seq = 0;
  let count = 0;
  const host = createLineHost({
    config,
    configHash: "0".repeat(64),
    epoch: "e1",
    clock,
    lookAtTime: () => {},
    mirror,
    recorder: {
      record: (entry, then) => {
        entries.push(entry);
        if (then !== undefined) waiting.push(then);
      },
    },
    sorter: {
      send: (command) => {
        if (answer.kind === "sent") sent.push(command);
        return answer;
      },
    },
    xray: { announce: () => sentIt },
    onBug: (thrown, where) => bugs.push(asBug(thrown, where)),
    firstToken: 0,
    tellDevice: (_deviceId, command) => void told.push(command),
    claim: (_lineId, _passId, wanted) => {
      claims.push(wanted);
      return true;
    },
  });
  const stamp = { at: clock.monotonic(), wallAt: clock.wall() };
  const stream = { stream: "c-1" };
  const messages: ClearanceMessage[] = [
    { kind: "snapshotBegin", ...stream, seq: 0, claimsTotal: 0 },
    { kind: "snapshotPart", ...stream, seq: 1, claims: [] },
    { kind: "snapshotEnd", ...stream, seq: 2, leaseMs, heardAt: clock.monotonic() },
  ];
  for (const message of messages) {
    stepClearance(mirror, { kind: "clearance", ...stamp, message });
  }
  const answerClaim = (answer: ClaimAnswer): void => {
    const record = recordOf(answer.waybill);
    const message = {
      kind: "claimAnswer",
      ...stream,
      seq: 3,
      answer,
      isHeld: true,
      record,
    } as const;
    host.receive({ kind: "answerTold", message });
  };
  const say = (event: WithoutNumber<SorterEvent>): void => {
    host.receiveSorter({ epoch: "s-1", seq, ...event });
    seq += 1;
  };
  const report = (): void =>
    say({
      kind: "belt",
      count: beltCount(count),
      speedMmPerS: benchConfig.belt.speedMmPerS,
      isRunning: true,
      emergencyStop: false,
    });
  return {
    host,
    entries,
    sent,
    claims,
    bugs,
    told,
    answerClaim,
    say,
    sync: (isDurable = true) => {
      const due = waiting;
      waiting = [];
      for (const follow of due) follow(isDurable);
    },
    run: (ms) => {
      for (let left = ms; left > 0; left -= 100) {
        const by = Math.min(100, left);
        clock.runFor(by);
        count += by;
        report();
      }
    },
    answer: (next) => {
      answer = next;
    },
  };
}

/** Brings a parcel to the scanner, which has not told of it yet. */
function toScanner(stand: Stand): void {
  const { host } = stand;
  const { layout } = benchConfig;
  const say: Stand["say"] = (event) => stand.say(event);
  say({ kind: "session", count: beltCount(0) });
  for (const deviceId of [layout.sorterId, layout.scanner.deviceId, layout.xray?.deviceId ?? ""]) {
    host.receive({ kind: "health", deviceId, state: "receiving", reason: null });
  }
  stand.run(1_000);
  say({ kind: "eye", eyeId: layout.inductionEyeId, isBlocked: true, count: beltCount(1_000) });
  stand.run(400);
  say({ kind: "eye", eyeId: layout.inductionEyeId, isBlocked: false, count: beltCount(1_400) });
  stand.run(1_300);
}

/** Brings a licence parcel to red's commit point: read, claimed, and nothing else wrong. */
function toCommit(stand: Stand): void {
  toScanner(stand);
  const { host } = stand;
  const { layout } = benchConfig;
  const token = host.state.passes[0]?.read.token;
  host.receive({
    kind: "read",
    deviceId: layout.scanner.deviceId,
    codes: [{ text: waybill, aim: null }],
    proof: token == null ? {} : { token },
  });
}

describe("law 5: write before act", () => {
  it("a claim leaves only when the entry that asks for it is durable", () => {
    const stand = createStand();
    toCommit(stand);
    expect(stand.claims).toEqual([]);
    stand.sync();
    expect(stand.claims).toEqual([waybill]);
  });

  it("nothing that could make an outcome milder leaves when the disk says no", () => {
    const stand = createStand();
    toCommit(stand);
    stand.sync(false);
    expect(stand.claims).toEqual([]);
    expect(stand.sent.filter(({ kind }) => kind === "belt" || kind === "divert")).toEqual([]);
    expect(
      stand.sent.filter((command) => command.kind === "induction" && command.isPermitted),
    ).toEqual([]);
  });

  it("a token leaves only when the entry that gives it is durable", () => {
    const stand = createStand();
    toCommit(stand);
    expect(stand.told).toEqual([]);
    stand.sync();
    expect(stand.told).toEqual([{ kind: "token", token: "0000" }]);
  });

  it("an agent that takes over cancels what is pending without waiting for the disk", () => {
    const stand = createStand();
    stand.say({ kind: "session", count: beltCount(0) });
    expect(stand.sent).toContainEqual({ kind: "cancelAll" });
  });

  it("every event is recorded with what the core made of it, in order", () => {
    const stand = createStand();
    toCommit(stand);
    const kinds = stand.entries.map((entry) =>
      entry.kind === "step" ? (entry.event as { kind: string }).kind : entry.kind,
    );
    expect(kinds.slice(0, 3)).toEqual(["open", "opened", "sorter"]);
    expect(kinds.at(-1)).toBe("read");
  });
});

/** Brings a parcel with nothing against it to green's commit point; syncs up to it, not of it. */
function toGreenCommit(stand: Stand): void {
  const { host } = stand;
  const { layout } = benchConfig;
  const eye = (eyeId: string, count: number, isBlocked: boolean): void =>
    stand.say({ kind: "eye", eyeId, isBlocked, count: beltCount(count) });
  toCommit(stand);
  for (const exit of exits) stand.say({ kind: "chute", exit, state: "ready", fillPct: 0 });
  host.receive({ kind: "xrayReady", isReady: true, reason: null });
  const passId = host.state.passes[0]?.passId ?? "";
  const ofPass = { passId, imageHash: hashNo(1) };
  const granted = { kind: "claimAnswer", lineId: "L1", granted: true, why: null } as const;
  stand.answerClaim({ ...granted, passId, waybill });
  // Its middle is on the scale at a count of 4,200; its front at the eyes 1,000 behind their places.
  stand.run(1_500);
  host.receive({
    kind: "weight",
    weightG: 1_000,
    proof: { track: host.state.passes[0]?.scaleToken ?? "none" },
  });
  let count = 4_200;
  const runTo = (next: number): void => {
    stand.run(next - count);
    count = next;
  };
  for (const { eyeId, atMm } of layout.trackingEyes) {
    runTo(atMm + 1_000);
    eye(eyeId, count, true);
    runTo(atMm + 1_400);
    eye(eyeId, count, false);
    if (eyeId !== "xray-entry") continue;
    const entryCount = beltCount(atMm + 1_000);
    host.receive({
      kind: "xrayItem",
      item: { passId, itemSequence: 1, entryCount, lengthMm: 400 },
    });
    host.receive({ kind: "xrayImage", ...ofPass, itemSequence: 1, pictureHash: hashNo(1) });
    host.receive({
      kind: "xrayVerdict",
      verdict: { ...ofPass, itemSequence: 1, verdict: "clear", boxes: [], algorithm: "bench" },
    });
    host.receive({
      kind: "officerVerdict",
      verdict: {
        ...ofPass,
        verdictId: "v-1",
        lineId: "L1",
        decision: "release",
        reason: null,
        officer: "wang",
        station: "desk-1",
        shownAt: epochMs(0),
        decidedAt: epochMs(0),
      },
    });
  }
  stand.sync();
  runTo(31_500);
}

describe("the core is woken for what is due, and not for what was", () => {
  const stepsOf = ({ entries }: Stand, isWanted: (event: { kind: string }) => boolean) =>
    entries.flatMap((entry) =>
      entry.kind === "step" && isWanted(entry.event as { kind: string }) ? [entry] : [],
    );

  it("a parcel whose command left early wakes nobody at its commit point", () => {
    const commit = { ...benchConfig.commit, windowMm: 100_000 };
    const layout = { ...benchConfig.layout, diverters: benchConfig.layout.diverters.slice(1) };
    const stand = createStand({ config: { ...benchConfig, commit, layout } });
    toGreenCommit(stand);
    stand.run(1_000);
    expect(stand.host.hasCommitments()).toBe(true);
    const woken = stepsOf(stand, ({ kind }) => kind === "countReached");
    expect(woken.length).toBeGreaterThan(0);
    expect(woken.filter(({ commands, facts }) => (commands ?? facts) === undefined)).toEqual([]);
  });

  it("a report of the belt is handed on where a parcel is missed, and not for one that has left", () => {
    const { host, ...stand } = createStand();
    toScanner({ host, ...stand });
    const unreadAtCount = nextReportCount(host.state, benchConfig);
    const isAwaited = (count: number): boolean => isReportAwaited(host.state, benchConfig, count);
    // As it is kept when the pass that it was kept for has ended.
    host.state.due.reportedCount = unreadAtCount - 100;
    expect([-100, -1, 0].map((by) => isAwaited(unreadAtCount + by))).toEqual([false, false, true]);
  });
});

describe("law 5: the outbox's second look", () => {
  const ofGreen = ({ sent }: Stand): string[] =>
    sent.flatMap((command) => (command.kind === "divert" ? [command.exit] : []));
  const factsOf = ({ entries }: Stand): Fact[] =>
    entries.flatMap((entry) => (entry.kind === "step" ? ((entry.facts as Fact[]) ?? []) : []));
  const abortedFor = (stand: Stand): string[] =>
    factsOf(stand).flatMap((fact) => (fact.kind === "aborted" ? [fact.reason.code] : []));

  it("a green command whose entry is durable in time leaves", () => {
    const stand = createStand();
    toGreenCommit(stand);
    expect(ofGreen(stand)).toEqual([]);
    stand.sync();
    expect(ofGreen(stand)).toEqual(["green"]);
  });

  it.each<NotSentWhy>(["notConnected", "noSession", "wireFull"])(
    "a divert that is not sent goes to inspection for the reason that its wire gave: %s",
    (why) => {
      const stand = createStand();
      toGreenCommit(stand);
      stand.answer({ kind: "refused", why });
      stand.sync();
      expect(ofGreen(stand)).toEqual([]);
      expect(factsOf(stand)).toContainEqual(
        expect.objectContaining({
          kind: "aborted",
          reason: { code: "commitMissed", params: { why } },
        }),
      );
      expect(stand.host.counters().commandsMissedTotal).toBe(1);
    },
  );

  const belt = (stand: Stand, emergencyStop: boolean): void =>
    stand.say({
      kind: "belt",
      count: beltCount(0),
      speedMmPerS: 0,
      isRunning: false,
      emergencyStop,
    });
  const guard = (stand: Stand): void =>
    stand.say({ kind: "guard", guardId: "guard-1", isOpen: true, count: beltCount(0) });

  it.each([
    ["nothing", () => {}, [true]],
    ["an emergency stop", (stand: Stand) => belt(stand, true), []],
    ["an open guard", guard, []],
  ])("a start of the belt leaves if nothing came meanwhile to hold it: %s", (_what, come, runs) => {
    const stand = createStand();
    belt(stand, false);
    stand.say({ kind: "localReset", count: beltCount(0) });
    come(stand);
    stand.sync();
    const asked = stand.sent.flatMap((command) => (command.kind === "belt" ? [command.run] : []));
    expect(asked).toEqual(runs);
  });

  it("a lease that ran out while its entry waited for the disk takes it back", () => {
    const stand = createStand({ leaseMs: 31_550 });
    toGreenCommit(stand);
    stand.run(100);
    stand.sync();
    expect(ofGreen(stand)).toEqual([]);
    expect(abortedFor(stand)).toEqual(["clearanceStale"]);
  });
});

describe("an agent that stops", () => {
  it("takes nothing any more, so that nothing is recorded behind the journal's end", () => {
    const stand = createStand();
    toCommit(stand);
    const recorded = stand.entries.length;
    stand.host.stop();
    stand.host.receive({ kind: "weight", weightG: 500, proof: {} });
    stand.run(2_000);
    stand.sync(false);
    expect(stand.entries.length).toBe(recorded);
  });
});

describe("the belt's feed", () => {
  it("reaches the core once a second, and at once when its motion changes", () => {
    const stand = createStand();
    stand.say({ kind: "session", count: beltCount(0) });
    const beltEvents = (): number =>
      stand.entries.filter(
        (entry) =>
          entry.kind === "step" &&
          (entry.event as { event?: { kind?: string } }).event?.kind === "belt",
      ).length;
    stand.run(5_000);
    expect(beltEvents()).toBe(5);
    stand.say({
      kind: "belt",
      count: beltCount(5_000),
      speedMmPerS: 0,
      isRunning: false,
      emergencyStop: false,
    });
    expect(beltEvents()).toBe(6);
  });
});

describe("law 2: a bug of ours ends the line's work", () => {
  it("in the core: told once with its cause, and nothing leaves any more, whatever is synced", () => {
    const stand = createStand();
    toCommit(stand);
    // What no code of ours would do to it; the core then trips over it.
    Object.assign(stand.host.state, { passes: null });
    const sentBefore = stand.sent.length;
    stand.run(1_000);
    stand.sync();
    expect(stand.bugs).toHaveLength(1);
    expect(stand.bugs[0]).toMatchObject({
      name: "Bug",
      message: expect.stringMatching(/^line L1, .*passes|null/) as unknown,
      cause: expect.any(TypeError) as unknown,
    });
    expect(stand.bugs[0]?.cause).toHaveProperty("stack", expect.stringContaining("edge/line"));
    expect({ sent: stand.sent.length, claims: stand.claims }).toEqual({
      sent: sentBefore,
      claims: [],
    });
  });
});
