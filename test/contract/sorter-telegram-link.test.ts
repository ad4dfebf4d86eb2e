/**
 * Goal: on any bad line each event that arrives is told once and in its order, each gap is told as
 * such, each command is obeyed at most once and in its order, what was refused or cut is never obeyed
 * later, and what was neither obeyed nor cut is said to have failed.
 * Method: random histories on a line that loses, damages, doubles and refuses telegrams, against what
 * the simulated controller knows itself; and five mutants of the agent's end, each of which must be
 * caught.
 */
import * as fc from "fast-check";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { SorterCommand } from "../../protocols/sorter/sorter.ts";
import { beltCount } from "../../protocols/units.ts";
import type { Fate } from "../kit/spoiled-link.ts";
import { createTelegramStand, type TelegramStand } from "../kit/telegram-stand.ts";

const mutants = [
  "any-acknowledgement-answers-all",
  "keeps-over-a-cut",
  "says-the-refused-later",
  "tells-as-it-comes",
  "gives-up-in-silence",
] as const;
let mutant: (typeof mutants)[number] | null = null;
beforeEach(() => {
  mutant = null;
});

vi.mock("../../edge/devices/sorter/telegram-sending.ts", async (importOriginal) => {
  type Module = typeof import("../../edge/devices/sorter/telegram-sending.ts");
  const original = await importOriginal<Module>();
  return {
    ...original,
    createTelegramSending(answerWithinMs: number): ReturnType<Module["createTelegramSending"]> {
      const sending = original.createTelegramSending(answerWithinMs);
      let newest = 0;
      return {
        ...sending,
        begin(name) {
          newest = 0;
          sending.begin(name);
        },
        take(command, at) {
          const made = sending.take(command, at);
          if (typeof made !== "string") newest += 1;
          return made;
        },
        have: (number, at) =>
          sending.have(mutant === "any-acknowledgement-answers-all" ? newest : number, at),
        lose() {
          if (mutant !== "keeps-over-a-cut") sending.lose();
        },
        unsend() {
          if (mutant === "says-the-refused-later") return;
          newest -= 1;
          sending.unsend();
        },
        wake(at) {
          const woken = sending.wake(at);
          return mutant === "gives-up-in-silence" ? { ...woken, givenUp: [] } : woken;
        },
      };
    },
  };
});

vi.mock("../../edge/devices/sorter/telegram-hearing.ts", async (importOriginal) => {
  type Module = typeof import("../../edge/devices/sorter/telegram-hearing.ts");
  const original = await importOriginal<Module>();
  return {
    ...original,
    createTelegramHearing(): ReturnType<Module["createTelegramHearing"]> {
      const hearing = original.createTelegramHearing();
      return {
        ...hearing,
        take(place, event, at) {
          const told = hearing.take(place, event, at);
          if (mutant !== "tells-as-it-comes") return told;
          return event === null ? [] : [event];
        },
      };
    },
  };
});

type Act = "divert" | "abort" | "press" | "guard" | "wait" | "waitLong" | "cut" | "restart";
interface History {
  readonly acts: readonly Act[];
  readonly agentFates: readonly Fate[];
  readonly deviceFates: readonly Fate[];
}

const fate = (more: readonly Fate[]): fc.Arbitrary<Fate> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Fate>("arrives") },
    { weight: 2, arbitrary: fc.constantFrom<Fate>("lost", "damaged", "twice", ...more) },
  );
const fates = (more: readonly Fate[]) => fc.array(fate(more), { minLength: 1, maxLength: 40 });
const historyOf = (...acts: readonly Act[]): fc.Arbitrary<History> =>
  fc.record({
    acts: fc.array(fc.constantFrom(...acts), { maxLength: 30 }),
    agentFates: fates(["refused"]),
    deviceFates: fates([]),
  });
const quiet = historyOf("divert", "abort", "press", "guard", "wait", "waitLong");
const any = historyOf("divert", "abort", "press", "guard", "wait", "waitLong", "cut", "restart");

const cycled = (all: readonly Fate[]) => {
  let turn = 0;
  return (): Fate => all[turn++ % all.length] ?? "arrives";
};

interface Played {
  readonly stand: TelegramStand;
  /** In the order in which they were given to the driver, with what became of that. */
  readonly commands: readonly { readonly id: string; readonly isSent: boolean }[];
  /** How many commands had been obeyed at each cut. */
  readonly cutAfter: readonly number[];
}

