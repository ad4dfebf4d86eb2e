import type { AnswerMessage, ClaimAnswer, ClearanceMessage } from "../../protocols/link.ts";
import type { TimeBreak } from "../../protocols/time-watch.ts";
import type { Clock } from "../../protocols/time.ts";
import type { EpochMs, MonotonicMs } from "../../protocols/units.ts";
import { stepEntry } from "../journal/entries.ts";
import {
  emptyClearanceMirror,
  isLeaseRunning,
  isNextAnswer,
  type ClearanceMirror,
} from "../line/clearance-mirror.ts";
import {
  clearanceMachineId,
  stepClearance,
  type ClearanceEvent,
  type ClearanceStep,
} from "../line/clearance-step.ts";
import { isDoubtTaken } from "../line/doubt-taken.ts";
import { logicVersion } from "../line/step.ts";
import type { Recorder } from "./recorder.ts";

/**
 * The one mirror of clearance records that all lines of an agent decide from. It is a machine of its
 * own in the journal, beside the lines (law 12).
 */
export interface MirrorKeeper {
  readonly mirror: ClearanceMirror;
  learn(message: ClearanceMessage): void;
  /** Ends the lease, however long it seems to run. */
  breakTime(broken: Pick<TimeBreak, "why" | "byMs">): void;
  /** How far the mirror is; `stream` null unless it may be used. */
  place(): { readonly stream: string | null; readonly seq: number };
}

export interface MirrorKeeperOptions {
  readonly clock: Clock;
  /** Called with the times of each message before it is learnt; see `LineHostOptions`. */
  readonly lookAtTime: (at: MonotonicMs, wallAt: EpochMs) => void;
  readonly recorder: Recorder;
  /** A message was missed: only a snapshot helps. */
  readonly onSnapshotWanted: (why: string) => void;
  /** For the line that has asked: it brings the mirror on by it, and journals both as one. */
  readonly onAnswerTold: (message: AnswerMessage) => void;
  /** An answer that counts, though no line has brought the mirror on by it. */
  readonly onClaimAnswered: (answer: ClaimAnswer) => void;
  /**
   * After each message that may change what is decided of more than the pass that is answered, once it
   * is recorded. A lease that runs and goes on running changes nothing.
   */
  readonly onLearned: () => void;
  /** After `onLearned`: a message has brought doubt, and no line releases on what it replaced. */
  readonly onDoubtTaken: (place: Pick<ClearanceMessage, "stream" | "seq">) => void;
}

export function startMirrorKeeper(options: MirrorKeeperOptions): MirrorKeeper {
  const { clock, recorder } = options;
  const mirror = emptyClearanceMirror();
  recorder.record({
    kind: "open",
    lineId: clearanceMachineId,
    logicVersion,
    wallAt: clock.wall(),
    config: {},
  });
  const take = (event: ClearanceEvent): ClearanceStep => {
    const outputs = stepClearance(mirror, event);
    recorder.record(stepEntry(clearanceMachineId, event, outputs));
    return outputs;
  };

  /** False where it is not the next one, or no line takes it. */
  const isTakenByLine = (message: ClearanceMessage): boolean => {
    if (message.kind !== "claimAnswer" || !isNextAnswer(mirror, message)) return false;
    options.onAnswerTold(message);
    return mirror.seq === message.seq;
  };

  return {
    mirror,
    learn: (message) => {
      const at = clock.monotonic();
      const wallAt = clock.wall();
      options.lookAtTime(at, wallAt);
      const wasLeased = isLeaseRunning(mirror, at);
      const outputs = isTakenByLine(message)
        ? takenByLine
        : take({ kind: "clearance", at, wallAt, message });
      for (const command of outputs.commands) {
        if (command.kind === "snapshotWanted") options.onSnapshotWanted(command.why);
        else if (message.kind === "claimAnswer") options.onClaimAnswered(message.answer);
      }
      const isRenewal = message.kind === "heartbeat" && wasLeased && isLeaseRunning(mirror, at);
      if (!isRenewal && !isOfOnePass(mirror, message, outputs)) options.onLearned();
      const { stream, seq } = message;
      if (isDoubtTaken(mirror, message)) options.onDoubtTaken({ stream, seq });
    },
    breakTime: ({ why, byMs }) => {
      take({ kind: "timeBreak", at: clock.monotonic(), wallAt: clock.wall(), why, byMs });
    },
    place: () => ({
      stream: mirror.phase === "current" ? mirror.stream : null,
      seq: mirror.seq,
    }),
  };
}

const takenByLine: ClearanceStep = { commands: [], facts: [] };

/** An answer is heard by the pass that has asked, and concerns no other unless it bears the same label. */
function isOfOnePass(
  { held }: ClearanceMirror,
  message: ClearanceMessage,
  { commands }: ClearanceStep,
): boolean {
  if (message.kind !== "claimAnswer") return false;
  const isGap = commands.some(({ kind }) => kind === "snapshotWanted");
  const bearers = held.waybills.get(message.answer.waybill)?.hashOfPass.size ?? 0;
  return !isGap && bearers <= 1;
}
