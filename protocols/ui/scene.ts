import { z } from "zod";
import { zDeviceClock } from "../device-clock.ts";
import { zDeviceReason } from "../device-reasons.ts";
import { zReason } from "../reasons.ts";
import {
  beltPlaceKinds,
  chuteStates,
  deviceKinds,
  healthStates,
  lineModes,
  zExit,
  zId,
  zPackmlState,
  zSha256,
} from "../sorting.ts";
import { zBeltCount, zEpochMs } from "../units.ts";

/**
 * What a browser knows: one store of records by key. Parcels are fixed to the belt and only the
 * belt moves, so a parcel's front is at `(belt count now - frontCount) * mmPerCount`.
 */
export const zLineView = z.strictObject({
  id: zId,
  mode: z.enum(lineModes),
  state: zPackmlState,
  inductionPermitted: z.boolean(),
  conditions: z.array(z.string()),
  /** False while the centre hears nothing from the line's agent. */
  isHeard: z.boolean(),
  /** What was beyond the induction eye at this count is unknown; null before a sorter's session. */
  knownFromCount: zBeltCount.nullable(),
  lengthMm: z.number(),
  mmPerCount: z.number(),
  /** What stands along the belt from induction to end, in belt order. */
  beltPlaces: z.array(
    z.strictObject({
      id: zId,
      kind: z.enum(beltPlaceKinds),
      fromMm: z.number(),
      toMm: z.number(),
      /** For a diverter and the end: the exit it leads to. */
      exit: zExit.nullable(),
    }),
  ),
  /** Last known motion of the belt; positions between are `count + speed * time`. */
  motion: z.strictObject({
    count: zBeltCount,
    speedMmPerS: z.number(),
    isRunning: z.boolean(),
    emergencyStop: z.boolean(),
    at: zEpochMs,
  }),
  /** Since the centre's records of this line began. */
  exits: z.record(
    zExit,
    z.strictObject({ count: z.number().int(), state: z.enum(chuteStates), fillPct: z.number() }),
  ),
});
export type LineView = z.infer<typeof zLineView>;

export const zDeviceView = z.strictObject({
  id: zId,
  lineId: zId,
  kind: z.enum(deviceKinds),
  health: z.enum(healthStates),
  reason: zDeviceReason.nullable(),
  since: zEpochMs,
  /** Of a device that tells the time. */
  clock: zDeviceClock.exactOptional(),
});
export type DeviceView = z.infer<typeof zDeviceView>;

/** One parcel on a belt. `decided` is null until a commit point has acted. */
export const zParcelView = z.strictObject({
  passId: zId,
  lineId: zId,
  frontCount: zBeltCount,
  lengthMm: z.number(),
  waybill: z.string().nullable(),
  /** `unknown` when tracking is lost or it was never expected. */
  tracking: z.enum(["sure", "unknown"]),
  imaged: z.boolean(),
  decided: zExit.nullable(),
  /** Where it would go if it had to be decided now, and why. */
  reasons: z.array(zReason),
});
export type ParcelView = z.infer<typeof zParcelView>;

/** An image waiting for an officer. Disappears when answered or past its last useful point. */
export const zTaskView = z.strictObject({
  taskId: zId,
  lineId: zId,
  passId: zId,
  waybill: z.string().nullable(),
  imageHash: zSha256,
  why: z.enum(["suspect", "unknown", "officerRequired", "sample"]),
  /** Last count at which an answer still changes the exit; with the belt's motion: time and metres. */
  lastUsefulCount: zBeltCount,
  lockedBy: z.string().nullable(),
});
export type TaskView = z.infer<typeof zTaskView>;

/** Links and stores of the centre itself. */
export const zCentreView = z.strictObject({
  /** The site's name for people, where one is configured. */
  site: z.string().max(64).optional(),
  startedAt: zEpochMs,
  agents: z.array(
    z.strictObject({ id: zId, isHeard: z.boolean(), lastHeardAt: zEpochMs.nullable() }),
  ),
  broker: z.enum(healthStates),
});
export type CentreView = z.infer<typeof zCentreView>;

/** How an alarm is now. A notice is of a moment, so nobody knows of its being over. */
const alarmStates = ["active", "returned", "notice"] as const;

export const zAlarmView = z.strictObject({
  /** The same for as long as it stands, and after a restart of the centre. */
  id: z.string().min(1).max(256),
  lineId: zId,
  code: z.string(),
  passId: zId.nullable(),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  at: zEpochMs,
  state: z.enum(alarmStates),
  /** When it returned; null before. */
  endedAt: zEpochMs.nullable(),
});
export type AlarmView = z.infer<typeof zAlarmView>;

/** Everything, by kind and key. */
export const zScene = z.strictObject({
  line: z.record(z.string(), zLineView),
  device: z.record(z.string(), zDeviceView),
  parcel: z.record(z.string(), zParcelView),
  task: z.record(z.string(), zTaskView),
  /** Those that stand now; what has come and gone are records of the socket. */
  alarm: z.record(z.string(), zAlarmView),
  centre: z.record(z.literal("centre"), zCentreView).or(z.strictObject({})),
});
export type Scene = z.infer<typeof zScene>;
