import { conditionsHolding } from "../../edge/line/conditions.ts";
import { recordHeldBy } from "../../edge/line/held-claims.ts";
import type { LineCommand } from "../../edge/line/commands.ts";
import type { LineEvent } from "../../edge/line/events.ts";
import { zFact, type Fact } from "../../protocols/facts.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import type { Bench } from "./line-bench.ts";

/** What a witness has seen of one pass, from the inputs and from nothing that the core keeps. */
interface Seen {
  readonly waybills: string[];
  readonly images: { readonly itemSequence: number; readonly imageHash: string }[];
  readonly items: number[];
  readonly algorithm: { readonly imageHash: string; readonly verdict: string }[];
  readonly officer: { readonly imageHash: string; readonly decision: string }[];
  readonly claims: { readonly waybill: string; readonly granted: boolean }[];
  readonly weightsG: number[];
  readonly reasons: string[];
  /** A live command: handed out, neither aborted nor at its end. */
  live: { readonly commandId: string; readonly exit: string; isFired: boolean } | null;
  ends: number;
}

/**
 * Watches every step of a line and notes what must never happen. It knows the laws, not the code:
 * it reads events and outputs, and asks the core for nothing but the records it was given.
 */
export class Witness {
  readonly violations: string[] = [];
  greens = 0;
  readonly #seen = new Map<string, Seen>();
  readonly #commandIds = new Set<string>();
  /** Conditions told as holding and not as gone since, by code and key. */
  readonly #standing = new Map<string, string>();
  #greenChute = "unknown";
  #emergencyStop = false;
  /** Guards that the sorter told open last. */
  readonly #openGuards = new Set<string>();