function play({ acts, agentFates, deviceFates }: History): Played {
  const stand = createTelegramStand();
  stand.begin();
  stand.fates.agent = cycled(agentFates);
  stand.fates.device = cycled(deviceFates);
  const commands: { id: string; isSent: boolean }[] = [];
  const cutAfter: number[] = [];
  let isOpen = false;
  const say = (kind: "divert" | "abort"): void => {
    const id = `${kind}-${commands.length}`;
    const ahead = beltCount(10_000);
    const { kind: became } =
      kind === "divert"
        ? stand.divert(id, {
            fireAtCount: ahead,
            notAfterCount: ahead,
            releaseAtCount: beltCount(10_100),
          })
        : stand.driver.send({ kind, commandId: id });
    commands.push({ id, isSent: became === "sent" });
  };
  for (const act of acts) {
    switch (act) {
      case "divert":
      case "abort":
        say(act);
        break;
      case "press":
        stand.model.localReset();
        break;
      case "guard":
        isOpen = !isOpen;
        stand.model.guard("g1", isOpen);
        break;
      case "wait":
        stand.clock.runFor(30);
        break;
      case "waitLong":
        stand.clock.runFor(700);
        break;
      case "cut":
        stand.wire.cut("pulled");
        cutAfter.push(stand.obeyed.length);
        stand.clock.runFor(5);
        stand.wire.restore();
        break;
      case "restart":
        stand.model.powerOff();
        stand.model.powerOn();
    }
  }
  stand.fates.agent = () => "arrives";
  stand.fates.device = () => "arrives";
  stand.clock.runFor(4_000);
  return { stand, commands, cutAfter };
}

const seqOf = (event: object): number | null => ("seq" in event ? Number(event.seq) : null);

/** Each told event is the controller's own, in its order, and each hole is told before it. */
function checkTold({ stand }: Played): void {
  let epoch = "";
  let last = -1;
  let missed = 0;
  for (const event of stand.told) {
    if (event.kind === "healthChanged") continue;
    if (event.kind === "gap") {
      missed += event.missed;
      continue;
    }
    if (event.epoch !== epoch) {
      epoch = event.epoch;
      last = event.seq - 1;
      missed = 0;
    }
    expect(event.seq - last - 1).toBe(missed);
    last = event.seq;
    missed = 0;
    const own = stand.happened.find(({ epoch: of, seq }) => of === epoch && seq === event.seq);
    expect(event).toEqual(own);
  }
}

/** Whatever was whole when it came is told. */
function checkHeard({ stand }: Played): void {
  const told = new Set(stand.told.map(seqOf));
  for (const text of stand.said.device) {
    const [first = "", , number] = text.split(",");
    if (first === "E" || first === "twice E") expect(told.has(Number(number)), text).toBe(true);
  }
}

const idIn = (command: SorterCommand): string[] =>
  command.kind === "divert" || command.kind === "abort" ? [command.commandId] : [];

function checkObeyed({ stand, commands, cutAfter }: Played): void {
  const obeyed = stand.obeyed.flatMap(idIn);
  expect(obeyed).toEqual([...new Set(obeyed)]);
  expect(obeyed).toEqual(commands.map(({ id }) => id).filter((id) => obeyed.includes(id)));
  for (const { id, isSent } of commands) if (!isSent) expect(obeyed).not.toContain(id);
  if (cutAfter.length > 0) return;
  const missing = commands.filter(({ id, isSent }) => isSent && !obeyed.includes(id));
  expect(missing.length).toBeLessThanOrEqual(stand.counter("commandsFailedTotal"));
}

/** What was said before a cut is obeyed before it, or not at all. */
function checkCuts({ stand, commands, cutAfter }: Played, { acts }: History): void {
  const cutsBefore = new Map<string, number>();
  let cuts = 0;
  let next = 0;
  for (const act of acts) {
    if (act === "cut") cuts += 1;
    if (act === "divert" || act === "abort") cutsBefore.set(commands[next++]?.id ?? "", cuts);
  }
  stand.obeyed.forEach((command, place) => {
    const passed = cutAfter.filter((obeyed) => obeyed <= place).length;
    for (const id of idIn(command)) expect(cutsBefore.get(id), id).toBe(passed);
  });
}

function checkHealed({ stand }: Played): void {
  expect(stand.driver.health().state).toBe("receiving");
  stand.divert("after");
  stand.clock.runFor(100);
  expect(stand.of("accepted").map(({ commandId }) => commandId)).toContain("after");
}

const onAny = fc.property(any, (history) => {
  const played = play(history);
  checkTold(played);
  checkObeyed(played);
  checkCuts(played, history);
  checkHealed(played);
});
const onQuiet = fc.property(quiet, (history) => {
  const played = play(history);
  checkTold(played);
  checkHeard(played);
  checkObeyed(played);
  checkHealed(played);
});

describe("telegrams on a bad line", () => {
  test("that is cut, and whose controller starts anew", () => {
    fc.assert(onAny, { numRuns: 150 });
  });

  test("that stays: whatever arrives is told, and whatever does not is said", () => {
    fc.assert(onQuiet, { numRuns: 150 });
  });

  test.each(mutants)("mutant %s is caught", (name) => {
    mutant = name;
    const runs = [onAny, onQuiet].map((property) =>
      fc.check(property, { numRuns: 300, endOnFailure: true }),
    );
    expect(runs.some(({ failed }) => failed)).toBe(true);
  });
});
