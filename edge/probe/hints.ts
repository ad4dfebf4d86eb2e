import type { DeviceReason } from "../../protocols/device-reasons.ts";
import type { DeviceKind } from "../../protocols/sorting.ts";
import type { ScannerFormat } from "../../protocols/scanner/format.ts";
import type { TemplateParams } from "../../protocols/words/template.ts";
import type { HintCode } from "../../protocols/words/probe-words.ts";
import { isTlsUrl, type Reach } from "../devices/reach.ts";
import { endsEarlySaid, videoStreamSaid } from "../devices/wires/http-request.ts";
import {
  isIsoTcp,
  isModbusAscii,
  isText,
  lacksStart,
  otherEnd,
  parityBit,
  settingsThatRead,
} from "./bytes-seen.ts";
import type { Seen, SeenBeside } from "./seen.ts";

/** What may be wrong, by a key of the words `probeHint`, most likely first. */
export interface Hint {
  readonly code: HintCode;
  readonly params: TemplateParams;
}

/** A device as its configuration has it. */
export interface Probed {
  readonly kind: DeviceKind;
  readonly reach: Reach;
  readonly dialect: { readonly kind: string; readonly format?: ScannerFormat };
}

/**
 * Why a device is not heard, or not understood, and what to do: pure, by what was seen and nothing
 * else. None where it is received and understood, and none where its own reason says it all.
 */
export function hintsOf(probed: Probed, seen: Seen): readonly Hint[] {
  const { health, wasOpen, refused, variables } = seen;
  // Nobody but a person knows of it: a count the wrong way round is a count, too.
  if (variables.turnedKeys.length > 0) {
    return [hint("wordOrder", { keys: variables.turnedKeys.join(", ") })];
  }
  const isInOrder = health.state === "receiving" && health.reason === null && refused === null;
  if (isInOrder) return hintsOfUnread(seen.beside);
  if (!wasOpen) return hintsOfOpening(probed, seen);
  if (isOfRegisters(probed.dialect)) return hintsOfRegisters(seen);
  switch (probed.reach.kind) {
    case "serial":
    case "tcp":
    case "tcp-listen":
      return hintsOfBytes(probed, seen);
    case "mqtt":
      return hintsOfMessages(probed.reach.base, seen);
    case "opcua":
      return hintsOfServer(seen);
    // Which file was refused, and why, is told by each of them.
    case "folder":
      return [];
    case "http":
      return hintsOfRequests(probed.reach.url, seen);
  }
}

/** Its bytes are questions and answers: a device that is not asked says nothing. */
const isOfRegisters = ({ kind }: Probed["dialect"]): boolean =>
  kind === "plc-map-modbus" || kind === "signals-modbus" || kind === "outputs-modbus";

const hint = (code: Hint["code"], params: TemplateParams = {}): Hint => ({ code, params });

function hintsOfOpening({ reach }: Probed, seen: Seen): readonly Hint[] {
  const { reason } = seen.health;
  if (reach.kind === "opcua") return hintsOfServer(seen);
  if (reach.kind === "http") return hintsOfRequests(reach.url, seen);
  if (reach.kind === "mqtt" && reason !== null) {
    const known = hintOfBroker(reason);
    if (known !== undefined) return [known];
  }
  if (reason?.code === "refused") {
    return [hint("portClosed", { address: reason.params?.address })];
  }
  if (reason?.code === "cannotOpen" && reach.kind === "folder") {
    return [hint("folderClosed", { detail: reason.detail })];
  }
  const ofIso = hintsOfIsoTcp(reach, reason);
  if (ofIso.length > 0) return ofIso;
  if (reason?.code !== "cannotOpen" || reach.kind !== "serial") return [];
  const { path } = reach;
  const detail = reason.detail ?? "";
  if (/no such (?:file|device)/i.test(detail)) {
    const paths = (seen.beside.serialPaths ?? []).join(", ");
    return [hint("pathGone", { path, paths })];
  }
  if (/permission denied/i.test(detail)) return [hint("pathDenied", { path })];
  return /lock|busy|temporarily unavailable/i.test(detail) ? [hint("pathBusy", { path })] : [];
}

/** A connection that both ends have not agreed on is not open: what came on it is in the reason alone. */
function hintsOfIsoTcp(reach: Reach, reason: DeviceReason | null): readonly Hint[] {
  if (!("isoTcp" in reach) || reach.isoTcp === undefined || reason === null) return [];
  const { own, device } = reach.isoTcp;
  const { code, detail } = reason;
  if (code === "badMessage" && isNoPacket(reason)) return [hint("isoTcpIsNone")];
  if (code === "requestRefused") return [hint("isoTcpRefused", { own, device, detail })];
  const isUnanswered = code === "noAnswer" || code === "connectionLost";
  return isUnanswered ? [hint("isoTcpUnanswered", { own, device })] : [];
}

