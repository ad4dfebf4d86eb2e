import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import type { SorterFaults } from "./faults.ts";

type WithoutNumber<T> = T extends unknown ? Omit<T, "epoch" | "seq"> : never;
export type SorterEventBody = WithoutNumber<SorterEvent>;

export interface EventOutlet {
  /** Numbers from 0 again, under another epoch. */
  begin(epoch: string): void;
  say(body: SorterEventBody): void;
  /** Fault: this many of the next events are numbered and lost. */
  lose(count: number): void;
  epoch(): string;
}

/** Numbers the events of a session and, where a fault asks for it, loses or repeats them. */
export function createEventOutlet(
  faults: () => SorterFaults,
  send: (event: SorterEvent) => void,
): EventOutlet {
  let epoch = "";
  let seq = 0;
  let toLose = 0;
  return {
    begin(next) {
      epoch = next;
      seq = 0;
    },
    say(body) {
      const { dropConfirm, freezeEvents, duplicateEvent } = faults();
      if (dropConfirm && body.kind === "fired") return;
      const event: SorterEvent = { ...body, epoch, seq };
      seq += 1;
      if (toLose > 0) toLose -= 1;
      else if (!freezeEvents) {
        send(event);
        if (duplicateEvent) send(event);
      }
    },
    lose(count) {
      toLose = count;
    },
    epoch: () => epoch,
  };
}
