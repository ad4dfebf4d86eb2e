import { statSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { answer, createCommandLine, flagOption, textOption } from "../../protocols/command-line.ts";
import { languages } from "../../protocols/words/words.ts";
import { deviceAsked } from "../runtime/device-asked.ts";
import { certificatesFolderOf } from "../runtime/renew-certificate.ts";
import { createSystemClock } from "../runtime/system-clock.ts";

const help = `Trusts the OPC UA server of one device: shows the certificate that it has, asks, and writes it down.

  npm run trust -- --config FILE --device ID [--yes] [--replace] [--language en|zh-CN]

  --config    the agent's configuration; the agent may run meanwhile
  --device    the id of a scanner, a scale, an X-ray machine or a sorter in it
  --yes       answers for a script, which has compared the certificate by other means
  --replace   the machine was exchanged: its certificate may bear other names than the trusted one
  --language  of the sentences  (default en)

One that is out of date, or bears another name than its server, is not trusted by anything.
Exit codes: 0 trusted, 1 not, 2 bad arguments or configuration.`;

const commandLine = createCommandLine({
  name: "trust",
  usage: help,
  options: {
    config: textOption("a file"),
    device: textOption("the id of a device"),
    yes: flagOption,
    replace: flagOption,
    language: textOption(languages.join(" or ")),
  },
});

async function main(): Promise<0 | 1 | 2> {
  const read = commandLine.read(process.argv.slice(2));
  if (read.kind !== "read") return answer(read, console);
  const asked = deviceAsked(read.values, {
    name: "trust",
    refuse: (sentence) => commandLine.refuse(sentence),
  });
  if (asked.kind === "none") return asked.exitCode;
  const { file, language } = asked;
  const { yes, replace } = read.values;
  const owner = otherOwnerOf(file.dataDir);
  if (owner !== null) {
    console.error(`trust: ${file.dataDir} belongs to the user ${owner}: run this as that user`);
    return 1;
  }
  // The OPC UA library takes a moment to load, which nobody waits for in vain.
  const { trustServer } = await import("./trust.ts");
  const isTrusted = await trustServer({
    device: asked.device.config,
    certificatesFolder: certificatesFolderOf(file.dataDir),
    clock: createSystemClock(),
    language,
    isSaidYes: yes,
    isExchanged: replace,
    out: (line) => console.log(line),
    ask,
  });
  return isTrusted ? 0 : 1;
}

/** What another user writes there, the agent could neither read nor replace. */
function otherOwnerOf(folder: string): number | null {
  const owner = statSync(folder, { throwIfNoEntry: false })?.uid;
  return owner === undefined || owner === process.getuid?.() ? null : owner;
}

async function ask(question: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

process.exit(await main());
