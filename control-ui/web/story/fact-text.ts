import type { Fact } from "../../../protocols/facts.ts";
import { deviceReasonClause } from "../../../protocols/words/device-reason.ts";
import { lengthText } from "../../../protocols/words/length-text.ts";
import { byWeight, inWords, reasonClause, reasonLabel } from "../../../protocols/words/sentence.ts";
import type { Voice } from "../../../protocols/words/words.ts";
import { kgText } from "../shell/time-text.ts";
import { sizeText } from "./size-text.ts";

/** Who a fact came from, and what it says: one line of a timeline. */
export interface FactText {
  readonly actor: string;
  readonly what: string;
}

export function factText(fact: Fact, voice: Voice): FactText {
  return { actor: actorOf(fact, voice), what: whatOf(fact, voice) };
}

function actorOf(fact: Fact, { say }: Voice): string {
  switch (fact.kind) {
    case "identified":
    case "notIdentified":
      return say("actor", "scanner");
    case "weighed":
      return say("actor", "scale");
    case "imaged":
      return say("actor", "xray");
    case "pictured":
      return say("actor", "camera", { device: fact.deviceId });
    case "algorithmAnswered":
      return say("actor", "algorithm");
    case "officerAnswered":
      return say("actor", "officer", { officer: fact.officer });
    case "claimAnswered":
      return say("actor", "centre");
    case "inducted":
    case "measured":
    case "left":
    case "chute":
      return say("actor", "sorter");
    case "reasonRaised":
    case "reasonDischarged":
    case "decided":
    case "commanded":
    case "aborted":
    case "lost":
    case "recallWanted":
    case "sessionOpened":
    case "lineState":
    case "deviceHealth":
    case "condition":
    case "notice":
    case "readerProved":
    case "alarm":
      return say("actor", "line");
  }
}

/** Below this a still is of the moment itself: a parcel has moved by less than its length. */
const lateMsTold = 200;

function whatOf(fact: Fact, voice: Voice): string {
  const { say } = voice;
  switch (fact.kind) {
    case "inducted":
      return say("fact", "inducted");
    case "measured":
      return say("fact", "measured", {
        length: lengthText(fact.lengthMm),
        ...(fact.gapMm === null ? {} : { gap: lengthText(fact.gapMm) }),
      });
    case "identified":
      return say("fact", "identified", { waybill: fact.waybill });
    case "notIdentified":
      return say("fact", "notIdentified", known("codes", fact.codes.join(" ")));
    case "weighed":
      return say("fact", "weighed", {
        weight: `${kgText(fact.weightG)} kg`,
        ...known(
          "size",
          fact.dimensionsMm === undefined ? null : sizeText(fact.dimensionsMm, voice),
        ),
      });
    case "claimAnswered": {
      const { waybill } = fact;
      if (fact.granted) return say("fact", "claimGranted", { waybill });
      return say("fact", "claimRefused", { waybill, ...inWords(known("why", fact.why), voice) });
    }
    case "imaged":
      return say("fact", "imaged", { itemSequence: fact.itemSequence });
    case "algorithmAnswered":
      return say("fact", "algorithmAnswered", {
        verdict: say("algorithmVerdict", fact.verdict),
        ...known("boxes", fact.boxes.length === 0 ? null : fact.boxes.length),
      });
    case "officerAnswered": {
      const decision = say("decision", fact.decision);
      if (fact.applied) return say("fact", "officerApplied", { decision });
      return say("fact", "officerNotApplied", {
        decision,
        ...inWords(known("why", fact.why), voice),
      });
    }
    case "reasonRaised":
      return say("fact", "reasonRaised", { reason: reasonClause(fact.reason, voice) });
    case "reasonDischarged":
      return say("fact", "reasonDischarged", { reason: reasonLabel(fact.reason, voice) });
    case "decided":
      return decidedText(fact, voice);
    case "commanded":
      return say("fact", "commanded", {
        exit: say("exitPlace", fact.exit),
        fireAtCount: fact.fireAtCount,
      });
    case "aborted":
      return say("fact", "aborted", { reason: reasonClause(fact.reason, voice) });
    case "left": {
      const exit = say("exitPlace", fact.exit);
      if (fact.exit === fact.expected) return say("fact", "leftAsDecided", { exit });
      return say("fact", "leftElsewhere", { exit, expected: say("exitPlace", fact.expected) });
    }
    case "lost":
      return say("fact", "lost", { lastSeenM: (fact.lastSeenMm / 1_000).toFixed(1) });
    case "pictured":
      return say("fact", "pictured", {
        moment: say("stillMoment", fact.moment),
        ...known("lateMs", fact.lateMs < lateMsTold ? null : fact.lateMs),
      });
    case "recallWanted":
      return say("fact", "recallWanted", { waybill: fact.waybill });
    case "readerProved":
      return say("fact", fact.by === "test" ? "readerTested" : "readerPurged", {
        device: fact.deviceId,
      });
    case "sessionOpened":
    case "lineState":
    case "deviceHealth":
    case "chute":
    case "condition":
    case "notice":
    case "alarm":
      return lineFactText(fact, voice);
  }
}

type LineFact = Extract<
  Fact,
  {
    kind:
      | "sessionOpened"
      | "lineState"
      | "deviceHealth"
      | "chute"
      | "condition"
      | "notice"
      | "alarm";
  }
>;

function lineFactText(fact: LineFact, voice: Voice): string {
  const { say } = voice;
  switch (fact.kind) {
    case "sessionOpened":
      return say("fact", "sessionOpened", { logicVersion: fact.logicVersion });
    case "lineState":
      return say("fact", "lineState", { state: say("lineState", fact.state) });
    case "deviceHealth":
      return say("fact", "deviceHealth", {
        device: fact.deviceId,
        health: say("health", fact.health),
        ...known("reason", fact.reason && deviceReasonClause(fact.reason, voice)),
      });
    case "chute":
      return say("fact", "chute", {
        exit: say("exitPlace", fact.exit),
        state: say("chute", fact.state),
        fillPct: Math.round(fact.fillPct),
      });
    case "condition":
    case "notice":
    case "alarm": {
      const alarm = voice.find("alarm", fact.code, inWords(fact.params, voice)) ?? fact.code;
      const isOver = fact.kind === "condition" && !fact.holds;
      return say("fact", isOver ? "alarmOver" : "alarm", { alarm });
    }
  }
}

function decidedText(fact: Extract<Fact, { kind: "decided" }>, voice: Voice): string {
  const { say } = voice;
  const exit = say("exitPlace", fact.exit);
  if (fact.reasons.length === 0) return say("fact", "decidedGreen", { exit });
  const reasons = byWeight(fact.reasons)
    .map((reason) => reasonLabel(reason, voice))
    .join(say("ui", "listComma"));
  return say("fact", "decidedHeld", { exit, reasons });
}

/** A param, or none at all where its value is not known. */
const known = <Name extends string, Value extends string | number>(
  name: Name,
  value: Value | null,
): Partial<Record<Name, Value>> =>
  value === null || value === "" ? {} : ({ [name]: value } as Record<Name, Value>);
