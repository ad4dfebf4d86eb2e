// Goal: the drills' own judgement can fail (laws 1 and 5). Method: one parcel's journal and the
// world's record of it, whole, and with one thing taken away at a time.
import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { LineEvent } from "../../edge/line/events.ts";
import type { Fact } from "../../protocols/facts.ts";
import type { AnswerMessage } from "../../protocols/link.ts";
import { beltCount, epochMs, monotonicMs } from "../../protocols/units.ts";
import { unfoundedGreens } from "../drills/green-audit.ts";
import type { JournalLog, LoggedStep } from "../drills/journal-log.ts";
import { strayGreens, unjournalledDiverts } from "../drills/truth-audit.ts";
import type { WitnessLog } from "../drills/witness-log.ts";
import { recordOf } from "../kit/line-bench.ts";

const waybill = "SF100000001CN";
const passId = "L1-e1-1";
const commandId = `${passId}-c1`;
const imageHash = "a".repeat(64);
const record = recordOf(waybill);
const openedAt = 1_000;

const stamp = (at: number) => ({
  at: monotonicMs(at),
  wallAt: epochMs(openedAt + at),
  count: beltCount(at),
});
type Body<E> = E extends LineEvent ? Omit<E, "at" | "wallAt" | "count"> : never;
type Part = { readonly name: string; readonly step: Omit<LoggedStep, "seq" | "run"> };

const line = (name: string, at: number, body: Body<LineEvent>, facts: Fact[] = []): Part => ({
  name,
  step: {
    machine: "line",
    event: { ...stamp(at), ...body },
    commands: [],
    facts,
  },
});
const clearance = (name: string, at: number, message: object): Part => ({
  name,
  step: {
    machine: "clearance",
    event: { kind: "clearance", ...stamp(at), message },
    commands: [],
    facts: [],
  } as unknown as Omit<LoggedStep, "seq" | "run">,
});
const stream = { stream: "c-1" };
const item = { passId, itemSequence: 1 };
/** What the line is to hold from the claim until the pass is over. */
const heldNow = {
  claims: 1,
  claimsHash: hash("sha256", `${passId} ${waybill} ${record.version} ${record.standing}`, "hex"),
};
const heartbeat = (at: number, seq: number, change: object = {}): Part =>
  clearance("heartbeat", at, {
    kind: "heartbeat",
    ...stream,
    seq,
    leaseMs: 15_000,
    heardAt: at,
    ...heldNow,
    ...change,
  });

/** The same record in its next version. */
const changed = (): Part =>
  clearance("change", 19_000, {
    kind: "change",
    ...stream,
    seq: 3,
    records: [{ ...record, version: record.version + 1 }],
    ended: [],
  });

/** What the line holds, told as a whole. */
const snapshotOf = (streamId: string): Part[] => [
  clearance("snapshot", 0, { kind: "snapshotBegin", stream: streamId, seq: 0, claimsTotal: 1 }),
  clearance("record", 0, {
    kind: "snapshotPart",
    stream: streamId,
    seq: 1,
    claims: [{ passId, waybill, record }],
  }),
  clearance("snapshot's end", 0, {
    kind: "snapshotEnd",
    stream: streamId,
    seq: 2,
    leaseMs: 15_000,
    heardAt: 0,
  }),
];

/** Everything that a green decision at 30 s stands on. */
const wholeJourney = (): Part[] => [
  ...snapshotOf("c-1"),
  line("induction", 100, { kind: "countReached" }, [
    { kind: "inducted", passId, frontCount: beltCount(100) },
  ]),
  line("read", 1_600, {
    kind: "read",
    deviceId: "scanner-1",
    codes: [{ text: waybill, aim: null }],
    proof: {},
  }),
  line("identity", 1_600, { kind: "countReached" }, [
    { kind: "identified", passId, waybill, deviceId: "L1-scanner" },
  ]),
  line("claim", 1_700, {
    kind: "claimAnswer",
    answer: { kind: "claimAnswer", lineId: "L1", passId, waybill, granted: true, why: null },
  }),
  line("image", 7_000, { kind: "xrayImage", ...item, imageHash, pictureHash: imageHash }),
  line("verdict", 7_400, {
    kind: "xrayVerdict",
    verdict: { ...item, imageHash, verdict: "clear", boxes: [], algorithm: "a" },
  }),
  heartbeat(20_000, 3),
  line("decision", 30_000, { kind: "countReached" }, [
    {
      kind: "decided",
      passId,
      exit: "green",
      reasons: [],
      waybill,
      recordVersion: record.version,
      imageHash,
      rulesVersion: "r",
    },
    { kind: "commanded", passId, commandId, exit: "green", fireAtCount: beltCount(30_400) },
  ]),
  line("exit", 31_000, { kind: "countReached" }, [
    { kind: "left", passId, exit: "green", expected: "green", count: beltCount(31_000) },
  ]),
];

const stepsOf = (parts: readonly Part[]): LoggedStep[] =>
  parts.map(({ step }, index) => ({ ...step, seq: index + 1, run: 0 }) as LoggedStep);
const without = (...names: string[]): LoggedStep[] =>
  stepsOf(wholeJourney().filter(({ name }) => !names.includes(name)));
const logOf = (steps: readonly LoggedStep[]): JournalLog => ({
  steps,
  runsOpenedAt: [openedAt],
  lastSeq: () => steps.length,
  hashAt: () => null,
  refresh: async () => {},
});

