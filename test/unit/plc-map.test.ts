/**
 * Goal: the map of a controller's variables keeps its rules, each named by its number on the page of
 * `edge/devices/sorter`. Method: the pure machine, asked by hand with values set by hand.
 */
import { describe, expect, test } from "vitest";
import { PlcMachine } from "../../edge/devices/sorter/plc-map/machine.ts";
import type { PlcMeaning } from "../../edge/devices/sorter/plc-map/meaning.ts";
import type { NoValue, VariableValue, VariableWrites } from "../../edge/devices/variables.ts";
import type { Discarded } from "../../edge/devices/dialect.ts";
import type { MachineSays } from "../../edge/devices/sorter/plc-map/packml.ts";
import type { SorterCommand, SorterEvent } from "../../protocols/sorter/sorter.ts";
import { ringSealOf } from "../../protocols/sorter/ring-seal.ts";
import { machineStateNumbers, machineStates } from "../../protocols/sorting.ts";
import { beltCount, monotonicMs } from "../../protocols/units.ts";
import { plcMap } from "../kit/plc-map.ts";

const size = 64;
const empty = (): number[] => Array.from({ length: size }, () => 0);
const bad: NoValue = { kind: "noValue", why: "BadSensorFailure" };

function createBench(change: Partial<PlcMeaning> = {}) {
  const map: PlcMeaning = { ...plcMap(["e0", "e1"]), ...change };
  let word = 0;
  const machine = new PlcMachine({ map, countsPerMsMax: 2, nextWord: () => (word += 1) });
  const values: Record<string, VariableValue | NoValue> = {
    count: 1_000,
    boot: 7,
    "echo.fromPlc": 0,
    "life.fromPlc": 0,
    "belt.running": true,
    "belt.speed": 1_000,
    "belt.emergencyStop": false,
    "events.written": 0,
    "events.kind": empty(),
    "events.what": empty(),
    "events.count": empty(),
    "chutes.green.full": false,
    "chutes.green.blocked": false,
    "chutes.green.fillPct": 10,
    "chutes.red.full": false,
    "chutes.red.blocked": false,
    "chutes.inspection.full": false,
    "ack.seq": 0,
    "ack.code": 0,
  };
  let at = 0;
  let life = 0;
  let serverStart = "t0";
  let heard: (SorterEvent | Discarded | MachineSays)[] = [];
  const answers: VariableWrites[] = [];
  const out = {
    tell: (event: SorterEvent | Discarded | MachineSays) => void heard.push(event),
    answer: (writes: VariableWrites) => void answers.push(writes),
  };

  /** One request; the controller lives unless it is told not to. */
  const poll = (next: Record<string, VariableValue | NoValue> = {}, ms = 20, tookMs = 1) => {
    at += ms;
    life += 1;
    Object.assign(values, { "life.fromPlc": life }, next);
    heard = [];
    machine.read(
      {
        kind: "readings",
        askedAt: monotonicMs(at),
        serverStart,
        values: new Map(Object.entries(values)),
      },
      monotonicMs(at + tookMs),
      out,
    );
    return heard;
  };
  const epoch = (): string => {
    const event = poll({}, 200).find((each) => each.kind === "belt");
    if (event === undefined) throw new Error("no session");
    return event.epoch;
  };
  const send = (command: SorterCommand): VariableWrites["steps"] => {
    const { id, steps } = machine.write(command, monotonicMs(at));
    if (steps.length > 0) answers.push({ id, steps });
    return steps;
  };
  /** Entries as the controller writes them, with its index. */
  const entered = (
    ...entries: readonly (readonly [kind: number, what: number, count: number])[]
  ) => {
    const first = Number(values["events.written"]);
    const lists = ["events.kind", "events.what", "events.count"].map((key) => [
      ...(values[key] as readonly number[]),
    ]);
    entries.forEach((entry, index) => {
      lists.forEach((list, part) => (list[(first + index) % size] = entry[part]!));
    });
    return {
      "events.kind": lists[0]!,
      "events.what": lists[1]!,
      "events.count": lists[2]!,
      "events.written": first + entries.length,
    };
  };
  const begin = (): string => {
    poll();
    poll();
    return epoch();
  };
  return {
    machine,
    poll,
    send,
    begin,
    entered,
    answers,
    values,
    wait: (ms: number) => void (at += ms),
    stillLife: () => void (life -= 1),
    restartServer: () => void (serverStart = "t1"),
    /** Kinds told at each of so many requests. */
    kinds: (events: readonly { readonly kind: string }[]) => events.map(({ kind }) => kind),
    notWritten: (step: number) =>
      machine.read(
        { kind: "notWritten", id: answers.at(-1)!.id, step, why: "BadTypeMismatch" },
        monotonicMs(at),
        out,
      ),
  };
}

