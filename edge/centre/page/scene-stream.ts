import { concatMap, merge, type Observable } from "rxjs";
import type { StampedFact } from "../../../protocols/facts.ts";
import type { BeltMotion, UpMessage } from "../../../protocols/link.ts";
import type { Exit } from "../../../protocols/sorting.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { AlarmView, CentreView } from "../../../protocols/ui/scene.ts";
import type { CentreLineConfig } from "../config.ts";
import type { PassState } from "../lines/passes.ts";
import type { AgentHearing } from "./agents-heard.ts";
import { createInlet } from "./inlet.ts";
import {
  applyFact,
  applyHealth,
  applyMotion,
  countExit,
  setAlarm,
  setCentre,
  setController,
  setHeard,
  setJournalTaken,
  touchParcel,
  touchTask,
  type SceneState,
} from "./scene.ts";

/** What the centre observes and the page shows. */
export type Observation =
  /** `touched` are the passes that the fact was about or ended. */
  | { readonly kind: "fact"; readonly stamped: StampedFact; readonly touched: readonly PassState[] }
  | { readonly kind: "exit"; readonly lineId: string; readonly exit: Exit; readonly by: number }
  | { readonly kind: "motion"; readonly motion: BeltMotion }
  | { readonly kind: "health"; readonly report: Extract<UpMessage, { kind: "health" }> }
  | { readonly kind: "heard"; readonly lineId: string; readonly isHeard: boolean }
  /** False while the line's journal is refused: what is shown of its parcels is old. */
  | { readonly kind: "journal"; readonly lineId: string; readonly isTaken: boolean }
  /** What the line's controller says of itself, or said last. */
  | {
      readonly kind: "controller";
      readonly lineId: string;
      readonly conditions: readonly string[];
    }
  | { readonly kind: "passGone"; readonly passId: string }
  | { readonly kind: "alarm"; readonly alarm: AlarmView }
  | { readonly kind: "task"; readonly taskId: string }
  | { readonly kind: "centre"; readonly centre: CentreView };

/**
 * Joins what is told with what follows from silence, into the scene, in the order it comes. What is
 * told is in the scene when `tell` returns. An exception in here reaches the record of bugs and
 * not whoever tells: a bug of the picture must not stop documents and claims.
 */
export interface SceneStream {
  tell(observation: Observation): void;
  stop(): void;
}

export interface SceneSources {
  readonly scene: SceneState;
  readonly clock: Clock;
  readonly lines: readonly Pick<CentreLineConfig, "id" | "agentId">[];
  readonly hearing: Observable<AgentHearing>;
}

export function createSceneStream(sources: SceneSources): SceneStream {
  const { lines, hearing } = sources;
  const told = createInlet<Observation>();
  const heard = hearing.pipe(
    concatMap(({ agentId, isHeard }) =>
      lines
        .filter((line) => line.agentId === agentId)
        .map(({ id }): Observation => ({ kind: "heard", lineId: id, isHeard })),
    ),
  );
  const listening = merge(told.stream, heard).subscribe((one) => observe(sources, one));
  return {
    tell: (observation) => told.tell(observation),
    stop: () => listening.unsubscribe(),
  };
}

function observe({ scene, clock }: SceneSources, observation: Observation): void {
  switch (observation.kind) {
    case "fact":
      return applyFact(scene, observation.stamped, observation.touched);
    case "exit":
      return countExit(scene, observation.lineId, observation.exit, observation.by);
    case "motion":
      return applyMotion(scene, observation.motion, clock.monotonic(), clock.wall());
    case "health":
      return applyHealth(scene, observation.report, clock.wall());
    case "heard":
      return setHeard(scene, observation.lineId, observation.isHeard, clock.wall());
    case "journal":
      return setJournalTaken(scene, observation.lineId, observation.isTaken);
    case "controller":
      return setController(scene, observation.lineId, observation.conditions);
    case "passGone":
      return touchParcel(scene, observation.passId);
    case "alarm":
      return setAlarm(scene, observation.alarm);
    case "task":
      return touchTask(scene, observation.taskId);
    case "centre":
      return setCentre(scene, observation.centre);
  }
}
