import { isIP } from "node:net";
import { resolve } from "node:path";
import { z } from "zod";
import { tsapPattern } from "../../protocols/iso-tcp.ts";

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

const zTsap = z
  .string()
  .regex(tsapPattern, "1 to 16 characters without a blank, or bytes such as 02.01");
const zIsoTcp = z
  .strictObject({
    own: zTsap.describe(
      "Our TSAP: characters, or bytes in hexadecimal with points between, 02.01.",
    ),
    device: zTsap.describe("The device's TSAP, in the same way."),
  })
  .describe(
    "ISO transport on TCP (RFC 1006), for controllers that open such connections in the place of a bare socket. Without a word the socket is bare.",
  );

const zTcpReach = z.strictObject({
  kind: z.literal("tcp").describe("A device that waits to be called over TCP."),
  host: z
    .string()
    .min(1)
    .max(253)
    .refine(isHost, "a host name or an IP address")
    .describe("The device's name or address."),
  port: z.number().int().min(1).max(65_535).describe("The device's port."),
  isoTcp: zIsoTcp.optional(),
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
    isoTcp: zIsoTcp.optional(),
  })
  .refine(({ host, from }) => isIP(host) === isIP(from), {
    path: ["from"],
    message: "must be of the same kind as host, IPv4 or IPv6",
  });
export type TcpListenReach = z.infer<typeof zTcpListenReach>;

const zPath = z.string().min(1).max(1_024);

/** A name with its password, which stands in a file of its own. */
const zNamedUser = z.strictObject({
  name: z.string().min(1).max(200).describe("The user's name there."),
  passwordFile: zPath.describe("A file with the password, which nobody but its owner may use."),
});

const zTls = z
  .strictObject({
    caFile: zPath
      .optional()
      .describe("Who signs the broker's certificate, PEM; default: the authorities of the world."),
    certificateFile: zPath.optional().describe("Our certificate at the broker, PEM."),
    keyFile: zPath.optional().describe("Its private key, PEM, which nobody but its owner may use."),
  })
  .refine(
    ({ certificateFile, keyFile }) => (certificateFile === undefined) === (keyFile === undefined),
    {
      message: "certificateFile and keyFile go together",
    },
  );

/** How an MQTT broker is reached, for devices and for the link to the centre. */
export const brokerShape = {
  brokerUrl: z
    .url({ protocol: /^(?:mqtts?|wss?)$/ })
    .describe("The broker, such as mqtt://192.0.2.5, or mqtts://broker.example with TLS."),
  tls: zTls.optional().describe("Whom we trust over TLS, and who we are; needs mqtts or wss."),
  user: zNamedUser.optional().describe("As whom we come; without a word as nobody by name."),
};
const zBroker = z.strictObject(brokerShape);
export type BrokerReach = z.infer<typeof zBroker>;

/** TLS that is spoken of and not spoken would be a wish. */
export const isTlsSpoken = ({ brokerUrl, tls }: BrokerReach): boolean =>
  tls === undefined || isTlsUrl(brokerUrl);
export const tlsUnspoken = {
  path: ["tls"],
  message: "there is no TLS in this brokerUrl; it begins with mqtts: or wss: where there is",
};

const zMqttReach = z
  .strictObject({
    kind: z.literal("mqtt").describe("A device that publishes at an MQTT broker."),
    ...brokerShape,
    base: z
      .string()
      .min(1)
      .max(200)
      .regex(/^[^+#/$][^+#]*(?<!\/)$/, "no wildcards, no slash at either end")
      .describe("Topics of the device begin with this, without a slash at the end."),
  })
  .refine(isTlsSpoken, tlsUnspoken);
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
        "Take the server's certificate as it comes, if it is not out of date. False refuses an unknown one until a person trusts it (npm run trust).",
      ),
  }),
]);
export type OpcuaSecurity = z.infer<typeof zOpcuaSecurity>;

/** As whom we come: a name with its password, or a certificate with its key. */
const zOpcuaUser = z
  .strictObject({
    name: z.string().min(1).max(200).optional().describe("The user's name at the server."),
    passwordFile: zPath
      .optional()
      .describe("A file with the password, which nobody but its owner may read."),
    certificateFile: zPath.optional().describe("The user's certificate, PEM or DER."),
    keyFile: zPath
      .optional()
      .describe("Its private key, PEM, which nobody but its owner may read."),
  })
  .transform((user, context): OpcuaUserFiles | OpcuaUserName => {
    const { name, passwordFile, certificateFile, keyFile } = user;
    const isNamed = name !== undefined && passwordFile !== undefined;
    if (isNamed && certificateFile === undefined && keyFile === undefined) {
      return { name, passwordFile };
    }
    const isCertified = certificateFile !== undefined && keyFile !== undefined;
    if (isCertified && name === undefined && passwordFile === undefined) {
      return { certificateFile, keyFile };
    }
    const message = "either name and passwordFile, or certificateFile and keyFile";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });
interface OpcuaUserName {
  readonly name: string;
  readonly passwordFile: string;
}
interface OpcuaUserFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}
export type OpcuaUser = OpcuaUserName | OpcuaUserFiles;