const divert = (epoch: string, more: Partial<Extract<SorterCommand, { kind: "divert" }>> = {}) =>
  ({
    kind: "divert",
    commandId: "c1",
    passId: "p1",
    exit: "red",
    epoch,
    fireAtCount: beltCount(2_000),
    releaseAtCount: beltCount(2_500),
    notAfterCount: beltCount(1_900),
    ...more,
  }) as const;

const flat = (steps: VariableWrites["steps"]) =>
  steps.map((step) => Object.fromEntries(step.map(({ key, value }) => [key, value])));

describe("rule 4: counters wrap", () => {
  const count = { bits: 16, isSigned: true } as const;

  test("a count goes on over the wrap, and a command goes back modulo the same", () => {
    const bench = createBench({ count });
    bench.values["count"] = 32_700;
    const epoch = bench.begin();
    bench.poll({ count: -32_800 + 65_536 });
    bench.poll({ count: -32_700 });
    bench.poll({}, 200);
    const belt = bench.poll({}, 200).find(({ kind }) => kind === "belt");
    expect(belt).toMatchObject({ count: 32_836 });
    const [args] = flat(
      bench.send(
        divert(epoch, { fireAtCount: beltCount(33_000), notAfterCount: beltCount(32_990) }),
      ),
    );
    expect(args?.["command.fireAt"]).toBe(33_000 - 65_536);
  });

  test("a silence in which it may have turned by half ends the session", () => {
    const bench = createBench({ count });
    const epoch = bench.begin();
    // 32,767 counts at 2 a millisecond, less the age that a value may have.
    const longestMs = Math.floor(32_767 / 2) - 250 - 1;
    expect(bench.kinds(bench.poll({}, longestMs))).not.toContain("session");
    const [session] = bench.poll({}, longestMs + 2);
    expect(session?.kind).toBe("session");
    expect(session).not.toMatchObject({ epoch });
  });

  test("a number that no counter of its bits shows is no value", () => {
    const bench = createBench({ count });
    bench.begin();
    expect(bench.kinds(bench.poll({ count: 40_000 }))).toEqual(["discarded"]);
  });
});

