import type { SorterCommand, SorterEvent } from "../../../protocols/sorter/sorter.ts";
import type { ChuteState, Exit } from "../../../protocols/sorting.ts";
import type { Clock, Entropy, Timer } from "../../../protocols/time.ts";
import { beltCount, monotonicMs, type BeltCount } from "../../../protocols/units.ts";
import { createBeltCounter, type BeltCounter, type EncoderInput } from "./belt-counter.ts";
import type { SorterConfig } from "./config.ts";
import {
  createDivertLedger,
  type CancelReason,
  type DivertAnswer,
  type DivertLedger,
} from "./divert-ledger.ts";
import { createEventOutlet, type EventOutlet } from "./event-outlet.ts";
import { createEyeInput, type EyeInput } from "./eye-input.ts";
import { createOwnTracks, type OwnTracks } from "./own-tracks.ts";
import type { DivertCommand } from "./refusal.ts";
import { noFaults, type SorterFaults } from "./faults.ts";

/** What the controller does to the world and says on its wire. Called synchronously. */
export interface SorterOutputs {
  event(event: SorterEvent): void;
  diverter(exit: Exit, isOut: boolean): void;
  /** Whether parcels may be put on the belt. */
  induction(isPermitted: boolean): void;
  /** Whether the belt's drive is asked to run. */
  belt(run: boolean): void;
}

/** `taken` for the commands that are not judged. */
export type SorterAnswer = DivertAnswer | "taken";

export interface SorterModelOptions {
  readonly config: SorterConfig;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly encoder: EncoderInput;
  readonly outputs: SorterOutputs;
}

export interface SorterChute {
  readonly state: ChuteState;
  readonly fillPct: number;
}

export interface SorterBelt {
  readonly isRunning: boolean;
  readonly speedMmPerS: number;
}

/**
 * The sorter's I/O controller: it latches eyes, counts the belt, fires diverters at counts, and
 * knows nothing of parcels (law 6). The world calls in with what its inputs would see;
 * commands come from the wire. Nothing happens before `powerOn`.
 *
 * - The un-commanded state is rest: diverters rest, induction is not permitted.
 * - Without `life`, and in an emergency stop, everything pending is cancelled, every diverter
 *   rests, open windows included, and induction is not permitted whatever was asked.
 */
export class SorterModel {
  readonly #config: SorterConfig;
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #outputs: SorterOutputs;
  readonly #counter: BeltCounter;
  readonly #ledger: DivertLedger;
  readonly #eyes: ReadonlyMap<string, EyeInput>;
  readonly #outlet: EventOutlet;
  readonly #tracks: OwnTracks | null;
  readonly #chutes = new Map<Exit, SorterChute>();
  /** Whether each guard over the belt is open, of those that were ever moved. */
  readonly #guards = new Map<string, boolean>();
  readonly #diverterWanted = new Map<Exit, boolean>();
  readonly #diverterActual = new Map<Exit, boolean>();
  #faults: SorterFaults = noFaults;
  #isOn = false;
  #belt: SorterBelt = { isRunning: false, speedMmPerS: 0 };
  #emergencyStop = false;
  #hasLife = false;
  #isInductionAsked = false;
  #isInductionPermitted = false;
  #isRunAsked = false;
  #countAlarm: Timer | null = null;
  #lifeTimer: Timer | null = null;
  #beltTimer: Timer | null = null;
  #standingTimer: Timer | null = null;

