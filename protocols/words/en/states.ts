import type { SideStore } from "../../side-stores.ts";
import type { MachineState } from "../../sorting.ts";

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

/** Of a machine's own, as its makers and its display call them. */
export const machineState = {
  Stopped: "Stopped",
  Resetting: "Resetting",
  Idle: "Idle",
  Starting: "Starting",
  Execute: "Execute",
  Holding: "Holding",
  Held: "Held",
  Unholding: "Unholding",
  Suspending: "Suspending",
  Suspended: "Suspended",
  Unsuspending: "Unsuspending",
  Stopping: "Stopping",
  Aborting: "Aborting",
  Aborted: "Aborted",
  Clearing: "Clearing",
  Completing: "Completing",
  Complete: "Complete",
} as const satisfies Readonly<Record<MachineState, string>>;

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
  annunciator: "Horn and light",
  camera: "Camera",
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

/** What a program keeps beside its journals. */
export const sideStore = {
  archive: "archive of ended cases",
  segments: "journal segments",
  refusedMessages: "refused messages",
  anchors: "anchors",
} as const satisfies Readonly<Record<SideStore, string>>;

/**
 * Why parcels may not be put on the belt, or why the belt is asked to stop. A condition is a code
 * and, after a colon, its detail.
 */
export const condition = {
  emergencyStop: "emergency stop",
  deviceDown: "no answer from {detail}",
  xrayNotReady: "the X-ray is not ready[: {detail}]",
  guardOpen: "guard {detail} is open",
  guardUnheard: "guard {detail} may be open",
  readsShifted: "labels have slipped by one parcel",
  readerOutOfStep: "a reader owes a test",
  tunnelUnknown: "the X-ray's contents are unknown",
  jam: "jam at {detail}",
  beltFull: "too many parcels on the belt",
  chuteNotReady: "{detail} chute is not ready",
  unexpectedInGreen: "a parcel is in the release chute without a decision",
  journalNotTaken: "the centre does not take its journal: what is shown is old",
  diskFull: "the controller's disk is full",
  imagesNotKept: "X-ray images cannot be kept",
  controllerLeft: "the controller has ended itself[: {detail}]",
} as const;

/** A control order's effect, told to the officer who placed it. */
export const controlEffect = {
  waiting: "Control placed. The parcel has not come yet; it will be sent to inspection.",
  undocumented:
    "Control placed. No documents have named this waybill yet: check the number. When the parcel comes it will be sent to inspection.",
  onBelt: "Control placed. The parcel is on the belt now and goes to inspection.",
  unseen:
    "Control placed. The parcel was on a belt and was not seen to leave it: a person must look for it, in the release chute first.",
  intercept:
    "Too late to divert: the parcel is past its last divert point. A person must intercept it.",
} as const;

/** Which lines hold the controlled parcel back by their own word, told behind the effect. */
export const controlHeldBack = {
  confirmed: "Confirmed by {lines}.",
  unconfirmed:
    "Not confirmed by {lines}, where the parcel may still be released: stop the belt by hand, or take the parcel out at the release chute.",
  cannotRelease: "Not confirmed yet by {lines}, which cannot release the parcel.",
} as const;

/** Why the centre did not take an officer's decision. */
export const decisionRefusal = {
  imageChanged: "The image has changed since. Look again.",
  tooLate: "Too late: the parcel had passed the last divert point and goes to inspection.",
  lockedByOther: "Another officer holds this image.",
  notLocked: "The centre does not hold this image for you any more; take it again.",
  tooSoon: "The key was pressed too soon after the image came.",
  unknownTask: "This image no longer waits for a decision.",
  lineNotHeard: "The line is not heard; the decision could not be passed on.",
  alreadyDecided: "This image is decided already.",
  cmdIdReused: "Its command number was used for another decision. Decide again.",
} as const;

