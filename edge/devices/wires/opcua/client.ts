import { join } from "node:path";
import {
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAClient,
  SecurityPolicy,
  setErrorLogger,
  setWarningLogger,
} from "node-opcua";
import type { Clock } from "../../../../protocols/time.ts";
import type { OpcuaSecurity } from "../../reach.ts";
import { socketError } from "./socket-error.ts";

/** A client of the library that is connected, before any session. */
export interface OpcuaConnection {
  readonly client: OPCUAClient;
  /** Also when it is lost already. */
  readonly leave: () => Promise<void>;
}

export interface OpcuaConnectionOptions {
  readonly endpointUrl: string;
  readonly security: OpcuaSecurity;
  /** What a secured server has to prove that it has the key of; nobody else is spoken to. */
  readonly serverCertificate: Uint8Array | null;
  /** Key, certificates and trust lists of this agent as an OPC UA client. */
  readonly certificatesFolder: string;
  readonly clock: Clock;
}

/**
 * The library allocates a whole buffer anew for every message it sends, however short, and so does
 * a server of its kind for what we receive. Its default of 640 KiB makes a full garbage collection
 * a second at either end. What is longer goes in several chunks; 8,192 is the least it accepts.
 */
const transportSettings = { sendBufferSize: 8_192, receiveBufferSize: 65_536 } as const;
const sessionTimeoutMs = 10_000;

// The library writes to the console what it also rejects with; people read it in device health.
setWarningLogger(() => {});
setErrorLogger(() => {});

/**
 * Connects, or rejects. The library's own reconnecting is off: it holds calls back while the channel
 * is down and sends them when it is up again, which a divert must never do.
 */
export async function connectOpcua(options: OpcuaConnectionOptions): Promise<OpcuaConnection> {
  const { endpointUrl, certificatesFolder, clock } = options;
  const certificates = new OPCUACertificateManager({
    rootFolder: certificatesFolder,
    // The library judges no server: whoever calls has done it, and names its certificate.
    automaticallyAcceptUnknownCertificate: false,
    disableFileWatchers: true,
  });
  const client = createClient(options, certificates);
  const leave = async (): Promise<void> => {
    try {
      await client.disconnect();
    } finally {
      // Clients count themselves as its users, and those of them that failed may not have left.
      certificates.referenceCounter = 0;
      await certificates.dispose();
    }
  };
  try {
    await client.connect(endpointUrl);
  } catch (error) {
    await leave().catch((left: unknown) => {
      if (left !== null && error instanceof Error) error.cause ??= left;
    });
    throw (await socketError(endpointUrl, clock)) ?? error;
  }
  return { client, leave };
}

function createClient(
  { security, serverCertificate }: OpcuaConnectionOptions,
  certificates: OPCUACertificateManager,
): OPCUAClient {
  const isSecured = security.mode !== "none";
  return OPCUAClient.create({
    // The library makes a certificate for every client, under whatever the calendar shows. One that
    // proves nothing must not become the one that servers are asked to trust.
    ...(isSecured
      ? {}
      : { certificateFile: join(certificates.rootDir, "own/certs/unsecured.pem") }),
    ...(serverCertificate === null ? {} : { serverCertificate: Buffer.from(serverCertificate) }),
    applicationName: "Sortline",
    clientName: "Sortline agent",
    clientCertificateManager: certificates,
    securityMode: securityModes[security.mode],
    securityPolicy: isSecured ? SecurityPolicy[security.policy] : SecurityPolicy.None,
    endpointMustExist: isSecured,
    keepSessionAlive: true,
    requestedSessionTimeout: sessionTimeoutMs,
    transportTimeout: 5_000,
    transportSettings,
    // All fields: a partial object would be filled up with other defaults. 0 retries: none.
    connectionStrategy: {
      initialDelay: 100,
      maxDelay: 1_000,
      maxRetry: 0,
      randomisationFactor: 0.5,
    },
  });
}

export const securityModes = {
  none: MessageSecurityMode.None,
  sign: MessageSecurityMode.Sign,
  signAndEncrypt: MessageSecurityMode.SignAndEncrypt,
} as const;
