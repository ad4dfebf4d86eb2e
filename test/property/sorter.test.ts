/**
 * Goal: no order of commands, belt movement, life, stops and faults makes the sorter's I/O lose a
 * command, act twice, cut a window short, or number its events wrongly; and both sides' codecs take
 * back what they gave out. Method: random histories against an independent account of the windows.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createEventOrder } from "../../edge/devices/sorter/event-order.ts";
import { hotEventOf } from "../../protocols/sorter/hot-events.ts";
import {
  decodeSorterCommand,
  decodeSorterEvent,
  encodeSorterMessage,
  sorterMessageBytesMax,
} from "../../protocols/sorter/sorter-json.ts";
import { sorterMethods, toSorterCall } from "../../protocols/sorter/sorter-opcua.ts";
import { fromOpcuaCall } from "../../protocols/opcua-methods.ts";
import { zSorterCommand, zSorterEvent } from "../../protocols/sorter/sorter.ts";
import type { SorterCommand } from "../../protocols/sorter/sorter.ts";
import { beltCount, monotonicMs } from "../../protocols/units.ts";
import { sorterCommands as command, sorterEvents as event } from "../kit/sorter-messages.ts";
import { createSorterStand } from "../unit/sorter-stand.ts";

describe("what a belt tells most, recognised without its schema", () => {
  const hot = event.filter(({ kind }) => kind === "eye" || kind === "belt");
  const field = fc.constantFrom(
    "kind",
    "epoch",
    "seq",
    "count",
    "eyeId",
    "isBlocked",
    "track",
    "speedMmPerS",
    "isRunning",
    "emergencyStop",
    "commandId",
    "other",
  );
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 1 }),
    fc.constantFrom("eye", "belt", "fired", "", "a b", -1, -0, 0.5, 10_000, 10_000.5, 2 ** 53),
    fc.stringMatching(/^[A-Za-z0-9_.-]{60,70}$/),
  );
  const asJson = (given: object): unknown => JSON.parse(JSON.stringify(given));

  test("every eye and every belt report is, as what the schema makes of it", () => {
    fc.assert(
      fc.property(hot, (given) => {
        expect(hotEventOf(asJson(given))).toEqual(zSorterEvent.parse(asJson(given)));
      }),
    );
  });

  test("one with a field that is changed, added or missing only if the schema takes it, too", () => {
    fc.assert(
      fc.property(hot, field, fc.option(value, { nil: undefined }), (given, name, changed) => {
        const json = asJson({ ...given, [name]: changed });
        const bySchema = zSorterEvent.safeParse(json);
        const recognised = hotEventOf(json);
        const isHot = bySchema.success && ["eye", "belt"].includes(bySchema.data.kind);
        expect(recognised).toEqual(isHot ? bySchema.data : null);
      }),
      { numRuns: 2_000 },
    );
  });

  test("whatever is no object at all is not", () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => hotEventOf(json) === null));
  });
});

describe("codecs", () => {
  test("decode(encode(x)) = x for every command and event", () => {
    fc.assert(
      fc.property(command, event, (aCommand, anEvent) => {
        const backCommand = decodeSorterCommand(encodeSorterMessage(aCommand));
        expect(backCommand).toEqual({ kind: "ok", value: aCommand });
        const backEvent = decodeSorterEvent(encodeSorterMessage(anEvent));
        expect(backEvent).toEqual({ kind: "ok", value: anEvent });
      }),
    );
  });

  test("a command is the same after it was a method call, and every kind has its method", () => {
    fc.assert(
      fc.property(command, (aCommand) => {
        const call = toSorterCall(aCommand);
        const method = sorterMethods.find(({ name }) => name === call.method);
        if (method === undefined) throw new Error(`no method ${call.method}`);
        const values = call.inputs.map(({ value }) => value);
        expect(decodeSorterCommand(fromOpcuaCall(method, values))).toEqual({
          kind: "ok",
          value: aCommand,
        });
      }),
    );
    const kinds = zSorterCommand.options.map((option) => option.shape.kind.value);
    expect(sorterMethods.map(({ kind }) => kind).sort()).toEqual([...kinds].sort());
  });

  test("any bytes are an event or a named reason, and too many are not even parsed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const decoded = decodeSorterEvent(bytes);
        if (decoded.kind === "ok") expect(zSorterEvent.safeParse(decoded.value).success).toBe(true);
        else expect(decoded.why).not.toBe("");
      }),
    );
    const long = new Uint8Array(sorterMessageBytesMax + 1).fill(0x20);
    expect(decodeSorterEvent(long)).toMatchObject({ kind: "invalid", why: /4097 bytes/ as never });
  });
});

type Act =
  | { readonly act: "turn"; readonly by: number }
  | { readonly act: "wait"; readonly ms: number }
  | { readonly act: "life" | "cancelAll" | "stop" | "release" | "repeat" }
  | { readonly act: "abort"; readonly nth: number }
  | {
      readonly act: "divert";
      readonly exit: "red" | "green";
      readonly ahead: number;
      readonly length: number;
      readonly slack: number;
    };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant("turn" as const), by: fc.nat(120) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("wait" as const), ms: fc.nat(1_000) }) },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constantFrom("life" as const, "repeat" as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constantFrom("cancelAll" as const, "stop" as const, "release" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("abort" as const), nth: fc.nat(20) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant("divert" as const),
      exit: fc.constantFrom("red" as const, "green" as const),
      ahead: fc.integer({ min: -20, max: 300 }),
      length: fc.integer({ min: -5, max: 120 }),
      slack: fc.integer({ min: -10, max: 60 }),
    }),
  },
);

/** Plays a history; at its end everything still pending has had its chance to fire. */
function play(acts: readonly Act[]) {
  const stand = createSorterStand({ pendingMax: 6 });
  const sent: Extract<SorterCommand, { kind: "divert" }>[] = [];
  for (const step of acts) {
    const now = stand.model.count();
    switch (step.act) {
      case "turn":
        stand.encoder.turnTo(stand.encoder.count() + step.by);
        break;
      case "wait":
        stand.clock.runFor(step.ms);
        break;
      case "life":
        stand.life();
        break;
      case "cancelAll":
        stand.model.command({ kind: "cancelAll", epoch: stand.epoch() });
        break;
      case "stop":
      case "release":
        stand.model.emergencyStop(step.act === "stop");
        break;
      case "repeat": {
        const last = sent.at(-1);
        if (last !== undefined) stand.model.command(last);
        break;
      }
      case "abort":
        stand.abort(`c${step.nth}`);
        break;
      case "divert": {
        const given = {
          kind: "divert" as const,
          commandId: `c${sent.length}`,
          passId: `p${sent.length}`,
          exit: step.exit,
          epoch: stand.epoch(),
          fireAtCount: beltCount(now + step.ahead),
          releaseAtCount: beltCount(now + step.ahead + step.length),
          notAfterCount: beltCount(now + step.ahead - step.slack),
        };
        sent.push(given);
        stand.model.command(given);
      }
    }
  }
  stand.life();
  stand.encoder.turnTo(stand.encoder.count() + 1_000);
  return { ...stand, sent };
}

