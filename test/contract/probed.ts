import { probe } from "../../edge/probe/probe.ts";
import type { NamedDevice } from "../../edge/runtime/open-devices.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { voices, type Language } from "../../protocols/words/words.ts";
import { agentWires } from "./device-rig.ts";

export interface Probed {
  readonly isInOrder: boolean;
  readonly text: string;
  /** The sentences at the end. */
  readonly hints: readonly string[];
}

export interface ProbedOptions {
  readonly until?: RegExp;
  readonly seconds?: number;
  readonly language?: Language;
  readonly certificatesFolder?: string;
}

/** Looks until a line is like this, or for so many seconds. */
export async function probed(device: NamedDevice, options: ProbedOptions = {}): Promise<Probed> {
  const { until = /$^/, seconds = 20, language = "en", certificatesFolder } = options;
  const clock = createSystemClock();
  const lines: string[] = [];
  const enough = Promise.withResolvers<void>();
  const isInOrder = await probe({
    device,
    wires: agentWires(clock, certificatesFolder),
    clock,
    seconds,
    voice: voices[language],
    trustCommandOf: (id) => `npm run trust -- --config agent.yaml --device ${id}`,
    out(line) {
      lines.push(line);
      if (until.test(line)) enough.resolve();
    },
    enough: enough.promise,
  });
  const hints = lines.filter((line) => line.startsWith("- ")).map((line) => line.slice(2));
  return { isInOrder, text: lines.join("\n"), hints };
}
