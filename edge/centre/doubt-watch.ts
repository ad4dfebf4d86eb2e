import type { Condition } from "../../protocols/alarms.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import type { HeldBack } from "../../protocols/ui/http.ts";
import { monotonicMs } from "../../protocols/units.ts";
import type { StreamPlace } from "../link/clearance-doubts.ts";
import type { ClearanceSender } from "../link/clearance-sender.ts";
import type { SiteAlarms } from "./alarms/site-alarms.ts";
import type { ClaimDesk } from "./claims/claim-desk.ts";

/**
 * Who has confirmed that a parcel in doubt is not released any more. Whoever placed the doubt is told
 * by name, and for each pass that may be released all the same an alarm stands, however the doubt
 * came: until its line confirms, the pass is over, the record relieves it, or no lease is left.
 */
export interface DoubtWatch {
  /** An agent has applied its clearance stream so far. */
  taken(agentId: string, place: StreamPlace): void;
  /** Waits a moment for the lines that hold this waybill; ask once what doubts it is durable. */
  heldBack(waybill: string): Promise<HeldBack>;
  /** Several times a second. */
  tick(): void;
  /** For whoever watches the centre: lines that may release what they should not. */
  reasons(): readonly string[];
  stop(): void;
}

export interface DoubtWatchOptions {
  readonly clock: Clock;
  readonly sender: Pick<ClearanceSender, "taken" | "loosePasses" | "doubted">;
  readonly claims: Pick<ClaimDesk, "lineOf">;
  readonly alarms: Pick<SiteAlarms, "tellOwn">;
}

/** A line that is well has confirmed long before. */
export const confirmMsMax = 1_000;
/** People who wait for lines that say nothing; whoever comes then is answered at once. */
const waitingMax = 256;

interface Waiting {
  readonly waybill: string;
  readonly timer: Timer;
  readonly answer: () => void;
}

interface Told {
  readonly lineId: string;
  readonly condition: Condition;
}

export function createDoubtWatch(options: DoubtWatchOptions): DoubtWatch {
  const { clock, sender, claims, alarms } = options;
  let waiting: Waiting[] = [];
  /** What holds, by line and pass. */
  let told: ReadonlyMap<string, Told> = new Map();
  /** Passes of which somebody was told that they may be released: nobody waits for these any more. */
  let named: ReadonlySet<string> = new Set();

  const overdue = (): ReadonlyMap<string, Told> => {
    const now = clock.monotonic();
    const found = new Map<string, Told>();
    const loose = sender.loosePasses();
    named = new Set(loose.flatMap(({ passId }) => (named.has(passId) ? [passId] : [])));
    for (const { passId, waybill, since } of loose) {
      const lineId = claims.lineOf(passId);
      if (lineId === null || (now - since < confirmMsMax && !named.has(passId))) continue;
      const key = `${lineId} ${passId}`;
      const condition = {
        code: "doubtUnconfirmed",
        key: passId,
        passId,
        params: { waybill },
      } as const;
      if (!found.has(key)) found.set(key, { lineId, condition });
    }
    return found;
  };

  const tellAlarms = (): void => {
    const before = told;
    told = overdue();
    for (const [key, { lineId, condition }] of before) {
      if (!told.has(key)) alarms.tellOwn(lineId, condition, false);
    }
    for (const { lineId, condition } of told.values()) alarms.tellOwn(lineId, condition, true);
  };

  const isAnswered = (waybill: string): boolean =>
    sender.doubted(waybill).every(({ standing }) => standing === "confirmed");

  const answerWaiting = (isDue: (one: Waiting) => boolean): void => {
    const due = waiting.filter(isDue);
    waiting = waiting.filter((one) => !due.includes(one));
    for (const { timer, answer } of due) {
      timer.cancel();
      answer();
    }
  };

  const heldBackNow = (waybill: string): HeldBack => {
    const found: HeldBack = { confirmed: [], unconfirmed: [], cannotRelease: [] };
    for (const { passIds, standing } of sender.doubted(waybill)) {
      for (const passId of passIds) {
        const lineId = claims.lineOf(passId);
        if (lineId === null) continue;
        if (standing === "loose") found.unconfirmed.push({ lineId, passId });
        else addOnce(standing === "confirmed" ? found.confirmed : found.cannotRelease, lineId);
      }
    }
    if (found.unconfirmed.length === 0) return found;
    // The alarms stand before anybody is told that a line has not confirmed, however short the wait.
    named = new Set([...named, ...found.unconfirmed.map(({ passId }) => passId)]);
    tellAlarms();
    return found;
  };

  return {
    taken: (agentId, place) => {
      sender.taken(agentId, place);
      answerWaiting(({ waybill }) => isAnswered(waybill));
    },
    heldBack: (waybill) => {
      if (isAnswered(waybill) || waiting.length >= waitingMax) {
        return Promise.resolve(heldBackNow(waybill));
      }
      return new Promise((resolve) => {
        const answer = (): void => resolve(heldBackNow(waybill));
        const timer = clock.schedule(monotonicMs(clock.monotonic() + confirmMsMax), () =>
          answerWaiting((one) => one.timer === timer),
        );
        waiting.push({ waybill, timer, answer });
      });
    },
    tick: () => {
      tellAlarms();
      answerWaiting(({ waybill }) => isAnswered(waybill));
    },
    reasons: () =>
      [...told.values()].map(
        ({ lineId, condition }) => `line ${lineId}: pass ${condition.key} may still be released`,
      ),
    stop: () => answerWaiting(() => true),
  };
}

function addOnce(lineIds: string[], lineId: string): void {
  if (!lineIds.includes(lineId)) lineIds.push(lineId);
}