const zOpcuaReach = z
  .strictObject({
    kind: z.literal("opcua").describe("A device that is, or is behind, an OPC UA server."),
    endpointUrl: z
      .string()
      .regex(/^opc\.tcp:\/\/[^/\s]+/, "opc.tcp://host:port/...")
      .refine((text) => URL.canParse(text), "opc.tcp://host:port/...")
      .describe("The server's endpoint, such as opc.tcp://192.0.2.11:4840."),
    security: zOpcuaSecurity
      .default({ mode: "none", allowBeyondLoopback: false })
      .describe("How the connection is secured; without a word it is not, and on loopback only."),
    user: zOpcuaUser.optional().describe("As whom we come; without a word as nobody by name."),
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
  })
  .refine(({ security, user }) => user === undefined || security.mode !== "none", {
    path: ["user"],
    message: "who we are is told to a server that has shown who it is; set mode signAndEncrypt",
  });
export type OpcuaReach = z.infer<typeof zOpcuaReach>;

/** False for an unsecured endpoint on another machine that was not asked for by name. */
function isReachSafe(reach: {
  readonly endpointUrl: string;
  readonly security: OpcuaSecurity;
}): boolean {
  if (reach.security.mode !== "none" || reach.security.allowBeyondLoopback) return true;
  return isOnLoopback(reach.endpointUrl);
}

/** Whether what a URL leads to is on this very computer, where nobody else listens. */
export function isOnLoopback(url: string): boolean {
  // Only of a web address the parser says as what a host is taken: 127.1 and LOCALHOST are what they are.
  const host = URL.parse(`http://${URL.parse(url)?.host ?? ""}`)?.hostname ?? "";
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** In small letters, however it is written. */
const schemeOf = (url: string): string => URL.parse(url)?.protocol ?? "";
/** Whether what goes there is encrypted. */
export const isTlsUrl = (url: string): boolean => /^(?:mqtts|wss|https):$/.test(schemeOf(url));

/** Whether neither name nor password stands in it. */
export function isOfNobody(url: string): boolean {
  const { username = "", password = "" } = URL.parse(url) ?? {};
  return username === "" && password === "";
}

const zFolderReach = z
  .strictObject({
    kind: z.literal("folder").describe("A device that puts files into a folder."),
    path: zPath.describe(
      "The folder that the device puts its files into, and nothing else does. What has been taken lies in `taken` below it, what belongs to nothing in `aside`.",
    ),
    tellPath: zPath
      .optional()
      .describe(
        "Another folder, in which the device is told something; for one that is told nothing, none.",
      ),
    writes: z
      .enum(["renamed", "inPlace"])
      .default("inPlace")
      .describe(
        "How files come there. `renamed`: whole, so that each is taken at once; `inPlace`: written there, so that each is taken once it is the same over two looks.",
      ),
    lookEveryMs: z
      .number()
      .int()
      .min(20)
      .max(2_000)
      .default(200)
      .describe("Milliseconds between two looks."),
    keptFilesMax: z
      .number()
      .int()
      .min(10)
      .max(100_000)
      .default(500)
      .describe("So many files stay in `taken`, and in `aside`; the oldest leave."),
  })
  .refine(({ path, tellPath }) => tellPath === undefined || resolve(path) !== resolve(tellPath), {
    path: ["tellPath"],
    message: "must be another folder than path",
  });
export type FolderReach = z.infer<typeof zFolderReach>;

/** Basic and Digest end a name at its first colon, and a header cannot carry what controls a terminal. */
const zHttpUser = zNamedUser.extend({
  name: zNamedUser.shape.name.regex(
    /^[^:\p{Cc}]*$/u,
    "no colon and no control characters: HTTP cannot carry them in a name",
  ),
});

const zHttpReach = z
  .strictObject({
    kind: z.literal("http").describe("A device that answers HTTP requests."),
    url: z
      .url({ protocol: /^https?$/ })
      .refine(isOfNobody, "no name and password in it: they go under user")
      .describe("What is asked for, such as http://192.0.2.14/axis-cgi/jpg/image.cgi."),
    caFile: zPath
      .optional()
      .describe("Who signs the device's certificate, PEM; default: the authorities of the world."),
    user: zHttpUser.optional().describe("As whom we come; without a word as nobody by name."),
    lookEveryMs: z
      .number()
      .int()
      .min(500)
      .max(60_000)
      .default(5_000)
      .describe(
        "Milliseconds after which a device that nobody has asked is asked whether it lives.",
      ),
    answerMsMax: z
      .number()
      .int()
      .min(100)
      .max(10_000)
      .default(2_000)
      .describe("Milliseconds that an answer may take, all of it."),
  })
  .refine(({ url, caFile }) => caFile === undefined || isTlsUrl(url), {
    path: ["caFile"],
    message: "there is no TLS in this url; it begins with https: where there is",
  });
export type HttpReach = z.infer<typeof zHttpReach>;

export const zReach = z.discriminatedUnion("kind", [
  zSerialReach,
  zTcpReach,
  zTcpListenReach,
  zMqttReach,
  zOpcuaReach,
  zFolderReach,
  zHttpReach,
]);
export type Reach = z.infer<typeof zReach>;
export type ByteReach = SerialReach | TcpReach | TcpListenReach;
