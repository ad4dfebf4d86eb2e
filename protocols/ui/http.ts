import { z } from "zod";
import { zChain } from "../chain-name.ts";
import { zDeviceClock } from "../device-clock.ts";
import { zDeviceReason } from "../device-reasons.ts";
import { zReason } from "../reasons.ts";
import { zDimensionsMm } from "../scale/dimensions.ts";
import {
  deviceKinds,
  exits,
  healthStates,
  lineModes,
  zExit,
  zId,
  zName,
  zPackmlState,
  zSha256,
  zWritten,
} from "../sorting.ts";
import { zBeltCount, zEpochMs } from "../units.ts";
import { zImageBox, zOfficerDecision, officerReasonCodes } from "../verdicts.ts";
import { zWaybill } from "../clearance.ts";
import { zChainEnd } from "../generation.ts";
import { journalRefusals, zJournalRecord } from "../link.ts";
import { zStampedFact } from "../facts.ts";
import { zAlarmView, zDeviceView, zTaskView } from "./scene.ts";

/** HTTP bodies between a browser (or the lab officer) and the centre. Errors: `zProblem`. */

export const zProblem = z.strictObject({
  /** Stable, for programs. */
  error: z.string(),
  /** The field that is wrong, as a path; null when none is. */
  field: z.string().nullable(),
  message: z.string(),
});

/** Faults in our own code since the process began; absent while there are none. */
const zBugs = z.strictObject({
  total: z.number().int().min(1),
  last: z.strictObject({ message: z.string(), at: zEpochMs }).nullable(),
});

/** There only while nobody has proved what day it is, and dates do no more than add doubt. */
const zCalendarDoubt = z.strictObject({
  why: z.enum(["jumped", "restarted"]),
  byMs: z.number().int(),
});

/** A health probe reads what is gravest; the page and `/ws` have all of it. */
export const healthAlarmsMax = 100;
const zHealthAlarms = z
  .array(zAlarmView.pick({ lineId: true, code: true, params: true, at: true }))
  .max(healthAlarmsMax);
export type HealthAlarms = z.infer<typeof zHealthAlarms>;

export const healthDevicesMax = 100;
const zHealthDevices = z
  .array(
    zDeviceView.pick({ id: true, lineId: true, health: true }).extend({ why: z.string() }).strict(),
  )
  .max(healthDevicesMax);
export type HealthDevices = z.infer<typeof zHealthDevices>;

/** What keeps nobody from using the centre, but somebody has to know of. */
const beside = {
  bugs: zBugs.exactOptional(),
  calendar: zCalendarDoubt.exactOptional(),
  /** Lines whose controller has lost time, as long as parcels of then may be on their belts. */
  timeBreaks: z.array(zId).exactOptional(),
  /** What stands at the lines and their machines, the gravest first; absent while nothing does. */
  alarms: zHealthAlarms.exactOptional(),
  /** Of which there is something to say, received or not, in a sentence each; absent otherwise. */
  devices: zHealthDevices.exactOptional(),
  /** Messages of line controllers that were not understood, as from another build, since the start. */
  linkRefused: z.strictObject({ total: z.number().int().min(1), last: z.string() }).exactOptional(),
  /** Disks that fill up, and journals that another program holds. */
  storage: z.array(z.string()).exactOptional(),
  /** Lines whose agents have other devices than the centre's file says, in a sentence each. */
  lineDevices: z.array(z.string()).exactOptional(),
};

/** `GET /healthz` */
export const zHealth = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("ready"), ...beside }),
  z.strictObject({ status: z.literal("notReady"), reasons: z.array(z.string()), ...beside }),
]);

/** `POST /api/calendar/confirmations`: a person has looked at the centre's calendar. */
export const zCalendarConfirmation = z.strictObject({ confirmedBy: zName, station: zName });
export const zCalendarConfirmed = z.strictObject({
  /** False: it was proved already. */
  confirmed: z.boolean(),
  /** The centre's calendar now. */
  at: zEpochMs,
});