describe("conservation of commands", () => {
  test("each command is refused, or accepted and then fired or cancelled, and never two of these", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const { events, sent } = play(acts);
        for (const { commandId } of sent) {
          const own = events.filter((told) => "commandId" in told && told.commandId === commandId);
          const ends = new Set(
            own.filter(({ kind }) => kind !== "accepted").map((told) => told.kind),
          );
          expect([...ends], commandId).toHaveLength(1);
          if (ends.has("refused")) expect(own.every(({ kind }) => kind === "refused")).toBe(true);
          if (ends.has("fired")) expect(own[0]?.kind).toBe("accepted");
        }
        expect(events.map(({ seq }) => seq)).toEqual(events.map((_told, index) => index));
      }),
      { numRuns: 300 },
    );
  });

  test("PF-07: a diverter is out exactly where a fired window says so, unless life or stop ended it", () => {
    const quiet = fc.array(
      act.filter(({ act: name }) => !["wait", "stop", "release"].includes(name)),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(quiet, (acts) => {
        const { outputs, events, sent, encoder } = play([{ act: "life" }, ...acts]);
        const fired = new Set(
          events.flatMap((told) => (told.kind === "fired" ? [told.commandId] : [])),
        );
        for (const exit of ["red", "green"] as const) {
          const windows = sent.filter((one) => one.exit === exit && fired.has(one.commandId));
          const moves = outputs
            .map((output) => /^(\w+) (out|rest) @(-?\d+)$/.exec(output))
            .filter((move) => move?.[1] === exit);
          for (let at = -50; at <= encoder.count(); at += 1) {
            const wanted = windows.some((one) => one.fireAtCount <= at && at < one.releaseAtCount);
            const last = moves.filter((move) => Number(move?.[3]) <= at).at(-1);
            if ((last?.[2] === "out") !== wanted) {
              throw new Error(`${exit} at ${at}: wanted ${wanted}, moves ${outputs.join(", ")}`);
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("the order of events", () => {
  test("whatever is lost and doubled on the way, what is heard once is told in order with its gaps", () => {
    const history = fc.array(fc.constantFrom("once", "lost", "twice", "late"), { maxLength: 80 });
    fc.assert(
      fc.property(history, (fates) => {
        const order = createEventOrder({ countsPerMsMax: 1, counter: null });
        const heard: number[] = [];
        let missedTotal = 0;
        const hear = (seq: number) => {
          const told = { kind: "localReset", epoch: "s", seq, count: beltCount(seq) } as const;
          const place = order.judge(told, monotonicMs(seq));
          if (place.kind === "afterGap") missedTotal += place.missed;
          if (place.kind === "next" || place.kind === "afterGap" || place.kind === "newSession") {
            heard.push(seq);
          }
        };
        fates.forEach((fate, seq) => {
          if (fate !== "lost") hear(seq);
          if (fate === "twice") hear(seq);
          if (fate === "late" && seq > 0) hear(seq - 1);
        });
        expect(heard).toEqual([...new Set(heard)].sort((a, b) => a - b));
        const first = heard[0];
        const last = heard.at(-1);
        if (first !== undefined && last !== undefined) {
          expect(missedTotal).toBe(last - first + 1 - heard.length);
        }
      }),
    );
  });

  test("a session that is over does not come back, and a new one waits for a count", () => {
    const order = createEventOrder({ countsPerMsMax: 1, counter: null });
    const now = monotonicMs(0);
    const session = (epoch: string, seq: number) =>
      order.judge({ kind: "localReset", epoch, seq, count: beltCount(0) }, now).kind;
    expect(session("a", 5)).toBe("newSession");
    const accepted = { kind: "accepted", epoch: "b", seq: 3, commandId: "c" } as const;
    expect(order.judge(accepted, now).kind).toBe("early");
    expect(order.epoch()).toBe("a");
    expect(session("b", 4)).toBe("newSession");
    expect(session("a", 6)).toBe("old");
    expect(session("b", 5)).toBe("next");
  });

  test("a number or a count that no sorter can have reached is refused, and costs only itself", () => {
    const mmPerMs = 1;
    const order = createEventOrder({ countsPerMsMax: mmPerMs, counter: null });
    const hear = (seq: number, count: number, atMs: number) =>
      order.judge(
        { kind: "localReset", epoch: "a", seq, count: beltCount(count) },
        monotonicMs(atMs),
      );
    expect(hear(0, 0, 0).kind).toBe("newSession");
    expect(hear(Number.MAX_SAFE_INTEGER, 10, 10)).toMatchObject({ kind: "wild" });
    expect(hear(1, 1_000_000_000, 20)).toMatchObject({ kind: "wild" });
    expect(hear(1, 30, 30).kind).toBe("next");
    // A belt may be turned back by hand, but a counter set anew is no place on this belt.
    expect(hear(2, 100_000, 90_000).kind).toBe("next");
    expect(hear(3, 99_900, 90_100).kind).toBe("next");
    expect(hear(4, 10, 90_200)).toMatchObject({ kind: "wild", detail: "count 10 after 100000" });
    // Away for an hour: what it did meanwhile is much, and it is believed.
    expect(hear(90_000, 3_600_000, 3_600_000)).toMatchObject({ kind: "afterGap", missed: 89_996 });
  });
});
