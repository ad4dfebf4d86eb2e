import { readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";

/**
 * Characters that a serial port has received damaged since the machine was started. The library hands
 * on neither them nor a word of them, so that a wrong baud rate looks like silence; only the port's
 * own counters tell. Linux keeps them for the ports of a machine itself, for whoever may read them;
 * adapters on USB have none here.
 * @see Linux, drivers/tty/serial/serial_core.c: `fe`, `pe`, `brk` and `oe` of a line
 */
export async function readLineErrors(path: string): Promise<number | null> {
  const name = basename(await readlink(path).catch(() => path));
  const index = /^ttyS(\d+)$/.exec(name)?.[1];
  if (index === undefined) return null;
  const text = await readFile("/proc/tty/driver/serial", "utf8").catch(() => null);
  return text === null ? null : lineErrorsIn(text, Number(index));
}

/** Counters that are not there have counted nothing. */
export function lineErrorsIn(text: string, index: number): number | null {
  const line = text.split("\n").find((each) => each.trimStart().startsWith(`${index}:`));
  if (line === undefined) return null;
  const counted = [...line.matchAll(/ (?:fe|pe|brk):(\d+)/g)];
  return counted.reduce((sum, [, total]) => sum + Number(total), 0);
}
