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
  /** Asked before the password is read: it is told which file was offered. */
  offering(): Promise<OfferedFile>;
  /** Calls `again` once, when it may be tried again. Of two calls the later counts. */
  wait(offered: OfferedFile, again: () => void): void;
  isWaiting(): boolean;
  /** Name and password were taken: the next refusal is a first one. */
  taken(): void;
  stop(): void;
}

/** What changes with each writing; null where there is no file, or it cannot be looked at. */
export type OfferedFile = string | null;

export interface RefusedLoginOptions {
  readonly clock: Clock;
  /** Null where the password does not stand in a file. */
  readonly passwordFile: string | null;
  /** How long each refusal in a row is waited for, in milliseconds. */
  readonly delaysMs: () => Generator<number, never, void>;
}

/**
 * For what a line cannot do without: a server that has just been started may refuse everybody for some
 * seconds, and whoever sets right what is wrong there changes no file here. Afterwards a wrong password
 * is offered once a minute: less locks no account, and more keeps a line standing that has been mended.
 */
export const delaysOfServer = (entropy: Entropy) => (): Generator<number, never, void> =>
  backoffDelaysMs({ firstMs: 10_000, delayMsMax: 60_000, entropy });

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

  const watch = (path: string, offered: OfferedFile, onChanged: () => void): void => {
    const ofTurn = turn;
    const look = async (last: OfferedFile): Promise<void> => {
      const now = await stateOf(path);
      if (turn !== ofTurn) return;
      if (now !== null && now !== offered && now === last) return onChanged();
      const nextAt = monotonicMs(clock.monotonic() + lookEveryMs);
      nextLook = clock.schedule(nextAt, () => void look(now));
    };
    void look(offered);
  };

  return {
    offering: async () => (passwordFile === null ? null : await stateOf(passwordFile)),
    wait(offered, again) {
      end();
      const tryAgain = (): void => {
        end();
        again();
      };
      due = clock.schedule(monotonicMs(clock.monotonic() + delays.next().value), tryAgain);
      if (passwordFile !== null) watch(passwordFile, offered, tryAgain);
    },
    isWaiting: () => due !== null,
    taken() {
      delays = delaysMs();
    },
    stop: end,
  };
}

async function stateOf(path: string): Promise<OfferedFile> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(path);
    return [ino, size, mtimeMs, ctimeMs].join(" ");
  } catch {
    return null;
  }
}
