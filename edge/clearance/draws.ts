import { hash } from "node:crypto";

/** Says whether a lot is drawn at a rate from 0 to 1; `lot` names what is drawn for. */
export type Draw = (lot: string, rate: number) => boolean;

/** SHA-256 works on blocks of 64 bytes; RFC 2104 pads the key to one. */
const blockBytes = 64;

function keyBlock(secretHex: string): Buffer {
  const secret = Buffer.from(secretHex, "hex");
  const key = secret.length > blockBytes ? hash("sha256", secret, "buffer") : secret;
  return Buffer.concat([key, Buffer.alloc(blockBytes - key.length)]);
}

/**
 * Random draws that nobody outside can foresee and every auditor can repeat (ZJG-24):
 * `HMAC-SHA256(secret, lot) / 2^256 < rate`. The answer depends on the parameter version and the lot
 * alone, so not on arrival order, retries or the machine that decides.
 *
 * The HMAC is spelled out because a key object for each draw takes ten times as long as the draw.
 * @see RFC 2104, section 2.
 */
export function createDraw(secretHex: string): Draw {
  const key = keyBlock(secretHex);
  const innerPad = key.map((byte) => byte ^ 0x36);
  const outerPad = key.map((byte) => byte ^ 0x5c);
  return (lot, rate) => {
    if (rate <= 0) return false;
    if (rate >= 1) return true;
    const message = Buffer.from(lot, "utf8");
    const inner = hash("sha256", Buffer.concat([innerPad, message]), "buffer");
    const digest = hash("sha256", Buffer.concat([outerPad, inner]), "buffer");
    // The upper 48 of the 256 bits. They are exact in a double, and no rate is set more finely.
    return digest.readUIntBE(0, 6) / 2 ** 48 < rate;
  };
}
