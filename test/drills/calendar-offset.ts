import { readFileSync } from "node:fs";

/**
 * Loaded before a process of a drill's lab by `NODE_OPTIONS`: moves the calendar of the centre alone,
 * by what a file of the drill says at the moment. Nothing of it is in the product.
 */
const offsetFile = process.env["SORTLINE_DRILL_CALENDAR"];
const isCentre = process.argv.some((argument) => argument.endsWith("centre.yaml"));

const lookEveryMs = 100;

if (isCentre && offsetFile !== undefined) {
  const real = Date.now.bind(Date);
  let offsetMs = 0;
  const look = (): void => {
    offsetMs = Number(readFileSync(offsetFile, "utf8")) || 0;
  };
  setInterval(look, lookEveryMs).unref();
  Date.now = () => real() + offsetMs;
}
