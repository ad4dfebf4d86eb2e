import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { beltCount, monotonicMs, type BeltCount } from "../../protocols/units.ts";
import { deviceReasonClause } from "../../protocols/words/device-reason.ts";
import { lifeText, type LifeTextCode } from "../../protocols/words/probe-words.ts";
import type { TemplateParams } from "../../protocols/words/template.ts";
import type { Voice } from "../../protocols/words/words.ts";
import type { DeviceHealth } from "../devices/port.ts";
import type { SorterNamed } from "../runtime/open-devices.ts";

export interface LifeTest {
  readonly sorter: SorterNamed;
  readonly deps: Parameters<SorterNamed["open"]>[0];
  readonly clock: Clock;
  /** So long the sorter is waited for. */
  readonly seconds: number;
  readonly voice: Voice;
  readonly out: (line: string) => void;
  /** Resolves when a person has seen enough. */
  readonly enough: Promise<void>;
}

/** A controller cancels 1,500 ms after our last life, which may be 500 ms before we stop it. */
export const cancelledWithinMs = 1_500;
const lifeEveryMs = 500;
/** Until it is seen: an answer of the wire, and the request behind it. */
const seenWithinMs = 500;
const answeredWithinMs = 3_000;
/** The divert that is cancelled would fire after so long of belt at its nominal speed. */
const firesAfterMs = 20_000;

/**
 * Stops our life towards a sorter and sees what it does: what is pending has to be cancelled for that
 * reason and by that time, nothing may be accepted without life, and with it everything again. What is
 * pending is a divert of this test's own, so far ahead that nothing moves; whatever happens, it is taken
 * back. True: all of it was as it must be.
 */
export async function testLife(test: LifeTest): Promise<boolean> {
  const { sorter, deps, clock, out } = test;
  let isHeld = false;
  let isOver = false;
  const port = sorter.open({ ...deps, isLifeHeld: () => isHeld });
  const heard = createHeard(clock);
  const tell = (code: LifeTextCode, params: TemplateParams = {}): void =>
    out(`- ${lifeText(test.voice.language, code, params)}`);
  port.start((event) => {
    if (event.kind !== "healthChanged" && event.kind !== "gap") heard.take(event);
  });
  const order = (name: string, at: BeltCount): Divert => divertOf(sorter, name, at);
  const take = async (divert: Divert): Promise<Outcome> => {
    // Somebody has had enough: nothing more is asked of it.
    if (isOver) return "not";
    const awaited = heard.next(ofCommand(divert.commandId), answeredWithinMs);
    const sending = port.send(divert);
    if (sending.kind === "sent") return (await awaited)?.kind === "accepted" ? "accepted" : "not";
    tell("notSent", { why: sending.why });
    return "not";
  };
  const run = async (): Promise<boolean> => {
    const belt = await heard.next(isBelt, test.seconds * 1_000);
    if (belt === null) {
      tell("notHeard", { seconds: test.seconds, why: whyNotHeard(port.health(), test.voice) });
      return false;
    }
    if (belt.isRunning) tell("beltRuns");
    // Its life is there before anything is asked of it.
    await passed(clock, 2 * lifeEveryMs);
    const first = order("life-1", heard.count());
    if ((await take(first)) !== "accepted") {
      tell("notAccepted", { why: whyRefused(heard.last(first.commandId)) });
      return false;
    }
    tell("accepted");
    const stoppedAt = clock.monotonic();
    isHeld = true;
    const waitMs = cancelledWithinMs + seenWithinMs;
    const end = await heard.next(isEndOf(first.commandId), waitMs);
    const ms = Math.round(clock.monotonic() - stoppedAt);
    if (!isRight(end, ms, tell)) return false;
    return (await isDeafWithoutLife(order("life-2", heard.count()))) && (await isBack());
  };
  const isDeafWithoutLife = async (divert: Divert): Promise<boolean> => {
    const outcome = await take(divert);
    const last = heard.last(divert.commandId);
    const isRefused = last?.kind === "refused" && last.why === "noLife";
    tell(
      isRefused ? "refusedWithout" : "notRefusedWithout",
      isRefused ? {} : { why: whyRefused(last) },
    );
    return isRefused && outcome !== "accepted";
  };
  const isBack = async (): Promise<boolean> => {
    isHeld = false;
    await passed(clock, 2 * lifeEveryMs);
    const divert = order("life-3", heard.count());
    const isAccepted = (await take(divert)) === "accepted";
    if (!isAccepted) tell("notBack", { why: whyRefused(heard.last(divert.commandId)) });
    else tell("back");
    return isAccepted;
  };
  const isRightAll = await Promise.race([run(), test.enough.then(() => false)]);
  isOver = true;
  isHeld = false;
  // Whatever became of them: none of the test's diverts stays behind.
  for (const name of ["life-1", "life-2", "life-3"]) port.send({ kind: "abort", commandId: name });
  await passed(clock, lifeEveryMs);
  await port.stop();
  tell(isRightAll ? "inOrder" : "notInOrder");
  return isRightAll;
}

