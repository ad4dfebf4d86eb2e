import { UserTokenType, type UserIdentityInfo } from "node-opcua";
import { deviceReason } from "../../../../protocols/device-reasons.ts";
import type { Log } from "../../../../protocols/log.ts";
import type { Clock } from "../../../../protocols/time.ts";
import { addressOfUrl, WireRefusal } from "../../network-reason.ts";
import type { OpcuaReach, OpcuaUser } from "../../reach.ts";
import { readPasswordFile, readSecretFile } from "../../secret-file.ts";
import type { CertificateFacts } from "../../certificate-facts.ts";
import { readCertificateFile } from "../../certificate-file.ts";
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
 * `WireRefusal` that says why it is not. The judgement is ours (`server-judgement.ts`): the library's
 * knows no addresses and gives no reasons for people.
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
  const { facts } = await readCertificateFile(user.certificateFile);
  const certificateData = Buffer.from(facts.der);
  return { type: UserTokenType.Certificate, certificateData, privateKey };
}