/** Why a request of the page was refused, whatever it asked for. */
export const problem = {
  unknownTask: "This image no longer waits for a decision.",
  lockedByOther: "Another officer holds this image.",
  documentsDamaged: "Documents that it needs cannot be read. Call the technician.",
  notJournalled: "The centre's journal did not take it. Ask again.",
  cmdIdReused: "Its command number was used for another control. Place it again.",
  storeFull: "The centre holds as many as it may.",
  badField: "What was sent is not valid[: {field}].",
  badRequest: "The centre could not read the request.",
  foreignOrigin: "This page does not belong to the centre that it asked.",
  notAllowed: "Not allowed in this role.",
  pathTooLong: "The number is too long.",
  tooBig: "What was sent is too long.",
  badMediaType: "The centre does not take this kind of request.",
  stopping: "The centre is being stopped.",
  internal: "A fault in the centre. Call the technician.",
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

/** Whose word an image still waits for. */
export const judge = {
  algorithm: "algorithm",
  officer: "officer",
} as const;

/** Codes that say why something was refused, did not work or was doubted. */
export const why = {
  late: "it came too late",
  diskFull: "its disk is full",
  journalFailed: "its journal cannot be written",
  journalUnopened: "its journal cannot be opened",
  newGeneration: "it begins another journal",
  bug: "a fault in its program",
  stopped: "somebody has stopped it",
  slept: "the machine was asleep",
  calendar: "the calendar was set",
  stalled: "the program stood still",
  timeBreak: "time was lost",
  jumped: "the calendar has jumped",
  restarted: "the centre was away for long",
  notConnected: "the sorter was not connected",
  noSession: "the sorter had not begun a session",
  wireFull: "too much was waiting to be sent",
  missed: "the diverter missed the parcel",
  staleCount: "the belt had passed the point",
  staleEpoch: "the sorter had restarted",
  noLife: "the sorter heard nothing from the line",
  overlap: "it overlapped another command",
  queueFull: "the sorter's queue was full",
  invalid: "the sorter could not read it",
  noAnswer: "the sorter did not answer it",
  aborted: "it was withdrawn",
  emergencyStop: "emergency stop",
  claimedElsewhere: "claimed on another pass",
  alreadyReleased: "released before",
  unknownWaybill: "unknown waybill",
  outcomeUnknown: "its earlier passage is unsettled",
  passEnded: "the parcel had left",
  imageChanged: "another image",
  tooLate: "too late",
  reasonStands: "an earlier decision stands",
  itemMissing: "the X-ray reported no item",
  itemSequenceGap: "an item number is missing",
  itemUnexpected: "an item nobody announced",
  itemTwice: "an item came twice",
  itemOutsideWindow: "an item outside its window",
  itemLengthDiffers: "an item of another length",
  deviceDown: "the machine did not answer",
  imageMissing: "the X-ray sent no image",
  pictureRepeated: "the X-ray showed one picture twice",
  imageElsewhere: "an image of another item or another length",
  verdictMissing: "the X-ray gave no verdict",
  verdictElsewhere: "a verdict that fits no parcel",
  strayRead: "a read without a parcel",
  readBetweenParcels: "a read between two parcels",
  noToken: "a read without its token",
  tokenOfAnother: "a read brought another parcel's token",
  noCounter: "a read without its trigger number",
  baseUnknown: "nobody knows yet where the reader counts",
  counterOfAnother: "a read bore another parcel's trigger number",
  noTicks: "a read without its encoder ticks",
  ticksElsewhere: "a read was triggered where no parcel was",
  ticksBetweenParcels: "a read was triggered between two parcels",
  telegramWithoutPulse: "a read came without the reader's output",
  pulsesUnanswered: "the reader's output came twice without a read",
  outcomeDiffers: "the reader's output and its read contradict each other",
  saidBefore: "the reader has said again, under another parcel's output, what it had said before",
  telegramLate: "a read came when its parcel had passed",
  telegramEarly: "a read came before its parcel did",
  pulseWithoutParcel: "the reader was triggered where no parcel was",
  uncounted: "the reader was triggered by a parcel that nobody inducted",
  guardOpen: "a guard was open",
  jamCleared: "a jam was cleared",
  localReset: "reset at the line",
  eventsLost: "messages of the sorter were lost",
  notTested: "not tested yet",
  readMissing: "a parcel without a read",
  trackMissing: "the controller gave no number",
  trackOther: "it bore another number",
  trackTwice: "its number was on the belt already",
  trackElsewhere: "its number came with another parcel",
  strayWeight: "a weight without a parcel",
  weightMissing: "a parcel without a weight",
} as const;

/** States of a manifest, as the centre names them. */
export const manifestState = {
  STORED: "Stored",
  VOID: "Void",
  ACTIVATED: "Activated",
  RETURNED: "Returned",
  ACCEPTED: "Accepted",
  CONVERTED_TO_DECLARATION: "Full declaration",
  CONTROLLED: "Under control",
  ONSITE_REVIEW: "On-site review",
  TRANSFERRED: "Transferred",
  GREEN_RELEASE_STAGE: "Green channel",
  AWAITING_MACHINE_PASS: "Awaiting machine pass",
  RELEASE_ELIGIBLE: "May be released",
  RELEASED: "Released",
  CLOSED: "Closed",
} as const;

/** What an algorithm calls the things it marks; other labels are shown as they come. */
export const mark = {
  blade: "blade",
  firearm: "firearm",
  ammunition: "ammunition",
  battery: "battery",
  seeds: "seeds",
  "dense organic": "dense organic",
  unclear: "unclear",
} as const;
