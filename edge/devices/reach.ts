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
  kind: z.literal("serial").describe("A serial line of this computer."),
  path: z
    .string()
    .min(1)
    .max(1_024)
    .describe("Device file, such as /dev/ttyUSB0; a stable link to it survives replugging."),
  baudRate: z
    .number()
    .int()
    .min(300)
    .max(4_000_000)
    .default(9_600)
    .describe("Bits a second, as the device is set."),
  dataBits: z
    .union([z.literal(7), z.literal(8)])
    .default(8)
    .describe("Bits of a character, as the device is set."),
  parity: z
    .enum(["none", "even", "odd"])
    .default("none")
    .describe("Parity of a character, as the device is set."),
  stopBits: z
    .union([z.literal(1), z.literal(2)])
    .default(1)
    .describe("Stop bits of a character, as the device is set."),
});
export type SerialReach = z.infer<typeof zSerialReach>;

const zTcpReach = z.strictObject({
  kind: z.literal("tcp").describe("A device that waits to be called over TCP."),
  host: z
    .string()
    .min(1)
    .max(253)
    .refine(isHost, "a host name or an IP address")
    .describe("The device's name or address."),
  port: z.number().int().min(1).max(65_535).describe("The device's port."),
});
export type TcpReach = z.infer<typeof zTcpReach>;

const zAddress = z.string().refine((text) => isIP(text) !== 0, "an IP address");

/** A device that calls us, where others wait to be called. */
const zTcpListenReach = z
  .strictObject({
    kind: z.literal("tcp-listen").describe("A device that calls this agent over TCP."),
    host: zAddress.describe("The agent's own address to listen at; 0.0.0.0 is each of its own."),
    port: z.number().int().min(1).max(65_535).describe("The agent's port that the device calls."),
    from: zAddress.describe("The device's address. Whoever calls from another one is hung up on."),
  })
  .refine(({ host, from }) => isIP(host) === isIP(from), {
    path: ["from"],
    message: "must be of the same kind as host, IPv4 or IPv6",
  });
export type TcpListenReach = z.infer<typeof zTcpListenReach>;

const zMqttReach = z.strictObject({
  kind: z.literal("mqtt").describe("A device that publishes at an MQTT broker."),
  brokerUrl: z
    .url({ protocol: /^(?:mqtts?|wss?)$/ })
    .describe("The broker, such as mqtt://192.0.2.5."),
  base: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^+#/$][^+#]*(?<!\/)$/, "no wildcards, no slash at either end")
    .describe("Topics of the device begin with this, without a slash at the end."),
});
export type MqttReach = z.infer<typeof zMqttReach>;

/** The policies that OPC UA does not call deprecated. */
const opcuaPolicies = ["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"] as const;

const zOpcuaSecurity = z.discriminatedUnion("mode", [
  z.strictObject({
    mode: z.literal("none").describe("Neither signed nor encrypted."),
    allowBeyondLoopback: z
      .boolean()
      .default(false)
      .describe("On any wire that leaves this computer, unsecured must be asked for by name."),
  }),
  z.strictObject({
    mode: z.enum(["sign", "signAndEncrypt"]).describe("How messages are secured."),
    policy: z
      .enum(opcuaPolicies)
      .default("Basic256Sha256")
      .describe("The policy, as the server offers it."),
    trustAnyServer: z
      .boolean()
      .default(false)
      .describe(
        "Take the server's certificate as it comes. False leaves an unknown one in the folder rejected, to be moved to trusted by a person.",
      ),
  }),
]);
type OpcuaSecurity = z.infer<typeof zOpcuaSecurity>;

const zOpcuaReach = z
  .strictObject({
    kind: z.literal("opcua").describe("A device that is, or is behind, an OPC UA server."),
    endpointUrl: z
      .string()
      .regex(/^opc\.tcp:\/\/[^/\s]+/, "opc.tcp://host:port/...")
      .describe("The server's endpoint, such as opc.tcp://192.0.2.11:4840."),
    security: zOpcuaSecurity
      .default({ mode: "none", allowBeyondLoopback: false })
      .describe("How the connection is secured; without a word it is not, and on loopback only."),
    publishingIntervalMs: z
      .number()
      .min(5)
      .max(1_000)
      .default(10)
      .describe(
        "Milliseconds between two publishings, asked of the server, which may revise it upwards; 10 suits a belt.",
      ),
  })
  .refine(isReachSafe, {
    path: ["security"],
    message: "unsecured OPC UA is for loopback; set allowBeyondLoopback, or mode signAndEncrypt",
  });
export type OpcuaReach = z.infer<typeof zOpcuaReach>;

/** False for an unsecured endpoint on another machine that was not asked for by name. */
function isReachSafe(reach: {
  readonly endpointUrl: string;
  readonly security: OpcuaSecurity;
}): boolean {
  if (reach.security.mode !== "none" || reach.security.allowBeyondLoopback) return true;
  const host = /^opc\.tcp:\/\/(\[[^\]]*\]|[^/:]*)/.exec(reach.endpointUrl)?.[1] ?? "";
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

export const zReach = z.discriminatedUnion("kind", [
  zSerialReach,
  zTcpReach,
  zTcpListenReach,
  zMqttReach,
  zOpcuaReach,
]);
export type Reach = z.infer<typeof zReach>;
export type ByteReach = SerialReach | TcpReach | TcpListenReach;
