import type { JournalLog } from "./journal-log.ts";
import { factsOf } from "./journal-log.ts";
import type { WitnessLog } from "./witness-log.ts";

/** A divert that the journal says was commanded, with the decision it was commanded for. */
interface JournalledDivert {
  readonly run: number;
  readonly exit: string;
  readonly waybill: string | null;
  /** Green, red or inspection; null when no decision stands beside the command. */
  readonly decided: string | null;
}

function divertsOf(log: JournalLog): ReadonlyMap<string, JournalledDivert> {
  const diverts = new Map<string, JournalledDivert>();
  for (const { step, fact } of factsOf(log, "commanded")) {
    const decided = step.facts.find(
      (each) => each.kind === "decided" && each.passId === fact.passId,
    );
    diverts.set(fact.commandId, {
      run: step.run,
      exit: fact.exit,
      waybill: decided?.kind === "decided" ? decided.waybill : null,
      decided: decided?.kind === "decided" ? decided.exit : null,
    });
  }
  return diverts;
}

/** What the sorter fired on that line, as the journal knows it. */
export function firedDiverts(
  witness: WitnessLog,
  lineId: string,
  log: JournalLog,
): (JournalledDivert & { readonly firedAt: number })[] {
  const diverts = divertsOf(log);
  return witness.fired.flatMap(({ lineId: at, commandId, at: firedAt }) => {
    const divert = diverts.get(commandId);
    return at === lineId && divert !== undefined ? [{ ...divert, firedAt }] : [];
  });
}

/** Commands that the sorter took though the journal knows no decision for them (law 5). */
export function unjournalledDiverts(
  witness: WitnessLog,
  lineId: string,
  log: JournalLog,
): string[] {
  const diverts = divertsOf(log);
  return witness.accepted.flatMap(({ lineId: at, commandId }) => {
    if (at !== lineId) return [];
    const divert = diverts.get(commandId);
    if (divert === undefined) return [`${commandId} is in no record`];
    return divert.decided === divert.exit ? [] : [`${commandId} was decided ${divert.decided}`];
  });
}

/**
 * Bodies that are in green though no journalled green decision for their waybill had been fired by
 * then, or though they were put on the belt before the agent that decided had started. Of two that
 * changed places at least one is in green before its own divert.
 */
export function strayGreens(witness: WitnessLog, lineId: string, log: JournalLog): string[] {
  const unused = firedDiverts(witness, lineId, log).filter(({ exit }) => exit === "green");
  return witness.journeys.flatMap(({ lineId: at, truthId, labels, inductedAt, end }) => {
    if (at !== lineId || end?.exit !== "green") return [];
    const endedAt = end.at;
    const index = unused.findIndex(
      ({ waybill, firedAt }) => labels.length === 1 && labels[0] === waybill && firedAt <= endedAt,
    );
    const [divert] = index < 0 ? [] : unused.splice(index, 1);
    if (divert === undefined) return [`${truthId} (${labels.join(" ")}) was not released`];
    const openedAt = log.runsOpenedAt[divert.run] ?? Number.POSITIVE_INFINITY;
    return openedAt <= inductedAt ? [] : [`${truthId} was on the belt before its agent started`];
  });
}
