import type { SorterPort } from "../../../edge/devices/sorter/sorter.ts";
import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import { exits, type Exit } from "../../../protocols/sorting.ts";
import { sent, type Sending } from "../../../protocols/transport.ts";
import { beltCount, monotonicMs } from "../../../protocols/units.ts";
import type { LineMachinery, SorterSide } from "../../../simulators/world/ports.ts";

type Body<T> = T extends unknown ? Omit<T, "epoch" | "seq"> : never;
type EventBody = Body<SorterEvent>;
type SorterCommandBody = Parameters<SorterPort["send"]>[0];
type Divert = Extract<SorterCommandBody, { kind: "divert" }>;

/** The agent takes a belt that is silent for a second for a belt it knows nothing of. */
const beltEveryMs = 950;
/** A command on its way. */
const wireMs = 2;

/**
 * A sorter without a wire and without faults of its own: it latches eyes, fires diverters at
 * counts, and answers. What goes to it takes a moment, as on a wire.
 */
export interface DaySorter extends SorterSide {
  send(command: SorterCommandBody): Sending;
  start(): void;
  localReset(): void;
}

export function createDaySorter(options: {
  readonly clock: Clock;
  readonly machinery: LineMachinery;
  readonly hear: (event: SorterEvent) => void;
}): DaySorter {
  const { clock, machinery } = options;
  const pending = new Map<string, Timer>();
  const windowsOpen: Record<Exit, number> = { green: 0, red: 0, inspection: 0 };
  let isStopPressed = false;
  let seq = 0;
  let beltTimer: Timer | null = null;

  const say = (body: EventBody): void => {
    options.hear({ ...body, epoch: "day", seq });
    seq += 1;
  };
  const later = (act: () => void): void =>
    void clock.schedule(monotonicMs(clock.monotonic() + wireMs), act);
  const count = (): ReturnType<typeof beltCount> => beltCount(machinery.count());

  const sayBelt = (): void => {
    say({ kind: "belt", count: count(), ...machinery.belt() });
    beltTimer?.cancel();
    beltTimer = clock.schedule(monotonicMs(clock.monotonic() + beltEveryMs), sayBelt);
  };

  const open = (exit: Exit): void => {
    windowsOpen[exit] += 1;
    if (windowsOpen[exit] === 1) machinery.swing(exit, true);
  };
  const close = (exit: Exit): void => {
    windowsOpen[exit] -= 1;
    if (windowsOpen[exit] === 0) machinery.swing(exit, false);
  };

  const divert = (command: Divert): void => {
    const { commandId, exit, fireAtCount, releaseAtCount, notAfterCount } = command;
    if (machinery.count() > notAfterCount) {
      return say({ kind: "refused", commandId, why: "staleCount" });
    }
    say({ kind: "accepted", commandId });
    const fire = machinery.whenCount(fireAtCount, () => {
      pending.delete(commandId);
      open(exit);
      machinery.whenCount(releaseAtCount, () => close(exit));
      say({ kind: "fired", commandId, count: beltCount(fireAtCount) });
    });
    pending.set(commandId, fire);
  };

  const cancel = (commandId: string, why: "aborted" | "emergencyStop"): void => {
    const fire = pending.get(commandId);
    if (fire === undefined) return;
    fire.cancel();
    pending.delete(commandId);
    say({ kind: "cancelled", commandId, why });
  };

  /** In an emergency stop nothing that is pending may fire when the belt runs again. */
  const beltChanged = (): void => {
    const { emergencyStop } = machinery.belt();
    const isPressedNow = emergencyStop && !isStopPressed;
    isStopPressed = emergencyStop;
    sayBelt();
    if (isPressedNow) for (const commandId of pending.keys()) cancel(commandId, "emergencyStop");
  };

  const take = (command: SorterCommandBody): void => {
    switch (command.kind) {
      case "divert":
        return divert(command);
      case "abort":
        return cancel(command.commandId, "aborted");
      case "cancelAll":
        for (const commandId of pending.keys()) cancel(commandId, "aborted");
        return;
      case "induction":
        return machinery.permitInduction(command.isPermitted);
      case "belt":
        return machinery.runBelt(command.run);
    }
  };

  return {
    send(command) {
      later(() => take(command));
      return sent;
    },
    start() {
      say({ kind: "session", count: count() });
      machinery.runBelt(true);
      for (const exit of exits) say({ kind: "chute", exit, ...machinery.chute(exit) });
      sayBelt();
    },
    localReset: () => say({ kind: "localReset", count: count() }),
    eyeChanged: (eyeId, isBlocked, at) =>
      say({ kind: "eye", eyeId, isBlocked, count: beltCount(at) }),
    chuteChanged: (exit, state, fillPct) => say({ kind: "chute", exit, state, fillPct }),
    beltChanged,
  };
}
