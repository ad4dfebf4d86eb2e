import { epochOfChinaTime } from "../../protocols/ceb/calendar.ts";
import { epochMs, type EpochMs } from "../../protocols/units.ts";
import type { EventTimes } from "./events.ts";

/** A proof of the calendar. It tells when everything came that has come since the one before. */
interface CalendarProof {
  /** As `evenTimeOf` has it. */
  readonly at: EpochMs;
  /** From that time to the calendar. */
  readonly toCalendarMs: number;
}

export interface CalendarProofs {
  isProved: boolean;
  /** Oldest first. Each took an hour or a person, so there are few. */
  readonly proofs: CalendarProof[];
}

export const noCalendarProofs = (): CalendarProofs => ({ isProved: true, proofs: [] });

/** Time that passed without what proofs have moved it. It never jumps. */
export const evenTimeOf = ({ at, passedAt = at, movedMs = 0 }: EventTimes): EpochMs =>
  epochMs(passedAt - movedMs);

/** Looks at the times of everything that comes, in order. */
export function noteProof(calendar: CalendarProofs, times: EventTimes): void {
  const isProved = times.datesAt === undefined;
  if (isProved && !calendar.isProved) {
    const at = evenTimeOf(times);
    calendar.proofs.push({ at, toCalendarMs: times.at - at });
  }
  calendar.isProved = isProved;
}

/** When something came by the calendar that was proved after it; null while none was. */
export function provedComing(
  { proofs }: CalendarProofs,
  { unprovedAt }: { readonly unprovedAt: string | null },
): EpochMs | null {
  const cameAt = epochOfChinaTime(unprovedAt ?? "");
  const proof = cameAt === null ? undefined : proofs.find(({ at }) => at >= cameAt);
  return cameAt === null || proof === undefined ? null : epochMs(cameAt + proof.toCalendarMs);
}