describe("rule 5: edges are latched", () => {
  test("an entry is told once, with its own count, from the request after its index", () => {
    const bench = createBench();
    bench.begin();
    expect(bench.kinds(bench.poll(bench.entered([1, 1, 990])))).not.toContain("eye");
    expect(bench.poll()).toMatchObject([{ kind: "eye", eyeId: "e1", isBlocked: true, count: 990 }]);
    expect(bench.kinds(bench.poll())).not.toContain("eye");
  });

  test("an entry's number of the controller's own comes with it, if the map has any", () => {
    const track = (...numbers: readonly number[]) => [...numbers, ...empty()].slice(0, size);
    const bench = createBench({ events: { ...plcMap(["e0", "e1"]).events, track: {} } });
    bench.values["events.track"] = track();
    bench.begin();
    const entries = bench.entered([1, 1, 990], [2, 1, 995], [1, 0, 999], [7, 0, 999]);
    bench.poll({ ...entries, "events.track": track(12, 0, -3, 5) });
    const told = bench.poll().map((event) => ("track" in event ? event.track : event.kind));
    expect(told.slice(0, 4)).toEqual([12, 0, 0, "localReset"]);
  });

  test("a ring that was overrun has lost what was overwritten: the numbers show the gap", () => {
    const bench = createBench();
    bench.begin();
    const [last] = bench.poll({}, 200);
    const many = Array.from({ length: size + 10 }, (_, index) => [1, index % 2, 1_000] as const);
    bench.poll(bench.entered(...many));
    const told = bench.poll();
    const eyes = told.filter(({ kind }) => kind === "eye");
    // An eighth of the ring counts as overwritten while it is read.
    expect(eyes).toHaveLength(56);
    const seqOf = (event: object | undefined) => (event as { seq: number }).seq;
    expect(seqOf(eyes[0]) - seqOf(last)).toBe(1 + 18);
    // Whoever has missed something is told at once how the chutes stand.
    expect(bench.kinds(told).filter((kind) => kind === "chute")).toHaveLength(3);
  });

  test.each([
    ["a kind without a meaning", [77, 0, 1_000]],
    ["an eye without a name", [1, 9, 1_000]],
    ["a count that the belt has yet to reach", [1, 0, 9_000]],
  ] as const)("%s is told as unreadable, and has a number of its own", (_, entry) => {
    const bench = createBench();
    bench.begin();
    const [last] = bench.poll({}, 200);
    bench.poll(bench.entered(entry, [7, 0, 1_000]));
    const told = bench.poll();
    expect(bench.kinds(told).slice(0, 2)).toEqual(["discarded", "localReset"]);
    expect((told[1] as { seq: number }).seq - (last as { seq: number }).seq).toBe(2);
  });

  describe("an entry that bears a seal", () => {
    const sealed = () => {
      const bench = createBench({ events: { ...plcMap(["e0", "e1"]).events, seal: {} } });
      bench.values["events.seal"] = empty();
      bench.begin();
      return bench;
    };
    /** As the controller writes it, the seal at its place in the ring. */
    const withSeal = (
      bench: ReturnType<typeof sealed>,
      [kind, what, count]: readonly [number, number, number],
    ) => {
      const number = Number(bench.values["events.written"]);
      const seal = ringSealOf({ number, kind, what, track: 0, count });
      const seals = (bench.values["events.seal"] as readonly number[]).with(number % size, seal);
      return { ...bench.entered([kind, what, count]), "events.seal": seals };
    };

    test("is told by the request that shows it, and once", () => {
      const bench = sealed();
      const told = bench.poll(withSeal(bench, [1, 1, 990]));
      expect(told).toMatchObject([{ kind: "eye", eyeId: "e1", isBlocked: true, count: 990 }]);
      expect(bench.kinds(bench.poll())).not.toContain("eye");
      expect(bench.poll(withSeal(bench, [2, 1, 996]))).toMatchObject([{ kind: "eye", count: 996 }]);
    });

    test("is its seal's, whatever the sign of the variable that shows it", () => {
      const bench = sealed();
      const entry = withSeal(bench, [1, 1, 990]);
      const asSigned = entry["events.seal"].map((seal) => seal | 0);
      expect(bench.kinds(bench.poll({ ...entry, "events.seal": asSigned }))).toContain("eye");
    });

    test.each(["events.kind", "events.what", "events.count", "events.seal"] as const)(
      "waits for %s, which is still the one of a turn of the ring ago",
      (late) => {
        const bench = sealed();
        for (let turn = 0; turn < size; turn += 1) bench.poll(withSeal(bench, [2, 0, 980]), 1);
        const before = bench.values[late]!;
        const whole = withSeal(bench, [1, 1, 990]);
        expect(bench.kinds(bench.poll({ ...whole, [late]: before }))).not.toContain("eye");
        expect(bench.kinds(bench.poll({}, 100))).not.toContain("eye");
        expect(bench.poll({ [late]: whole[late] })).toMatchObject([{ kind: "eye", count: 990 }]);
      },
    );

    test("that never is its own is told as unreadable after half a second, and has a number", () => {
      const bench = sealed();
      const waiting = [bench.poll(bench.entered([1, 1, 990])), bench.poll({}, 499)].flat();
      expect(bench.kinds(waiting)).not.toContain("discarded");
      const given = bench.poll({}, 1);
      expect(given[0]).toMatchObject({
        kind: "discarded",
        reason: { detail: expect.stringContaining("seal") as string },
      });
      const next = bench.poll(withSeal(bench, [7, 0, 1_000]));
      expect(next).toMatchObject([{ kind: "localReset" }]);
      // Of the numbers so far one was given to nobody.
      const seqs = [...waiting, ...given, ...next].flatMap((each) =>
        "seq" in each ? [each.seq] : [],
      );
      expect(seqs.at(-1)! - seqs[0]! + 1 - seqs.length).toBe(1);
    });

    test("rule 7: what has fired is not told as accepted afterwards", () => {
      const bench = sealed();
      const epoch = bench.begin();
      bench.send(divert(epoch));
      const fired = { ...withSeal(bench, [3, 1, 990]), "ack.seq": 1, "ack.code": 1 };
      expect(bench.kinds(bench.poll(fired))).toContain("fired");
      expect(bench.kinds([...bench.poll(), ...bench.poll()])).not.toContain("accepted");
      bench.send({ kind: "abort", commandId: "c1", epoch });
      expect(bench.kinds([...bench.poll(), ...bench.poll()])).toContain("fired");
    });

    test("rule 7: what has fired is not told as refused, whose answer comes late or never", () => {
      const bench = sealed();
      const epoch = bench.begin();
      bench.send(divert(epoch));
      const before = bench.answers.length;
      expect(bench.kinds(bench.poll(withSeal(bench, [3, 1, 990])))).toContain("fired");
      const later = Array.from({ length: 8 }, () => bench.poll({}, 200)).flat();
      expect(bench.kinds(later)).not.toContain("refused");
      // Nothing of it is written again, taken back, or in the way of the next.
      expect(bench.answers).toHaveLength(before);
      expect(bench.send(divert(epoch, { commandId: "c2", passId: "p2" }))).not.toEqual([]);
      const next = [...bench.poll({ "ack.seq": 2, "ack.code": 1 }), ...bench.poll()];
      expect(next.filter((each) => "commandId" in each)).toMatchObject([
        { kind: "accepted", commandId: "c2" },
      ]);
    });

    test("that has no seal of its own costs those behind it nothing", () => {
      const bench = sealed();
      const told: string[] = [];
      // A gateway shows the index a poll before the entry; the third seal is wrong for ever.
      for (let number = 0; number < 40; number += 1) {
        const entry = withSeal(bench, [7, 0, 1_000]);
        const { "events.written": written, ...lists } = entry;
        if (number === 2) lists["events.seal"] = lists["events.seal"].with(number, 1);
        told.push(...bench.kinds(bench.poll({ "events.written": written }, 180)));
        told.push(...bench.kinds(bench.poll(lists, 20)));
      }
      for (let turn = 0; turn < 30; turn += 1) told.push(...bench.kinds(bench.poll()));
      expect(told.filter((kind) => kind === "discarded")).toHaveLength(1);
      expect(told.filter((kind) => kind === "localReset")).toHaveLength(39);
    });

    test("waits its own half a second, behind others that have none as well", () => {
      const bench = sealed();
      bench.poll(bench.entered([7, 0, 1_000]));
      bench.poll(bench.entered([7, 0, 1_000]), 300);
      expect(bench.kinds(bench.poll({}, 200))).toContain("discarded");
      expect(bench.kinds(bench.poll({}, 299))).not.toContain("discarded");
      expect(bench.kinds(bench.poll({}, 1))).toContain("discarded");
    });
  });

  test("an index that has gone back is another ring", () => {
    const bench = createBench();
    bench.values["events.written"] = 50;
    bench.begin();
    bench.poll({ "events.written": 3 });
    expect(bench.kinds(bench.poll())).not.toContain("eye");
    expect(bench.kinds(bench.poll({ "events.written": 2 }))[0]).toBe("session");
  });
});