const isNoPacket = ({ detail = "" }: DeviceReason): boolean => /begin with 03 00/.test(detail);

function hintsOfBytes(probed: Probed, seen: Seen): readonly Hint[] {
  const { sample, bytesTotal, seconds, health, beside } = seen;
  const isSerial = probed.reach.kind === "serial";
  const damaged = hintsOfDamage(beside);
  if (bytesTotal === 0) {
    return [...damaged, hint(isSerial ? "silentLine" : "silentPeer", { seconds })];
  }
  if (isIsoTcp(sample) && isBare(probed.reach)) return [hint("isoTcp")];
  const parity = parityBit(sample);
  if (parity !== null && isSerial) return [hint("parityBit", { parity })];
  if (health.reason?.code === "otherDialect") {
    return [hint("otherDialect", { dialect: health.reason.detail })];
  }
  const frames = hintsOfFrames(probed, sample);
  if (frames.length > 0) return [...damaged, ...frames];
  if (isText(sample)) return damaged;
  return [...damaged, hint(isSerial ? "notTextOnLine" : "notText", { total: bytesTotal })];
}

/** Over TCP, and nothing is said of ISO transport. */
const isBare = (reach: Reach): boolean =>
  (reach.kind === "tcp" || reach.kind === "tcp-listen") && reach.isoTcp === undefined;

const hintsOfDamage = ({ lineErrors }: SeenBeside): readonly Hint[] =>
  lineErrors !== null && lineErrors > 0 ? [hint("lineErrors", { total: lineErrors })] : [];

/** Of a controller that speaks only when it is asked. */
function hintsOfRegisters(seen: Seen): readonly Hint[] {
  const { sample, bytesTotal, seconds, health, beside } = seen;
  const damaged = hintsOfDamage(beside);
  if (bytesTotal === 0) return [...damaged, hint("silentRegisters", { seconds })];
  if (isModbusAscii(sample)) return [...damaged, hint("modbusAscii")];
  if (health.reason?.code === "mapMisfit") {
    return [...damaged, hint("misfit", { detail: health.reason.detail })];
  }
  return [...damaged, ...hintsOfVariables(seen)];
}

/** Of a controller whose variables are read, and whose belt is not told of. */
function hintsOfVariables({ refused, variables }: Seen): readonly Hint[] {
  const { stoodLife, isEchoMissing } = variables;
  if (refused?.detail !== undefined) return [hint("badMessage", { detail: refused.detail })];
  if (stoodLife !== null) return [hint("lifeStands", { value: String(stoodLife) })];
  return isEchoMissing ? [hint("echoMissing")] : [];
}

/** A scanner's frames, and a scale's where it writes such ones. */
function hintsOfFrames({ kind, dialect }: Probed, sample: Uint8Array): readonly Hint[] {
  const others = kind === "scanner" ? settingsThatRead(sample) : [];
  const found = others.length > 0 ? [hint("settings", { settings: others.join(", ") })] : [];
  const { format } = dialect;
  if (format === undefined || format.framing !== "marks" || !isText(sample)) return found;
  const start = lacksStart(sample, format.startHex)
    ? [hint("noStart", { start: format.startHex ?? "" })]
    : [];
  const end = otherEnd(sample, format.endHex);
  const ends = end === null ? [] : [hint("otherEnd", { ends: format.endHex.join(", "), end })];
  return [...start, ...ends, ...found];
}

function hintsOfMessages(base: string, seen: Seen): readonly Hint[] {
  const { messagesTotal, retainedTotal, refused, seconds, beside } = seen;
  const sparkplug = nearestFirst(beside.sparkplugTopics, base);
  const isAmongIt = sparkplug.some((topic) => topic.startsWith(`${base}/`) || topic === base);
  if (isAmongIt || (messagesTotal === 0 && sparkplug.length > 0)) {
    return [hint("sparkplug", { topics: sparkplug.slice(0, topicsShownMax).join(", ") })];
  }
  const unread = hintsOfUnread(beside);
  if (messagesTotal > 0) {
    const bad =
      refused?.detail === undefined ? [] : [hint("badMessage", { detail: refused.detail })];
    return [...bad, ...unread];
  }
  const retained = retainedTotal > 0 ? [hint("retainedOnly", { base })] : [];
  // It was seen to be there: whatever else the broker has is not its.
  if (unread.length > 0) return [...retained, ...unread];
  const topics = nearestFirst(beside.topics.elsewhere, base).slice(0, topicsShownMax).join(", ");
  return [
    ...retained,
    topics === "" ? hint("silentBroker", { base, seconds }) : hint("otherTopics", { base, topics }),
  ];
}

/** What comes below its base is perhaps what is awaited there, under a name that it does not have. */
function hintsOfUnread({ topics: { unread, silent } }: SeenBeside): readonly Hint[] {
  if (unread.length === 0 || silent.length === 0) return [];
  const topics = unread.toSorted().slice(0, topicsShownMax).join(", ");
  return [hint("unreadTopics", { topics, silent: silent.join(", ") })];
}