/** `GET /api/lines` */
export const zLinesAnswer = z.array(
  z.strictObject({
    id: zId,
    mode: z.enum(lineModes),
    state: zPackmlState,
    /** When false the line's controller is silent, and all of this is as it was last told. */
    isHeard: z.boolean(),
    /**
     * Why parcels may not be inducted, as codes; `journalNotTaken` among them while the line's records
     * do not reach the centre: then the rest is as it was last told, too.
     */
    conditions: z.array(z.string()),
    exits: z.record(z.enum(exits), z.strictObject({ count: z.number().int() })),
    devices: z.array(
      z.strictObject({
        id: zId,
        kind: z.enum(deviceKinds),
        health: z.enum(healthStates),
        /** Why it is not received, or what else is to be known of it; null for nothing. */
        reason: zDeviceReason.nullable(),
        /** How far its clock is from its line agent's, of a device that tells the time. */
        clock: zDeviceClock.exactOptional(),
      }),
    ),
  }),
);

/** The declaration beside the image: what an officer compares. */
export const zManifestView = z.strictObject({
  waybill: zWaybill,
  manifestGuid: z.string(),
  orderNo: z.string(),
  state: z.string(),
  customsStatus: z.number().nullable(),
  /**
   * The newest receipt below zero: one transmission failed, which changes nothing of the status.
   * Null for none.
   */
  transmissionError: z
    .strictObject({
      status: z.string(),
      /** 17 digits, customs' own clock. */
      time: z.string(),
      /** Which document it is about: see `errorAbout` of the dictionary. */
      about: z.string(),
      /** Customs' own words in one line. */
      info: z.string().nullable(),
    })
    .nullable(),
  sender: z.string(),
  platform: z.string(),
  destination: z.string(),
  tradeMode: z.string(),
  currency: z.string(),
  /** Decimal strings: money and weights stay exact. */
  totalValue: z.string(),
  grossWeightKg: z.string(),
  netWeightKg: z.string(),
  pieces: z.number().int(),
  items: z.array(
    z.strictObject({
      gnum: z.number().int(),
      hsCode: z.string(),
      name: z.string(),
      model: z.string(),
      qty: z.string(),
      unit: z.string(),
      price: z.string(),
      totalPrice: z.string(),
    }),
  ),
  openReasons: z.array(zReason),
});
export type ManifestView = z.infer<typeof zManifestView>;

/**
 * A case that has ended and left for the archive: what stays of it here. Its goods and papers are in
 * the archive alone.
 */
export const zArchivedCase = z.strictObject({
  waybill: zWaybill,
  manifestGuid: z.string(),
  orderNo: z.string(),
  /** As `zManifestView` has it: how it ended. */
  state: z.string(),
  carrierCode: z.string(),
  pieces: z.number().int(),
  /** How many of its pieces have left through green. */
  piecesReleased: z.number().int(),
  /** When it ended; null where that was before anybody wrote it down. */
  endedAt: zEpochMs.nullable(),
  archivedAt: zEpochMs,
  /** The archive's file that has it. Days that are too old are dropped. */
  archiveFile: z.string(),
});
export type ArchivedCase = z.infer<typeof zArchivedCase>;

/** What the documents say of a waybill. `archived`: there is no manifest here any more. */
const zPapers = {
  manifest: zManifestView.nullable(),
  archived: zArchivedCase.exactOptional(),
};

/**
 * `GET /api/parcels/{waybill}` and `GET /api/passes/{passId}`: the story. The sentence is made in
 * the browser from `outcome` and the dictionary, in the reader's language.
 */
export const zStory = z.strictObject({
  /** Only while not all of it is in the centre's journal: a crash could take something back. */
  isKept: z.literal(false).exactOptional(),
  waybill: z.string().nullable(),
  ...zPapers,
  /** Manual controls held on this waybill, oldest first; they need neither manifest nor pass. */
  controls: z.array(z.strictObject({ placedBy: zName, station: zName, reason: zWritten(200) })),
  passes: z.array(
    z.strictObject({
      passId: zId,
      lineId: zId,
      /** Null while the parcel is on the belt. */
      outcome: z.strictObject({
        exit: zExit.nullable(),
        expected: zExit.nullable(),
        reasons: z.array(zReason),
        officer: z.string().nullable(),
      }),
      imageHash: zSha256.nullable(),
      timeline: z.array(zStampedFact),
    }),
  ),
});
export type Story = z.infer<typeof zStory>;

