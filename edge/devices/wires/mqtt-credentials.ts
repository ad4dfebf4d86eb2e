import { createSecureContext } from "node:tls";
import { deviceReason } from "../../../protocols/device-reasons.ts";
import type { EpochMs } from "../../../protocols/units.ts";
import { daysOf, isValidAt } from "../certificate-facts.ts";
import { readCertificateFile, unfitFile } from "../certificate-file.ts";
import { WireRefusal } from "../network-reason.ts";
import type { BrokerReach } from "../reach.ts";
import { readPasswordFile, readSecretFile } from "../secret-file.ts";

/** What a connection to a broker is opened with, besides its URL. */
export interface MqttCredentials {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly username?: string;
  readonly password?: string;
}

/**
 * Reads the files that a broker's reach names, at each attempt anew, so that a renewed certificate or
 * a changed password counts without a restart. Throws a `WireRefusal` that names the file; also where
 * our certificate is out of date, because a broker that refuses it for that may just hang up.
 */
export async function readMqttCredentials(
  { tls, user }: Pick<BrokerReach, "tls" | "user">,
  now: EpochMs,
): Promise<MqttCredentials> {
  const named = tls === undefined ? {} : await readTls(tls, now);
  if (user === undefined) return named;
  const password = await readPasswordFile(user.passwordFile);
  return { ...named, username: user.name, password };
}

async function readTls(
  { caFile, certificateFile, keyFile }: NonNullable<BrokerReach["tls"]>,
  now: EpochMs,
): Promise<MqttCredentials> {
  const files = {
    ...(caFile === undefined ? {} : { ca: (await readCertificateFile(caFile)).bytes }),
    ...(certificateFile === undefined ? {} : { cert: await readOwn(certificateFile, now) }),
    ...(keyFile === undefined ? {} : { key: await readSecretFile(keyFile) }),
  };
  try {
    createSecureContext(files);
  } catch (error) {
    throw unfitFile(keyFile ?? caFile ?? "", error);
  }
  return files;
}

async function readOwn(path: string, now: EpochMs): Promise<Buffer> {
  const { bytes, facts } = await readCertificateFile(path);
  if (isValidAt(facts, now)) return bytes;
  throw new WireRefusal(
    deviceReason("ownCertificate", { address: path, detail: daysOf(facts, now) }),
  );
}
