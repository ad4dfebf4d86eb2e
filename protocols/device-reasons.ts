import { z } from "zod";
import { zMachineState, type MachineState } from "./sorting.ts";

/**
 * The one table of reasons why a device is not received or not ready. Messages and facts carry the
 * code; the words for people are in `protocols/words`, keyed by it, in both languages.
 */
export const deviceReasonCodes = [
  // Nothing is heard.
  "neverHeard",
  "nothingHeardOn",
  "awaited",
  "silent",
  // Its wire.
  "notConnected",
  "cannotOpen",
  "refused",
  "unreachable",
  "noAnswer",
  "connectionLost",
  "notGranted",
  "publishesTooSlowly",
  "clientIdTaken",
  "strangerCalled",
  // Whoever answers there.
  "accessDenied",
  "securityNotOffered",
  "secretFile",
  "notTrusted",
  "certificateRenewed",
  "certificateForeign",
  "certificateOtherName",
  "certificateExpired",
  "certificateEnds",
  "certificateNotYetValid",
  "ourCertificateRefused",
  "ownCertificate",
  "ownCertificateEnds",
  "unknownThere",
  "mapMisfit",
  "requestRefused",
  "echoes",
  // What it sends, and what it was sent.
  "badFrames",
  "badChecksum",
  "frameTooLong",
  "badMessage",
  "fileNotRead",
  "otherAnswer",
  "otherDialect",
  "doesNotHear",
  "ownEcho",
  "retained",
  "publishesSlowly",
  "grantedLess",
  "subscriptionRefused",
  "subscriptionTooSlow",
  "subscriptionSilent",
  "commandRefused",
  "showsOther",
  // Its clock.
  "clockOff",
  "notAcknowledged",
  // The machine's own word.
  "machineFault",
  "machineNotReady",
  "beamOff",
  "emergencyStopped",
  "notExecuting",
  "otherMode",
  // Its signals, none of which clears a parcel.
  "heartbeatStands",
  "signalsUnread",
  "signalNotOneBit",
  "signalUnsteady",
  "signalMissed",
  "signalOtherNumber",
  "signalOutOfStep",
  // The centre's: devices are known through their line's agent.
  "agentNotHeard",
] as const;
export type DeviceReasonCode = (typeof deviceReasonCodes)[number];

/** Of an address and of a detail, each one line. */
export const deviceReasonCharsMax = 200;
/** Of a command. One that is longer is left out: half of it would do something else. */
const commandCharsMax = 600;

export const zDeviceReason = z.strictObject({
  code: z.enum(deviceReasonCodes),
  params: z
    .strictObject({
      /** How long was waited. A limit, never an age: an age would be news every second. */
      seconds: z.number().min(0).exactOptional(),
      /** How often so far. It grows while a reason stands, and is no news by itself. */
      total: z.number().int().min(1).exactOptional(),
      /** How often a server publishes, and how often it was asked to. */
      everyMs: z.number().min(0).exactOptional(),
      askedMs: z.number().min(0).exactOptional(),
      /** How often it looks at a value, and how often it was asked to. */
      sampledMs: z.number().min(0).exactOptional(),
      sampledAskedMs: z.number().min(0).exactOptional(),
      /** The most that the line can take of it. */
      mostMs: z.number().min(0).exactOptional(),
      /** How far its clock is from the agent's, in seconds; above zero it is ahead. */
      byS: z.number().exactOptional(),
      /** Where the device was looked for: a path, `host:port`, a URL without a password. */
      address: z.string().max(deviceReasonCharsMax).exactOptional(),
      /** What the machine says that it is doing. */
      state: zMachineState.exactOptional(),
      /** What a technician types at the agent's computer to mend it. */
      command: z.string().max(commandCharsMax).exactOptional(),
    })
    .exactOptional(),
  /** The operating system's, a library's or the device's own words; they have no translation. */
  detail: z.string().max(deviceReasonCharsMax).exactOptional(),
});
export type DeviceReason = z.infer<typeof zDeviceReason>;

/** What is known of a reason beside its code; absent and undefined are the same. */
interface DeviceReasonKnown {
  readonly seconds?: number | undefined;
  readonly total?: number | undefined;
  readonly everyMs?: number | undefined;
  readonly askedMs?: number | undefined;
  readonly sampledMs?: number | undefined;
  readonly sampledAskedMs?: number | undefined;
  readonly mostMs?: number | undefined;
  readonly state?: MachineState | undefined;
  readonly byS?: number | undefined;
  readonly address?: string | undefined;
  readonly detail?: string | undefined;
}

/** A reason that links and journals take, however long and many-lined the given texts are. */
export function deviceReason(code: DeviceReasonCode, known: DeviceReasonKnown = {}): DeviceReason {
  const { address, detail, ...figures } = known;
  const { seconds, total, everyMs, askedMs, sampledMs, sampledAskedMs, mostMs, byS, state } =
    figures;
  const params = {
    ...(seconds === undefined ? {} : { seconds }),
    ...(total === undefined ? {} : { total }),
    ...(everyMs === undefined ? {} : { everyMs }),
    ...(askedMs === undefined ? {} : { askedMs }),
    ...(sampledMs === undefined ? {} : { sampledMs }),
    ...(sampledAskedMs === undefined ? {} : { sampledAskedMs }),
    ...(mostMs === undefined ? {} : { mostMs }),
    ...(state === undefined ? {} : { state }),
    ...(byS === undefined ? {} : { byS }),
    ...(address === undefined ? {} : { address: oneLine(address) }),
  };
  return {
    code,
    ...(Object.keys(params).length === 0 ? {} : { params }),
    ...(detail === undefined || detail === "" ? {} : { detail: oneLine(detail) }),
  };
}

/** The same reason with the command that mends it. */
export const withCommand = (reason: DeviceReason, command: string): DeviceReason =>
  command.length > commandCharsMax ? reason : { ...reason, params: { ...reason.params, command } };

/** Libraries explain themselves at length. */
const oneLine = (text: string): string =>
  text.replaceAll(/\s+/g, " ").trim().slice(0, deviceReasonCharsMax);

/**
 * Whether both say the same to people. Details may differ with every attempt to reconnect, and are
 * no news by themselves.
 */
export const isSameDeviceReason = (a: DeviceReason | null, b: DeviceReason | null): boolean =>
  a?.code === b?.code &&
  a?.params?.seconds === b?.params?.seconds &&
  a?.params?.everyMs === b?.params?.everyMs &&
  a?.params?.state === b?.params?.state &&
  a?.params?.address === b?.params?.address;