  afterStep = (
    event: LineEvent,
    output: { readonly facts: readonly Fact[]; readonly commands: readonly LineCommand[] },
    bench: Bench,
  ): void => {
    this.#hear(event);
    for (const fact of output.facts) this.#note(fact);
    for (const command of output.commands) this.#judgeCommand(command);
    for (const [passId, seen] of this.#seen) {
      if (seen.live === null || seen.live.exit !== "green" || seen.live.isFired) continue;
      const missing = missingFor(passId, seen, bench);
      if (this.#greenChute !== "ready") missing.push("chute");
      if (this.#openGuards.size > 0) missing.push("closed guards");
      if (missing.length > 0) {
        this.violations.push(`green for ${passId} without ${missing.join(", ")}`);
      }
    }
    this.#judgeConditions(event, output.facts, bench);
    this.#judgeState(bench);
  };

  /** Told once at each change, and what was told is what holds, and with what is true of it. */
  #judgeConditions(event: LineEvent, facts: readonly Fact[], { state, config }: Bench): void {
    if (event.kind === "opened") this.#standing.clear();
    for (const fact of facts) {
      if (fact.kind !== "condition") continue;
      const id = `${fact.code} ${fact.key}`;
      const told = JSON.stringify(fact.params);
      const isNews = fact.holds ? this.#standing.get(id) !== told : this.#standing.has(id);
      if (!isNews) this.violations.push(`${id} was told twice`);
      if (fact.holds) this.#standing.set(id, told);
      else this.#standing.delete(id);
    }
    const holding = conditionsHolding(state, config).map(
      ({ code, key, params }) => `${code} ${key} ${JSON.stringify(params)}`,
    );
    const told = [...this.#standing].map(([id, params]) => `${id} ${params}`);
    if (holding.toSorted().join() !== told.toSorted().join()) {
      this.violations.push(`${holding.join()} hold, told are ${told.join()}`);
    }
    // Before its first session nothing but that the sorter is down is told of it.
    if (state.belt.epoch === null) return;
    const codes = new Set([...this.#standing.keys()].map((id) => id.split(" ")[0]));
    for (const word of state.machine.conditions) {
      const code = word.split(":")[0] ?? "";
      if ([code, ...(toldAs[code] ?? [])].some((each) => codes.has(each))) continue;
      this.violations.push(`${word} withholds induction, and no alarm says so`);
    }
  }

  /** Passes that have neither left nor been lost. */
  open(): string[] {
    return [...this.#seen].filter(([, { ends }]) => ends === 0).map(([passId]) => passId);
  }

  total(): number {
    return this.#seen.size;
  }

  #hear(event: LineEvent): void {
    if (event.kind === "answerTold") {
      this.#of(event.message.answer.passId)?.claims.push(event.message.answer);
    }
    if (event.kind === "claimAnswer") this.#of(event.answer.passId)?.claims.push(event.answer);
    if (event.kind === "xrayItem") this.#of(event.item.passId)?.items.push(event.item.itemSequence);
    if (event.kind === "xrayImage") this.#of(event.passId)?.images.push(event);
    if (event.kind === "xrayVerdict") {
      this.#of(event.verdict.passId)?.algorithm.push(event.verdict);
    }
    if (event.kind === "officerVerdict") {
      const seen = this.#of(event.verdict.passId);
      // What comes after the diverter has moved comes too late for anything.
      if (seen?.live?.isFired !== true) seen?.officer.push(event.verdict);
    }
    if (event.kind === "sorter") this.#hearSorter(event.event);
  }

  #hearSorter(event: SorterEvent): void {
    if (event.kind === "chute" && event.exit === "green") this.#greenChute = event.state;
    if (event.kind === "belt") this.#emergencyStop = event.emergencyStop;
    if (event.kind === "guard" && event.isOpen) this.#openGuards.add(event.guardId);
    if (event.kind === "guard" && !event.isOpen) this.#openGuards.delete(event.guardId);
    if (event.kind !== "fired") return;
    for (const { live } of this.#seen.values()) {
      if (live?.commandId === event.commandId) live.isFired = true;
    }
  }

  #of(passId: string | null): Seen | undefined {
    return passId === null ? undefined : this.#seen.get(passId);
  }

  #note(fact: Fact): void {
    const checked = zFact.safeParse(fact);
    if (!checked.success) this.violations.push(`no valid fact: ${JSON.stringify(fact)}`);
    if (fact.kind === "inducted") {
      if (this.#seen.has(fact.passId)) this.violations.push(`${fact.passId} was inducted twice`);
      this.#seen.set(fact.passId, emptySeen());
      return;
    }
    if (!("passId" in fact) || fact.passId === null || fact.kind === "officerAnswered") return;
    const seen = this.#seen.get(fact.passId);
    if (seen === undefined || seen.ends > 0) {
      // An alarm may speak of a pass that has just been lost.
      const isAlarm = fact.kind === "condition" || fact.kind === "notice";
      if (seen === undefined || !isAlarm) {
        this.violations.push(`${fact.kind} of ${fact.passId}, which is not on the belt`);
      }
      return;
    }
    if (fact.kind === "identified") seen.waybills.push(fact.waybill);
    if (fact.kind === "weighed") seen.weightsG.push(fact.weightG);
    if (fact.kind === "reasonRaised") seen.reasons.push(fact.reason.code);
    if (fact.kind === "aborted") seen.live = null;
    if (fact.kind === "left" || fact.kind === "lost") {
      seen.ends += 1;
      seen.live = null;
    }
  }

  #judgeCommand(command: LineCommand): void {
    if (command.kind === "belt" && command.run) {
      if (this.#emergencyStop) this.violations.push("the belt is started in an emergency stop");
      if (this.#openGuards.size > 0) this.violations.push("the belt is started with a guard open");
    }
    if (command.kind !== "divert") return;
    const seen = this.#seen.get(command.passId);
    if (this.#commandIds.has(command.commandId)) {
      this.violations.push(`${command.commandId} was used twice`);
    }
    this.#commandIds.add(command.commandId);
    if (seen === undefined || seen.ends > 0) {
      // Handed out and void in one step: the pass was lost by the same event.
      if (seen === undefined) this.violations.push(`divert for ${command.passId}, never inducted`);
      return;
    }
    if (seen.live !== null) this.violations.push(`two live commands for ${command.passId}`);
    if (
      command.notAfterCount > command.fireAtCount ||
      command.fireAtCount >= command.releaseAtCount
    ) {
      this.violations.push(`${command.commandId} has its counts in disorder`);
    }
    seen.live = { commandId: command.commandId, exit: command.exit, isFired: false };
    if (command.exit === "green") this.greens += 1;
  }

  #judgeState(bench: Bench): void {
    const { state, config } = bench;
    if (state.passes.length > config.tracking.passesOnBeltMax) this.violations.push("too many");
    if (state.byId.size !== state.passes.length) this.violations.push("byId and passes differ");
    if (state.passes.length !== this.open().length) {
      this.violations.push(`${state.passes.length} held, ${this.open().length} open`);
    }
  }
}

/** Conditions of the line whose alarms go by other names for some of its devices and exits. */
const toldAs: Readonly<Record<string, readonly string[]>> = {
  deviceDown: ["sorterDown", "xrayDown"],
  xrayNotReady: ["xrayDown"],
  chuteNotReady: ["inspectionNotReady"],
};

const emptySeen = (): Seen => ({
  waybills: [],
  images: [],
  items: [],
  algorithm: [],
  officer: [],
  claims: [],
  weightsG: [],
  reasons: [],
  live: null,
  ends: 0,
});

/** Law 1, piece by piece, for the bench's rules: both must speak, and weight counts. */
function missingFor(passId: string, seen: Seen, bench: Bench): string[] {
  const [waybill] = seen.waybills;
  const [image] = seen.images;
  const claim = { passId, waybill: waybill ?? "" };
  const record: ClearanceRecord | null = recordHeldBy(bench.state.mirror.held, claim);
  const isLeaseRunning =
    bench.state.mirror.phase === "current" && bench.at() < bench.state.mirror.leaseEndsAt;
  const pieces: Record<string, boolean> = {
    read: seen.waybills.length === 1,
    claim: seen.claims.some((claim) => claim.granted && claim.waybill === waybill),
    record: isLeaseRunning && record !== null && record.reasons.length === 0,
    item: seen.items.length === 1,
    // A wire may say the very same image again.
    image:
      new Set(seen.images.map(({ imageHash }) => imageHash)).size === 1 &&
      image?.itemSequence === seen.items[0],
    algorithm: seen.algorithm.some(({ imageHash }) => imageHash === image?.imageHash),
    officer:
      seen.officer.some(({ imageHash, decision }) => {
        return imageHash === image?.imageHash && decision === "release";
      }) && seen.officer.every(({ decision }) => decision === "release"),
    weight: seen.weightsG.length === 1 && Math.abs(seen.weightsG[0]! - 1_000) <= 50,
    reasons: seen.reasons.length === 0,
    pass: bench.state.byId.has(passId),
  };
  return Object.keys(pieces).filter((piece) => pieces[piece] !== true);
}