test("rule 6: the count that is told was read before the index that bounds the ring", () => {
  const bench = createBench();
  bench.begin();
  bench.poll({ count: 1_010 }, 200);
  bench.poll({ count: 1_020 }, 20);
  const told = bench.poll({ count: 1_030 }, 200);
  expect(told.find(({ kind }) => kind === "belt")).toMatchObject({ count: 1_010 });
});

describe("rule 7: commands by sequence and acknowledge", () => {
  test("arguments first, then the number alone; its answer counts from the request after it", () => {
    const bench = createBench();
    const epoch = bench.begin();
    expect(flat(bench.send(divert(epoch)))).toEqual([
      {
        "command.op": 1,
        "command.exit": 2,
        "command.fireAt": 2_000,
        "command.releaseAt": 2_500,
        "command.notAfter": 1_900,
        "command.boot": 7,
      },
      { "command.seq": 1 },
    ]);
    // The code may be older than the number beside it.
    expect(bench.kinds(bench.poll({ "ack.seq": 1, "ack.code": 2 }))).not.toContain("refused");
    expect(bench.kinds(bench.poll({ "ack.code": 1 }))).toContain("accepted");
  });

  test("without an answer it is written twice more under its number, then taken back and told", () => {
    const bench = createBench();
    const epoch = bench.begin();
    bench.send(divert(epoch));
    const before = bench.answers.length;
    bench.poll({}, 198);
    expect(bench.answers).toHaveLength(before);
    bench.poll({}, 200);
    bench.poll({}, 200);
    const numbers = bench.answers.slice(before).map(({ steps }) => flat(steps)[1]);
    expect(numbers).toEqual([{ "command.seq": 1 }, { "command.seq": 1 }]);
    const told = bench.poll({}, 200);
    expect(told).toContainEqual(
      expect.objectContaining({ kind: "refused", commandId: "c1", why: "noAnswer" }),
    );
    const takenBack = flat(bench.answers.at(-1)!.steps);
    expect(takenBack).toEqual([
      { "command.op": 2, "command.target": 1, "command.boot": 7 },
      { "command.seq": 2 },
    ]);
    // And again, until it is answered or can do no more harm.
    bench.poll({}, 200);
    expect(flat(bench.answers.at(-1)!.steps)).toEqual(takenBack);
    const writes = bench.answers.length;
    bench.poll({ count: 1_700 }, 400);
    bench.poll({ count: 2_501 }, 450);
    bench.poll({}, 450);
    expect(bench.answers.length).toBeLessThanOrEqual(writes + 1);
  });

  test("a code that the map does not name is no answer: the divert is taken back", () => {
    const bench = createBench();
    bench.send(divert(bench.begin()));
    bench.poll({ "ack.seq": 1, "ack.code": 88 });
    expect(bench.poll()).toContainEqual(
      expect.objectContaining({ kind: "refused", why: "noAnswer" }),
    );
    expect(flat(bench.answers.at(-1)!.steps)[0]).toMatchObject({ "command.target": 1 });
  });

  test("one in the slot at a time; who waits, waits until its own notAfterCount and no longer", () => {
    const bench = createBench();
    const epoch = bench.begin();
    bench.send(divert(epoch));
    const waiting = { commandId: "c2", passId: "p2", notAfterCount: beltCount(1_050) };
    expect(bench.send(divert(epoch, waiting))).toEqual([]);
    bench.poll({ "ack.seq": 1, "ack.code": 1, count: 1_060 });
    expect(bench.poll()).toContainEqual(
      expect.objectContaining({ kind: "refused", commandId: "c2", why: "staleCount" }),
    );
  });

  test("what takes back goes before what moves, and a divert not yet written just ends", () => {
    const bench = createBench();
    const epoch = bench.begin();
    bench.send(divert(epoch));
    bench.send(divert(epoch, { commandId: "c2", passId: "p2" }));
    bench.send(divert(epoch, { commandId: "c3", passId: "p3" }));
    bench.send({ kind: "abort", commandId: "c1", epoch });
    bench.send({ kind: "abort", commandId: "c3", epoch });
    const told = bench.poll({ "ack.seq": 1, "ack.code": 1 });
    expect(told).toContainEqual(
      expect.objectContaining({ kind: "cancelled", commandId: "c3", why: "aborted" }),
    );
    bench.poll();
    expect(flat(bench.answers.at(-1)!.steps)[0]).toMatchObject({
      "command.op": 2,
      "command.target": 1,
    });
  });

  test("arguments that were not taken are a refused command: the number was not written", () => {
    const bench = createBench();
    bench.send(divert(bench.begin()));
    bench.notWritten(0);
    expect(bench.poll({}, 500)).not.toContainEqual(expect.objectContaining({ why: "noAnswer" }));
  });

  test("a parcel leaves once: a second command for it is refused while the first one stands", () => {
    const bench = createBench();
    const epoch = bench.begin();
    bench.send(divert(epoch));
    bench.poll({ "ack.seq": 1, "ack.code": 1 });
    bench.poll();
    bench.send(divert(epoch, { commandId: "c2" }));
    expect(bench.poll()).toContainEqual(
      expect.objectContaining({ kind: "refused", commandId: "c2", why: "overlap" }),
    );
  });
});

