import { isOnLoopback, isTlsUrl, type BrokerReach } from "../../devices/reach.ts";
import { devicesIn, type AgentFile } from "./agent-file.ts";
import { note, type Finding } from "./finding.ts";

/** Passwords for MQTT brokers that others could read, in the configuration or on the wire. */
export function checkBrokers(file: AgentFile): Finding[] {
  const ofDevices = file.lines.flatMap(({ line, devices }) =>
    devicesIn(devices).flatMap(({ device: { id, reach } }) =>
      reach.kind === "mqtt" ? checkBroker(`line ${line.id}, ${id}.reach`, reach) : [],
    ),
  );
  return [...checkBroker("link", file.link), ...ofDevices];
}

function checkBroker(key: string, { brokerUrl, user }: BrokerReach): Finding[] {
  const inUrl = (URL.parse(brokerUrl)?.password ?? "") !== "";
  const isOpen = !isTlsUrl(brokerUrl) && !isOnLoopback(brokerUrl);
  const kept = "a password stands in the URL; user.passwordFile keeps it out of the configuration";
  const sent = "the password travels for all to read; with TLS, as in mqtts:, it does not";
  return [
    ...(inUrl ? [note(`${key}.brokerUrl`, kept)] : []),
    ...(isOpen && (inUrl || user !== undefined) ? [note(`${key}.user`, sent)] : []),
  ];
}
