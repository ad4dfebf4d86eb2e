import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { deviceReason } from "../../protocols/device-reasons.ts";
import { fileReason } from "../../protocols/file-reason.ts";
import { WireRefusal } from "./network-reason.ts";

/** A password or a key is shorter by far. */
const secretBytesMax = 65_536;
/** A named pipe that nobody writes to is opened all the same, and never waited for. */
export const withoutWaiting = constants.O_RDONLY | constants.O_NONBLOCK;
/** Rights of the group, and of everybody. */
const othersMask = 0o077;

/**
 * Reads a file that holds a password or a private key, at each connection anew. Throws a
 * `WireRefusal` that names the file and never what is in it: where it cannot be read, and where
 * anybody but its owner may, because then it is no secret any more.
 */
export async function readSecretFile(path: string): Promise<Buffer> {
  const refuse = (detail: string): WireRefusal =>
    new WireRefusal(deviceReason("secretFile", { address: path, detail }));
  const file = await open(path, withoutWaiting).catch((error: unknown) => {
    throw refuse(fileReason(error));
  });
  try {
    const status = await file.stat();
    if (!status.isFile()) throw refuse("it is no ordinary file");
    if (status.size > secretBytesMax) throw refuse(`it is longer than ${secretBytesMax} bytes`);
    if ((status.mode & othersMask) !== 0) {
      const mode = (status.mode & 0o777).toString(8);
      throw refuse(`others may use it (mode ${mode}); chmod 600 makes it its owner's alone`);
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** A password as a line of its own: what ends the line is no part of it. */
export async function readPasswordFile(path: string): Promise<string> {
  const password = (await readSecretFile(path)).toString("utf8").replace(/\r?\n$/, "");
  if (password !== "") return password;
  throw new WireRefusal(deviceReason("secretFile", { address: path, detail: "it is empty" }));
}
