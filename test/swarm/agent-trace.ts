import type { JournalEntry } from "../../edge/journal/entries.ts";
import type { DivertCommand, LineCommand } from "../../edge/line/commands.ts";
import type { Exit } from "../../protocols/sorting.ts";
import type { Fact } from "../../protocols/facts.ts";

/** What the agent said and asked for, entry by entry as it recorded them. */
export interface AgentTrace {
  readonly learn: (entry: JournalEntry) => void;
  readonly passes: PassCounts;
  /** It told of something unexpected in green, and asked the belt to stop, about then. */
  readonly isAlarmedAbout: (at: number) => boolean;
  readonly alarms: Readonly<Record<string, number>>;
  readonly greenCommands: number;
}

export interface PassCounts {
  inducted: number;
  lost: number;
  left: Record<Exit, number>;
}

type Decided = Extract<Fact, { kind: "decided" }>;

export interface AgentTraceOptions {
  readonly now: () => number;
  /** A command to take a parcel into green, and the decision that it follows. */
  readonly onGreenCommand: (command: DivertCommand, decided: Decided | null) => void;
}

/** Between a body's end in green and the alarm about it, and the request to stop. */
export const alarmMsMax = 5_000;

export function createAgentTrace({ now, onGreenCommand }: AgentTraceOptions): AgentTrace {
  const passes: PassCounts = { inducted: 0, lost: 0, left: { green: 0, red: 0, inspection: 0 } };
  const alarms: Record<string, number> = {};
  const greenAlarmsAt: number[] = [];
  const beltStopsAt: number[] = [];
  let greenCommands = 0;

  const learnFact = (fact: Fact): void => {
    if (fact.kind === "inducted") passes.inducted += 1;
    else if (fact.kind === "lost") passes.lost += 1;
    else if (fact.kind === "left") passes.left[fact.exit] += 1;
    else if (fact.kind === "notice" || (fact.kind === "condition" && fact.holds)) {
      alarms[fact.code] = (alarms[fact.code] ?? 0) + 1;
      if (fact.code === "unexpectedInGreen") greenAlarmsAt.push(now());
    }
  };

  return {
    learn(entry) {
      if (entry.kind !== "step") return;
      const facts = (entry.facts ?? []) as Fact[];
      for (const fact of facts) learnFact(fact);
      for (const command of (entry.commands ?? []) as LineCommand[]) {
        if (command.kind === "belt" && !command.run) beltStopsAt.push(now());
        if (command.kind !== "divert" || command.exit !== "green") continue;
        greenCommands += 1;
        const decided = facts.find(
          (fact) => fact.kind === "decided" && fact.passId === command.passId,
        );
        onGreenCommand(command, decided?.kind === "decided" ? decided : null);
      }
    },
    passes,
    isAlarmedAbout(at) {
      const isNear = (moment: number): boolean => Math.abs(moment - at) <= alarmMsMax;
      return greenAlarmsAt.some(isNear) && beltStopsAt.some(isNear);
    },
    alarms,
    get greenCommands() {
      return greenCommands;
    },
  };
}
