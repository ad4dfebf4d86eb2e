import { describe, expect, it } from "vitest";
import type { ReadBinding, ReaderLayout } from "../../edge/line/config.ts";
import { beltCount } from "../../protocols/units.ts";
import {
  benchConfig,
  createLineBench,
  induct,
  reasonsOf,
  standingOf,
  waybillNo,
  type Bench,
} from "../kit/line-bench.ts";
import {
  configWith,
  createBenchReader,
  pulseInputs,
  runTrain,
  type Framing,
  type Lag,
} from "../kit/line-reader.ts";

/**
 * Goal: a read belongs to a parcel because something on the wire says so (law 16). Method: a reader
 * that latches and sends back what each binding needs, healthy and one trigger behind in every way
 * that is known, with everything else of the parcels in order and of equal weight.
 */
const bindings = {
  echo: { kind: "echo", sendMm: 150 },
  ticks: { kind: "ticks", offsetCounts: -5_000, bits: 32 },
  counter: { kind: "counter", bits: 16 },
  pulse: { kind: "pulse", ...pulseInputs },
  none: { kind: "none" },
} as const satisfies Record<ReadBinding["kind"], ReadBinding>;

const proving = [bindings.echo, bindings.ticks, bindings.counter, bindings.pulse];
const lags = [
  "noReadFirst",
  "silenceFirst",
  "fromTheThird",
  "skipsTheThird",
  "repeatsTheThird",
] as const;
/** Before the third trigger nothing was wrong with these. */
const laterLags: readonly Lag[] = ["fromTheThird", "skipsTheThird", "repeatsTheThird"];

const witness = (binding: ReadBinding): ReaderLayout => ({
  deviceId: "scanner-2",
  atMm: 9_000,
  binding,
  canTest: true,
});

describe("a healthy reader", () => {
  it.each(proving)("bound by $kind releases what its papers allow", (binding) => {
    const train = runTrain({ config: configWith(binding) });
    expect(train.exits()).toEqual(Array(6).fill("green"));
  });

  it("with a second one that has read the same releases, though nothing binds the first", () => {
    const config = configWith(bindings.none, { witness: witness(bindings.echo) });
    expect(runTrain({ config }).exits()).toEqual(Array(6).fill("green"));
  });

  it("that nothing binds releases nobody: equal goods do not tell whose label it is", () => {
    const train = runTrain({ config: configWith(bindings.none) });
    expect(train.exits()).toEqual(Array(6).fill("inspection"));
    const [decided] = train.bench.factsOf("decided");
    expect(decided?.reasons.map(({ code }) => code)).toEqual(["identityUnproved"]);
  });

  it("that nothing binds releases nobody by a weight that no other papers declare, either", () => {
    const weightsG = [1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000];
    const train = runTrain({ config: configWith(bindings.none), parcels: 7, weightsG });
    expect(train.exits()).toEqual(Array(7).fill("inspection"));
  });
});

describe("case scanner-frame-per-code: a reader that needs several frames for a read", () => {
  const framings = ["perCode", "closing", "twice"] as const;
  const all = proving.flatMap((binding) =>
    framings.map((framing): [string, Framing, ReadBinding] => [binding.kind, framing, binding]),
  );

  it.each(all)("bound by %s, %s, releases what its papers allow", (_kind, framing, binding) => {
    const train = runTrain({ config: configWith(binding), framing });
    expect(train.exits()).toEqual(Array(6).fill("green"));
  });

  it.each(["whole", ...framings] as const)(
    "bound by outputs that are told late, %s, releases what its papers allow",
    (framing) => {
      const config = configWith(bindings.pulse);
      const train = runTrain({ config, framing, hasLateOutputs: true });
      expect(train.exits()).toEqual(Array(6).fill("green"));
    },
  );

  it.each(all)("bound by %s, %s, one behind releases nobody", (_kind, framing, binding) => {
    for (const lag of lags) {
      const train = runTrain({ config: configWith(binding), framing, lag });
      expect(train.onAnothersLabel()).toEqual([]);
    }
  });
});