const topicsShownMax = 8;

/** By how many of the base's levels a topic has: the one that was mistyped is among the first. */
function nearestFirst(topics: readonly string[], base: string): readonly string[] {
  const wanted = new Set(base.toLowerCase().split("/"));
  const common = (topic: string): number =>
    topic.split("/").filter((level) => wanted.has(level.toLowerCase())).length;
  return topics.toSorted((one, other) => common(other) - common(one) || one.localeCompare(other));
}

function hintsOfServer(seen: Seen): readonly Hint[] {
  const { health, wasOpen, seconds } = seen;
  const { reason } = health;
  const known = reason === null ? undefined : hintOfServer(reason);
  if (known !== undefined) return [known];
  const odd = hintsOfVariables(seen);
  if (odd.length > 0) return odd;
  return wasOpen ? [hint("silentServer", { seconds })] : [];
}

/** Of a device that answers requests: its refusal, or an answer that is none. */
function hintsOfRequests(url: string, { health, refused }: Seen): readonly Hint[] {
  const { reason } = health;
  const known = reason === null ? undefined : hintOfRequest(url, reason);
  if (known !== undefined) return [known];
  return refused?.detail === undefined ? [] : [hint("badMessage", { detail: refused.detail })];
}

function hintOfRequest(url: string, reason: DeviceReason): Hint | undefined {
  const { code, params, detail = "" } = reason;
  if (code === "refused") return hint("portClosed", { address: params?.address });
  const known = codeOfRequest(url, code, detail);
  return known === undefined
    ? hintOfSecurity(reason)
    : hint(known, { detail: detail === "" ? undefined : detail });
}

function codeOfRequest(
  url: string,
  code: DeviceReason["code"],
  detail: string,
): HintCode | undefined {
  if (code === "securityNotOffered") return isTlsUrl(url) ? "deviceNoTls" : "passwordInClear";
  if (code === "requestRefused") return hintOfStatus(detail);
  return code === "badMessage" ? hintOfContent(detail) : ofHttp[code];
}

/** Whatever says the same of each answer; a certificate is judged by its authority, not by a person. */
const ofHttp: Partial<Record<DeviceReason["code"], HintCode>> = {
  connectionLost: "noHttp",
  noAnswer: "slowAnswer",
  unknownThere: "noSuchUrl",
  notTrusted: "deviceNotTrusted",
  certificateExpired: "deviceExpired",
  certificateOtherName: "deviceOtherName",
  ourCertificateRefused: "deviceWantsOurs",
};

/** By what its answer begins with. */
function hintOfStatus(said: string): HintCode {
  if (said.startsWith("101")) return "otherProtocol";
  if (said.startsWith("3")) return "redirected";
  if (said.startsWith("204")) return "noPicture";
  return said.startsWith("503") ? "deviceBusy" : "requestRefused";
}

function hintOfContent(said: string): HintCode | undefined {
  if (said.startsWith(videoStreamSaid)) return "videoStream";
  return said.startsWith(endsEarlySaid) ? "endsEarly" : undefined;
}

function hintOfServer(reason: DeviceReason): Hint | undefined {
  const { code, params, detail = "" } = reason;
  if (code === "refused") return hint("portClosed", { address: params?.address });
  if (code === "unknownThere") {
    return hint(/namespace/.test(detail) ? "noNamespace" : "noNode", { detail });
  }
  if (code === "mapMisfit")
    return hint(/read-only/.test(detail) ? "readOnly" : "misfit", { detail });
  return hintOfSecurity(reason);
}

const securityCodes = [
  "notTrusted",
  "certificateRenewed",
  "certificateForeign",
  "certificateOtherName",
  "certificateExpired",
  "certificateNotYetValid",
  "ourCertificateRefused",
  "securityNotOffered",
  "secretFile",
  "accessDenied",
] as const;

function hintOfSecurity({ code, params, detail = "" }: DeviceReason): Hint | undefined {
  const known = securityCodes.find((each) => each === code);
  return known && hint(known, { address: params?.address, detail });
}

/** Where a broker's certificate is judged by its authority, and not by a person. */
const ofBroker: Partial<Record<DeviceReason["code"], HintCode>> = {
  notTrusted: "brokerNotTrusted",
  certificateExpired: "brokerExpired",
  certificateOtherName: "brokerOtherName",
  ourCertificateRefused: "brokerRefusesOurs",
  securityNotOffered: "brokerNoTls",
};

function hintOfBroker(reason: DeviceReason): Hint | undefined {
  const code = ofBroker[reason.code];
  return code === undefined
    ? hintOfSecurity(reason)
    : hint(code, { address: reason.params?.address, detail: reason.detail ?? "" });
}
