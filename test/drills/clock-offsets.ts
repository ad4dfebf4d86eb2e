import { readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import os from "node:os";
import { z } from "zod";

/**
 * Loaded before each process of a drill's lab by `NODE_OPTIONS`: moves the calendar, and the clock
 * that counts through a sleep, of the processes that the drill names, by what a file of the drill
 * says at the moment. The monotonic clock runs on. Nothing of it is in the product.
 */
const file = process.env["SORTLINE_DRILL_CLOCKS"];
const whose = (process.env["SORTLINE_DRILL_CLOCKS_OF"] ?? "").split(" ");
const isMoved = whose.some((name) =>
  process.argv.some((argument) => argument.endsWith(`/${name}.yaml`)),
);

const zOffsets = z.strictObject({ calendarMs: z.number(), bootMs: z.number() });
const lookEveryMs = 100;

if (isMoved && file !== undefined) {
  const calendar = Date.now.bind(Date);
  const uptime = os.uptime.bind(os);
  let offsets = { calendarMs: 0, bootMs: 0 };
  const look = (): void => {
    offsets = zOffsets.parse(JSON.parse(readFileSync(file, "utf8")));
  };
  setInterval(look, lookEveryMs).unref();
  Date.now = () => calendar() + offsets.calendarMs;
  os.uptime = () => uptime() + offsets.bootMs / 1_000;
  syncBuiltinESMExports();
}