describe("a reader one behind releases nobody on another's label", () => {
  const all = Object.values(bindings).flatMap((binding) =>
    lags.map((lag): [string, Lag, ReadBinding] => [binding.kind, lag, binding]),
  );
  it.each(all)("bound by %s, %s", (_kind, lag, binding) => {
    const train = runTrain({ config: configWith(binding), lag });
    expect(train.onAnothersLabel()).toEqual([]);
  });

  // The last weighs as the papers of the one before declare; its own papers are in the reader still.
  it.each(all)("bound by %s, %s, on a belt with one parcel at a time", (_kind, lag, binding) => {
    const weightsG = [1_000, 9_000, 8_000, 7_000, 6_000, 2_000, 2_050];
    const train = runTrain({
      config: configWith(binding),
      lag,
      parcels: 7,
      weightsG,
      pitchMm: 40_000,
    });
    expect(train.onAnothersLabel()).toEqual([]);
  });

  it.each(lags)("%s, with a healthy witness", (lag) => {
    const config = configWith(bindings.none, { witness: witness(bindings.ticks) });
    const train = runTrain({ config, lag });
    expect(train.onAnothersLabel()).toEqual([]);
    // Before it began to lag it was right.
    const rightOnes = laterLags.includes(lag) ? 2 : 0;
    expect(train.exits().slice(rightOnes)).not.toContain("green");
  });
});

describe("ticks whose offset a test tells", () => {
  const binding = { kind: "ticks", offsetCounts: null, bits: 32 } as const;

  it("release what its papers allow", () => {
    expect(runTrain({ config: configWith(binding) }).exits()).toEqual(Array(6).fill("green"));
  });

  it("of the sorter's session before are worth nothing", () => {
    const bench = createLineBench({ config: configWith(binding) });
    bench.start();
    expect(bench.state.reader.isInStep).toBe(false);
    bench.runTo(1_000);
    const asked = () => bench.commands.findLast((command) => command.kind === "testRead")!.test;
    // The belt has run on meanwhile: where it was triggered could be anywhere in between.
    bench.readWith({ test: asked(), ticks: 9_000 });
    expect(bench.state.reader).toMatchObject({ isInStep: false, ticksOffset: null });
    bench.stand(4_000);
    bench.readWith({ test: asked(), ticks: 9_000 });
    expect(bench.state.reader).toMatchObject({ isInStep: true, ticksOffset: -8_000 });
    bench.newSession();
    expect(bench.state.reader).toMatchObject({ isInStep: false, ticksOffset: null });
  });
});

describe("a telegram and the output that goes with it", () => {
  it.each([
    [20, "waits for it"],
    [200, "was another trigger's"],
  ])("one that was here %i mm of belt before its output %s", (beforeMm, what) => {
    const bench = createLineBench({ config: configWith(bindings.pulse) });
    bench.start();
    bench.stand(4_000);
    const asked = bench.commands.findLast((command) => command.kind === "testRead")!.test;
    bench.readWith({ test: asked });
    expect(bench.state.reader.isInStep).toBe(true);
    const front = bench.count() + 1_000;
    const passId = induct(bench, front);
    bench.runTo(front + 1_700 - beforeMm);
    bench.read(waybillNo(1));
    const count = beltCount(front + 1_700);
    bench.runTo(count);
    bench.sorter({ kind: "pulse", inputId: pulseInputs.goodInputId, count });
    const isBound = what === "waits for it";
    expect(bench.pass(passId).read.isProven).toBe(isBound);
    expect(reasonsOf(bench, passId).includes("readUnbound")).toBe(!isBound);
  });
});

