import type { alarm } from "./en/alarms.ts";

/**
 * 1: danger, act now. 2: a fault that holds the line or its parcels up. 3: worth knowing.
 * @see HMI first alarm list, ISA-18.2: few of 1, most of 3.
 */
const priorities: Readonly<Record<keyof typeof alarm, 1 | 2 | 3>> = {
  unexpectedInGreen: 1,
  missort: 2,
  jam: 2,
  deviceDown: 2,
  trackingLost: 2,
  tunnelUnknown: 2,
  readerOutOfStep: 2,
  scaleOutOfStep: 2,
  divertMissed: 2,
  divertNotConfirmed: 2,
  divertRefused: 2,
  commitMissed: 2,
  eventsLost: 2,
  journalFork: 2,
  journalShortened: 2,
  journalForeign: 2,
  lineNotHeard: 2,
  beltUnknown: 3,
  eyeBlockedTwice: 3,
  unknownEye: 3,
  trackingExtra: 3,
  strayWeight: 3,
};

/** An alarm without a row is one we do not understand, so it is no mere notice. */
export const alarmPriority = (code: string): 1 | 2 | 3 =>
  Object.hasOwn(priorities, code) ? priorities[code as keyof typeof priorities] : 2;