  constructor(options: SorterModelOptions) {
    this.#config = options.config;
    this.#clock = options.clock;
    this.#entropy = options.entropy;
    this.#outputs = options.outputs;
    this.#counter = createBeltCounter(options.encoder);
    const { tracks } = options.config;
    this.#tracks = tracks === null ? null : createOwnTracks(tracks);
    this.#outlet = createEventOutlet(
      () => this.#faults,
      (event) => this.#outputs.event(event),
    );
    this.#ledger = createDivertLedger({
      config: options.config,
      say: (body) => this.#outlet.say(body),
      move: (exit, isOut) => this.#moveDiverter(exit, isOut),
    });
    for (const exit of options.config.chutes)
      this.#chutes.set(exit, { state: "ready", fillPct: 0 });
    this.#eyes = new Map(options.config.eyeIds.map((eyeId) => [eyeId, this.#createEye(eyeId)]));
  }

  /** Begins a session: a new epoch, numbers and counts from 0, nothing pending. */
  powerOn(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#counter.restart();
    this.#tracks?.restart();
    this.#outlet.begin(this.#drawEpoch());
    this.#outlet.say({ kind: "session", count: this.count() });
    this.#askRun(this.#config.runsAtStart);
    this.#sayStanding();
    this.#sayBelt();
    for (const eye of this.#eyes.values()) eye.restart(0);
  }

  /** Silent from now on; what was pending is forgotten and every output rests. */
  powerOff(): void {
    if (!this.#isOn) return;
    const timers = [this.#lifeTimer, this.#beltTimer, this.#standingTimer, this.#countAlarm];
    for (const timer of timers) timer?.cancel();
    for (const eye of this.#eyes.values()) eye.stop();
    this.#hasLife = false;
    this.#isInductionAsked = false;
    this.#updateInduction();
    this.#ledger.forget();
    this.#askRun(false);
    this.#isOn = false;
  }

  /**
   * A photo-eye's raw level, and what the encoder showed then. Told to the world's full
   * resolution; debouncing is ours.
   */
  eye(eyeId: string, isBlocked: boolean, encoderCount: number): void {
    const eye = this.#eyes.get(eyeId);
    if (eye === undefined) throw new Error(`${this.#config.sorterId} has no eye ${eyeId}`);
    eye.raw(isBlocked, this.#counter.at(encoderCount));
  }

  beltMoves(belt: SorterBelt): void {
    const isChange =
      belt.isRunning !== this.#belt.isRunning || belt.speedMmPerS !== this.#belt.speedMmPerS;
    this.#belt = belt;
    if (isChange && this.#isOn) this.#sayBelt();
  }

  /** The hardware's emergency stop; we only see it. */
  emergencyStop(isActive: boolean): void {
    if (isActive === this.#emergencyStop) return;
    this.#emergencyStop = isActive;
    if (!this.#isOn) return;
    this.#sayBelt();
    if (isActive) this.#rest("emergencyStop");
    this.#updateInduction();
  }

  /** A person pressed the reset key at the line. */
  localReset(): void {
    if (this.#isOn) this.#outlet.say({ kind: "localReset", count: this.count() });
  }

  /** An input that a device beside the line drives for a moment; latched with the count. */
  pulse(inputId: string): void {
    if (this.#isOn) this.#outlet.say({ kind: "pulse", inputId, count: this.count() });
  }

  /** A guard over the belt was opened or closed. */
  guard(guardId: string, isOpen: boolean): void {
    this.#guards.set(guardId, isOpen);
    if (this.#isOn) this.#sayGuard(guardId, isOpen);
  }

  chute(exit: Exit, chute: SorterChute): void {
    const before = this.#chutes.get(exit);
    if (before === undefined) throw new Error(`${this.#config.sorterId} has no chute ${exit}`);
    this.#chutes.set(exit, chute);
    const isChange = before.state !== chute.state || before.fillPct !== chute.fillPct;
    if (isChange && this.#isOn) this.#outlet.say({ kind: "chute", exit, ...chute });
  }

  command(command: SorterCommand): SorterAnswer {
    if (!this.#isOn) return "noLife";
    if (command.kind !== "life" && this.#faults.dropCommand) return "taken";
    switch (command.kind) {
      case "divert":
        return this.#divert(command);
      case "abort":
        if (command.epoch !== this.#outlet.epoch()) return "staleEpoch";
        return this.#afterLedger(this.#ledger.abort(command.commandId));
      case "life":
        if (command.epoch === this.#outlet.epoch()) this.#keepLife();
        return "taken";
      case "induction":
        if (command.epoch !== this.#outlet.epoch()) return "staleEpoch";
        this.#isInductionAsked = command.isPermitted;
        this.#updateInduction();
        return "taken";
      case "cancelAll":
        if (command.epoch !== this.#outlet.epoch()) return "staleEpoch";
        this.#ledger.cancelPending("aborted");
        return this.#afterLedger("taken");
      case "belt":
        if (command.epoch !== this.#outlet.epoch()) return "staleEpoch";
        this.#askRun(command.run);
        return "taken";
    }
  }

  /** A command came that could not be read; its id, where that much could be. */
  unreadableCommand(commandId: string | null): SorterAnswer {
    if (this.#isOn && commandId !== null) return this.#ledger.refuseUnreadable(commandId);
    return "invalid";
  }

  setFaults(change: Partial<SorterFaults>): void {
    this.#faults = { ...this.#faults, ...change };
    this.#counter.setSlip(this.#faults.slipEncoder);
    this.#armCount();
    const { stuckEye, bouncingEye } = this.#faults;
    for (const [eyeId, eye] of this.#eyes) {
      eye.setBouncing(bouncingEye.includes(eyeId));
      eye.stick(stuckEye[eyeId] ?? null, this.count());
    }
    for (const exit of this.#config.diverters) this.#driveDiverter(exit);
  }

  /** Fault: at the next fronts behind the induction it tells these numbers instead of its own. */
  mistakeTracks(numbers: readonly number[]): void {
    this.#tracks?.mistake(numbers);
  }

  /** Fault: this many of the next events are numbered and lost. */
  loseEvents(count: number): void {
    this.#outlet.lose(count);
  }

  /** Our belt count: what the encoder has shown since the session began. */
  count(): BeltCount {
    return beltCount(this.#counter.now());
  }

  #createEye(eyeId: string): EyeInput {
    return createEyeInput({
      clock: this.#clock,
      debounceMs: this.#config.debounceMs,
      onEdge: (isBlocked, at) => {
        if (this.#isOn) {
          const track = this.#tracks?.seen(eyeId, isBlocked, at);
          const edge = { kind: "eye", eyeId, isBlocked, count: beltCount(at) } as const;
          this.#outlet.say(track === undefined ? edge : { ...edge, track });
        }
      },
    });
  }

  #divert(command: DivertCommand): SorterAnswer {
    const answer = this.#ledger.divert(command, {
      epoch: this.#outlet.epoch(),
      count: this.count(),
      hasLife: this.#hasLife,
      emergencyStop: this.#emergencyStop,
    });
    this.#fireDue();
    return answer;
  }

  #rest(why: CancelReason): void {
    this.#ledger.cancelPending(why);
    this.#ledger.rest();
    this.#armCount();
  }

  #fireDue(): void {
    this.#ledger.advance(this.count());
    this.#armCount();
  }

  /** One alarm at most, at the next count at which a diverter moves. */
  #armCount(): void {
    this.#countAlarm?.cancel();
    const next = this.#isOn ? this.#ledger.nextCount() : null;
    this.#countAlarm = next === null ? null : this.#counter.when(next, () => this.#fireDue());
  }

  #afterLedger<A extends SorterAnswer>(answer: A): A {
    this.#armCount();
    return answer;
  }

  #moveDiverter(exit: Exit, isOut: boolean): void {
    this.#diverterWanted.set(exit, isOut);
    this.#driveDiverter(exit);
  }

  /** A dead diverter stays where it is and follows its signal once it works again. */
  #driveDiverter(exit: Exit): void {
    const wanted = this.#diverterWanted.get(exit) ?? false;
    if (this.#faults.deadDiverter.includes(exit)) return;
    if (wanted === (this.#diverterActual.get(exit) ?? false)) return;
    this.#diverterActual.set(exit, wanted);
    this.#outputs.diverter(exit, wanted);
  }

  #keepLife(): void {
    this.#lifeTimer?.cancel();
    const dueAt = monotonicMs(this.#clock.monotonic() + this.#config.lifeTimeoutMs);
    this.#lifeTimer = this.#clock.schedule(dueAt, () => {
      this.#hasLife = false;
      this.#rest("noLife");
      this.#updateInduction();
    });
    if (this.#hasLife) return;
    this.#hasLife = true;
    this.#updateInduction();
    // An agent that has just come needs to know how things stand.
    this.#sayStanding();
    this.#sayBelt();
  }

  #updateInduction(): void {
    const isPermitted = this.#isInductionAsked && this.#hasLife && !this.#emergencyStop;
    if (isPermitted === this.#isInductionPermitted) return;
    this.#isInductionPermitted = isPermitted;
    this.#outputs.induction(isPermitted);
  }

  #askRun(run: boolean): void {
    if (run === this.#isRunAsked) return;
    this.#isRunAsked = run;
    this.#outputs.belt(run);
  }

  /**
   * The count told must not be ahead of an edge that is still to be told, because an agent takes a
   * later count as proof that nothing happened before it.
   */
  #reportableCount(): BeltCount {
    const pending = [...this.#eyes.values()].map((eye) => eye.pendingCount());
    return beltCount(Math.min(this.count(), ...pending));
  }

  #sayBelt(): void {
    this.#outlet.say({
      kind: "belt",
      count: this.#reportableCount(),
      ...this.#belt,
      emergencyStop: this.#emergencyStop,
    });
    this.#beltTimer?.cancel();
    const { beltEventEveryMs, beltEventEveryIdleMs } = this.#config;
    const waitMs = this.#belt.isRunning ? beltEventEveryMs : beltEventEveryIdleMs;
    this.#beltTimer = this.#clock.schedule(monotonicMs(this.#clock.monotonic() + waitMs), () =>
      this.#sayBelt(),
    );
  }

  #sayGuard(guardId: string, isOpen: boolean): void {
    this.#outlet.say({ kind: "guard", guardId, isOpen, count: this.count() });
  }

  #sayStanding(): void {
    for (const [exit, chute] of this.#chutes) this.#outlet.say({ kind: "chute", exit, ...chute });
    for (const [guardId, isOpen] of this.#guards) this.#sayGuard(guardId, isOpen);
    this.#standingTimer?.cancel();
    const dueAt = monotonicMs(this.#clock.monotonic() + this.#config.standingEventEveryMs);
    this.#standingTimer = this.#clock.schedule(dueAt, () => this.#sayStanding());
  }

  /** Forty random bits, so that two sessions of one device never have the same name. */
  #drawEpoch(): string {
    const part = () =>
      Math.floor(this.#entropy.next() * 2 ** 20)
        .toString(32)
        .padStart(4, "0");
    return `s-${part()}${part()}`;
  }
}