/** `GET /api/officer/tasks` */
export const zTasksAnswer = z.array(zTaskView);

/** `POST /api/officer/tasks/{taskId}/lock`: takes the image for this officer, with a lease. */
export const zLockRequest = z.strictObject({
  officer: zName,
  station: zName,
});
/** Answer: all that one panel shows, in one message, so that image and manifest cannot be mixed. */
export const zPanel = z.strictObject({
  taskId: zId,
  lineId: zId,
  passId: zId,
  imageHash: zSha256,
  boxes: z.array(zImageBox),
  lastUsefulCount: zBeltCount,
  weightG: z.number().nullable(),
  /** What the scale has measured beside it; null: it does not measure, or could not. */
  dimensionsMm: zDimensionsMm.nullable(),
  ...zPapers,
  leaseMs: z.number().int(),
});
export type Panel = z.infer<typeof zPanel>;
export type Papers = Pick<Panel, "manifest" | "archived">;

/** `POST /api/officer/passes/{passId}/task` */
export const zOpenedTask = z.strictObject({ taskId: zId });

/**
 * `POST /api/officer/decisions` (HMI X6, W7). The same body again gets the first answer again;
 * another body under a `cmdId` that was used is refused.
 */
export const zDecisionRequest = z
  .strictObject({
    cmdId: zId,
    taskId: zId,
    passId: zId,
    imageHash: zSha256,
    decision: zOfficerDecision,
    reason: z.enum(officerReasonCodes).nullable(),
    officer: zName,
    station: zName,
    shownAt: zEpochMs,
    decidedAt: zEpochMs,
  })
  .refine(({ decision, reason }) => decision !== "release" || reason === null, {
    path: ["reason"],
    message: "a release has no reason; did you mean open or review?",
  })
  .refine(({ shownAt, decidedAt }) => decidedAt >= shownAt, {
    path: ["decidedAt"],
    message: "nothing is decided before it is shown",
  });
export const zDecisionAnswer = z.strictObject({
  cmdId: zId,
  accepted: z.boolean(),
  why: z
    .enum([
      "imageChanged",
      "tooLate",
      "lockedByOther",
      "notLocked",
      "tooSoon",
      "unknownTask",
      "lineNotHeard",
      "cmdIdReused",
      "alreadyDecided",
    ])
    .nullable(),
});

/**
 * `POST /api/controls`: manual control (人工布控) of one waybill; `GET` lists them. A `cmdId` stands
 * for one control: with another one it is a problem, `cmdIdReused`. One more than are kept, on this
 * waybill or at all, is a problem, `storeFull`.
 */
export const zControlRequest = z.strictObject({
  cmdId: zId,
  waybill: zWaybill,
  reason: zWritten(200),
  placedBy: zName,
  station: zName,
});
const zHeldBack = z.strictObject({
  /** Lines whose open passes hold it, and that have said within a moment that they hold it back. */
  confirmed: z.array(zId),
  /** Passes that may still release it: an alarm stands for each until that is over. */
  unconfirmed: z.array(z.strictObject({ lineId: zId, passId: zId })),
  /** Lines that have said nothing yet, and have no lease or no record that would let it go. */
  cannotRelease: z.array(zId),
});
/** What the lines have said of a parcel that they are not to release any more. */
export type HeldBack = z.infer<typeof zHeldBack>;

export const zControlAnswer = z.strictObject({
  cmdId: zId,
  accepted: z.literal(true),
  /** `intercept`: it is past its last divert point, so a person must fetch it. */
  effect: z.enum(["waiting", "undocumented", "onBelt", "intercept", "unseen"]),
  ...zHeldBack.shape,
});
/** `GET /api/controls` */
export const zControlsAnswer = z.array(zControlRequest);

/** What a person found out about a parcel of which no journal tells. */
export const settledOutcomes = ["released", "notReleased"] as const;

/**
 * `POST /api/agents/{agentId}/generation`: the agent's journal is another one from now on. `GET
 * /api/agents` tells how far it is.
 */
