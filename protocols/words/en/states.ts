/** PackML state names are kept in English beside these words. */
export const lineState = {
  Stopped: "Stopped",
  Resetting: "Resetting",
  Idle: "Idle",
  Starting: "Starting",
  Execute: "Running",
  Holding: "Going on hold",
  Held: "Held",
  Unholding: "Leaving hold",
  Suspending: "Suspending",
  Suspended: "Suspended",
  Unsuspending: "Resuming",
  Stopping: "Stopping",
  Aborting: "Aborting",
  Aborted: "Aborted",
  Clearing: "Clearing",
} as const;

export const health = {
  receiving: "Receiving",
  stale: "Silent",
  down: "Down",
} as const;

export const device = {
  scanner: "Scanner",
  scale: "Scale",
  xray: "X-ray",
  sorter: "Sorter",
} as const;

/** The exit's name on a chute, short. */
export const exit = {
  green: "Release",
  red: "Licence",
  inspection: "Inspection",
} as const;

/** The exit's name inside a sentence. */
export const exitPlace = {
  green: "the release chute",
  red: "the licence chute",
  inspection: "the inspection chute",
} as const;

export const chute = {
  ready: "Ready",
  full: "Full",
  blocked: "Blocked",
  unknown: "Unknown",
} as const;

/** Why parcels may not be put on the belt, or why the belt is asked to stop. */
export const condition = {
  emergencyStop: "emergency stop",
  beltStopped: "the belt is stopped",
  beltFault: "the belt and its encoder disagree",
  sorterDown: "the sorter does not answer",
  scannerDown: "the scanner does not answer",
  xrayDown: "the X-ray does not answer",
  xrayNotReady: "the X-ray is not ready",
  scaleDown: "the scale does not answer",
  deviceDown: "a device does not answer",
  inspectionFull: "the inspection chute is full",
  inspectionBlocked: "the inspection chute is blocked",
  inspectionUnknown: "the inspection chute is not known to have room",
  inspectionNotReady: "the inspection chute has no room",
  beltFull: "there are too many parcels on the belt",
  flushing: "the belt is being cleared after a restart",
  journalNotWritable: "the journal cannot be written",
  jam: "an eye is blocked: parcels are jammed",
  greenMissort: "a parcel is in the release chute without a decision",
} as const;

/** A control order's effect, told to the officer who placed it. */
export const controlEffect = {
  waiting: "Control placed. The parcel has not come yet; it will be sent to inspection.",
  onBelt: "Control placed. The parcel is on the belt now and goes to inspection.",
  intercept:
    "Too late to divert: the parcel is past its last divert point. A person must intercept it.",
} as const;

/** Why the centre did not take an officer's decision. */
export const decisionRefusal = {
  imageChanged: "The image has changed since. Look again.",
  tooLate: "Too late: the parcel had passed the last divert point and goes to inspection.",
  lockedByOther: "Another officer holds this image.",
  tooSoon: "The key was pressed too soon after the image came.",
  unknownTask: "This image no longer waits for a decision.",
  lineNotHeard: "The line is not heard; the decision could not be passed on.",
} as const;

export const taskWhy = {
  suspect: "Algorithm: suspect",
  unknown: "Algorithm: undecided",
  officerRequired: "Officer required",
  sample: "Sample check",
} as const;

export const decision = {
  release: "Release",
  open: "Open and inspect",
  review: "To on-site review",
} as const;

export const algorithmVerdict = {
  clear: "clear",
  suspect: "suspect",
  unknown: "undecided",
} as const;

export const manifestState = {
  STORED: "Stored",
  ACTIVATED: "Activated",
  AWAITING_MACHINE_PASS: "Awaiting machine pass",
  COMPARED: "Compared",
  ONSITE_REVIEW: "On-site review",
  CONTROLLED: "Under control",
  RELEASED: "Released",
  CLOSED: "Closed",
  RETURNED: "Returned",
  WITHDRAWN: "Withdrawn",
} as const;

/** Whose word an image still waits for. */
export const judge = {
  algorithm: "algorithm",
  officer: "officer",
} as const;
