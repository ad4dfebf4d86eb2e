import { ReasonCodes, type IConnackPacket, type IDisconnectPacket } from "mqtt";
import { deviceReason, type DeviceReason } from "../../../protocols/device-reasons.ts";
import { networkReason } from "../network-reason.ts";

/**
 * What a broker says of itself. MQTT 5 brokers say at the connecting what they allow, and at the end
 * why it ends; brokers that know 3.1.1 only have no words for either.
 * @see MQTT 5.0, sections 3.2.2 and 3.14.2
 */
export interface BrokerGrant {
  /** The longest packet that it takes; null when it names none. */
  readonly packetBytesMax: number | null;
  /** QoS 1 messages that it takes before it has acknowledged the first of them. */
  readonly inFlightMax: number;
  readonly takesQos1: boolean;
  /** For people who look for a fault. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Message ids have 16 bits, so that no more could be under way. */
const anyNumber = 65_535;

export function grantOf({ properties = {} }: IConnackPacket): BrokerGrant {
  const { maximumPacketSize = null, receiveMaximum = anyNumber, maximumQoS = 2 } = properties;
  return {
    packetBytesMax: maximumPacketSize,
    inFlightMax: receiveMaximum,
    takesQos1: maximumQoS > 0,
    fields: properties,
  };
}

export interface BrokerPeer {
  readonly address: string;
  readonly clientId: string;
  readonly connectTimeoutMs: number;
}

/** CONNACK of 3.1.1: unacceptable protocol version; of MQTT 5: unsupported protocol version. */
const otherVersionCodes: ReadonlySet<unknown> = new Set([1, 132]);

/** Whether a broker, or what stands before it, wants to be spoken to in the other version. */
export const wantsOtherVersion = (error: Error): boolean =>
  "code" in error && otherVersionCodes.has(error.code);

/** User name or password, not authorized, banned, authentication method; 3.1.1 has the first two. */
const deniedCodes: ReadonlySet<unknown> = new Set([4, 5, 134, 135, 138, 140]);
const sessionTakenOver = 142;
const packetTooLarge = 149;

/** Why an attempt failed, or the connection has ended. */
export function reasonOfError(error: Error, peer: BrokerPeer): DeviceReason {
  const { address, connectTimeoutMs } = peer;
  if (error.message === "connack timeout") {
    return deviceReason("noAnswer", { address, seconds: connectTimeoutMs / 1_000 });
  }
  if (!("code" in error) || typeof error.code !== "number") return networkReason(error, address);
  // The library's own: a packet came that is longer than we said we take.
  if (error.code === packetTooLarge) return deviceReason("frameTooLong", { address });
  const code = deniedCodes.has(error.code) ? "accessDenied" : "refused";
  return deviceReason(code, { address, detail: error.message });
}

/** Why the broker says good-bye, in its own words. */
export function reasonOfDisconnect(
  { reasonCode = 0, properties }: IDisconnectPacket,
  { address, clientId }: BrokerPeer,
): DeviceReason {
  if (reasonCode === sessionTakenOver) {
    const detail = `the broker says that another client has taken the id ${clientId}`;
    return deviceReason("clientIdTaken", { address, detail });
  }
  const words = properties?.reasonString ?? wordsOfCode[reasonCode] ?? "no reason";
  const detail = `the broker ended it: ${words} (${reasonCode})`;
  return deviceReason(deniedCodes.has(reasonCode) ? "accessDenied" : "connectionLost", {
    address,
    detail,
  });
}

const wordsOfCode: Readonly<Record<number, string>> = ReasonCodes;
