/**
 * Goal: the oracle calls wrong what is wrong, because in the swarm it hardly ever has to. Method:
 * one parcel with complete evidence is told to it as the world and devices would; then one thing is
 * left out, comes late, or happens otherwise.
 */
import { describe, expect, it } from "vitest";
import type { DivertCommand } from "../../edge/line/commands.ts";
import { beltCount, monotonicMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import type { PlannedParcel } from "../../simulators/scenarios/parcel-stream.ts";
import type { WorldFaultSite } from "../../simulators/world/ports.ts";
import { createEvidence } from "./evidence.ts";
import { createGreenJudge } from "./judge.ts";
import { createNotices } from "./notices.ts";
import { createTruth } from "./truth.ts";

const waybill = "HB000000001CN";
const imageHash = "a".repeat(64);
const eyesMm = new Map([
  ["induction", 0],
  ["pre-green", 30_000],
]);

const planOf = (truthId: string, label = waybill): PlannedParcel => ({
  physical: {
    truthId,
    lengthMm: 300,
    gapMm: 500,
    weightG: 1_000,
    labels: [label],
    contents: { seed: 1, wrapping: "carton", items: ["book"], widthMm: 200 },
  },
  documents: {
    declaration: { waybill: label, category: "plain", items: [], grossWeightG: 1_000 },
    contradiction: null,
    lateS: null,
    isAccepted: true,
    receipt: null,
  },
  hidden: null,
  isWeightWrong: false,
});

interface Story {
  readonly plan?: PlannedParcel;
  readonly withoutPapers?: boolean;
  readonly withoutRead?: boolean;
  readonly isUnheard?: boolean;
  readonly weightG?: number;
  readonly verdict?: string;
  /** Before it reaches the last eye. */
  readonly before?: (line: Line) => void;
  /** Where its front was, off its place, when the command was given for that place. */
  readonly offMm?: number;
  readonly isCommanded?: boolean;
  readonly decidedWaybill?: string;
  readonly decidedImage?: string;
  /** Once the wheels have turned. */
  readonly after?: (line: Line) => void;
  readonly alarmAfterMs?: number;
}

type Line = ReturnType<typeof createLine>;

function createLine() {
  const clock = createVirtualClock();
  const now = (): number => clock.monotonic();
  const alarmsAt: number[] = [];
  const evidence = createEvidence({
    now,
    imageVerdictBy: "algorithm",
    drawSecretHex: "",
    inspectionRate: 0,
    hasScale: true,
    carrierCodeOf: () => "",
  });
  // The belt runs a count a millisecond.
  const truth = createTruth({ now, count: now, eyesMm, onEnded: (body) => judge.arrived(body) });
  const judge = createGreenJudge({
    now,
    after: (ms, act) => void clock.schedule(monotonicMs(now() + ms), act),
    truth,
    evidence,
    isAlarmedAbout: (at) => alarmsAt.some((alarmAt) => Math.abs(alarmAt - at) <= 5_000),
    alarmMsMax: 5_000,
    countNow: now,
    worldCountOf: (count) => count,
    green: { eyeId: "pre-green", eyeMm: 30_000, mouthMm: 31_000, firesAheadMm: 140 },
  });
  const mishap = (kind: WorldFaultSite, positionMm: number): void =>
    truth.onMishap({ kind, truthId: null, positionMm });
  return { clock, truth, evidence, judge, alarmsAt, mishap, now };
}

/** One parcel's way to green; what the judge has found. */
function tell(story: Story) {
  const line = createLine();
  const { clock, truth, evidence, judge } = line;
  const plan = story.plan ?? planOf("t1");
  if (story.withoutPapers !== true && plan.documents !== null)
    evidence.documentsTaken(plan.documents);
  clock.runFor(1_000);
  truth.onReleased(plan);
  truth.onInducted("t1");
  truth.onEyeCovered("t1", "induction", line.now());
  clock.runFor(1_500);
  if (story.withoutRead !== true) truth.onRead(["t1"], plan.physical.labels);
  if (story.isUnheard !== true) truth.onHeard(plan.physical.labels);
  truth.onWeighed(["t1"], story.weightG ?? 1_000);
  truth.onPictured([plan.physical.contents]);
  truth.onImage(imageHash);
  truth.onVerdict(imageHash, story.verdict ?? "clear");
  story.before?.(line);
  clock.runFor(28_500);
  truth.onEyeCovered("t1", "pre-green", line.now());
  const eyeCount = line.now() + (story.offMm ?? 0);
  clock.runFor(460);
  const command: DivertCommand = {
    kind: "divert",
    commandId: "c1",
    passId: "p1",
    exit: "green",
    fireAtCount: beltCount(eyeCount + 1_000 - 140),
    releaseAtCount: beltCount(eyeCount + 1_400),
    notAfterCount: beltCount(eyeCount + 800),
  };
  if (story.isCommanded !== false) {
    judge.commanded(command, {
      kind: "decided",
      passId: "p1",
      exit: "green",
      reasons: [],
      waybill: story.decidedWaybill ?? waybill,
      recordVersion: 1,
      imageHash: story.decidedImage ?? imageHash,
      rulesVersion: "1",
    });
  }
  clock.runFor(400);
  truth.onSwing("green", true);
  story.after?.(line);
  clock.runFor(440);
  if (truth.bodies.has("t1")) {
    truth.onParcelEnded("t1", { kind: "exit", exit: "green", why: "diverted" });
  }
  if (story.alarmAfterMs !== undefined) line.alarmsAt.push(line.now() + story.alarmAfterMs);
  clock.runFor(6_000);
  return judge.findings;
}

const nothing = { wrongCommands: [], wrongGreens: [], alarmedGreens: {}, emptyCommands: 0 };

describe("a command for green", () => {
  it("is right with all evidence", () => {
    expect(tell({})).toEqual(nothing);
  });

  const label = planOf("t1", "HB000000002CN");
  const lacks: readonly (readonly [string, Story])[] = [
    ["noDocuments", { withoutPapers: true }],
    ["notRead", { withoutRead: true }],
    ["notWeighed", { weightG: 1_200 }],
    ["noClearImage", { verdict: "suspect" }],
    ["stopped", { before: ({ evidence }) => evidence.stopped(waybill) }],
    ["officerAgainst", { before: ({ evidence }) => evidence.officerAgainst(imageHash) }],
    ["anothersLabel", { plan: label, decidedWaybill: waybill }],
    ["anothersImage", { decidedImage: "b".repeat(64) }],
    ["licence", { plan: withCategory("licence") }],
    [
      "labelTwice",
      {
        before: ({ truth }) => {
          truth.onReleased(planOf("t2"));
          truth.onInducted("t2");
          truth.onRead(["t2"], [waybill]);
          truth.onHeard([waybill]);
        },
      },
    ],
    [
      "alreadyReleased",
      {
        before: ({ truth }) => {
          truth.onReleased(planOf("t0"));
          truth.onInducted("t0");
          truth.onParcelEnded("t0", { kind: "exit", exit: "green", why: "diverted" });
        },
      },
    ],
  ];
  it.each(lacks)("is wrong: %s, alarm or not", (reason, story) => {
    const { wrongCommands } = tell({ ...story, alarmAfterMs: 0 });
    expect(wrongCommands).toHaveLength(1);
    expect(wrongCommands[0]).toContain(reason);
  });

  const withTwin: Story = {
    before: ({ truth }) => {
      truth.onReleased(planOf("t2"));
      truth.onInducted("t2");
      truth.onRead(["t2"], [waybill]);
    },
  };
  it("is right where the line has not heard that its label was read again", () => {
    expect(tell(withTwin)).toEqual(nothing);
  });

  it("is right where the line has not heard that its label was read before", () => {
    const heardOnce: Story = {
      isUnheard: true,
      before: (line) => {
        withTwin.before?.(line);
        line.truth.onHeard([waybill]);
      },
    };
    expect(tell(heardOnce)).toEqual(nothing);
  });

  it("is for whoever is where its parcel was, 100 mm off at most", () => {
    expect(tell({ verdict: "suspect", offMm: 100 }).wrongCommands).toHaveLength(1);
    expect(tell({ verdict: "suspect", offMm: -100 }).wrongCommands).toHaveLength(1);
    expect(tell({ offMm: 101 })).toMatchObject({ wrongCommands: [], emptyCommands: 1 });
  });
});

describe("a parcel in green", () => {
  const uncommanded: Story = { isCommanded: false };
  const late: Story = {
    ...uncommanded,
    after: ({ mishap }) => mishap("diverterLate", 31_000),
  };

  it("without a command is wrong, even with all evidence", () => {
    expect(tell(uncommanded).wrongGreens).toEqual([expect.stringContaining("notCommanded")]);
  });

  it("by a machine's fault is wrong without an alarm, or with one too late", () => {
    expect(tell(late).wrongGreens).toEqual([expect.stringContaining("no alarm")]);
    expect(tell({ ...late, alarmAfterMs: 5_001 }).wrongGreens).toHaveLength(1);
  });

  it("by a machine's fault near it, and told in time, is reported by cause", () => {
    const findings = tell({ ...late, alarmAfterMs: 5_000 });
    expect(findings).toMatchObject({ wrongGreens: [], alarmedGreens: { diverterLate: 1 } });
  });

  it("is not excused by a fault that was elsewhere, alarm or not", () => {
    const findings = tell({
      ...uncommanded,
      before: ({ mishap }) => mishap("diverterLate", 31_000),
      alarmAfterMs: 0,
    });
    expect(findings.wrongGreens).toEqual([expect.stringContaining("no fault was near it")]);
  });

  it("may be stopped too late: after the wheels have turned", () => {
    const turned: Story = {
      after: ({ evidence }) => evidence.stopped(waybill),
    };
    expect(tell(turned)).toEqual(nothing);
  });
});

describe("what the line must know", () => {
  const start = (unheardMs: number) => {
    let at = 0;
    return {
      notices: createNotices({ now: () => at, unheardMs }),
      to: (next: number) => (at = next),
    };
  };

  it("is known a moment after it was said", () => {
    const { notices } = start(15_000);
    notices.give("W");
    expect([notices.isKnown("W", 99), notices.isKnown("W", 100)]).toEqual([false, true]);
    expect(notices.isKnown("X", 1e9)).toBe(false);
  });

  it("said while the line hears nothing: when its lease is over, or a while after it hears again", () => {
    const { notices, to } = start(15_000);
    notices.linkChanged(false);
    notices.give("W");
    expect([notices.isKnown("W", 14_999), notices.isKnown("W", 15_000)]).toEqual([false, true]);
    to(1_000);
    notices.linkChanged(true);
    expect([notices.isKnown("W", 5_999), notices.isKnown("W", 6_000)]).toEqual([false, true]);
  });

  it("lost on its way when the wire is cut", () => {
    const { notices, to } = start(15_000);
    notices.give("W");
    to(50);
    notices.linkChanged(false);
    expect([notices.isKnown("W", 15_049), notices.isKnown("W", 15_050)]).toEqual([false, true]);
    notices.give("V");
    to(200);
    notices.linkChanged(true);
    expect(notices.isKnown("V", 5_200)).toBe(true);
  });
});

function withCategory(category: "licence"): PlannedParcel {
  const plan = planOf("t1");
  if (plan.documents === null) return plan;
  const declaration = { ...plan.documents.declaration, category };
  return { ...plan, documents: { ...plan.documents, declaration } };
}
