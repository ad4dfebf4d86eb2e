import { createHmac } from "node:crypto";

/**
 * Random draws that nobody outside can foresee and every auditor can repeat (ZJG-24):
 * `HMAC-SHA256(secret, manifestNo) / 2^256 < rate`. The answer depends on the parameter version
 * and the manifest alone, so not on arrival order, retries or the machine that decides.
 */
export function isDrawn(secretHex: string, manifestNo: string, rate: number): boolean {
  if (rate <= 0) return false;
  if (rate >= 1) return true;
  const digest = createHmac("sha256", Buffer.from(secretHex, "hex")).update(manifestNo).digest();
  // The upper 48 of 256 bits: a rate has no finer meaning, and they are exact in a double.
  return digest.readUIntBE(0, 6) / 2 ** 48 < rate;
}
