import type { SorterCommand, SorterEvent } from "../../../protocols/sorter/sorter.ts";
import type { SorterConfig } from "./config.ts";
import type { DivertWindows } from "./divert-windows.ts";

export type DivertCommand = Extract<SorterCommand, { kind: "divert" }>;
/** A controller that does not answer says nothing, hence not that either. */
export type RefusalReason = Exclude<Extract<SorterEvent, { kind: "refused" }>["why"], "noAnswer">;

/** What the controller knows at the moment a command arrives. */
export interface DivertSituation {
  readonly epoch: string;
  readonly count: number;
  readonly hasLife: boolean;
  readonly emergencyStop: boolean;
}

/** Why a new divert is not taken, or null when it is. The first reason that applies is told. */
export function findRefusal(
  command: DivertCommand,
  situation: DivertSituation,
  windows: DivertWindows,
  config: SorterConfig,
): RefusalReason | null {
  if (command.epoch !== situation.epoch) return "staleEpoch";
  if (!situation.hasLife) return "noLife";
  if (!isSensible(command, situation.count, config)) return "invalid";
  if (situation.count > Math.min(command.notAfterCount, command.fireAtCount)) return "staleCount";
  const pending = windows.pending();
  // A parcel cannot leave twice, so the first command for it stands until it is taken back.
  if (pending.some(({ passId }) => passId === command.passId)) return "overlap";
  if (config.overlap === "refuse" && meetsAnother(command, windows)) return "overlap";
  return pending.length >= config.pendingMax ? "queueFull" : null;
}

function isSensible(command: DivertCommand, count: number, config: SorterConfig): boolean {
  const windowCounts = command.releaseAtCount - command.fireAtCount;
  return (
    config.diverters.includes(command.exit) &&
    windowCounts > 0 &&
    windowCounts <= config.windowCountsMax &&
    command.fireAtCount - count <= config.horizonCountsMax
  );
}

function meetsAnother(command: DivertCommand, windows: DivertWindows): boolean {
  if (command.fireAtCount < (windows.openUntil(command.exit) ?? -Infinity)) return true;
  return windows
    .pending()
    .some(
      (other) =>
        other.exit === command.exit &&
        other.fireAtCount < command.releaseAtCount &&
        command.fireAtCount < other.releaseAtCount,
    );
}
