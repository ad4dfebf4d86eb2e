import type { FaultName } from "../../simulators/faults/plan.ts";

/**
 * How other lines have failed (PF numbers), and what in the swarm does the same to ours. A case
 * without an entry of either kind is shown by a test of its own that bears its number.
 */
export interface PeerFailure {
  readonly number: number;
  readonly what: string;
  /** Any of these faults brings it about. */
  readonly faults?: readonly FaultName[];
  /** Any of these oddities of parcels, papers or configuration does. */
  readonly scenes?: readonly string[];
}

export const peerFailures: readonly PeerFailure[] = [
  {
    number: 1,
    what: "a divert fails, the next parcel close behind",
    faults: ["diverterDead", "diverterLate", "diverterStuck"],
  },
  { number: 2, what: "two parcels too close", faults: ["parcelTooClose"] },
  { number: 3, what: "an eye bounces or sticks", faults: ["eyeBounce", "eyeStuck"] },
  { number: 4, what: "the image never comes", faults: ["xrayImagesLost", "xrayDown"] },
  { number: 5, what: "the image comes late", faults: ["verdictsLate", "xrayImagesSwapped"] },
  {
    number: 6,
    what: "the algorithm errs, is silent, or breaks its JSON",
    faults: ["algorithmSilent", "algorithmBroken", "verdictsMisplaced"],
  },
  { number: 7, what: "two suspects within one command cycle" },
  { number: 8, what: "the document source is slow", scenes: ["slowDocuments"] },
  { number: 9, what: "documents come after the commit point", scenes: ["documentsLate"] },
  { number: 10, what: "the belt stops and starts again", faults: ["beltStopped"] },
  { number: 11, what: "the line starts with a full belt", scenes: ["fullBelt"] },
  { number: 12, what: "an emergency stop in a divert", faults: ["emergencyStop"] },
  { number: 13, what: "a broker link drops", faults: ["brokerDown", "linkCut"] },
  { number: 14, what: "events stop while connected", faults: ["eventsFrozen"] },
  { number: 15, what: "events and scans are lost", faults: ["eventsLost", "scanLost"] },
  { number: 16, what: "a command is lost, the device online", faults: ["commandsLost"] },
  { number: 17, what: "a chute is full after assignment", faults: ["chuteBlocked"] },
  { number: 18, what: "the encoder slips", faults: ["encoderSlips"] },
  { number: 19, what: "one barcode on two parcels", scenes: ["duplicateWaybill"] },
  { number: 20, what: "customs stops it after the scan", scenes: ["inspectionOrdered"] },
  { number: 21, what: "a status that nobody knows", scenes: ["unknownStatus"] },
  { number: 22, what: "an officer's word at the deadline" },
  { number: 25, what: "the loss handler races with an event", faults: ["confirmsLost"] },
  {
    number: 26,
    what: "hands take parcels and bring others",
    faults: ["parcelRemovedByHand", "foreignParcel"],
  },
];
