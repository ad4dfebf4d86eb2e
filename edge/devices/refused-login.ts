import { stat } from "node:fs/promises";
import type { Clock, Entropy, Timer } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { backoffDelaysMs } from "./backoff.ts";

/**
 * The patience of a wire whose name and password were refused. Devices and servers lock an account
 * after some wrong ones, so that the same ones are offered again ever later; and soon after somebody
 * has changed the file of the password.
 */
export interface RefusedLogin {
  /** Calls `again` once, when it may be tried again. Of two calls the later counts. */
  wait(again: () => void): void;
  isWaiting(): boolean;
  /** Name and password were taken: the next refusal is a first one. */
  taken(): void;
  stop(): void;
}

export interface RefusedLoginOptions {
  readonly clock: Clock;
  /** Null where the password does not stand in a file. */
  readonly passwordFile: string | null;
  /** How long each refusal in a row is waited for, in milliseconds. */
  readonly delaysMs: () => Generator<number, never, void>;
}

/**
 * For what a line cannot do without: a server that has just been started may refuse everybody for some
 * seconds. Afterwards a wrong password is offered every few minutes.
 */
export const delaysOfServer = (entropy: Entropy) => (): Generator<number, never, void> =>
  backoffDelaysMs({ firstMs: 10_000, delayMsMax: 300_000, entropy });

/** A changed file is told once it is the same over two looks: it may be written in pieces. */
const lookEveryMs = 1_000;

export function createRefusedLogin(options: RefusedLoginOptions): RefusedLogin {
  const { clock, passwordFile, delaysMs } = options;
  let delays = delaysMs();
  let due: Timer | null = null;
  let nextLook: Timer | null = null;
  /** Grows with each wait and each end of one, so that a late look knows that it is not wanted. */
  let turn = 0;

  const end = (): void => {
    turn += 1;
    due?.cancel();
    nextLook?.cancel();
    due = null;
    nextLook = null;
  };

  const watch = (path: string, onChanged: () => void): void => {
    const ofTurn = turn;
    const look = async (first: string | null, last: string | null): Promise<void> => {
      const now = await stateOf(path);
      if (turn !== ofTurn) return;
      if (now !== null && now !== first && now === last) return onChanged();
      nextLook = clock.schedule(
        monotonicMs(clock.monotonic() + lookEveryMs),
        () => void look(first, now),
      );
    };
    void stateOf(path).then((first) => look(first, first));
  };

  return {
    wait(again) {
      end();
      const tryAgain = (): void => {
        end();
        again();
      };
      due = clock.schedule(monotonicMs(clock.monotonic() + delays.next().value), tryAgain);
      if (passwordFile !== null) watch(passwordFile, tryAgain);
    },
    isWaiting: () => due !== null,
    taken() {
      delays = delaysMs();
    },
    stop: end,
  };
}

/** What changes with each writing; null where the file cannot be looked at. */
async function stateOf(path: string): Promise<string | null> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(path);
    return [ino, size, mtimeMs, ctimeMs].join(" ");
  } catch {
    return null;
  }
}
