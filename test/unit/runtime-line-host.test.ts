import { describe, expect, it } from "vitest";
import { isReportAwaited, nextReportCount } from "../../edge/line/step.ts";
import type { Fact } from "../../protocols/facts.ts";
import { exits } from "../../protocols/sorting.ts";
import type { NotSentWhy } from "../../protocols/transport.ts";
import { beltCount, epochMs } from "../../protocols/units.ts";
import { benchConfig, hashNo, waybillNo } from "../kit/line-bench.ts";
import { createLineStand, type LineStand } from "../kit/line-stand.ts";

// Goal: nothing leaves before it is written, and nobody is woken for nothing. Method: the shell around
// the pure line (`test/kit/line-stand.ts`), with syncs that the test grants.

const waybill = waybillNo(1);

/** Brings a parcel to the scanner, which has not told of it yet. */
function toScanner(stand: LineStand): void {
  const { host } = stand;
  const { layout } = benchConfig;
  const say: LineStand["say"] = (event) => stand.say(event);
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
function toCommit(stand: LineStand): void {
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
    const stand = createLineStand();
    toCommit(stand);
    expect(stand.claims).toEqual([]);
    stand.sync();
    expect(stand.claims).toEqual([waybill]);
  });

  it("nothing that could make an outcome milder leaves when the disk says no", () => {
    const stand = createLineStand();
    toCommit(stand);
    stand.sync(false);
    expect(stand.claims).toEqual([]);
    expect(stand.sent.filter(({ kind }) => kind === "belt" || kind === "divert")).toEqual([]);
    expect(
      stand.sent.filter((command) => command.kind === "induction" && command.isPermitted),
    ).toEqual([]);
  });

  it("a token leaves only when the entry that gives it is durable", () => {
    const stand = createLineStand();
    toCommit(stand);
    expect(stand.told).toEqual([]);
    stand.sync();
    expect(stand.told).toEqual([{ kind: "token", token: "0000" }]);
  });

  it("an agent that takes over cancels what is pending without waiting for the disk", () => {
    const stand = createLineStand();
    stand.say({ kind: "session", count: beltCount(0) });
    expect(stand.sent).toContainEqual({ kind: "cancelAll" });
  });

  it("every event is recorded with what the core made of it, in order", () => {
    const stand = createLineStand();
    toCommit(stand);
    const kinds = stand.entries.map((entry) =>
      entry.kind === "step" ? (entry.event as { kind: string }).kind : entry.kind,
    );
    expect(kinds.slice(0, 3)).toEqual(["open", "opened", "sorter"]);
    expect(kinds.at(-1)).toBe("read");
  });
});

/** Brings a parcel with nothing against it to green's commit point; syncs up to it, not of it. */
function toGreenCommit(stand: LineStand): void {
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
  const stepsOf = ({ entries }: LineStand, isWanted: (event: { kind: string }) => boolean) =>
    entries.flatMap((entry) =>
      entry.kind === "step" && isWanted(entry.event as { kind: string }) ? [entry] : [],
    );

  it("a parcel whose command left early wakes nobody at its commit point", () => {
    const commit = { ...benchConfig.commit, windowMm: 100_000 };
    const layout = { ...benchConfig.layout, diverters: benchConfig.layout.diverters.slice(1) };
    const stand = createLineStand({ config: { ...benchConfig, commit, layout } });
    toGreenCommit(stand);
    stand.run(1_000);
    expect(stand.host.hasCommitments()).toBe(true);
    const woken = stepsOf(stand, ({ kind }) => kind === "countReached");
    expect(woken.length).toBeGreaterThan(0);
    expect(woken.filter(({ commands, facts }) => (commands ?? facts) === undefined)).toEqual([]);
  });

  it("a report of the belt is handed on where a parcel is missed, and not for one that has left", () => {
    const { host, ...stand } = createLineStand();
    toScanner({ host, ...stand });
    const unreadAtCount = nextReportCount(host.state, benchConfig);
    const isAwaited = (count: number): boolean => isReportAwaited(host.state, benchConfig, count);
    // As it is kept when the pass that it was kept for has ended.
    host.state.due.reportedCount = unreadAtCount - 100;
    expect([-100, -1, 0].map((by) => isAwaited(unreadAtCount + by))).toEqual([false, false, true]);
  });
});

describe("law 5: the outbox's second look", () => {
  const ofGreen = ({ sent }: LineStand): string[] =>
    sent.flatMap((command) => (command.kind === "divert" ? [command.exit] : []));
  const factsOf = ({ entries }: LineStand): Fact[] =>
    entries.flatMap((entry) => (entry.kind === "step" ? ((entry.facts as Fact[]) ?? []) : []));
  const abortedFor = (stand: LineStand): string[] =>
    factsOf(stand).flatMap((fact) => (fact.kind === "aborted" ? [fact.reason.code] : []));

  it("a green command whose entry is durable in time leaves", () => {
    const stand = createLineStand();
    toGreenCommit(stand);
    expect(ofGreen(stand)).toEqual([]);
    stand.sync();
    expect(ofGreen(stand)).toEqual(["green"]);
  });

  it.each<NotSentWhy>(["notConnected", "noSession", "wireFull"])(
    "a divert that is not sent goes to inspection for the reason that its wire gave: %s",
    (why) => {
      const stand = createLineStand();
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

  const belt = (stand: LineStand, emergencyStop: boolean): void =>
    stand.say({
      kind: "belt",
      count: beltCount(0),
      speedMmPerS: 0,
      isRunning: false,
      emergencyStop,
    });
  const guard = (stand: LineStand): void =>
    stand.say({ kind: "guard", guardId: "guard-1", isOpen: true, count: beltCount(0) });

  it.each([
    ["nothing", () => {}, [true]],
    ["an emergency stop", (stand: LineStand) => belt(stand, true), []],
    ["an open guard", guard, []],
  ])("a start of the belt leaves if nothing came meanwhile to hold it: %s", (_what, come, runs) => {
    const stand = createLineStand();
    belt(stand, false);
    stand.say({ kind: "localReset", count: beltCount(0) });
    come(stand);
    stand.sync();
    const asked = stand.sent.flatMap((command) => (command.kind === "belt" ? [command.run] : []));
    expect(asked).toEqual(runs);
  });

  it("a lease that ran out while its entry waited for the disk takes it back", () => {
    const stand = createLineStand({ leaseMs: 31_550 });
    toGreenCommit(stand);
    stand.run(100);
    stand.sync();
    expect(ofGreen(stand)).toEqual([]);
    expect(abortedFor(stand)).toEqual(["clearanceStale"]);
  });
});

describe("an agent that stops", () => {
  it("takes nothing any more, so that nothing is recorded behind the journal's end", () => {
    const stand = createLineStand();
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
    const stand = createLineStand();
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
    const stand = createLineStand();
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