describe("law 1: each green is borne out", () => {
  it("by a whole journey", () => {
    expect(unfoundedGreens(without())).toEqual([]);
  });

  it.each([
    ["induction", "induction in this run"],
    ["read", "a read of it"],
    ["identity", "a waybill"],
    ["claim", "its claim"],
    ["record", "a record that allows release"],
    ["image", "an image"],
    ["verdict", "a clear verdict"],
    ["heartbeat", "a running lease"],
  ])("not without its %s", (name, lack) => {
    const [found, ...more] = unfoundedGreens(without(name));
    expect(more).toEqual([]);
    expect(found).toContain(lack);
  });

  it.each<[name: string, instead: readonly Part[]]>([
    ["names more than the line holds", [heartbeat(20_000, 3, { claims: 2 })]],
    ["is over other versions", [heartbeat(20_000, 3, { claimsHash: "0".repeat(64) })]],
    ["is over what was there before a change", [changed(), heartbeat(20_000, 4)]],
    ["comes behind a message that did not", [heartbeat(20_000, 4)]],
    [
      "comes behind one that did not fit",
      [heartbeat(19_000, 3, { claims: 0 }), heartbeat(20_000, 4)],
    ],
    ["was heard before", [heartbeat(100, 3), heartbeat(20_000, 3)]],
    ["is of another stream", [heartbeat(20_000, 3, { stream: "c-0" })]],
  ])("law 12: not by a heartbeat that %s", (_name, instead) => {
    const parts = wholeJourney().flatMap((part) => (part.name === "heartbeat" ? instead : [part]));
    expect(unfoundedGreens(stepsOf(parts))).toEqual([expect.stringContaining("a running lease")]);
  });

  it("law 12: by a heartbeat over the snapshot behind a gap", () => {
    const after = [
      heartbeat(19_000, 3, { claims: 0 }),
      ...snapshotOf("c-2"),
      heartbeat(20_000, 3, { stream: "c-2" }),
    ];
    const parts = wholeJourney().flatMap((part) => (part.name === "heartbeat" ? after : [part]));
    expect(unfoundedGreens(stepsOf(parts))).toEqual([]);
  });

  it("or else with an answer that brings its record to the line", () => {
    const answer = { kind: "claimAnswer", lineId: "L1", passId, waybill, granted: true, why: null };
    const told = { kind: "claimAnswer", ...stream, seq: 2, isHeld: true, record, answer };
    const message = told as unknown as AnswerMessage;
    const parts = [
      clearance("snapshot", 0, { kind: "snapshotBegin", ...stream, seq: 0, claimsTotal: 0 }),
      clearance("end", 0, { kind: "snapshotEnd", ...stream, seq: 1, leaseMs: 15_000, heardAt: 0 }),
      ...wholeJourney()
        .slice(snapshotOf("c-1").length)
        .map((part) =>
          part.name === "claim" ? line("claim", 1_700, { kind: "answerTold", message }) : part,
        ),
    ];
    expect(unfoundedGreens(stepsOf(parts))).toEqual([]);
  });

  it("not without a decision", () => {
    expect(unfoundedGreens(without("decision"))).toEqual([
      expect.stringContaining("in green, never decided so"),
    ]);
  });

  it("not by what another start of the agent had seen", () => {
    const steps = without().map((step) => ({ ...step, run: step.seq > 6 ? 1 : 0 }));
    expect(unfoundedGreens(steps)).not.toEqual([]);
  });
});

describe("law 5: what was acted on is journalled", () => {
  const answer = { lineId: "L1", commandId, at: openedAt + 30_100 };
  const journey = {
    truthId: "t0-1",
    lineId: "L1",
    labels: [waybill],
    inductedAt: openedAt + 100,
    end: { at: openedAt + 31_000, exit: "green" as const },
  };
  const witness: WitnessLog = { journeys: [journey], accepted: [answer], fired: [answer] };
  const whole = logOf(without());
  const undecided = logOf(without("decision"));

  it("holds for a whole journey", () => {
    expect(unjournalledDiverts(witness, "L1", whole)).toEqual([]);
    expect(strayGreens(witness, "L1", whole)).toEqual([]);
  });

  it("a divert that no record knows is found, and so is the body that it sent to green", () => {
    expect(unjournalledDiverts(witness, "L1", undecided)).toEqual([`${commandId} is in no record`]);
    expect(strayGreens(witness, "L1", undecided)).toHaveLength(1);
  });

  it("another body in green than the one that was released is found", () => {
    const other = { ...journey, truthId: "t0-2", labels: ["YT0000000001"] };
    expect(strayGreens({ ...witness, journeys: [journey, other] }, "L1", whole)).toEqual([
      "t0-2 (YT0000000001) was not released",
    ]);
  });

  it("a body in green by another's divert is found, though both were released", () => {
    const early = { ...journey, end: { at: answer.at - 1, exit: "green" as const } };
    expect(strayGreens({ ...witness, journeys: [early] }, "L1", whole)).toEqual([
      `t0-1 (${waybill}) was not released`,
    ]);
  });

  it("one release is for one body", () => {
    const twin = { ...journey, truthId: "t0-2" };
    expect(strayGreens({ ...witness, journeys: [journey, twin] }, "L1", whole)).toHaveLength(1);
  });

  it("a body that lay on the belt before its agent started is found", () => {
    const early = { ...journey, inductedAt: openedAt - 1 };
    expect(strayGreens({ ...witness, journeys: [early] }, "L1", whole)).toHaveLength(1);
  });
});
