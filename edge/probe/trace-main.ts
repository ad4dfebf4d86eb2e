import { hostname, userInfo } from "node:os";
import {
  answer,
  createCommandLine,
  textOption,
  wholeOption,
} from "../../protocols/command-line.ts";
import { zId, zName } from "../../protocols/sorting.ts";
import { traceSecondsDefault, traceSecondsMax } from "../../protocols/trace.ts";
import { visibleText } from "../../protocols/visible-text.ts";
import { languages } from "../../protocols/words/words.ts";
import { createSystemClock } from "../runtime/system-clock.ts";
import { trace } from "./trace.ts";

const centreDefault = "http://127.0.0.1:8080";

const help = `Looks at the wire of one device of an agent that runs: what goes over it both ways, what its dialect
makes of it, and why something was not taken. The centre is asked, which asks the line's agent.

  npm run trace -- --device ID [--seconds N] [--centre URL] [--by NAME] [--station NAME]
                   [--language en|zh-CN]

  --device    the id of any device of any line
  --seconds   how long to look, ${traceSecondsMax} at most  (default ${traceSecondsDefault})
  --centre    the centre's address, on its own computer  (default ${centreDefault})
  --by        who looks, which the centre writes into its journal  (default: the user here)
  --station   and where  (default: this computer's name)
  --language  of the sentences  (default en)

Times are the agent's, in UTC. < came from the device, > was sent to it, = is what the dialect has
understood or why not, ! what it was given to say; @ where a variable of a controller is. Nothing of
it is kept. Ctrl-C ends the looking early; the agent goes on keeping the last frames until the time is
over. Exit codes: 0 looked, 1 not, 2 bad arguments.`;

const commandLine = createCommandLine({
  name: "trace",
  usage: help,
  options: {
    device: textOption("the id of a device"),
    seconds: wholeOption(1, traceSecondsMax),
    centre: textOption("an address, http://127.0.0.1:8080"),
    by: textOption("a name"),
    station: textOption("a name"),
    language: textOption(languages.join(" or ")),
  },
});

async function main(): Promise<0 | 1 | 2> {
  const read = commandLine.read(process.argv.slice(2));
  if (read.kind !== "read") return answer(read, console);
  const refused = (sentence: string) => answer(commandLine.refuse(sentence), console);
  const { device, seconds = traceSecondsDefault, centre = centreDefault } = read.values;
  const { by = userInfo().username, station = hostname(), language: named = "en" } = read.values;
  if (!zId.safeParse(device).success || device === undefined) {
    return refused("--device: the id of a device is wanted");
  }
  if (!URL.canParse(centre)) return refused(`--centre: ${centre} is no address`);
  const [startedBy, where] = [zName.safeParse(by).data, zName.safeParse(station.slice(0, 64)).data];
  if (startedBy === undefined) return refused("--by: a name of at most 64 characters is wanted");
  if (where === undefined) return refused("--station: a name of at most 64 characters is wanted");
  const language = languages.find((each) => each === named);
  if (language === undefined) {
    return refused(`--language: ${named} is not ${languages.join(" or ")}`);
  }
  const hasLooked = await trace({
    centreUrl: centre,
    deviceId: device,
    seconds,
    startedBy,
    station: where,
    language,
    clock: createSystemClock(),
    out: (line) => console.log(visibleText(line)),
    err: (line) => console.error(visibleText(`trace: ${line}`)),
    enough: new Promise((resolve) => process.once("SIGINT", () => resolve())),
  });
  return hasLooked ? 0 : 1;
}

// A reader that closes its end early (`trace | head`) has seen enough.
process.stdout.on("error", () => process.exit(0));
process.exit(await main());
