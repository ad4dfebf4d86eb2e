import { sorterConfig, type SorterConfig } from "../../simulators/devices/sorter/config.ts";
import type { EncoderInput } from "../../simulators/devices/sorter/belt-counter.ts";
import { SorterModel } from "../../simulators/devices/sorter/sorter-model.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import type { SorterCommand, SorterEvent } from "../../protocols/sorter/sorter.ts";
import { beltCount } from "../../protocols/units.ts";

/** An encoder that a test turns by hand. */
export interface HandEncoder extends EncoderInput {
  /** Turns on to `count`, calling what waits for the counts between in order. */
  turnTo(count: number): void;
}

export function createHandEncoder(): HandEncoder {
  const waiting = new Set<{ readonly count: number; readonly fire: () => void }>();
  let shown = 0;
  const nextUpTo = (count: number) => {
    let next: { readonly count: number; readonly fire: () => void } | null = null;
    for (const entry of waiting) {
      if (entry.count <= count && (next === null || entry.count < next.count)) next = entry;
    }
    return next;
  };
  return {
    count: () => shown,
    whenCount(count, fire) {
      const entry = { count, fire };
      waiting.add(entry);
      return { cancel: () => waiting.delete(entry) };
    },
    turnTo(count) {
      for (let next = nextUpTo(count); next !== null; next = nextUpTo(count)) {
        waiting.delete(next);
        shown = Math.max(shown, next.count);
        next.fire();
      }
      shown = count;
    },
  };
}

export type DivertGiven = Partial<Extract<SorterCommand, { kind: "divert" }>>;

/** A powered sorter on a bench, in virtual time: its events, its outputs, and life if wanted. */
export function createSorterStand(given: Partial<SorterConfig> = {}) {
  const clock = createVirtualClock();
  const encoder = createHandEncoder();
  const events: SorterEvent[] = [];
  /** `red out @100`, `red rest @150`, `induction yes`, `belt run`, in order. */
  const outputs: string[] = [];
  const draws = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
  let drawn = 0;
  const model = new SorterModel({
    config: sorterConfig({ sorterId: "sorter", eyeIds: ["eye1", "eye2"], ...given }),
    clock,
    entropy: { next: () => draws[drawn++ % draws.length] ?? 0 },
    encoder,
    outputs: {
      event: (event) => events.push(event),
      diverter: (exit, isOut) =>
        outputs.push(`${exit} ${isOut ? "out" : "rest"} @${encoder.count()}`),
      induction: (isPermitted) => outputs.push(`induction ${isPermitted ? "yes" : "no"}`),
      belt: (run) => outputs.push(`belt ${run ? "run" : "halt"}`),
    },
  });
  model.powerOn();
  const epoch = () => events.at(-1)?.epoch ?? "none";
  const life = () => model.command({ kind: "life", epoch: epoch() });
  return {
    clock,
    encoder,
    model,
    events,
    outputs,
    epoch,
    life,
    divert: (commandId: string, more: DivertGiven = {}) =>
      model.command({
        kind: "divert",
        commandId,
        passId: `pass-of-${commandId}`,
        exit: "red",
        epoch: epoch(),
        fireAtCount: beltCount(100),
        releaseAtCount: beltCount(150),
        notAfterCount: beltCount(90),
        ...more,
      }),
    abort: (commandId: string) => model.command({ kind: "abort", commandId, epoch: epoch() }),
    /** Lets time pass with the agent's life going on. */
    live(durationMs: number) {
      for (let passedMs = 0; passedMs < durationMs; passedMs += 500) {
        life();
        clock.runFor(Math.min(500, durationMs - passedMs));
      }
    },
    of: <K extends SorterEvent["kind"]>(kind: K) =>
      events.filter((event): event is Extract<SorterEvent, { kind: K }> => event.kind === kind),
    moves: () => outputs.filter((output) => output.includes("@")),
  };
}
