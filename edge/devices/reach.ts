import { isIP } from "node:net";
import { z } from "zod";

const hostLabel = /^[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?$/;

/** A name whose last part is a number is an address with a mistake in it. */
function isHost(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const labels = text.replace(/\.$/, "").split(".");
  return labels.every((label) => hostLabel.test(label)) && !/^[0-9]+$/.test(labels.at(-1) ?? "");
}

/** How a device is reached, as written in an agent's configuration. */
export const zSerialReach = z.strictObject({
  kind: z.literal("serial"),
  /** Device file, such as `/dev/ttyUSB0`; a stable link to it survives replugging. */
  path: z.string().min(1).max(1_024),
  baudRate: z.number().int().min(300).max(4_000_000).default(9_600),
  dataBits: z.union([z.literal(7), z.literal(8)]).default(8),
  parity: z.enum(["none", "even", "odd"]).default("none"),
  stopBits: z.union([z.literal(1), z.literal(2)]).default(1),
});
export type SerialReach = z.infer<typeof zSerialReach>;

export const zTcpReach = z.strictObject({
  kind: z.literal("tcp"),
  host: z.string().min(1).max(253).refine(isHost, "a host name or an IP address"),
  port: z.number().int().min(1).max(65_535),
});
export type TcpReach = z.infer<typeof zTcpReach>;

export const zMqttReach = z.strictObject({
  kind: z.literal("mqtt"),
  brokerUrl: z.url({ protocol: /^(?:mqtts?|wss?)$/ }),
  /** Topics of the device begin with this, without a slash at the end. */
  base: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^+#/$][^+#]*(?<!\/)$/, "no wildcards, no slash at either end"),
});
export type MqttReach = z.infer<typeof zMqttReach>;

export const zByteReach = z.discriminatedUnion("kind", [zSerialReach, zTcpReach]);
export type ByteReach = z.infer<typeof zByteReach>;