describe("rule 8: life both ways", () => {
  test("nothing is told before the controller's life has changed, nor of its belt once it stands", () => {
    const bench = createBench();
    expect(bench.poll()).toEqual([]);
    bench.stillLife();
    expect(bench.poll()).toEqual([]);
    expect(bench.kinds(bench.poll())).toContain("session");
    for (let ms = 0; ms < 500; ms += 100) {
      bench.stillLife();
      bench.poll({}, 100);
    }
    bench.stillLife();
    expect(bench.poll({ "chutes.green.full": true }, 100)).toEqual([]);
    expect(bench.kinds(bench.poll({}, 100))).toEqual(expect.arrayContaining(["chute", "belt"]));
  });

  test("ours grows with each sign of life of the driver, in its session alone", () => {
    const bench = createBench();
    const epoch = bench.begin();
    expect(flat(bench.send({ kind: "life", epoch }))).toEqual([{ "life.toPlc": 1 }]);
    expect(flat(bench.send({ kind: "life", epoch }))).toEqual([{ "life.toPlc": 2 }]);
    expect(bench.send({ kind: "life", epoch: "another" })).toEqual([]);
  });
});

describe("rule 9: whatever ends a session", () => {
  test.each([
    ["another boot word", { boot: 8 }],
    ["a count gone back", { count: 900 }],
    ["a count that no belt can have reached", { count: 90_000 }],
  ])("%s", (_, change) => {
    const bench = createBench();
    const epoch = bench.begin();
    const [session] = bench.poll(change);
    expect(session).toMatchObject({ kind: "session", seq: 0 });
    expect(session).not.toMatchObject({ epoch });
  });

  test("a server that was started anew", () => {
    const bench = createBench();
    bench.begin();
    bench.restartServer();
    expect(bench.kinds(bench.poll())[0]).toBe("session");
  });

  test("what was under way is refused, and nothing of it is written again", () => {
    const bench = createBench();
    bench.send(divert(bench.begin()));
    const writes = bench.answers.length;
    expect(bench.poll({ boot: 8 })).toContainEqual(
      expect.objectContaining({ kind: "refused", commandId: "c1", why: "staleEpoch" }),
    );
    bench.poll({}, 500);
    expect(bench.answers).toHaveLength(writes);
  });

  test("without a boot word: ours, drawn for each session, has to come back", () => {
    const map = plcMap(["e0", "e1"]);
    const bench = createBench({
      boot: undefined,
      echo: { toPlc: map.life.toPlc, fromPlc: map.count },
    });
    bench.poll();
    bench.poll();
    const wordOf = () => Number(flat(bench.answers.at(-1)!.steps)[0]?.["echo.toPlc"]);
    expect(bench.kinds(bench.poll({ "echo.fromPlc": wordOf() }))).toContain("session");
    // A start of the controller clears it: another word, another session.
    const first = wordOf();
    expect(bench.kinds(bench.poll({ "echo.fromPlc": 0 }))).toEqual([]);
    expect(wordOf()).not.toBe(first);
    expect(bench.kinds(bench.poll({ "echo.fromPlc": wordOf() }))[0]).toBe("session");
  });
});

