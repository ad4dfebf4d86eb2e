import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import type { Exit } from "../../../protocols/sorting.ts";
import { beltCount } from "../../../protocols/units.ts";
import type { SorterConfig } from "./config.ts";
import { createDivertWindows } from "./divert-windows.ts";
import type { SorterEventBody } from "./event-outlet.ts";
import {
  findRefusal,
  type DivertCommand,
  type DivertSituation,
  type RefusalReason,
} from "./refusal.ts";

export type CancelReason = Extract<SorterEvent, { kind: "cancelled" }>["why"];

/** What a wire that can answer a command answers with; the events say it as well. */
export type DivertAnswer = "accepted" | "fired" | "cancelled" | RefusalReason;

/** How a command ended. Once it has ended it never ends another way. */
type DivertOutcome =
  | { readonly kind: "refused"; readonly why: RefusalReason }
  | { readonly kind: "fired"; readonly count: number }
  | { readonly kind: "cancelled"; readonly why: CancelReason };

export interface DivertLedgerOptions {
  readonly config: SorterConfig;
  readonly say: (body: SorterEventBody) => void;
  readonly move: (exit: Exit, isOut: boolean) => void;
}

/**
 * Takes divert commands and sees each to its end: refused, or accepted and then fired or
 * cancelled, once. A repeat is answered with what became of the command so far; outcomes are
 * remembered for the last `outcomesMax` commands. An abort that outruns its divert cancels it in
 * advance, and one that comes too late is answered with `fired`.
 */
export interface DivertLedger {
  divert(command: DivertCommand, situation: DivertSituation): DivertAnswer;
  abort(commandId: string): DivertAnswer;
  /** The command could not be read beyond its id. */
  refuseUnreadable(commandId: string): DivertAnswer;
  /** Ends what has not fired; windows that are open run to their end. */
  cancelPending(why: CancelReason): void;
  /** Fires and releases whatever is due at `count`. */
  advance(count: number): void;
  /** Lets every diverter rest, and forgets the windows that were open. */
  rest(): void;
  /** Forgets everything without a word: power is gone. */
  forget(): void;
  /** The next count at which a diverter moves, or null. */
  nextCount(): number | null;
}

export function createDivertLedger({ config, say, move }: DivertLedgerOptions): DivertLedger {
  const windows = createDivertWindows();
  const outcomes = new Map<string, DivertOutcome>();

  const end = (commandId: string, outcome: DivertOutcome): DivertAnswer => {
    outcomes.set(commandId, outcome);
    if (outcomes.size > config.outcomesMax) {
      const [oldest] = outcomes.keys();
      if (oldest !== undefined) outcomes.delete(oldest);
    }
    return tell(commandId, outcome);
  };

  const tell = (commandId: string, outcome: DivertOutcome): DivertAnswer => {
    switch (outcome.kind) {
      case "refused":
        say({ kind: "refused", commandId, why: outcome.why });
        return outcome.why;
      case "fired":
        say({ kind: "fired", commandId, count: beltCount(outcome.count) });
        return "fired";
      case "cancelled":
        say({ kind: "cancelled", commandId, why: outcome.why });
        return "cancelled";
    }
  };

  const accept = (commandId: string): DivertAnswer => {
    say({ kind: "accepted", commandId });
    return "accepted";
  };

  const isPending = (commandId: string): boolean =>
    windows.pending().some((divert) => divert.commandId === commandId);

  const rest = (): void => {
    for (const exit of windows.clear()) move(exit, false);
  };

  return {
    divert(command, situation) {
      const { commandId, passId, exit, fireAtCount, releaseAtCount } = command;
      const outcome = outcomes.get(commandId);
      if (outcome !== undefined) return tell(commandId, outcome);
      if (isPending(commandId)) return accept(commandId);
      const why = findRefusal(command, situation, windows, config);
      if (why !== null) return end(commandId, { kind: "refused", why });
      accept(commandId);
      if (situation.emergencyStop)
        return end(commandId, { kind: "cancelled", why: "emergencyStop" });
      windows.add({ commandId, passId, exit, fireAtCount, releaseAtCount });
      return "accepted";
    },
    abort(commandId) {
      const outcome = outcomes.get(commandId);
      if (outcome !== undefined) return tell(commandId, outcome);
      windows.remove(commandId);
      return end(commandId, { kind: "cancelled", why: "aborted" });
    },
    refuseUnreadable(commandId) {
      const outcome = outcomes.get(commandId);
      if (outcome !== undefined) return tell(commandId, outcome);
      if (isPending(commandId)) return accept(commandId);
      return end(commandId, { kind: "refused", why: "invalid" });
    },
    cancelPending(why) {
      const commandIds = windows.pending().map(({ commandId }) => commandId);
      for (const commandId of commandIds) {
        windows.remove(commandId);
        end(commandId, { kind: "cancelled", why });
      }
    },
    advance(count) {
      for (const edge of windows.advance(count)) {
        if (edge.kind === "diverter") move(edge.exit, edge.isOut);
        else end(edge.divert.commandId, { kind: "fired", count: edge.divert.fireAtCount });
      }
    },
    rest,
    forget() {
      rest();
      outcomes.clear();
    },
    nextCount: () => windows.nextCount(),
  };
}
