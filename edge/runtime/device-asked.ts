import { answer, type Refusal } from "../../protocols/command-line.ts";
import { languages, type Language } from "../../protocols/words/words.ts";
import { readAgentFile } from "./config/read-agent-file.ts";
import type { AgentFile } from "./config/agent-file.ts";
import { devicesNamed, type NamedDevice } from "./open-devices.ts";

/** What a command about one device was told on its command line. */
export interface DeviceWanted {
  readonly config?: string | undefined;
  readonly device?: string | undefined;
  readonly language?: string | undefined;
}

export interface DeviceAsked {
  readonly kind: "device";
  /** The configuration's path. */
  readonly config: string;
  readonly file: AgentFile;
  readonly device: NamedDevice;
  readonly language: Language;
}

/**
 * The device of an agent's configuration that a command (`probe`, `trust`) is asked about. Where there is
 * none the reasons were printed on standard error, and `exitCode` is what the command ends with.
 */
export function deviceAsked(
  { config, device: wanted, language: named = "en" }: DeviceWanted,
  command: { readonly name: string; readonly refuse: (sentence: string) => Refusal },
): DeviceAsked | { readonly kind: "none"; readonly exitCode: 0 | 2 } {
  const refused = (sentence: string) =>
    ({ kind: "none", exitCode: answer(command.refuse(sentence), console) }) as const;
  if (config === undefined) return refused("--config: a file is wanted");
  if (wanted === undefined) return refused("--device: the id of a device is wanted");
  const language = languages.find((each) => each === named);
  if (language === undefined)
    return refused(`--language: ${named} is not ${languages.join(" or ")}`);
  const checked = readAgentFile(config);
  if (checked.kind === "refused") {
    for (const sentence of checked.sentences) console.error(`${command.name}: ${sentence}`);
    return { kind: "none", exitCode: 2 };
  }
  const { file } = checked;
  const devices = devicesNamed(file);
  const device = devices.find(({ config: { id } }) => id === wanted);
  if (device === undefined) {
    const ids = devices.map(({ config: { id } }) => id).join(", ") || "none";
    console.error(`${command.name}: --device: ${config} has no device ${wanted}; it has ${ids}`);
    return { kind: "none", exitCode: 2 };
  }
  return { kind: "device", config, file, device, language };
}