export const zGenerationRequest = z.strictObject({
  askedBy: zName,
  station: zName,
  reason: zWritten(500),
});
export const zGenerationAnswer = z.strictObject({
  agentId: zId,
  /** The number of the generation that begins. */
  generation: z.number().int(),
  /** The old one's last lease has run out by then. */
  beginsInMs: z.number().int().min(0),
});

/** `GET /api/agents` */
const zAgentJournalView = z.strictObject({
  agentId: zId,
  lineIds: z.array(zId),
  chain: zChain,
  generation: z.number().int(),
  standing: z.enum(["awaited", "taken", "refused"]),
  /** Null unless it is refused. */
  code: z.enum(journalRefusals).nullable(),
  why: z.string().nullable(),
  held: zChainEnd,
  /** Null unless a new generation has been asked for and has not begun. */
  beginsInMs: z.number().int().min(0).nullable(),
});
export const zAgentsAnswer = z.array(zAgentJournalView);

/** `POST /api/chains/{chain}/records`: what a file of a closed chain holds beyond the copy. */
export const zBringInRequest = z.strictObject({
  broughtBy: zName,
  station: zName,
  records: z.array(zJournalRecord).max(500),
  /** Nothing was written behind these: passes that they leave open did not end. */
  isComplete: z.boolean(),
});
export const zBringInAnswer = z.strictObject({
  held: zChainEnd,
  added: z.number().int(),
  /** Waybills that are still unsettled, of all chains. */
  unsettled: z.number().int(),
});

/** `POST /api/waybills/{waybill}/settle`, and `GET /api/unsettled` */
export const zSettleRequest = z.strictObject({
  settledBy: zName,
  station: zName,
  outcome: z.enum(settledOutcomes),
  reason: zWritten(500),
});
export const zSettled = z.strictObject({ waybill: zWaybill, isReleased: z.boolean() });
export const zUnsettled = z.array(z.strictObject({ waybill: zWaybill, passIds: z.array(zId) }));

/**
 * `GET /api/records`: whether the centre's own records are older than what its agents were told, as
 * when a backup was put back, and who has to be heard before anything is granted.
 */
export const zRecordsView = z.strictObject({
  isOlder: z.boolean(),
  /** Of the centre's own, at least; until a person has seen to it. */
  lostRecords: z.number().int().min(0),
  awaited: z.array(
    z.strictObject({
      agentId: zId,
      /** It has said hello since the centre started. */
      isHeard: z.boolean(),
      missing: z.array(
        z.strictObject({
          chain: zChain,
          wantedSeq: z.number().int().min(0),
          heldSeq: z.number().int().min(0),
        }),
      ),
    }),
  ),
});

/** `POST /api/agents/{agentId}/missing`: this agent will not come. */
export const zMissingRequest = z.strictObject({
  namedBy: zName,
  station: zName,
  reason: zWritten(500),
});

/** `POST /api/records/lost/seen`: what was lost has been sent again. */
export const zLostSeenRequest = z.strictObject({
  seenBy: zName,
  station: zName,
  reason: zWritten(500),
});

/** A message of another party of which nothing was taken, newest first in its list. */
export const zRefusedMessage = z.strictObject({
  id: z.string().regex(/^\d{15}-\d{9}$/),
  /** Where it was sent to. */
  path: z.string(),
  /** As far as it could be told; the station is where it came from. */
  sender: z.string(),
  station: z.string(),
  at: zEpochMs,
  /** Of all that was read; null when nothing was. */
  sha256: zSha256.nullable(),
  bytesTotal: z.number().int().min(0),
  bytesKept: z.number().int().min(0),
  /** Why, as it was answered: see `zProblem`. */
  code: z.string(),
  field: z.string().nullable(),
  message: z.string(),
  /** Customs may have said something in it that holds no parcel. Absent in what is older than this. */
  isUnread: z.boolean().exactOptional(),
  /** How often the same came, since the centre started. */
  times: z.number().int().min(1),
  lastAt: zEpochMs,
});
export type RefusedMessage = z.infer<typeof zRefusedMessage>;
export const zRefusedMessages = z.array(zRefusedMessage);
