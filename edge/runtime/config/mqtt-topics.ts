import { devicesIn, type AgentFile } from "./agent-file.ts";
import { note, type Finding } from "./finding.ts";

/** RabbitMQ reads a dot as a slash and says nothing; NATS hangs up on a dot or a space. */
const changedOnTheWay = /[.\s]/;

/**
 * Ids that topics are made of hold no such character. Under which topics a foreign gateway publishes
 * is not ours to say, so that it is told and not refused.
 */
export function checkMqttTopics(file: AgentFile): Finding[] {
  return file.lines
    .flatMap(({ line, devices }) =>
      devicesIn(devices).map(({ device }) => ({ lineId: line.id, device })),
    )
    .flatMap(({ lineId, device }) => {
      if (device.reach.kind !== "mqtt") return [];
      const { base } = device.reach;
      if (!changedOnTheWay.test(base)) return [];
      const sentence = `some brokers change or refuse topics with a dot or a space, as in "${base}", and nothing would be heard from ${device.id}`;
      return [note(`line ${lineId}, ${device.id}.reach.base`, sentence)];
    });
}
