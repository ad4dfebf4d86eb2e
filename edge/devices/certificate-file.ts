import { readFile } from "node:fs/promises";
import { deviceReason } from "../../protocols/device-reasons.ts";
import { fileReason } from "../../protocols/file-reason.ts";
import { readCertificate, type CertificateFacts } from "./certificate-facts.ts";
import { WireRefusal } from "./network-reason.ts";
import { withoutWaiting } from "./secret-file.ts";

export interface CertificateFile {
  /** As they stand in the file, whatever follows the first certificate. */
  readonly bytes: Buffer;
  readonly facts: CertificateFacts;
}

/** Reads a file with a certificate, PEM or DER. Throws a `WireRefusal` that names the file. */
export async function readCertificateFile(path: string): Promise<CertificateFile> {
  try {
    const bytes = await readFile(path, { flag: withoutWaiting });
    return { bytes, facts: readCertificate(bytes) };
  } catch (error) {
    throw unfitFile(path, error);
  }
}

/** Why a file with a certificate or a key is of no use. */
export const unfitFile = (path: string, error: unknown): WireRefusal =>
  new WireRefusal(deviceReason("secretFile", { address: path, detail: fileReason(error) }));
