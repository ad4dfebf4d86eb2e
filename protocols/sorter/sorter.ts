import { z } from "zod";
import { chuteStates, zExit, zId } from "../sorting.ts";
import { zBeltCount } from "../units.ts";

/** No belt of a sorting line is faster. */
export const beltSpeedMmPerSMax = 10_000;

const zTrack = z.number().int().min(0);

const zNumbered = { epoch: zId, seq: z.number().int().min(0) };

/** Why a sorter itself refuses a command. */
export const sorterRefusals = [
  "staleCount",
  "staleEpoch",
  "noLife",
  "overlap",
  "queueFull",
  "invalid",
] as const;

/**
 * The sorter I/O dialect (our own; law 6). The same messages travel as JSON over MQTT
 * (`{base}/event`, `{base}/command`) and as events and methods over OPC UA.
 *
 * The device numbers its events from 0 at each session; a gap means that events were lost. A counter
 * that wraps does so within its session, and the agent's configuration says how wide it is. Every
 * eye event carries the count latched by the device at the edge itself, and no report of the belt
 * runs ahead of an edge that is still to come: what is not told by then was not seen.
 *
 * How chutes and guards stand is told when it changes, when the session and the agent's life begin,
 * and again at least every 5,000 ms: after a gap the agent takes each for unknown until then.
 *
 * Life: the device sends `belt` at least every 500 ms; the agent sends `life` at least every 500 ms,
 * and after 1,500 ms without one the device cancels what is pending and lets every diverter rest.
 */
export const zSorterEvent = z.discriminatedUnion("kind", [
  /** First event of a device session: seq 0, a new epoch, counts start anew. */
  z.strictObject({ kind: z.literal("session"), ...zNumbered, count: zBeltCount }),
  z.strictObject({
    kind: z.literal("eye"),
    ...zNumbered,
    eyeId: zId,
    isBlocked: z.boolean(),
    count: zBeltCount,
    /**
     * The device's own number of the parcel, of one that follows parcels by itself; 0: it has none. It
     * is told with each front, and may be left out at a rear.
     */
    track: zTrack.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("belt"),
    ...zNumbered,
    count: zBeltCount,
    speedMmPerS: z.number().min(0).max(beltSpeedMmPerSMax),
    isRunning: z.boolean(),
    emergencyStop: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal("chute"),
    ...zNumbered,
    exit: zExit,
    state: z.enum(chuteStates),
    fillPct: z.number().min(0).max(100),
  }),
  /** The command was taken and is pending. */
  z.strictObject({ kind: z.literal("accepted"), ...zNumbered, commandId: zId }),
  z.strictObject({
    kind: z.literal("refused"),
    ...zNumbered,
    commandId: zId,
    /** `noAnswer`: a controller with plain variables has not shown its number. It is taken back. */
    why: z.enum([...sorterRefusals, "noAnswer"]),
  }),
  /** The diverter moved for this command. Where the parcel went is for the chute eye to say. */
  z.strictObject({ kind: z.literal("fired"), ...zNumbered, commandId: zId, count: zBeltCount }),
  /** An input that a device beside the line drives for a moment, such as a reader's good-read output. */
  z.strictObject({ kind: z.literal("pulse"), ...zNumbered, inputId: zId, count: zBeltCount }),
  /** A guard over the belt: whoever opens it can reach parcels. */
  z.strictObject({
    kind: z.literal("guard"),
    ...zNumbered,
    guardId: zId,
    isOpen: z.boolean(),
    count: zBeltCount,
  }),
  /** The reset key at the line was pressed: a person has seen to what had stopped it. */
  z.strictObject({ kind: z.literal("localReset"), ...zNumbered, count: zBeltCount }),
  z.strictObject({
    kind: z.literal("cancelled"),
    ...zNumbered,
    commandId: zId,
    why: z.enum(["aborted", "noLife", "emergencyStop"]),
  }),
]);
export type SorterEvent = z.infer<typeof zSorterEvent>;

export const zSorterCommand = z.discriminatedUnion("kind", [
  /**
   * Swing the diverter of `exit` from `fireAtCount` until `releaseAtCount`. Refused when it
   * arrives after `notAfterCount` or names another session epoch. Repeats of a commandId are
   * answered again and not acted on twice.
   */
  z.strictObject({
    kind: z.literal("divert"),
    commandId: zId,
    passId: zId,
    exit: zExit,
    epoch: zId,
    fireAtCount: zBeltCount,
    releaseAtCount: zBeltCount,
    notAfterCount: zBeltCount,
  }),
  z.strictObject({ kind: z.literal("abort"), commandId: zId, epoch: zId }),
  /** Parcels may, or may not, be put on the belt. */
  z.strictObject({ kind: z.literal("induction"), epoch: zId, isPermitted: z.boolean() }),
  /** Ask the belt to stop, or to go on. The device's own interlocks have the last word. */
  z.strictObject({ kind: z.literal("belt"), epoch: zId, run: z.boolean() }),
  /** Cancel whatever is pending: an agent that takes over trusts nothing it did not command. */
  z.strictObject({ kind: z.literal("cancelAll"), epoch: zId }),
  z.strictObject({ kind: z.literal("life"), epoch: zId }),
]);
export type SorterCommand = z.infer<typeof zSorterCommand>;
