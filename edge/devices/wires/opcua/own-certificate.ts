import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { buildDayAt } from "../../../../protocols/build-day.ts";
import { deviceReason, type DeviceReason } from "../../../../protocols/device-reasons.ts";
import { fileReason } from "../../../../protocols/file-reason.ts";
import { dayOf } from "../../../../protocols/civil-date.ts";
import type { EpochMs } from "../../../../protocols/units.ts";
import { daysOf, endsSoon, isValidAt, readCertificate } from "../../certificate-facts.ts";

/**
 * The certificate by which this agent is known to OPC UA servers. The library makes one where there
 * is none; it is made anew only by an act of a person, because every server has to trust it again.
 */
export type OwnCertificate =
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable"; readonly why: string }
  | { readonly kind: "found"; readonly fromAt: EpochMs; readonly endsAt: EpochMs };

/** Where the library looks for it, within the folder of keys and trust lists. */
export const ownCertificateFile = (folder: string): string =>
  join(folder, "own", "certs", "client_certificate.pem");

export function readOwnCertificate(folder: string): OwnCertificate {
  const file = ownCertificateFile(folder);
  if (!existsSync(file)) return { kind: "missing" };
  try {
    const { fromAt, endsAt } = readCertificate(readFileSync(file));
    return { kind: "found", fromAt, endsAt };
  } catch (error) {
    return { kind: "unreadable", why: fileReason(error) };
  }
}

/** What is wrong with it now; null when it is valid, or may be made. */
export function ownCertificateFault(folder: string, now: EpochMs): DeviceReason | null {
  const own = readOwnCertificate(folder);
  const fault = (detail: string): DeviceReason =>
    deviceReason("ownCertificate", { address: ownCertificateFile(folder), detail });
  switch (own.kind) {
    case "missing":
      return isCalendarBeforeBuild(now) ? fault(calendarBeforeBuild(now)) : null;
    case "unreadable":
      return fault(own.why);
    case "found":
      return isValidAt(own, now) ? null : fault(daysOf(own, now));
  }
}

/** Told in the last days before it ends. */
function ownCertificateEnding(folder: string, now: EpochMs): DeviceReason | null {
  const own = readOwnCertificate(folder);
  if (own.kind !== "found" || !endsSoon(own, now)) return null;
  const detail = `valid to ${dayOf(own.endsAt)}`;
  return deviceReason("ownCertificateEnds", { address: ownCertificateFile(folder), detail });
}

/** What people should know of it now, although a connection that was made with it still works. */
export const ownCertificateAdvice = (folder: string, now: EpochMs): DeviceReason | null =>
  ownCertificateFault(folder, now) ?? ownCertificateEnding(folder, now);

/** No certificate is made under a calendar that is known to be wrong. */
export const isCalendarBeforeBuild = (now: EpochMs): boolean => now < buildDayAt;

const calendarBeforeBuild = (now: EpochMs): string =>
  `none is made, because our calendar shows ${dayOf(now)}, before this program was built (${dayOf(buildDayAt)})`;

export type SetAside =
  | { readonly kind: "setAside"; readonly as: string }
  | { readonly kind: "nothingToDo" }
  | { readonly kind: "refused"; readonly why: string };

/**
 * An act of a person: the certificate is kept under another name, and the next connection makes a
 * new one.
 */
export function setOwnCertificateAside(folder: string, now: EpochMs): SetAside {
  if (isCalendarBeforeBuild(now)) return { kind: "refused", why: calendarBeforeBuild(now) };
  const file = ownCertificateFile(folder);
  if (!existsSync(file)) return { kind: "nothingToDo" };
  const as = file.replace(/\.pem$/, `-${new Date(now).toISOString().replaceAll(":", "")}.pem`);
  try {
    renameSync(file, as);
    return { kind: "setAside", as };
  } catch (error) {
    return { kind: "refused", why: fileReason(error) };
  }
}