describe("outputs and telegrams of one parcel", () => {
  const goods = "6901234567892";
  /** A parcel before a reader that owes nothing, its front just past the reading plane. */
  const atReader = () => {
    const bench = createLineBench({ config: configWith(bindings.pulse) });
    bench.start();
    bench.stand(4_000);
    const asked = bench.commands.findLast((command) => command.kind === "testRead")!.test;
    bench.readWith({ test: asked });
    const front = bench.count() + 1_000;
    const passId = induct(bench, front);
    const count = beltCount(front + 1_700);
    bench.runTo(count);
    return {
      bench,
      passId,
      fire: () => void bench.sorter({ kind: "pulse", inputId: pulseInputs.goodInputId, count }),
      runOn: () => {
        bench.runTo(front + 2_600);
        // The sorter says where the belt is.
        bench.stand(1_000);
      },
    };
  };

  it.each(["fgfw", "ffgw", "gwff", "gffw", "wfgf"])("add up as they come: %s", (order) => {
    const { bench, passId, fire, runOn } = atReader();
    for (const step of order) {
      if (step === "f") fire();
      else bench.read(step === "g" ? goods : waybillNo(1));
    }
    runOn();
    expect(reasonsOf(bench, passId)).toEqual([]);
    expect(bench.pass(passId).read).toMatchObject({ isProven: true, codes: { length: 2 } });
    expect(bench.state.reader.isInStep).toBe(true);
  });

  it.each(["ffw", "fwg", "fgw"])("that do not match in number make it doubtful: %s", (order) => {
    const { bench, passId, fire, runOn } = atReader();
    for (const step of order) {
      if (step === "f") fire();
      else bench.read(step === "g" ? goods : waybillNo(1));
    }
    runOn();
    expect(reasonsOf(bench, passId)).toEqual(["readUnbound"]);
    expect(bench.state.reader.isInStep).toBe(false);
  });
});

it("a parcel without output or telegram leaves both owed: they may come with the next one", () => {
  const bench = createLineBench({ config: configWith(bindings.pulse) });
  bench.start();
  bench.stand(4_000);
  bench.readWith({ test: askedOf(bench) });
  const front = bench.count() + 1_000;
  const first = induct(bench, front);
  const second = induct(bench, front + 1_000);
  const count = beltCount(front + 2_700);
  bench.runTo(count);
  bench.sorter({ kind: "pulse", inputId: pulseInputs.goodInputId, count });
  bench.read(waybillNo(1));
  expect(bench.state.reader).toMatchObject({ isInStep: false, unboundWhy: "readMissing" });
  for (const passId of [first, second]) expect(reasonsOf(bench, passId)).toContain("readUnbound");
});

it("a no-read that proves nothing closes no gate before the read has proved itself", () => {
  const bench = createLineBench();
  bench.start();
  const passId = induct(bench, 1_000);
  bench.runTo(2_700);
  bench.readWith({});
  expect(reasonsOf(bench, passId)).toEqual(["readUnbound"]);
});

/** A telegram that is nobody's makes a reader owe, whatever binds it. */
function oweByStray(bench: Bench): void {
  bench.stand(1_000);
  bench.read("6901234567892");
  bench.runTo(bench.count() + 1_000);
}

const askedOf = (bench: Bench): string =>
  bench.commands.findLast((command) => command.kind === "testRead")!.test;

