import { epochMs, type EpochMs } from "../units.ts";

/**
 * CEB times are digits without a zone, in China Standard Time: `yyyyMMddHHmmss`, receipts with
 * milliseconds (`…fff`), dates `yyyyMMdd`. China has kept UTC+8 without summer time since 1992.
 */
const chinaOffsetMs = 8 * 3_600_000;
const dayMs = 86_400_000;

/** Days from 1970-01-01 to a civil date, proleptic Gregorian. */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function civilFromDays(days: number): readonly [number, number, number] {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted + (shifted < 10 ? 3 : -9);
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return [year, month, dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1];
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

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

const padded = (value: number, width: number): string => String(value).padStart(width, "0");

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
