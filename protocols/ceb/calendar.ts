import { civilFromDays, dayMs, daysFromCivil, daysInMonth, padded } from "../civil-date.ts";
import { epochMs, type EpochMs } from "../units.ts";

/**
 * CEB times are digits without a zone, in China Standard Time: `yyyyMMddHHmmss`, receipts with
 * milliseconds (`…fff`), dates `yyyyMMdd`. China has kept UTC+8 without summer time since 1992.
 */
const chinaOffsetMs = 8 * 3_600_000;

/** Milliseconds of 8, 14 or 17 digits; null when they are no moment of the calendar. */
export function epochOfChinaTime(digits: string): EpochMs | null {
  if (!/^(?:\d{8}|\d{14}|\d{17})$/.test(digits)) return null;
  const part = (from: number, to: number): number => Number(digits.slice(from, to));
  const [year, month, day] = [part(0, 4), part(4, 6), part(6, 8)];
  const [hour, minute, second, milli] = [part(8, 10), part(10, 12), part(12, 14), part(14, 17)];
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
    return null;
  }
  if (hour > 23 || minute > 59 || second > 59) return null;
  const local =
    daysFromCivil(year, month, day) * dayMs +
    hour * 3_600_000 +
    minute * 60_000 +
    second * 1_000 +
    milli;
  const at = local - chinaOffsetMs;
  return at < 0 ? null : epochMs(at);
}

/** The 17 digits of a moment; the first 14 or 8 of them are its shorter forms. */
export function chinaTimeOfEpoch(at: EpochMs): string {
  const local = at + chinaOffsetMs;
  const days = Math.floor(local / dayMs);
  const [year, month, day] = civilFromDays(days);
  const inDay = local - days * dayMs;
  const date = padded(year, 4) + padded(month, 2) + padded(day, 2);
  const hour = padded(Math.floor(inDay / 3_600_000), 2);
  const minute = padded(Math.floor(inDay / 60_000) % 60, 2);
  const second = padded(Math.floor(inDay / 1_000) % 60, 2);
  return date + hour + minute + second + padded(Math.floor(inDay) % 1_000, 3);
}
