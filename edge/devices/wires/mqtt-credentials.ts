import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { deviceReason } from "../../../protocols/device-reasons.ts";
import { fileReason } from "../../../protocols/file-reason.ts";
import type { EpochMs } from "../../../protocols/units.ts";
import { daysOf, readCertificate } from "../certificate-facts.ts";
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
    ...(caFile === undefined ? {} : { ca: await readPem(caFile) }),
    ...(certificateFile === undefined ? {} : { cert: await readOwn(certificateFile, now) }),
    ...(keyFile === undefined ? {} : { key: await readSecretFile(keyFile) }),
  };
  try {
    createSecureContext(files);
  } catch (error) {
    throw unfit(keyFile ?? caFile ?? "", error);
  }
  return files;
}

async function readPem(path: string): Promise<Buffer> {
  try {
    const authority = await readFile(path);
    readCertificate(authority);
    return authority;
  } catch (error) {
    throw unfit(path, error);
  }
}

async function readOwn(path: string, now: EpochMs): Promise<Buffer> {
  const own = await readPem(path);
  const facts = readCertificate(own);
  if (now >= facts.fromAt && now <= facts.endsAt) return own;
  throw new WireRefusal(
    deviceReason("ownCertificate", { address: path, detail: daysOf(facts, now) }),
  );
}

const unfit = (path: string, error: unknown): WireRefusal =>
  new WireRefusal(deviceReason("secretFile", { address: path, detail: fileReason(error) }));
