import { z } from "zod";
import { personRoles, type WhoMay } from "../actor.ts";
import { zId } from "../sorting.ts";
import { zEpochMs } from "../units.ts";
import {
  zAlarmView,
  zCentreView,
  zDeviceView,
  zLineView,
  zParcelView,
  zScene,
  zTaskView,
} from "./scene.ts";

/**
 * `/ws`, both ways JSON text (HMI W1-W6). The server answers `hello` with `resumed` and the deltas
 * since `lastSeq` when it still holds them (at least 60 s), else with `snapshot`. A gap in `seq`
 * makes the client send `hello` again with `lastSeq: null`; it never applies past a gap.
 */
export const zClientMessage = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("hello"),
    /** Tells only whose locks end with the socket; a name is judged where somebody signs. */
    station: z.string().trim().min(1).max(64),
    /** The server run whose deltas the client has; null at first. */
    epoch: zId.nullable(),
    lastSeq: z.number().int().min(0).nullable(),
  }),
  /** Answer to a heartbeat; lets the server see a dead client. */
  z.strictObject({ kind: z.literal("pong"), seq: z.number().int().min(0) }),
  /** Records (never dropped) that the client has shown, so that they need not come again. */
  z.strictObject({ kind: z.literal("recordsSeen"), upTo: z.number().int().min(0) }),
]);
export type ClientMessage = z.infer<typeof zClientMessage>;

/** Puts or removes one record of the scene. */
export const zSceneOp = z.union([
  z.strictObject({ put: z.literal("line"), value: zLineView }),
  z.strictObject({ put: z.literal("device"), value: zDeviceView }),
  z.strictObject({ put: z.literal("parcel"), value: zParcelView }),
  z.strictObject({ put: z.literal("task"), value: zTaskView }),
  z.strictObject({ put: z.literal("alarm"), value: zAlarmView }),
  z.strictObject({ put: z.literal("centre"), value: zCentreView }),
  z.strictObject({ drop: z.enum(["line", "device", "parcel", "task", "alarm"]), key: z.string() }),
]);
export type SceneOp = z.infer<typeof zSceneOp>;

export const zServerMessage = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("snapshot"),
    epoch: zId,
    seq: z.number().int(),
    now: zEpochMs,
    scene: zScene,
  }),
  z.strictObject({ kind: z.literal("resumed"), epoch: zId, seq: z.number().int(), now: zEpochMs }),
  /** At most 10 a second; last value wins within one. */
  z.strictObject({
    kind: z.literal("delta"),
    seq: z.number().int(),
    now: zEpochMs,
    ops: z.array(zSceneOp),
  }),
  /** Every second, also when nothing changes. */
  z.strictObject({ kind: z.literal("heartbeat"), seq: z.number().int(), now: zEpochMs }),
  /** Class "record": kept and sent again until `recordsSeen`. One more when the alarm returns. */
  z.strictObject({
    kind: z.literal("record"),
    recordSeq: z.number().int(),
    alarm: zAlarmView,
  }),
  z.strictObject({ kind: z.literal("refused"), why: z.string() }),
]);
export type ServerMessage = z.infer<typeof zServerMessage>;

/** Who may send each message; `/ws` itself is for people, in any role. */
export const clientMessageRules: Readonly<Record<ClientMessage["kind"], WhoMay>> = {
  hello: personRoles,
  pong: personRoles,
  recordsSeen: personRoles,
};

/** Who may be told each message. */
export const serverMessageRules: Readonly<Record<ServerMessage["kind"], WhoMay>> = {
  snapshot: personRoles,
  resumed: personRoles,
  delta: personRoles,
  heartbeat: personRoles,
  record: personRoles,
  refused: "public",
};

/** Close codes of our own. */
export const closeCodes = { tooSlow: 4008, badMessage: 4400, tooBig: 4413 } as const;
/** A client message larger than this closes the socket. */
export const clientMessageBytesMax = 16_384;
