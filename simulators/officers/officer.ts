import type { Clock, Entropy, Timer } from "../../protocols/time.ts";
import type { EpochMs } from "../../protocols/units.ts";
import { monotonicMs } from "../../protocols/units.ts";
import type { Panel } from "../../protocols/ui/http.ts";
import type { TaskView } from "../../protocols/ui/scene.ts";
import { isForbidden } from "../world/contents.ts";
import { happens, logNormal, uniform } from "../world/chance.ts";
import { isFailure, type DecisionRequest, type OfficerApi } from "./api.ts";
import type { Eyesight } from "./eyesight.ts";

/** How a lab officer works. */
export interface OfficerProfile {
  /** Time to look at one picture: log-normal, never below `lookMsMin`. */
  readonly lookMsMedian: number;
  readonly lookSigma: number;
  /** Share of forbidden things that are recognised. */
  readonly skill: number;
  /** Share of harmless pictures opened all the same. */
  readonly caution: number;
  /** Share of harmless parcels sent to on-site review for their papers. */
  readonly transfers: number;
}

export const defaultOfficer: OfficerProfile = {
  lookMsMedian: 6_000,
  lookSigma: 0.4,
  skill: 0.95,
  caution: 0.02,
  transfers: 0.01,
};

/** Nobody decides faster than this, and the panel ignores decisions in its first 400 ms anyway. */
const lookMsMin = 900;
/** How often an idle officer looks at the list. */
const idleMs = 500;
/** Between two pictures. */
const pauseMs = { from: 300, to: 1_200 };
/** A decision that got no answer is sent again, under the same id. */
const sendsMax = 3;

export interface Officer {
  start(): void;
  stop(): void;
  /** Totals since start. */
  counters(): OfficerCounters;
}

export interface OfficerCounters {
  readonly lookedAt: number;
  readonly accepted: number;
  /** The centre said no: too late, another image, somebody else's. */
  readonly refused: number;
  /** The centre could not be asked. */
  readonly failed: number;
}

export interface OfficerOptions {
  readonly name: string;
  readonly station: string;
  readonly api: OfficerApi;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly eyesight: Eyesight;
  readonly profile?: OfficerProfile;
}

/** One officer at one desk: takes the most urgent free picture, looks, decides, takes the next. */
export function createOfficer(options: OfficerOptions): Officer {
  const { name, station, api, clock, entropy } = options;
  const profile = options.profile ?? defaultOfficer;
  const counters = { lookedAt: 0, accepted: 0, refused: 0, failed: 0 };
  let isWorking = false;
  let waiting: Timer | null = null;
  let commands = 0;

  const after = (ms: number, act: () => void): void => {
    if (!isWorking) return;
    waiting = clock.schedule(monotonicMs(clock.monotonic() + ms), act);
  };

  const rest = (): void => after(uniform(entropy, pauseMs.from, pauseMs.to), lookForWork);

  const lookForWork = (): void => {
    api.tasks((tasks) => {
      if (!isWorking) return;
      if (isFailure(tasks)) {
        counters.failed += 1;
        return after(idleMs, lookForWork);
      }
      const task = mostUrgent(tasks, name);
      if (task === null) return after(idleMs, lookForWork);
      take(task);
    });
  };

  const take = (task: TaskView): void => {
    api.lock(task.taskId, { officer: name, station }, (panel) => {
      if (!isWorking) return;
      // Another officer was faster, or the parcel has gone.
      if (isFailure(panel)) return after(idleMs, lookForWork);
      lookAt(panel);
    });
  };

  const lookAt = (panel: Panel): void => {
    counters.lookedAt += 1;
    const shownAt = clock.wall();
    const lookMs = Math.max(lookMsMin, logNormal(entropy, profile.lookMsMedian, profile.lookSigma));
    keepLooking(panel, shownAt, lookMs);
  };

  /** A decision counts only under a lock, so a long look renews the lock, as the page does. */
  const keepLooking = (panel: Panel, shownAt: EpochMs, leftMs: number): void => {
    const renewMs = panel.leaseMs / 2;
    if (leftMs > renewMs) {
      return after(renewMs, () => {
        api.lock(panel.taskId, { officer: name, station }, () => {});
        keepLooking(panel, shownAt, leftMs - renewMs);
      });
    }
    after(leftMs, () => {
      commands += 1;
      send(decisionOn(panel, shownAt), 1);
    });
  };

  const decisionOn = (panel: Panel, shownAt: EpochMs): DecisionRequest => ({
    cmdId: `${name}-${shownAt}-${commands}`,
    taskId: panel.taskId,
    passId: panel.passId,
    imageHash: panel.imageHash,
    ...judge(panel, { profile, entropy, eyesight: options.eyesight }),
    officer: name,
    station,
    shownAt,
    decidedAt: clock.wall(),
  });

  const send = (request: DecisionRequest, sends: number): void => {
    api.decide(request, (answer) => {
      if (!isWorking) return;
      if (isFailure(answer)) {
        counters.failed += 1;
        if (sends < sendsMax) return after(idleMs, () => send(request, sends + 1));
      } else if (answer.accepted) counters.accepted += 1;
      else counters.refused += 1;
      rest();
    });
  };

  return {
    start() {
      if (isWorking) return;
      isWorking = true;
      rest();
    },
    stop() {
      isWorking = false;
      waiting?.cancel();
    },
    counters: () => ({ ...counters }),
  };
}

/** The free picture that is needed first; one of this officer's own, left from before, is first. */
function mostUrgent(tasks: readonly TaskView[], name: string): TaskView | null {
  let best: TaskView | null = null;
  for (const task of tasks) {
    if (task.lockedBy === name) return task;
    if (task.lockedBy !== null) continue;
    if (best === null || task.lastUsefulCount < best.lastUsefulCount) best = task;
  }
  return best;
}

/** The decision, from the picture and the papers beside it. Draws the same whatever is decided. */
function judge(
  panel: Panel,
  mind: {
    readonly profile: OfficerProfile;
    readonly entropy: Entropy;
    readonly eyesight: Eyesight;
  },
): Pick<DecisionRequest, "decision" | "reason"> {
  const { profile, entropy, eyesight } = mind;
  const recognises = happens(entropy, profile.skill);
  const isCautious = happens(entropy, profile.caution);
  const isTransferred = happens(entropy, profile.transfers);
  const visible = eyesight.look(panel.imageHash);
  if (visible === null) return { decision: "open", reason: "unclearImage" };
  if (recognises && visible.some(isForbidden)) return { decision: "open", reason: "suspectObject" };
  if (panel.manifest === null) return { decision: "open", reason: "documentsIncomplete" };
  if (isCautious) return { decision: "open", reason: "contentsDiffer" };
  if (isTransferred) return { decision: "review", reason: "licenceSuspected" };
  return { decision: "release", reason: null };
}
