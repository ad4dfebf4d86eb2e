import {
  answer,
  createCommandLine,
  flagOption,
  textOption,
  wholeOption,
} from "../../protocols/command-line.ts";
import { silentLog } from "../../protocols/log.ts";
import { visibleText } from "../../protocols/visible-text.ts";
import { languages, voices } from "../../protocols/words/words.ts";
import { realWires } from "../devices/wires/wires.ts";
import { mqttClientIdsOf } from "../runtime/config/mqtt-client-ids.ts";
import { deviceAsked } from "../runtime/device-asked.ts";
import { sorterNamed } from "../runtime/open-devices.ts";
import { certificatesFolderOf } from "../runtime/renew-certificate.ts";
import { createSystemClock } from "../runtime/system-clock.ts";
import { systemEntropy } from "../runtime/system-entropy.ts";
import { trustCommand } from "../runtime/trust-command.ts";
import { testLife } from "./life.ts";
import { probe } from "./probe.ts";

const secondsDefault = 10;

const help = `Looks at one device of an agent's configuration, without a line: what goes over its wire both ways,
what its dialect makes of it, and what may be wrong.

  npm run probe -- --config FILE --device ID [--life] [--seconds N] [--language en|zh-CN]

  --config    the agent's configuration; stop its agent first, because many devices and every serial
              line serve one program only; files in a watched folder are read where they lie and
              left there, as far as a running agent has not taken them
  --device    the id of any device in it
  --life      of a sorter: stops this agent's life towards it and sees that it cancels what is pending,
              takes nothing without life, and works again with it. It is asked for diverts so far
              ahead that nothing moves, which are taken back; let the belt stand, with nothing on it
  --seconds   how long to look  (default ${secondsDefault})
  --language  of the sentences at the end  (default en)

< came from the device, > was sent to it, = is what the dialect has understood, ! what it was given
to say, * a change of health, ~ what a gateway publishes as Sparkplug B; @ where a variable of a controller is, and what it was then; of 32 bits
in two registers both ways round. Nothing is diverted. Of a watched folder the first lines are shown. Ctrl-C ends the looking early.
Exit codes: 0 received and understood, with --life that all was as it must be; 1 not, 2 bad arguments
or configuration.`;

const commandLine = createCommandLine({
  name: "probe",
  usage: help,
  options: {
    config: textOption("a file"),
    device: textOption("the id of a device"),
    life: flagOption,
    seconds: wholeOption(1, 86_400),
    language: textOption(languages.join(" or ")),
  },
});

async function main(): Promise<0 | 1 | 2> {
  const read = commandLine.read(process.argv.slice(2));
  if (read.kind !== "read") return answer(read, console);
  const asked = deviceAsked(read.values, {
    name: "probe",
    refuse: (sentence) => commandLine.refuse(sentence),
  });
  if (asked.kind === "none") return asked.exitCode;
  const { config, file, device, language } = asked;
  const { seconds = secondsDefault } = read.values;
  const clock = createSystemClock();
  const ids = mqttClientIdsOf(file);
  const wires = realWires({
    // A name of its own: the agent that may run is not driven out.
    clientIdOf: (deviceId) => `${ids.device(deviceId)}:probe`,
    clock,
    entropy: systemEntropy,
    certificatesFolder: certificatesFolderOf(file.dataDir),
    log: silentLog,
    onlyLooksAtFolders: true,
  });
  const shared = {
    clock,
    seconds,
    voice: voices[language],
    out: (line: string) => console.log(visibleText(line)),
    enough: new Promise<void>((resolve) => process.once("SIGINT", () => resolve())),
  };
  const trustCommandOf = (deviceId: string): string => trustCommand(config, deviceId);
  if (!read.values.life) {
    return (await probe({ ...shared, device, wires, trustCommandOf })) ? 0 : 1;
  }
  const sorter = sorterNamed(file, device.config.id);
  if (sorter === null) {
    return answer(commandLine.refuse(`--life: ${device.config.id} is no sorter`), console);
  }
  const deps = { wires, clock, trustCommandOf };
  return (await testLife({ ...shared, sorter, deps })) ? 0 : 1;
}

// A reader that closes its end early (`probe | head`) has seen enough.
process.stdout.on("error", () => process.exit(0));
process.exit(await main());
