import { readdir } from "node:fs/promises";

/** Device files that serial lines on USB have here, by the names that stay where there are such. */
export async function serialPaths(): Promise<readonly string[]> {
  const lasting = await readdir("/dev/serial/by-id").catch(() => []);
  if (lasting.length > 0) return lasting.map((name) => `/dev/serial/by-id/${name}`);
  const all = await readdir("/dev").catch(() => []);
  return all.filter((name) => /^tty(?:USB|ACM)\d+$/.test(name)).map((name) => `/dev/${name}`);
}