test("rule 10: an answer that took more than 250 ms proves nothing", () => {
  const bench = createBench();
  bench.begin();
  bench.poll(bench.entered([1, 0, 1_000]));
  expect(bench.poll({}, 200, 251)).toMatchObject([
    { kind: "discarded", reason: { detail: "the answer took 251 ms" } },
  ]);
  expect(bench.kinds(bench.poll({}, 300, 250))).toContain("eye");
});

describe("rule 11: a value that is none", () => {
  test.each(["count", "boot", "events.written", "events.kind", "ack.seq", "belt.running"])(
    "%s: nothing of that request is told but why",
    (key) => {
      const bench = createBench();
      bench.begin();
      const told = bench.poll({ [key]: bad }, 200);
      expect(told).toMatchObject([
        { kind: "discarded", reason: { detail: `${key}: BadSensorFailure` } },
      ]);
    },
  );

  test("a chute of which it is the value is unknown, and the others are not", () => {
    const bench = createBench();
    bench.begin();
    const told = bench.poll({ "chutes.green.blocked": bad });
    expect(told).toMatchObject([{ kind: "chute", exit: "green", state: "unknown" }]);
  });
});

describe("rule 12: reconnect", () => {
  test("the ring goes on where it was not outrun, and nothing that moves is written again", () => {
    const bench = createBench();
    const epoch = bench.begin();
    bench.send(divert(epoch));
    bench.machine.lose();
    const writes = bench.answers.length;
    const told = bench.poll(bench.entered([1, 0, 1_000], [2, 0, 1_000]), 5_000);
    expect(bench.kinds(told)).not.toContain("session");
    expect(bench.kinds(bench.poll())).toEqual(expect.arrayContaining(["eye", "eye"]));
    const after = bench.answers.slice(writes).map(({ steps }) => flat(steps)[0]?.["command.op"]);
    expect(after.every((op) => op === 2)).toBe(true);
  });

  test("a ring that was outrun meanwhile is another session", () => {
    const bench = createBench();
    bench.begin();
    bench.machine.lose();
    const many = Array.from({ length: size }, () => [1, 0, 1_000] as const);
    expect(bench.kinds(bench.poll(bench.entered(...many), 5_000))[0]).toBe("session");
  });
});

