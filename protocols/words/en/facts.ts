/** One line of a parcel's timeline a kind of fact. */
export const fact = {
  inducted: "Inducted",
  measured: "Measured: {length} long[, {gap} behind the one before]",
  identified: "Waybill read: {waybill}",
  notIdentified: "No single waybill read[: {codes}]",
  weighed: "Weighed: {weight}[, measured {size}]",
  claimGranted: "Waybill claimed for this pass: {waybill}",
  claimRefused: "Claim refused for {waybill}[: {why}]",
  imaged: "X-ray image taken, item {itemSequence}",
  algorithmAnswered: "Algorithm's verdict: {verdict}[, {boxes} marked]",
  officerApplied: "Decision: {decision}",
  officerNotApplied: "Decision not applied: {decision}[ ({why})]",
  reasonRaised: "Reason raised: {reason}",
  reasonDischarged: "Reason discharged: {reason}",
  decidedGreen: "Decided: {exit}. All evidence is complete, no reason is open",
  decidedHeld: "Decided: {exit}. {reasons}",
  commanded: "Divert to {exit} commanded at count {fireAtCount}",
  aborted: "Divert withdrawn: {reason}",
  leftAsDecided: "Arrived at {exit}",
  leftElsewhere: "Arrived at {exit}, decided was {expected}",
  lost: "Lost from tracking, last seen at {lastSeenM} m",
  pictured: "Still taken: {moment}[, {lateMs} ms later]",
  recallWanted: "Released with {waybill} while labels were slipping: fetch it back",
  readerTested: "{device} has answered its test",
  readerPurged: "{device} was purged by hand",
  sessionOpened: "Line controller started, logic {logicVersion}",
  lineState: "Line: {state}",
  deviceHealth: "{device}: {health}[ ({reason})]",
  chute: "{exit}: {state}, {fillPct} % full",
  alarm: "Alarm: {alarm}",
  alarmOver: "Alarm over: {alarm}",
} as const;

export const actor = {
  line: "Line controller",
  centre: "Centre",
  algorithm: "Algorithm",
  officer: "Officer {officer}",
  sorter: "Sorter",
  scanner: "Scanner",
  scale: "Scale",
  xray: "X-ray",
  camera: "Camera {device}",
} as const;

/** When a camera took its still. */
export const stillMoment = {
  inducted: "it came onto the belt",
  identified: "its label was read",
  notIdentified: "no label was read",
  weighed: "it was weighed",
  imaged: "it was X-rayed",
  left: "it left the belt",
  lost: "it was lost",
} as const;

/** The one sentence above a story. */
export const sentence = {
  onBeltClear: "On the belt of line {line}; no reason is open against it so far.",
  onBeltHeld: "On the belt of line {line}; it would go to {exit} now, because {reasons}.",
  onBeltDecided:
    "On the belt of line {line}; the line has decided for {exit}[, because {reasons}].",
  onBeltReleased:
    "On the belt of line {line}; decided for the release chute: the evidence is complete and no reason is open.",
  released: "Released by line {line}: the evidence was complete and no reason was open.",
  releasedByOfficer:
    "Released by line {line}: the evidence was complete after officer {officer} judged the image.",
  wentBecause: "Went to {exit} because {reasons}; no officer was involved.",
  wentBecauseOfficer: "Went to {exit} because {reasons}; judged by officer {officer}.",
  wentWithoutReason: "Went to {exit}, where parcels go when nothing was decided.",
  elsewhere:
    "Went to {exit} although {expected} was decided: the divert did not work. It must be checked by hand.",
  elsewhereBecause:
    "Went to {exit} although {expected} was decided because {reasons}. It must be checked by hand.",
  elsewhereGreen:
    "Ended in {exit} without a decision for it ({expected} was decided). Fetch it back.",
  lost: "Lost on line {line}: it was last seen at {lastSeenM} m and never arrived at a chute.",
  restarted:
    "Was on line {line} when its controller restarted; since then it counts as unknown and goes to the inspection chute.",
  restartedCommanded:
    "Was on line {line} when its controller restarted. Its divert to {exit} had been commanded, but was not seen to happen: look there, then in the inspection chute.",
  notYet: "No line has seen this parcel yet.",
  archived: "Its case has ended ({state}) and is in the archive.",
  notYetHeld: "No line has seen this parcel yet; it would go to {exit}, because {reasons}.",
  andMore: "{reasons}, and {n} more",
  ofDevice: "{reason} ({device})",
  and: "{first}, and {second}",
} as const;