describe("a debt", () => {
  it("is not paid by an empty belt, for however long", () => {
    const bench = createLineBench({ config: configWith(bindings.none) });
    bench.start();
    induct(bench, 1_000);
    bench.runTo(60_000);
    expect(bench.state.reader.isInStep).toBe(false);
    expect(bench.state.machine.conditions).toContain("readerOutOfStep");
  });

  it("and its alarm outlive the sorter's session", () => {
    const { layout, ...config } = configWith(bindings.none);
    const scanner = { ...layout.scanner, canTest: false };
    const bench = createLineBench({ config: { ...config, layout: { ...layout, scanner } } });
    bench.start();
    induct(bench, 1_000);
    bench.runTo(60_000);
    expect(standingOf(bench)).toContain("readerOutOfStep");
    bench.newSession();
    bench.runTo(bench.count() + 60_000);
    expect(bench.state.machine.conditions).toEqual(["readerOutOfStep"]);
    expect(standingOf(bench)).toEqual(["readerOutOfStep"]);
    bench.stand(1_000);
    bench.sorter({ kind: "localReset", count: bench.state.belt.count });
    expect(bench.state.machine.conditions).toEqual([]);
    expect(standingOf(bench)).toEqual(["beltStands"]);
  });

  it("is not paid by the answer to a test of the sorter's earlier session", () => {
    const bench = createLineBench({ config: configWith(bindings.ticks) });
    bench.start();
    bench.stand(4_000);
    const asked = bench.commands.findLast((command) => command.kind === "testRead")!.test;
    const ticks = bench.count() + 5_000;
    // The sorter has begun to count anew since the reader was triggered.
    bench.newSession();
    bench.readWith({ test: asked, ticks });
    expect(bench.state.reader).toMatchObject({ isInStep: false, ticksOffset: null });
  });

  it("is paid by a test trigger whose own digits come back, and by no others", () => {
    const bench = createLineBench({ config: configWith(bindings.counter) });
    bench.start();
    bench.runTo(1_000);
    bench.stand(1_000);
    const asked = bench.commands.findLast((command) => command.kind === "testRead");
    expect(asked).toMatchObject({ kind: "testRead", deviceId: "scanner-1" });
    bench.readWith({ test: "0000", counter: 7 });
    expect(bench.state.reader.isInStep).toBe(false);
    bench.readWith({ test: asked!.test, counter: 7 });
    expect(bench.state.reader.isInStep).toBe(true);
    expect(bench.factsOf("readerProved")).toEqual([
      { kind: "readerProved", deviceId: "scanner-1", by: "test" },
    ]);
  });

  it("stays with a reader that answers each test one late", () => {
    const bench = createLineBench({ config: configWith(bindings.counter) });
    bench.start();
    const reader = createBenchReader(bench, "silenceFirst");
    bench.runTo(1_000);
    for (let round = 0; round < 20; round += 1) {
      bench.stand(3_500);
      reader.answerTests();
    }
    expect(bench.state.reader.isInStep).toBe(false);
  });

  it.each([
    ["counter", "a no-read that closes its gate", {}],
    ["pulse", "a no-read that closes its gate", {}],
    ["ticks", "a no-read that closes its gate", {}],
    ["none", "a no-read that closes its gate", {}],
    ["pulse", "its output, told late", "output"],
  ] as const)("paid by a test to %s stays paid after %s", (kind, _what, tail) => {
    const told = (times: number): boolean => {
      const bench = createLineBench({ config: configWith(bindings[kind]) });
      bench.start();
      oweByStray(bench);
      bench.stand(4_000);
      const count = bench.state.belt.count;
      bench.readWith({ test: askedOf(bench), counter: 7, ticks: count + 5_000 });
      expect(bench.state.reader.isInStep).toBe(true);
      bench.wait(400);
      for (let time = 0; time < times; time += 1) {
        if (tail !== "output") bench.readWith(tail);
        else bench.sorter({ kind: "pulse", inputId: pulseInputs.noReadInputId, count });
      }
      bench.runTo(count + 1_000);
      bench.stand(1_000);
      return bench.state.reader.isInStep;
    };
    expect(told(1)).toBe(true);
    // One test has one output and one gate.
    expect(told(2)).toBe(false);
  });

  it.each([
    ["later than anything of a test is told", 0, 3_100],
    ["of a place where no test was triggered", 300, 400],
  ])("an output without a parcel %s is owed for", (_what, movedCounts, afterMs) => {
    const bench = createLineBench({ config: configWith(bindings.pulse) });
    bench.start();
    bench.stand(4_000);
    bench.readWith({ test: askedOf(bench) });
    const count = beltCount(bench.state.belt.count + movedCounts);
    bench.runTo(count);
    bench.wait(afterMs);
    bench.sorter({ kind: "pulse", inputId: pulseInputs.noReadInputId, count });
    expect(bench.state.reader.unboundWhy).toBe("pulseWithoutParcel");
  });

  it("is not asked for while somebody is before the reader", () => {
    const bench = createLineBench({ config: configWith(bindings.counter) });
    bench.start();
    const before = bench.commands.length;
    bench.eye("induction", true);
    bench.stand(20_000);
    expect(bench.commands.slice(before).filter(({ kind }) => kind === "testRead")).toHaveLength(0);
  });

  it("of a reader without tests is paid by a person, where the belt stands with nothing before it", () => {
    const owing = (isRunning: boolean, isEmpty: boolean, canTest = false): boolean => {
      const { layout, ...config } = configWith(bindings.none);
      const scanner = { ...layout.scanner, canTest };
      const bench = createLineBench({ config: { ...config, layout: { ...layout, scanner } } });
      bench.start();
      induct(bench, 1_000);
      bench.runTo(isEmpty ? 60_000 : 3_400);
      if (!isRunning) bench.stand(1_000);
      bench.sorter({ kind: "localReset", count: bench.state.belt.count });
      return !bench.state.reader.isInStep;
    };
    expect(owing(false, true)).toBe(false);
    expect(owing(true, true)).toBe(true);
    // It can say itself whether it is mended; the key may have been pressed for something else.
    expect(owing(false, true, true)).toBe(true);
  });

  it.each([
    ["counter", true],
    ["pulse", true],
    ["echo", false],
    ["ticks", false],
  ] as const)("after lost messages of the sorter is owed with %s: %s", (kind, isOwed) => {
    const { bench } = runTrain({ config: configWith(bindings[kind]), parcels: 2 });
    expect(bench.state.reader.isInStep).toBe(true);
    bench.tell({ kind: "sorterGap", missed: 1 });
    expect(bench.state.reader.isInStep).toBe(!isOwed);
  });

  it("a parcel that the belt could not hold was counted by the reader as well", () => {
    const config = configWith(bindings.counter);
    const tracking = { ...config.tracking, passesOnBeltMax: 1 };
    const bench = createLineBench({ config: { ...config, tracking } });
    bench.start();
    bench.eye("induction", true);
    bench.eye("induction", false);
    const before = bench.state.nextOrdinal;
    bench.runTo(1_000);
    bench.eye("induction", true);
    expect(bench.state.passes).toHaveLength(1);
    expect(bench.state.nextOrdinal).toBe(before + 1);
  });

  it("of a reader that has been away is owed anew", () => {
    const bench = createLineBench({ config: configWith(bindings.ticks) });
    bench.start();
    const health = (state: "down" | "receiving") =>
      bench.tell({ kind: "health", deviceId: "scanner-1", state, reason: null });
    health("down");
    health("receiving");
    expect(bench.state.reader.isInStep).toBe(false);
  });
});