describe("rule 13: what the machine says of itself", () => {
  const states = Object.fromEntries(
    machineStates.map((state) => [String(machineStateNumbers[state]), state]),
  );
  const packml = { state: { states } };
  const inState = (number: number, change: Partial<PlcMeaning> = { packml }) => {
    const bench = createBench(change);
    Object.assign(bench.values, { "packml.state": 6, "packml.mode": 1 });
    bench.begin();
    return { bench, told: bench.poll({ "packml.state": number }, 200) };
  };
  const beltIn = (number: number) =>
    inState(number).told.find(({ kind }) => kind === "belt") as object;

  test.each([
    "Execute",
    "Holding",
    "Held",
    "Unholding",
    "Suspending",
    "Suspended",
    "Unsuspending",
    "Completing",
  ] as const)("%s is a run or a pause of it: the belt is as its own keys say", (state) => {
    expect(beltIn(machineStateNumbers[state])).toMatchObject({
      isRunning: true,
      emergencyStop: false,
    });
  });

  test.each([
    "Stopping",
    "Stopped",
    "Resetting",
    "Idle",
    "Starting",
    "Complete",
    "Aborting",
    "Aborted",
    "Clearing",
  ] as const)("%s is heard as an emergency stop, and the belt not as standing", (state) => {
    expect(beltIn(machineStateNumbers[state])).toMatchObject({
      isRunning: true,
      emergencyStop: true,
    });
  });

  test("an emergency stop of its own stands in Execute, too", () => {
    const bench = createBench({ packml });
    bench.values["packml.state"] = 6;
    bench.begin();
    const told = bench.poll({ "belt.emergencyStop": true }, 200);
    expect(told).toContainEqual(expect.objectContaining({ kind: "belt", emergencyStop: true }));
  });

  test.each([0, 18, 19, 77])(
    "%i means nothing, and so nothing of that request is told",
    (number) => {
      const { bench, told } = inState(number);
      const detail = `packml.state: ${number} is no state that the map names`;
      expect(told).toMatchObject([{ kind: "discarded", reason: { detail } }]);
      expect(bench.kinds(bench.poll({ "packml.state": 6 }, 200))).toContain("belt");
    },
  );

  test("of bad quality it is no value, and neither is the mode", () => {
    const change = { packml: { ...packml, mode: { produce: 1 } } };
    for (const key of ["packml.state", "packml.mode"]) {
      const { bench } = inState(6, change);
      expect(bench.poll({ [key]: bad }, 200)).toMatchObject([
        { kind: "discarded", reason: { detail: `${key}: BadSensorFailure` } },
      ]);
    }
  });

  test("people are told its state once, and once more when it executes again", () => {
    const { bench, told } = inState(machineStateNumbers.Suspended);
    const said = (events: readonly object[]) =>
      events.filter((event) => "kind" in event && event.kind === "machineSays");
    const reason = { code: "notExecuting", params: { state: "Suspended" } };
    expect(said(told)).toEqual([{ kind: "machineSays", reason }]);
    expect(said(bench.poll({}, 200))).toEqual([]);
    expect(said(bench.poll({ "packml.state": machineStateNumbers.Held }, 200))).toMatchObject([
      { reason: { params: { state: "Held" } } },
    ]);
    expect(said(bench.poll({ "packml.state": 6 }, 200))).toEqual([
      { kind: "machineSays", reason: null },
    ]);
  });

  test("in another mode than production somebody works at it, whatever its state", () => {
    const { bench } = inState(6, { packml: { ...packml, mode: { produce: 1 } } });
    const told = bench.poll({ "packml.mode": 3 }, 200);
    expect(told).toContainEqual({
      kind: "machineSays",
      reason: { code: "otherMode", detail: "mode 3, Execute" },
    });
    expect(told).toContainEqual(expect.objectContaining({ kind: "belt", emergencyStop: true }));
  });

  test("the numbers are the map's", () => {
    const change = { packml: { state: { states: { "3": "Execute", "6": "Held" } as const } } };
    const { bench } = inState(3, change);
    const [said] = bench.poll({ "packml.state": 6 }, 200);
    expect(said).toMatchObject({ reason: { params: { state: "Held" } } });
  });
});
