import type { Actor } from "../../../protocols/actor.ts";
import type { EpochMs } from "../../../protocols/units.ts";
import type { CentreAct } from "./acts.ts";

/** An act that stays in force, however long ago it was. */
export interface StandingAct {
  readonly act: CentreAct;
  readonly actor: Actor;
  readonly wallAt: EpochMs;
}

/**
 * Acts that stay in force whatever comes after, or for as long as their pass is on its belt. They are
 * few: persons' words on journals and records, parameters, and what officers have decided lately.
 */
export interface StandingActs {
  note(act: CentreAct, actor: Actor, wallAt: EpochMs): void;
  /** In the order in which they came. `isOnBelt`: of acts on a pass, those of which it is true stay. */
  all(isOnBelt: (passId: string) => boolean): readonly StandingAct[];
}

/** Decisions on passes that are over: so many are kept, for whoever sends one again. */
const lateDecisionsMax = 100;

export function createStandingActs(): StandingActs {
  let acts: StandingAct[] = [];
  let ofPasses: (StandingAct & { readonly passId: string })[] = [];
  return {
    note: (act, actor, wallAt) => {
      const one = { act, actor, wallAt };
      switch (act.kind) {
        case "parameters":
          // By which the next inputs are judged: the last one counts.
          acts = [...acts.filter((each) => each.act.kind !== "parameters"), one];
          return;
        case "damageFound":
        case "damageOver":
          acts = acts.filter((each) => each.act.kind !== "damageFound");
          if (act.kind === "damageFound") acts.push(one);
          return;
        case "parameterVersion":
        case "generationAsked":
        case "generationBegun":
        case "olderFound":
        case "missingNamed":
        case "olderOver":
        case "lostSeen":
          acts.push(one);
          return;
        case "decision":
          ofPasses.push({ ...one, passId: act.verdict.passId });
          return;
        case "taskAsked":
          ofPasses.push({ ...one, passId: act.passId });
          return;
        case "desk":
        case "claim":
        case "claimAsked":
        case "claimEnded":
        case "settled":
        case "lock":
        case "broughtIn":
        case "traceBegun":
        case "checkpoint":
      }
    },
    all: (isOnBelt) => {
      const over = ofPasses.filter(({ passId }) => !isOnBelt(passId));
      const gone = new Set(over.slice(0, Math.max(0, over.length - lateDecisionsMax)));
      ofPasses = ofPasses.filter((each) => !gone.has(each));
      return [...acts, ...ofPasses.map(({ act, actor, wallAt }) => ({ act, actor, wallAt }))];
    },
  };
}
