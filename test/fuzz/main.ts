import { performance } from "node:perf_hooks";
import {
  answer,
  createCommandLine,
  seedOption,
  wholeOption,
  wordsOption,
} from "../../protocols/command-line.ts";
import { triedParsers } from "../kit/parsers.ts";
import { fuzzParser } from "./fuzz-parser.ts";

/** `npm run fuzz`: every parser of what machines send, on bytes that no machine would send. */
const bytesDefault = 10_000_000;
const usage = `Gives every parser of what machines send random bytes, and good messages that were spoiled: none may
throw, hold more than it may, or miss the next good message behind a silence.

  npm run fuzz [-- --bytes N] [--seed N] [--parser NAME ...]

  --bytes   for each parser           (default ${bytesDefault.toLocaleString("en-US")})
  --seed    one integer that gives the same bytes again  (default 1)
  --parser  only this one; may be given several times:
              ${triedParsers.map(({ name }) => `"${name}"`).join(", ")}
Exit codes: 0 all of them held, 1 one did not, 2 bad arguments.`;

const commandLine = createCommandLine({
  name: "fuzz",
  usage,
  options: {
    bytes: wholeOption(1_000, 1_000_000_000),
    seed: seedOption,
    parser: wordsOption(triedParsers.map(({ name }) => name)),
  },
});

function main(): number {
  const read = commandLine.read(process.argv.slice(2));
  if (read.kind !== "read") return answer(read, console);
  const { bytes = bytesDefault, seed = 1, parser: names } = read.values;
  let faults = 0;
  for (const parser of triedParsers) {
    if (names.length > 0 && !names.includes(parser.name)) continue;
    const from = performance.now();
    const { bytesTotal, goodTotal, heldBytes, fault } = fuzzParser(parser, { bytes, seed });
    const seconds = (performance.now() - from) / 1_000;
    if (fault !== null) faults += 1;
    const figures = `${bytesTotal.toLocaleString("en-US")} bytes, ${goodTotal.toLocaleString("en-US")} good messages, held ${heldBytes} of ${parser.heldBytesMax}, ${seconds.toFixed(1)} s`;
    console.log(`${parser.name.padEnd(28)} ${fault === null ? "ok  " : "FAIL"} ${figures}`);
    if (fault !== null) {
      console.log(
        `  ${fault}; again: npm run fuzz -- --seed ${seed} --bytes ${bytes} --parser "${parser.name}"`,
      );
    }
  }
  return faults === 0 ? 0 : 1;
}

process.exitCode = main();