describe("case scanner-frame-per-code: several frames of one read", () => {
  const readTwice = (second: readonly string[]) => {
    const bench = createLineBench();
    bench.start();
    const passId = induct(bench, 1_000);
    bench.runTo(2_700);
    bench.read(waybillNo(1));
    bench.read(...second);
    return { bench, passId };
  };

  it.each([
    ["a closing no-read takes nothing back", []],
    ["the same once more is no news", [waybillNo(1)]],
    ["a code that is no waybill proves nothing", ["6901234567892"]],
  ])("%s", (_what, second) => {
    const { bench, passId } = readTwice(second);
    expect(bench.pass(passId).identity).toEqual({ kind: "one", waybill: waybillNo(1) });
    expect(reasonsOf(bench, passId)).toEqual([]);
  });

  it.each([2, 16, 40])("another waybill behind the same one %i times is a conflict", (times) => {
    const bench = createLineBench();
    bench.start();
    const passId = induct(bench, 1_000);
    bench.runTo(2_700);
    for (let told = 0; told < times; told += 1) bench.read(waybillNo(1));
    bench.read(waybillNo(2));
    expect(bench.pass(passId).identity.kind).toBe("several");
  });

  it("more codes than a read may hold prove nothing", () => {
    const { bench, passId } = readTwice(Array.from({ length: 16 }, (_, n) => `69012345678${n}`));
    expect(reasonsOf(bench, passId)).toContain("readUnbound");
  });

  it("another waybill is a conflict", () => {
    const { bench, passId } = readTwice([waybillNo(2)]);
    expect(bench.pass(passId).identity.kind).toBe("several");
  });

  it("the waybill may come behind a no-read", () => {
    const bench = createLineBench();
    bench.start();
    const passId = induct(bench, 1_000);
    bench.runTo(2_700);
    bench.read();
    bench.read(waybillNo(1));
    expect(bench.pass(passId).identity).toEqual({ kind: "one", waybill: waybillNo(1) });
  });
});

