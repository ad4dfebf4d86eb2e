import { randomBytes } from "node:crypto";
import { epochOf } from "../../protocols/pass-id.ts";
import type { Entropy } from "../../protocols/time.ts";

/** The operating system's chance. */
export const systemEntropy: Entropy = {
  next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};

/** An id that no other run has. */
export const newEpoch = (): string =>
  epochOf(Math.floor(Date.now() / 1_000), randomBytes(4).toString("hex"));
