import type { DivertCommand } from "../../edge/line/commands.ts";
import type { Fact } from "../../protocols/facts.ts";
import type { Evidence } from "./evidence.ts";
import type { BodyRecord, Truth } from "./truth.ts";

/**
 * Green, judged twice: each command when the agent gives it, by the body that it is really for;
 * and each body when it is in green, whoever brought it there.
 */
export interface GreenJudge {
  commanded(command: DivertCommand, decided: DecidedFact | null): void;
  /** A body is in green; asked again once the agent has had time to tell of it. */
  arrived(body: BodyRecord): void;
  readonly findings: GreenFindings;
}

export interface GreenFindings {
  /** A command for green without evidence: never excused. */
  readonly wrongCommands: string[];
  /** In green without evidence or command, not told, or by no machine's fault. */
  readonly wrongGreens: string[];
  /** The same, but told by alarm, with the belt asked to stop: how many by which cause. */
  readonly alarmedGreens: Record<string, number>;
  /** Commands for a parcel that was not there any more: nothing went to green by them. */
  emptyCommands: number;
}

type DecidedFact = Extract<Fact, { kind: "decided" }>;

export interface GreenJudgeOptions {
  readonly now: () => number;
  readonly after: (ms: number, act: () => void) => void;
  readonly truth: Truth;
  readonly evidence: Evidence;
  readonly isAlarmedAbout: (at: number) => boolean;
  readonly alarmMsMax: number;
  /** The world's count now, and at a count of the sorter's present session. */
  readonly countNow: () => number;
  readonly worldCountOf: (sorterCount: number) => number;
  /** The diverter, how far before its mouth a front is when it fires, and the eye before it. */
  readonly green: {
    readonly eyeId: string;
    readonly eyeMm: number;
    readonly mouthMm: number;
    readonly firesAheadMm: number;
  };
}

/** An eye's edge and a front agree this closely, whatever bounces or sticks within a window. */
const toleranceMm = 100;

export function createGreenJudge(options: GreenJudgeOptions): GreenJudge {
  const { truth, evidence, green } = options;
  const findings: GreenFindings = {
    wrongCommands: [],
    wrongGreens: [],
    alarmedGreens: {},
    emptyCommands: 0,
  };

  /** Who was before the last eye where the command's parcel was, or is on its way there. */
  const bodiesOf = (command: DivertCommand): BodyRecord[] => {
    const mouthCount = options.worldCountOf(command.fireAtCount) + green.firesAheadMm;
    const eyeCount = mouthCount - (green.mouthMm - green.eyeMm);
    const nowMm = green.mouthMm - (mouthCount - options.countNow());
    const found: BodyRecord[] = [];
    for (const body of truth.bodies.values()) {
      const { lastEye } = body;
      const isIt =
        lastEye?.eyeId === green.eyeId
          ? Math.abs(lastEye.count - eyeCount) <= toleranceMm
          : Math.abs(truth.positionMm(body) - nowMm) <= toleranceMm;
      if (isIt) found.push(body);
    }
    return found;
  };

  const judgeArrival = (body: BodyRecord, reasons: readonly string[]): void => {
    const cause = causeOf(body);
    if (cause !== null && options.isAlarmedAbout(body.endedAt)) {
      findings.alarmedGreens[cause] = (findings.alarmedGreens[cause] ?? 0) + 1;
      return;
    }
    const told = cause === null ? "no fault was near it" : `${cause}, and no alarm or no stop`;
    findings.wrongGreens.push(
      `${body.truthId} at ${Math.round(body.endedAt)} ms: ${reasons.join(", ")} (${told})`,
    );
  };

  return {
    findings,
    commanded(command, decided) {
      const bodies = bodiesOf(command);
      if (bodies.length === 0) findings.emptyCommands += 1;
      for (const body of bodies) {
        const reasons = [
          ...evidence.reasonsAgainstGreen(body, options.now()),
          ...borrowed(body, decided),
          ...(body.wasSleptThrough ? ["sleptThrough"] : []),
        ];
        body.greenCommandedAt = options.now();
        if (reasons.length === 0) continue;
        findings.wrongCommands.push(
          `${command.passId} at ${Math.round(options.now())} ms is ${body.truthId}: ${reasons.join(", ")}; befell: ${[...body.befell].join(", ") || "nothing"}`,
        );
      }
    },
    arrived(body) {
      // What is learnt after the wheels have turned comes too late for anybody (law 13).
      const at = Math.max(truth.greenSwungAt(), body.greenCommandedAt ?? 0);
      const reasons = evidence.reasonsAgainstGreen(body, at);
      if (body.greenCommandedAt === null) reasons.push("notCommanded");
      evidence.released(body);
      if (reasons.length > 0) {
        options.after(options.alarmMsMax, () => judgeArrival(body, reasons));
      }
    },
  };
}

/** Released by what belongs to another body. */
function borrowed(body: BodyRecord, decided: DecidedFact | null): string[] {
  if (decided === null) return ["undecided"];
  const reasons: string[] = [];
  if (!body.reads.some((labels) => labels.includes(decided.waybill ?? ""))) {
    reasons.push("anothersLabel");
  }
  if (decided.imageHash !== null && !body.images.has(decided.imageHash)) {
    reasons.push("anothersImage");
  }
  return reasons;
}

/**
 * What can bring a body into green against, or without, the agent's word; the more telling first.
 * Each counts only if it was really where the body was.
 */
const physicalCauses = [
  "diverterLate",
  "diverterStuck",
  "diverterDead",
  "foreignParcel",
  "parcelSlips",
  "parcelRemovedByHand",
  "parcelTooClose",
  "encoderSlips",
  "eyeStuck",
  "eyeBounce",
  "commandsLost",
] as const;

const causeOf = ({ befell }: BodyRecord): string | null =>
  physicalCauses.find((cause) => befell.has(cause)) ?? null;
