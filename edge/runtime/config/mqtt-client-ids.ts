import { devicesIn, type AgentFile } from "./agent-file.ts";
import { note, type Finding } from "./finding.ts";

/**
 * The names of an agent's connections at MQTT brokers. A broker drops the older of two clients of
 * one id, so that each connection has an id of its own: by site, agent, role and device. No part
 * of it can hold the colon, hence no two connections come to the same id by chance.
 */
export interface MqttClientIds {
  /** Links to the centre's broker, by role. */
  readonly line: string;
  readonly centre: string;
  readonly device: (deviceId: string) => string;
}

type Named = Pick<AgentFile, "site" | "agentId" | "mqttClientId">;

export function mqttClientIdsOf({ site, agentId, mqttClientId }: Named): MqttClientIds {
  const stem = mqttClientId ?? `${site}:${agentId}`;
  const line = `${stem}:line`;
  return { line, centre: `${stem}:centre`, device: (deviceId) => `${line}:${deviceId}` };
}

/** For the one connection of all devices, where they share it. No device can be called so. */
export const sharedDevices = "devices:";

/** MQTT 3.1.1, section 3.1.3.1: what every broker has to take; most take more. */
const promisedCharsMax = 23;

/** What a broker may refuse is said before it does. */
export function checkMqttClientIds(file: AgentFile): Finding[] {
  const long = idsInUse(file).filter((id) => id.length > promisedCharsMax);
  const [longest] = long.toSorted((one, other) => other.length - one.length);
  if (longest === undefined) return [];
  const sentence = `${long.length} client ids are longer than the ${promisedCharsMax} characters that MQTT 3.1.1 promises, such as ${longest} (${longest.length}); a broker that refuses them needs a short mqttClientId`;
  return [note("mqttClientId", sentence)];
}

function idsInUse(file: AgentFile): string[] {
  const ids = mqttClientIdsOf(file);
  const devices = file.lines
    .flatMap((line) => devicesIn(line.devices))
    .flatMap(({ device }) => (device.reach.kind === "mqtt" ? [device.id] : []));
  const named = file.mqttConnections === "shared" && devices.length > 0 ? [sharedDevices] : devices;
  return [
    ...(file.lines.length > 0 ? [ids.line] : []),
    ...(file.centre === null ? [] : [ids.centre]),
    ...named.map(ids.device),
  ];
}