type Divert = ReturnType<typeof divertOf>;
type Outcome = "accepted" | "not";
type Belt = Extract<SorterEvent, { kind: "belt" }>;
type OfCommand = Extract<SorterEvent, { readonly commandId: string }>;

const divertOf = ({ exit, countsPerMs, countsAheadMax }: SorterNamed, name: string, at: number) => {
  const ahead = Math.floor(Math.min(firesAfterMs * countsPerMs, countsAheadMax));
  return {
    kind: "divert",
    commandId: name,
    passId: name,
    exit,
    fireAtCount: beltCount(at + ahead),
    releaseAtCount: beltCount(at + ahead + 1),
    notAfterCount: beltCount(at + ahead - 1),
  } as const;
};

/** The one thing that is waited for, and whether it came in time. */
function isRight(
  end: OfCommand | null,
  ms: number,
  tell: (code: LifeTextCode, params?: TemplateParams) => void,
): boolean {
  if (end?.kind === "cancelled" && end.why === "noLife") {
    tell("cancelled", { ms });
    return true;
  }
  if (end?.kind === "fired") tell("fired", { ms });
  else if (end?.kind === "cancelled") tell("cancelledOtherwise", { ms, why: end.why });
  else tell("notCancelled", { ms });
  return false;
}

const isBelt = (event: SorterEvent): event is Belt => event.kind === "belt";
const ofCommand =
  (commandId: string) =>
  (event: SorterEvent): event is OfCommand =>
    "commandId" in event && event.commandId === commandId;
const isEndOf =
  (commandId: string) =>
  (event: SorterEvent): event is OfCommand =>
    ofCommand(commandId)(event) && (event.kind === "cancelled" || event.kind === "fired");

const whyRefused = (last: OfCommand | null): string =>
  last === null ? "" : "why" in last ? last.why : last.kind;

const whyNotHeard = ({ reason }: DeviceHealth, voice: Voice): string =>
  reason === null ? "" : deviceReasonClause(reason, voice);

/** What the sorter says, as it is waited for. */
function createHeard(clock: Clock) {
  let count: BeltCount = beltCount(0);
  const lasts = new Map<string, OfCommand>();
  let waiting: ((event: SorterEvent) => void) | null = null;
  return {
    count: () => count,
    last: (commandId: string): OfCommand | null => lasts.get(commandId) ?? null,
    take(event: SorterEvent): void {
      if (event.kind === "belt") ({ count } = event);
      if ("commandId" in event) lasts.set(event.commandId, event);
      waiting?.(event);
    },
    /** The next one of the kind; null: none came in time. One is waited for at a time. */
    next<E extends SorterEvent>(
      isIt: (event: SorterEvent) => event is E,
      ms: number,
    ): Promise<E | null> {
      return new Promise((resolve) => {
        const look = (event: SorterEvent): void => {
          if (isIt(event)) end(event);
        };
        const end = (event: E | null): void => {
          overdue.cancel();
          if (waiting === look) waiting = null;
          resolve(event);
        };
        const overdue: Timer = clock.schedule(monotonicMs(clock.monotonic() + ms), () => end(null));
        waiting = look;
      });
    },
  };
}

const passed = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.schedule(monotonicMs(clock.monotonic() + ms), resolve);
  });
