import { UserTokenType, type UserIdentityInfo } from "node-opcua";
import { readFile } from "node:fs/promises";
import { deviceReason } from "../../../../protocols/device-reasons.ts";
import { fileReason } from "../../../../protocols/file-reason.ts";
import type { Log } from "../../../../protocols/log.ts";
import type { Clock } from "../../../../protocols/time.ts";
import { addressOfUrl, WireRefusal } from "../../network-reason.ts";
import type { OpcuaReach, OpcuaUser } from "../../reach.ts";
import { readPasswordFile, readSecretFile } from "../../secret-file.ts";
import { readCertificate, type CertificateFacts } from "../../certificate-facts.ts";
import { askServer, refuseUntakenUser } from "./offered-server.ts";
import { judgeServer } from "./server-judgement.ts";
import { openServerStore } from "./server-store.ts";

export interface SecuredServerOptions {
  readonly reach: OpcuaReach;
  readonly certificatesFolder: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The certificate of the server that is meant, so that nobody else is spoken to; or throws a
 * `WireRefusal` that says why it is not. The library by itself looks at a certificate's days only
 * once it is trusted, never at the name in it, and trusts it at every address.
 */
export async function meetSecuredServer(options: SecuredServerOptions): Promise<CertificateFacts> {
  const { reach, certificatesFolder, clock, log } = options;
  const { endpointUrl, security } = reach;
  const store = openServerStore(certificatesFolder);
  const offered = await askServer(options);
  const shown = offered.certificate;
  const judgement = judgeServer({
    shown,
    announcedUri: offered.announcedUri,
    trusted: await store.trustedAt(endpointUrl),
    trustsAny: security.mode !== "none" && security.trustAnyServer,
    now: clock.wall(),
  });
  if (judgement.kind === "refused") {
    // Whoever is refused is refused, also where the disk takes nothing.
    await store.keepRejected(endpointUrl, shown).catch((error: unknown) => {
      log.warn("a refused certificate is not kept", { error });
    });
    const { code, detail } = judgement;
    throw new WireRefusal(deviceReason(code, { address: addressOfUrl(endpointUrl), detail }));
  }
  refuseUntakenUser(reach, offered);
  return shown;
}

/** As whom a session is opened; the files are read each time. Throws a `WireRefusal`. */
export async function identityOf(user: OpcuaUser | undefined): Promise<UserIdentityInfo> {
  if (user === undefined) return { type: UserTokenType.Anonymous };
  if ("passwordFile" in user) {
    const password = await readPasswordFile(user.passwordFile);
    return { type: UserTokenType.UserName, userName: user.name, password };
  }
  const privateKey = (await readSecretFile(user.keyFile)).toString("utf8");
  const certificateData = await readUserCertificate(user.certificateFile);
  return { type: UserTokenType.Certificate, certificateData, privateKey };
}

async function readUserCertificate(path: string): Promise<Buffer> {
  try {
    return Buffer.from(readCertificate(await readFile(path)).der);
  } catch (error) {
    throw new WireRefusal(deviceReason("secretFile", { address: path, detail: fileReason(error) }));
  }
}
