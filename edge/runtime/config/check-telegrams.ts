import { eventEveryMs } from "../../devices/sorter/driver.ts";
import type { AgentFile } from "./agent-file.ts";
import { error, type Finding } from "./finding.ts";
import type { LineFile } from "./line-file.ts";

type Reach = AgentFile["lines"][number]["devices"]["sorter"]["reach"];
type SerialReach = Extract<Reach, { readonly kind: "serial" }>;

/** Of a telegram with names as a line gives them, its frame included. */
const eventChars = 64;
const commandChars = 160;
const answerChars = 32;
/** While the belt runs a controller should tell of it this often, so that it is known well. */
const beltsPerS = 10;
/** What was lost is said three times. */
const saidTimes = 3;

/** Whether a sorter's telegrams get over its line in the time that they are given. */
export function checkTelegrams({ line, devices }: AgentFile["lines"][number]): Finding[] {
  const { dialect, reach, staleAfterMs } = devices.sorter;
  if (dialect.kind !== "sortline-telegrams") return [];
  const { answerWithinMs } = dialect;
  return [
    ...checkAge(staleAfterMs),
    ...(reach.kind === "serial"
      ? [...checkLoad(line, reach), ...checkAnswer(answerWithinMs, reach)]
      : []),
  ];
}

/** The controller's own time to say something again is 200 ms. */
const staleAfterMsMin = saidTimes * 200 + eventEveryMs;

function checkAge(staleAfterMs: number): Finding[] {
  if (staleAfterMs >= staleAfterMsMin) return [];
  return [
    error(
      "devices.sorter.staleAfterMs",
      `it must be at least ${staleAfterMsMin}: a telegram that was lost may be said three times before the next one counts`,
    ),
  ];
}

function checkLoad({ belt, tracking, layout }: LineFile, reach: SerialReach): Finding[] {
  const parcelsPerS = belt.speedMmPerS / (tracking.lengthMmMin + tracking.gapMmMin);
  const eyes = 2 + layout.trackingEyes.length + layout.diverters.length;
  // Both edges of each eye, and that a divert was accepted and has fired.
  const eventsPerS = parcelsPerS * (2 * eyes + 2) + beltsPerS;
  const needed = Math.ceil(eventsPerS * eventChars);
  const carried = Math.floor(charsPerS(reach));
  if (2 * needed <= carried) return [];
  return [
    error(
      "devices.sorter.reach.baudRate",
      `this line may tell ${needed} characters a second, and ${reach.baudRate} baud carry ${carried}, of which half must stay free for what is said again`,
    ),
  ];
}

function checkAnswer(answerWithinMs: number, reach: SerialReach): Finding[] {
  const chars = commandChars + answerChars + eventChars;
  const neededMs = Math.ceil((2 * chars * 1_000) / charsPerS(reach));
  if (answerWithinMs >= neededMs) return [];
  return [
    error(
      "devices.sorter.dialect.answerWithinMs",
      `it must be at least ${neededMs} at ${reach.baudRate} baud: a command would be said again while its acknowledgement is under way`,
    ),
  ];
}

/** Besides its data bits a character has a start bit, stop bits, and perhaps one of parity. */
function charsPerS({ baudRate, dataBits, parity, stopBits }: SerialReach): number {
  return baudRate / (1 + dataBits + (parity === "none" ? 0 : 1) + stopBits);
}
