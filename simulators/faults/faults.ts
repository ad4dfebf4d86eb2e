import type { Clock, Entropy, Timer } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { happens, uniform } from "../world/chance.ts";
import type { WorldFaults } from "../world/ports.ts";
import { timedFaults, type FaultPlan, type SiteWideFault, type TimedFault } from "./plan.ts";

/** Turns one fault on and off; the strength, uniform in [0, 1), picks which part it hits. */
export type FaultSwitch = (isOn: boolean, strength: number) => void;

/** What can be broken. A fault without a switch never fires there. */
export type FaultSwitches = Readonly<Partial<Record<TimedFault, FaultSwitch>>>;
/** Of the wires and programs around a line, as far as they are simulated. */
export type SiteWideSwitches = Readonly<Partial<Record<SiteWideFault, FaultSwitch>>>;
/** Of a line: a timed fault that has no switch here does not compile. */
export type LineSwitches = Readonly<Record<Exclude<TimedFault, SiteWideFault>, FaultSwitch>>;

/** Once a minute each timed fault may begin. */
const opportunityMs = 60_000;
const durationMs = { from: 2_000, to: 45_000 };

/** The faults of one line: the chances it takes at every opportunity, and what is broken now. */
export interface LineFaults extends WorldFaults {
  /** Connects what can be broken and begins to draw. Called once. */
  start(switches: FaultSwitches): void;
  /** Breaks it for so long, whatever the plan; false where the line has no such switch. */
  breakFor(fault: TimedFault, forMs: number): boolean;
  broken(): readonly TimedFault[];
  /** What this line has a switch for. */
  breakable(): readonly TimedFault[];
  /** Mends everything and draws no more: from now on the line must recover. */
  heal(): void;
}

export interface LineFaultsOptions {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly plan: FaultPlan;
  /** Told of each fault as it fires, for the run's log. */
  onFired?(name: string): void;
  /** Told when a timed fault is over. */
  onMended?(name: TimedFault): void;
}

export function createLineFaults(options: LineFaultsOptions): LineFaults {
  const { clock, entropy, plan } = options;
  const broken = new Map<TimedFault, Timer>();
  let switches: FaultSwitches = {};
  let isHealed = false;
  let opportunity: Timer | null = null;

  const mend = (fault: TimedFault): void => {
    broken.get(fault)?.cancel();
    if (!broken.delete(fault)) return;
    switches[fault]?.(false, 0);
    options.onMended?.(fault);
  };

  const breakFor = (fault: TimedFault, forMs: number): boolean => {
    const toggle = switches[fault];
    if (toggle === undefined) return false;
    const wasBroken = broken.get(fault);
    wasBroken?.cancel();
    const mendAt = monotonicMs(clock.monotonic() + forMs);
    broken.set(
      fault,
      clock.schedule(mendAt, () => mend(fault)),
    );
    if (wasBroken === undefined) toggle(true, entropy.next());
    options.onFired?.(fault);
    return true;
  };

  const draw = (): void => {
    for (const fault of timedFaults) {
      const probability = plan[fault] ?? 0;
      if (probability === 0 || broken.has(fault) || !happens(entropy, probability)) continue;
      breakFor(fault, uniform(entropy, durationMs.from, durationMs.to));
    }
    waitForOpportunity();
  };

  const waitForOpportunity = (): void => {
    opportunity = clock.schedule(monotonicMs(clock.monotonic() + opportunityMs), draw);
  };

  return {
    fires(site) {
      const probability = plan[site] ?? 0;
      if (isHealed || probability === 0 || !happens(entropy, probability)) return false;
      options.onFired?.(site);
      return true;
    },
    strength: () => entropy.next(),
    start(given) {
      switches = given;
      if (timedFaults.some((fault) => (plan[fault] ?? 0) > 0)) waitForOpportunity();
    },
    breakFor,
    broken: () => [...broken.keys()],
    breakable: () => timedFaults.filter((fault) => switches[fault] !== undefined),
    heal() {
      isHealed = true;
      opportunity?.cancel();
      for (const fault of broken.keys()) mend(fault);
    },
  };
}
