import type { Clock } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { timedFaults } from "../../simulators/faults/plan.ts";
import { defaultLayout } from "../../simulators/world/layout.ts";
import { alarmMsMax, createAgentTrace, type AgentTrace } from "./agent-trace.ts";
import { createEvidence, type Evidence, type EvidenceOptions } from "./evidence.ts";
import { createGreenJudge, type GreenJudge } from "./judge.ts";
import type { Tally } from "./tally.ts";
import { createTruth, type Truth } from "./truth.ts";

/**
 * The oracle of one line: it hears the world's truth on one side and what the agent puts on record
 * on the other, and judges the one by the other.
 */
export interface Oracle {
  readonly truth: Truth;
  readonly evidence: Evidence;
  readonly trace: AgentTrace;
  readonly judge: GreenJudge;
  readonly onFaultFired: (name: string) => void;
}

export interface OracleOptions extends Omit<EvidenceOptions, "now"> {
  readonly clock: Clock;
  readonly tally: Tally;
  /** The encoder's count now, and at a count of the sorter's present session. */
  readonly countNow: () => number;
  readonly worldCountOf: (sorterCount: number) => number;
}

/** The default line's green diverter, and the lab's tolerance for a front that comes early. */
const green = { eyeId: "pre-green", eyeMm: 30_000, mouthMm: 31_000, firesAheadMm: 80 + 60 };

export function createOracle(options: OracleOptions): Oracle {
  const { clock, tally, countNow, worldCountOf } = options;
  const now = (): number => clock.monotonic();
  const evidence = createEvidence({ ...options, now });
  const truth = createTruth({
    now,
    count: countNow,
    eyesMm: new Map(defaultLayout.eyes.map(({ eyeId, positionMm }) => [eyeId, positionMm])),
    onEnded: (body) => {
      tally.ends(body, evidence.exitByPapers(body));
      if (body.end?.kind === "exit" && body.end.exit === "green") judge.arrived(body);
    },
  });
  const trace = createAgentTrace({
    now,
    onGreenCommand: (command, decided) => judge.commanded(command, decided),
  });
  const judge = createGreenJudge({
    now,
    after: (ms, act) => void clock.schedule(monotonicMs(now() + ms), act),
    truth,
    evidence,
    isAlarmedAbout: trace.isAlarmedAbout,
    alarmMsMax,
    countNow,
    worldCountOf,
    green,
  });
  return {
    truth,
    evidence,
    trace,
    judge,
    onFaultFired: (name) => {
      tally.fired(name);
      // The world's own faults are told with their place instead.
      if (timedFaults.some((fault) => fault === name)) truth.onBroken(name);
    },
  };
}
