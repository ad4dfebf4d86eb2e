import { system, type Actor } from "../../../protocols/actor.ts";
import type { Clock } from "../../../protocols/time.ts";
import { parseEntry, type ActEntry } from "../../journal/entries.ts";
import { allRecords, type Journal } from "../../journal/journal.ts";
import { zCentreAct, type CentreAct } from "./acts.ts";

/**
 * The centre's own acts in its journal. Acts are written in the order in which they change what
 * the centre holds; whoever answers for one waits until it is durable.
 */
export interface ActLog {
  /** `then` hears true once the act, and everything before it, is durable; never from inside. */
  write(act: CentreAct, actor: Actor, then?: (isDurable: boolean) => void): void;
  /** The same without an act: everything written before is durable. */
  settle(then: (isDurable: boolean) => void): void;
  counters(): { readonly actsTotal: number; readonly failedTotal: number };
}

/** What the centre does by itself. */
export const centreItself: Actor = system("centre", "centre");

export function createActLog(journal: Pick<Journal, "append">, clock: Pick<Clock, "wall">): ActLog {
  let actsTotal = 0;
  let failedTotal = 0;
  const append = (entries: readonly ActEntry[], then?: (isDurable: boolean) => void): void => {
    journal.append(entries, (outcome) => {
      if (outcome.kind === "failed") failedTotal += 1;
      then?.(outcome.kind === "durable");
    });
  };
  return {
    write: (act, actor, then) => {
      actsTotal += 1;
      append([{ kind: "act", wallAt: clock.wall(), actor, rulesVersion: null, act }], then);
    },
    settle: (then) => append([], then),
    counters: () => ({ actsTotal, failedTotal }),
  };
}

/** For callers that answer people. */
export const writeDurably = (log: ActLog, act: CentreAct, actor: Actor): Promise<boolean> =>
  new Promise((resolve) => log.write(act, actor, resolve));

export const settled = (log: ActLog): Promise<boolean> =>
  new Promise((resolve) => log.settle(resolve));

export type ToldAct =
  | { readonly kind: "act"; readonly act: CentreAct }
  | { readonly kind: "unreadable"; readonly seq: number; readonly why: string };

/** Every act of earlier runs, in order. Other entries in the same journal are not the centre's. */
export async function* tellActs(
  journal: Pick<Journal, "readAfter">,
): AsyncGenerator<ToldAct, void> {
  for await (const { seq, body } of allRecords(journal)) {
    const parsed = parseEntry(body);
    if (parsed.kind === "unreadable") yield { kind: "unreadable", seq, why: parsed.why };
    if (parsed.kind === "unreadable" || parsed.entry.kind !== "act") continue;
    const act = zCentreAct.safeParse(parsed.entry.act);
    if (act.success) yield { kind: "act", act: act.data };
    else yield { kind: "unreadable", seq, why: String(act.error.issues[0]?.message) };
  }
}