describe("tokens", () => {
  it("are sent once a parcel, behind the one before and ahead of its own trigger", () => {
    const bench = createLineBench();
    bench.start();
    const sent: number[] = [];
    for (const front of [1_000, 1_700]) induct(bench, front);
    for (let count = bench.count(); count < 4_000; count += 10) {
      const before = bench.commands.length;
      bench.runTo(count);
      const now = bench.commands.slice(before).filter((command) => command.kind === "readToken");
      if (now.some(({ deviceId }) => deviceId === "scanner-1")) sent.push(count);
    }
    // The front 150 mm before the plane at 1,500 mm.
    expect(sent).toEqual([2_350, 3_050]);
  });

  it("a reader without a trigger of its own is triggered once a parcel, behind its token", () => {
    const { layout } = benchConfig;
    const scanner = { ...layout.scanner, triggerMm: 50 };
    const bench = createLineBench({ config: { ...benchConfig, layout: { ...layout, scanner } } });
    bench.start();
    for (const front of [1_000, 1_700]) induct(bench, front);
    const sent: string[] = [];
    for (let count = bench.count(); count < 4_000; count += 10) {
      const before = bench.commands.length;
      bench.runTo(count);
      for (const command of bench.commands.slice(before)) {
        const isOurs = "deviceId" in command && command.deviceId === "scanner-1";
        if (isOurs) sent.push(`${command.kind} ${count}`);
      }
    }
    expect(sent).toEqual([
      "readToken 2350",
      "triggerRead 2450",
      "readToken 3050",
      "triggerRead 3150",
    ]);
  });

  /** What is sent to a reader whose triggers the line ends, and at which count. */
  function sentWith(fronts: readonly number[], readAt: ReadonlyMap<number, string> = new Map()) {
    const { layout } = benchConfig;
    const scanner = { ...layout.scanner, triggerMm: 50, triggerOffMm: 40 };
    const bench = createLineBench({ config: { ...benchConfig, layout: { ...layout, scanner } } });
    bench.start();
    for (const front of fronts) induct(bench, front);
    const sent: string[] = [];
    for (let count = bench.count(); count < 4_000; count += 10) {
      const before = bench.commands.length;
      bench.runTo(count);
      const text = readAt.get(count);
      if (text !== undefined) bench.read(...(text === "" ? [] : [text]));
      for (const command of bench.commands.slice(before)) {
        if (command.kind === "triggerRead" || command.kind === "endTrigger") {
          sent.push(`${command.kind} ${count}`);
        }
      }
    }
    return sent;
  }

  it("PR1.1-26: a trigger that has shown nothing ends behind the parcel's rear", () => {
    // Plane at 1,500 mm, 400 mm long, ended 40 mm behind it.
    expect(sentWith([1_000, 1_900])).toEqual([
      "triggerRead 2450",
      "endTrigger 2940",
      "triggerRead 3350",
      "endTrigger 3840",
    ]);
  });

  it.each([
    ["a read", waybillNo(1)],
    ["a no-read", ""],
  ])("PR1.1-26: %s has ended it", (_name, text) => {
    expect(sentWith([1_000], new Map([[2_600, text]]))).toEqual(["triggerRead 2450"]);
    expect(sentWith([1_000], new Map([[2_930, text]]))).toEqual(["triggerRead 2450"]);
    expect(sentWith([1_000], new Map([[2_940, text]]))).toContain("endTrigger 2940");
  });

  it("the next parcel's trigger is not ended by it", () => {
    const [first, second] = [1_000, 1_490];
    expect(sentWith([first, second])).toEqual([
      "triggerRead 2450",
      "triggerRead 2940",
      "endTrigger 3430",
    ]);
  });

  it("begin where the shell has drawn, and wrap behind four digits", () => {
    const bench = createLineBench();
    bench.start();
    bench.state.nextToken = 9_999;
    induct(bench, 1_000);
    induct(bench, 2_000);
    bench.runTo(3_400);
    const tokens = bench.commands.flatMap((command) =>
      command.kind === "readToken" && command.deviceId === "scanner-1" ? [command.token] : [],
    );
    expect(tokens).toEqual(["9999", "0000"]);
  });

  it("of two parcels that are told swapped make both doubtful", () => {
    const bench = createLineBench();
    bench.start();
    const [first, second] = [induct(bench, 1_000), induct(bench, 2_000)];
    bench.runTo(3_700);
    const token = bench.pass(first).read.token!;
    bench.readWith({ token }, waybillNo(1));
    for (const passId of [first, second]) expect(reasonsOf(bench, passId)).toEqual(["readUnbound"]);
  });

  it("that do not come back prove nothing", () => {
    const bench = createLineBench();
    bench.start();
    const passId = induct(bench, 1_000);
    bench.runTo(2_700);
    bench.readWith({}, waybillNo(1));
    expect(reasonsOf(bench, passId)).toEqual(["readUnbound"]);
  });
});

/** The reader's answer to the line's test, on a belt that stands. */
function answerTest(bench: Bench, ticks: number): void {
  bench.stand(4_000);
  const asked = bench.commands.findLast((command) => command.kind === "testRead")!.test;
  bench.readWith({ test: asked, ticks });
}

