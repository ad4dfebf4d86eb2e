import { randomBytes } from "node:crypto";
import type { Entropy } from "../../protocols/time.ts";

/** The operating system's chance. */
export const systemEntropy: Entropy = {
  next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};

/** An id that no other run has: the time, so that people can order them, and eight random bytes. */
export function newEpoch(): string {
  return `${Math.floor(Date.now() / 1_000).toString(36)}${randomBytes(4).toString("hex")}`;
}
