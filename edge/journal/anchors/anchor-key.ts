import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { fileReason } from "../../../protocols/file-reason.ts";

/**
 * The key that signs anchors: Ed25519 in PEM. The private one is readable by its owner alone; the
 * public one lies beside it as `FILE.pub`, to be copied to whoever verifies.
 */
export type KeyOutcome =
  | { readonly kind: "key"; readonly key: KeyObject }
  | { readonly kind: "refused"; readonly why: string };

/** Never overwrites. */
export function createAnchorKey(file: string): KeyOutcome {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  try {
    const privatePem = privateKey.export({ type: "pkcs8", format: "pem" });
    writeFileSync(file, privatePem, { mode: 0o600, flag: "wx" });
    const publicPem = publicKey.export({ type: "spki", format: "pem" });
    writeFileSync(`${file}.pub`, publicPem, { mode: 0o644 });
    return { kind: "key", key: privateKey };
  } catch (error) {
    return refused(file, fileReason(error));
  }
}

/** Refused when others than the owner can read the file, or it is not an Ed25519 private key. */
export function loadSigningKey(file: string): KeyOutcome {
  try {
    const mode = statSync(file).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      return refused(file, `others may read it (mode 0${mode.toString(8)}): chmod 600 it`);
    }
    return ed25519(file, createPrivateKey(readFileSync(file)), "private");
  } catch (error) {
    return refused(file, fileReason(error));
  }
}

/** For `verify`. A private key will not do: whoever verifies should not be able to sign. */
export function loadVerifyingKey(file: string): KeyOutcome {
  try {
    const pem = readFileSync(file, "utf8");
    if (pem.includes("PRIVATE KEY")) return refused(file, `a private key; give ${file}.pub`);
    return ed25519(file, createPublicKey(pem), "public");
  } catch (error) {
    return refused(file, fileReason(error));
  }
}

/** For the first start of a centre: makes the key if there is no such file. */
export function loadOrCreateSigningKey(file: string): KeyOutcome {
  const isThere = statSync(file, { throwIfNoEntry: false }) !== undefined;
  return isThere ? loadSigningKey(file) : createAnchorKey(file);
}

function ed25519(file: string, key: KeyObject, type: "private" | "public"): KeyOutcome {
  if (key.asymmetricKeyType === "ed25519") return { kind: "key", key };
  return refused(file, `an Ed25519 ${type} key is wanted, this is ${key.asymmetricKeyType}`);
}

const refused = (file: string, why: string): KeyOutcome => ({
  kind: "refused",
  why: `anchor key ${file}: ${why}`,
});