describe("a configured offset of ticks", () => {
  const started = (canTest: boolean): Bench => {
    const { layout, ...config } = configWith(bindings.ticks);
    const scanner = { ...layout.scanner, canTest };
    const bench = createLineBench({ config: { ...config, layout: { ...layout, scanner } } });
    bench.start();
    return bench;
  };

  it("holds as it is where the test agrees with it", () => {
    const bench = started(true);
    expect(bench.state.reader).toMatchObject({ isInStep: false, ticksOffset: null });
    answerTest(bench, bench.count() + 5_010);
    expect(bench.state.reader).toMatchObject({ isInStep: true, ticksOffset: -5_000 });
  });

  it("is learned anew, and said to be owed, when the sorter counts anew", () => {
    const bench = started(true);
    answerTest(bench, bench.count() + 5_000);
    bench.newSession();
    expect(standingOf(bench)).toContain("readerOutOfStep");
    expect(bench.state.machine.isInductionPermitted).toBe(false);
    // The reader's own encoder went on; the sorter's count did not.
    answerTest(bench, bench.count() + 8_000);
    expect(bench.state.reader).toMatchObject({ isInStep: true, ticksOffset: -8_000 });
    const front = bench.count() + 1_000;
    const passId = induct(bench, front);
    bench.runTo(front + 1_700);
    bench.readWith({ ticks: front + 1_700 + 8_000 }, waybillNo(1));
    expect(bench.pass(passId).read.isProven).toBe(true);
  });

  it("binds nothing in a new session until a person has said that it still holds", () => {
    const bench = started(false);
    const front = bench.count() + 1_000;
    const passId = induct(bench, front);
    bench.runTo(front + 1_700);
    bench.readWith({ ticks: front + 1_700 + 5_000 }, waybillNo(1));
    expect(bench.pass(passId).read.isProven).toBe(false);
    bench.runTo(front + 60_000);
    bench.stand(1_000);
    bench.sorter({ kind: "localReset", count: bench.state.belt.count });
    expect(bench.state.reader).toMatchObject({ isInStep: true, ticksOffset: -5_000 });
    bench.newSession();
    expect(bench.state.reader).toMatchObject({ isInStep: false, ticksOffset: null });
  });
});

it.each([
  [16, true],
  [24, false],
  [32, false],
] as const)("a missing answer is owed by ticks of %i bits: %s", (bits, isOwed) => {
  const bench = createLineBench({ config: configWith({ ...bindings.ticks, bits }) });
  bench.start();
  answerTest(bench, 5_000);
  const front = bench.count() + 1_000;
  const passId = induct(bench, front);
  bench.runTo(front + 10_000);
  expect(bench.state.reader.unboundWhy).toBe(isOwed ? "readMissing" : null);
  expect(reasonsOf(bench, passId).includes("readUnbound")).toBe(isOwed);
});

it("ticks bind a read however late it is told", () => {
  const bench = createLineBench({ config: configWith(bindings.ticks) });
  bench.start();
  answerTest(bench, 5_000);
  const passId = induct(bench, 1_000);
  bench.runTo(5_500);
  expect(bench.pass(passId).read.isAnswered).toBe(true);
  bench.readWith({ ticks: 2_700 + 5_000 }, waybillNo(1));
  expect(bench.pass(passId).identity).toEqual({ kind: "one", waybill: waybillNo(1) });
});

it("ticks wrap at the width of the reader's counter", () => {
  const binding = { kind: "ticks", offsetCounts: 0, bits: 16 } as const;
  const bench = createLineBench({ config: configWith(binding) });
  bench.start();
  answerTest(bench, 0);
  bench.runTo(70_000);
  const passId = induct(bench, 70_100);
  bench.runTo(71_800);
  bench.readWith({ ticks: 71_800 % 65_536 }, waybillNo(1));
  expect(bench.pass(passId).identity.kind).toBe("one");
});

it("a bench reader that nobody knows is not heard", () => {
  const bench = createLineBench({ config: benchConfig });
  bench.start();
  const passId = induct(bench, 1_000);
  bench.runTo(2_700);
  bench.readFrom("scanner-9", {}, waybillNo(1));
  expect(bench.pass(passId).read.isAnswered).toBe(false);
});
