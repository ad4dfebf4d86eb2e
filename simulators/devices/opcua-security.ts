import { join } from "node:path";
import {
  MessageSecurityMode,
  OPCUACertificateManager,
  SecurityPolicy,
  type OPCUAServerOptions,
} from "node-opcua";

/** What a simulated server lets nobody do without, and who it is. */
export interface ServerSecurity {
  /** The one mode that it offers; secured ones with Basic256Sha256. */
  readonly mode: "none" | "sign" | "signAndEncrypt";
  /** Default: one in order, made at the first start and kept in its folder. */
  readonly certificate?: ServerCertificate;
  /** The one name that is let in; default: nobody has to have one. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Default true: certificates of clients and users are trusted as they come. */
  readonly trustsAnybody?: boolean;
}

/** A certificate that is made anew at each start. */
export interface ServerCertificate {
  /** Such as `/CN=Sorter`. */
  readonly subject: string;
  /** What it says that its application is called. */
  readonly applicationUri: string;
  readonly from: Date;
  readonly days: number;
}

export const unsecured: ServerSecurity = { mode: "none" };

const modes = {
  none: MessageSecurityMode.None,
  sign: MessageSecurityMode.Sign,
  signAndEncrypt: MessageSecurityMode.SignAndEncrypt,
} as const;

/** `folder` holds key, certificate and trust lists, and nobody else's. */
export async function securityOptions(
  { mode, certificate, user, trustsAnybody = true }: ServerSecurity,
  folder: string,
): Promise<OPCUAServerOptions> {
  const manager = (name: string) =>
    new OPCUACertificateManager({
      rootFolder: join(folder, name),
      automaticallyAcceptUnknownCertificate: trustsAnybody,
      disableFileWatchers: true,
    });
  const server = manager("server");
  return {
    securityPolicies: [mode === "none" ? SecurityPolicy.None : SecurityPolicy.Basic256Sha256],
    securityModes: [modes[mode]],
    // A secured server must let clients ask, unsecured, for its certificate.
    disableDiscovery: mode === "none",
    serverCertificateManager: server,
    userCertificateManager: manager("users"),
    ...(certificate === undefined
      ? {}
      : { certificateFile: await makeCertificate(server, certificate) }),
    ...(user === undefined
      ? {}
      : {
          allowAnonymous: false,
          userManager: {
            isValidUser: (name: string, password: string) =>
              name === user.name && password === user.password,
          },
        }),
  };
}

async function makeCertificate(
  manager: OPCUACertificateManager,
  { subject, applicationUri, from, days }: ServerCertificate,
): Promise<string> {
  await manager.initialize();
  const outputFile = join(manager.rootDir, "own", "certs", "made.pem");
  await manager.createSelfSignedCertificate({
    subject,
    applicationUri,
    dns: ["localhost"],
    ip: ["127.0.0.1"],
    startDate: from,
    validity: days,
    outputFile,
  });
  return outputFile;
}
