/**
 * Goal: an alarm stands as long as its condition does, give or take the delays of its row, and
 * nothing else makes it come or go (HMI A7). Method: events with their times into the pure reducer,
 * and a property over random ones against the plain words of that rule.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  changeMsMin,
  conditionsPerLineMax,
  isKnownSo,
  newAlarmBook,
  retellMsMax,
  stepAlarms,
  type ConditionTold,
} from "../../edge/alarms/alarm-book.ts";
import { alarmTable, type ConditionCode } from "../../protocols/alarms.ts";
import { zAlarmView, type AlarmView } from "../../protocols/ui/scene.ts";
import { epochMs, monotonicMs } from "../../protocols/units.ts";

function rig() {
  const book = newAlarmBook();
  const said: string[] = [];
  const views: AlarmView[] = [];
  const stampsAt = (ms: number, lineId: string) => ({
    lineId,
    at: monotonicMs(ms),
    wallAt: epochMs(1_000_000 + ms),
  });
  const hear = (event: Parameters<typeof stepAlarms>[1]): void => {
    for (const alarm of stepAlarms(book, event)) {
      expect(zAlarmView.safeParse(alarm).error).toBeUndefined();
      said.push(`${alarm.code} ${alarm.state}`);
      views.push(alarm);
    }
  };
  const tell = (
    ms: number,
    code: ConditionCode,
    holds: boolean,
    { key = "k", lineId = "L1", isOwn = false, params = {} }: TellOptions = {},
  ): void => {
    const condition: ConditionTold = { code, key, holds, passId: null, params };
    const teller = isOwn ? "centre" : "line";
    hear({ kind: "condition", teller, condition, ...stampsAt(ms, lineId) });
  };
  const open = (ms: number, lineId = "L1"): void =>
    hear({ kind: "sessionOpened", ...stampsAt(ms, lineId) });
  const pass = (ms: number): void => hear({ kind: "timePassed", at: monotonicMs(ms) });
  return { book, said, views, tell, open, pass };
}

interface TellOptions {
  readonly key?: string;
  readonly lineId?: string;
  readonly isOwn?: boolean;
  readonly params?: ConditionTold["params"];
}

test.each(["timeBreak", "beltUnknown", "eventsLost"] as const)(
  "%s stands for as long as a person needs to see it, though a belt that has jumped ends it at once",
  (code) => {
    const rigged = rig();
    rigged.tell(0, code, true);
    rigged.tell(1, code, false);
    rigged.pass(5_000);
    expect(rigged.said).toEqual([`${code} active`]);
    rigged.pass(5_001);
    expect(rigged.said).toEqual([`${code} active`, `${code} returned`]);
  },
);

describe("what is true of an alarm and changes", () => {
  const bytes = (n: number) => ({ params: { bytes: n } });
  const paramsOf = ({ views }: ReturnType<typeof rig>) => views.map(({ params }) => params);

  test("is told of the same alarm, which began when it began", () => {
    const rigged = rig();
    rigged.tell(0, "messageUnread", true, bytes(1));
    rigged.tell(5, "messageUnread", true, bytes(1));
    rigged.tell(9, "messageUnread", true, bytes(2));
    expect(paramsOf(rigged)).toEqual([{ bytes: 1 }, { bytes: 2 }]);
    const [first, second] = rigged.views;
    expect({ ...second, params: first?.params }).toEqual(first);
    rigged.tell(10, "messageUnread", false);
    expect(rigged.views.at(-1)).toMatchObject({
      id: first?.id,
      state: "returned",
      params: { bytes: 2 },
    });
  });

  test("of what the centre sees is told now and then, the newest, however often it changes", () => {
    const rigged = rig();
    for (let ms = 0; ms <= 2 * changeMsMin; ms += 100) {
      rigged.tell(ms, "messageUnread", true, { isOwn: true, ...bytes(ms) });
    }
    expect(paramsOf(rigged)).toEqual([0, changeMsMin, 2 * changeMsMin].map((n) => ({ bytes: n })));
  });

  test("puts off no delay, and is no news before the alarm is", () => {
    const { onDelayMs, offDelayMs } = alarmTable.deviceDown;
    const rigged = rig();
    rigged.tell(0, "deviceDown", true, { params: { deviceId: "a" } });
    rigged.tell(onDelayMs - 1, "deviceDown", true, { params: { deviceId: "b" } });
    expect(rigged.said).toEqual([]);
    rigged.pass(onDelayMs);
    expect(paramsOf(rigged)).toEqual([{ deviceId: "b" }]);
    const goneAt = 2 * onDelayMs;
    rigged.tell(goneAt, "deviceDown", false);
    rigged.tell(goneAt + offDelayMs - 1, "deviceDown", true, { params: { deviceId: "c" } });
    rigged.pass(goneAt + 10 * offDelayMs);
    expect(rigged.said).toEqual(["deviceDown active", "deviceDown active"]);
    expect(paramsOf(rigged).at(-1)).toEqual({ deviceId: "c" });
  });
});

describe("without delays", () => {
  test("it is active while it holds, and returns when it is gone", () => {
    const { said, tell } = rig();
    tell(0, "jam", true);
    expect(said).toEqual(["jam active"]);
    tell(10, "jam", false);
    expect(said).toEqual(["jam active", "jam returned"]);
  });

  test("told again it is no other alarm, and gone again no second return", () => {
    const { said, tell } = rig();
    tell(0, "jam", false);
    tell(0, "jam", true);
    tell(5, "jam", true);
    tell(10, "jam", false);
    tell(11, "jam", false);
    expect(said).toEqual(["jam active", "jam returned"]);
  });

  test("another eye's and another line's are others", () => {
    const { said, tell, book } = rig();
    tell(0, "jam", true);
    tell(0, "jam", true, { key: "other" });
    tell(0, "jam", true, { lineId: "L2" });
    tell(1, "jam", false, { lineId: "L2" });
    expect(said).toEqual(["jam active", "jam active", "jam active", "jam returned"]);
    expect(book.conditions.size).toBe(2);
  });
});

describe("A7: on-delay and off-delay", () => {
  const { onDelayMs, offDelayMs } = alarmTable.chuteNotReady;
  const { flapMsMax } = alarmTable.readerOutOfStep;

  test.each([
    [onDelayMs - 1, []],
    [onDelayMs, ["chuteNotReady active"]],
  ])("a chute that is full for %i ms: %j", (ms, expected) => {
    const { said, tell, pass } = rig();
    tell(0, "chuteNotReady", true);
    pass(ms);
    expect(said).toEqual(expected);
  });

  test.each([
    [offDelayMs - 1, ["chuteNotReady active"]],
    [offDelayMs, ["chuteNotReady active", "chuteNotReady returned"]],
  ])("and free for %i ms: %j", (ms, expected) => {
    const { said, tell, pass } = rig();
    tell(0, "chuteNotReady", true);
    tell(10_000, "chuteNotReady", false);
    pass(10_000 + ms);
    expect(said).toEqual(expected);
  });

  test("one that is gone before its delay was never there, and a flapping one is one", () => {
    const { said, tell, pass } = rig();
    for (let ms = 0; ms < 60_000; ms += 1_000) tell(ms, "chuteNotReady", (ms / 1_000) % 2 === 0);
    pass(100_000);
    expect(said).toEqual([]);
    tell(200_000, "chuteNotReady", true);
    pass(204_000);
    for (let ms = 205_000; ms < 260_000; ms += 1_000) {
      tell(ms, "chuteNotReady", (ms / 1_000) % 2 === 0);
      pass(ms);
    }
    expect(said).toEqual(["chuteNotReady active"]);
  });

  test.each([
    [10, true],
    [flapMsMax - 1, true],
    [flapMsMax, false],
  ])("a reader that owes for a second, %i ms after it has paid: told %s", (gapMs, isTold) => {
    const { said, tell, pass, book } = rig();
    let ms = 0;
    for (let round = 0; round < 20; round += 1) {
      tell(ms, "readerOutOfStep", true);
      ms += 1_000;
      tell(ms, "readerOutOfStep", false);
      ms += gapMs;
    }
    expect(said).toEqual(isTold ? ["readerOutOfStep active"] : []);
    pass(ms + 60_000);
    expect(said).toEqual(isTold ? ["readerOutOfStep active", "readerOutOfStep returned"] : []);
    expect(book.conditions.size).toBe(0);
  });

  test("a reader that has paid is not told of while it is in step", () => {
    const { said, tell, pass } = rig();
    tell(0, "readerOutOfStep", true);
    tell(1_000, "readerOutOfStep", false);
    pass(4_000);
    expect(said).toEqual([]);
    tell(4_500, "readerOutOfStep", true);
    expect(said).toEqual(["readerOutOfStep active"]);
  });

  test("one that lasted long enough before anybody looked was there", () => {
    const { said, tell } = rig();
    tell(0, "deviceDown", true);
    tell(2_000, "deviceDown", false);
    expect(said).toEqual(["deviceDown active"]);
  });
});

describe("a session of the line begins", () => {
  test("what is told again stands on, what is not has returned", () => {
    const { said, tell, open, pass } = rig();
    tell(0, "jam", true);
    tell(0, "emergencyStop", true);
    open(1_000);
    tell(1_500, "emergencyStop", true);
    pass(1_000 + retellMsMax - 1);
    expect(said).toEqual(["jam active", "emergencyStop active"]);
    pass(1_000 + retellMsMax);
    expect(said.slice(2)).toEqual(["jam returned"]);
  });

  test("what was not shown yet and is not told again never is", () => {
    const { said, tell, open, pass } = rig();
    tell(0, "xrayNotReady", true);
    open(500);
    pass(60_000);
    expect(said).toEqual([]);
  });

  test("nothing of another line, and nothing that the centre sees for itself", () => {
    const { said, tell, open, pass } = rig();
    tell(0, "jam", true, { lineId: "L2" });
    tell(0, "journalFork", true, { isOwn: true });
    open(1_000);
    pass(60_000);
    expect(said).toEqual(["jam active", "journalFork active"]);
  });
});

test("a line that tells without end of new ones does not fill the memory", () => {
  const { said, tell, book } = rig();
  tell(0, "emergencyStop", true, { lineId: "L2" });
  for (let n = 0; n < conditionsPerLineMax + 10; n += 1) tell(n, "jam", true, { key: `k${n}` });
  expect(book.conditions.size).toBe(conditionsPerLineMax + 1);
  expect(said.filter((text) => text === "jam returned")).toHaveLength(10);
  expect(book.conditions.has("L1 jam k9")).toBe(false);
});

test("whatever is told: long after, exactly what holds stands, and each came and went in turn", () => {
  const codes = ["jam", "deviceDown", "chuteNotReady", "beltFull", "readerOutOfStep"] as const;
  const arbEvent = fc.record({
    waitMs: fc.constantFrom(0, 100, 1_999, 2_000, 3_000, 5_000),
    code: fc.constantFrom(...codes),
    kind: fc.constantFrom("holds", "gone", "opened", "looked"),
  });
  fc.assert(
    fc.property(fc.array(arbEvent, { maxLength: 60 }), (events) => {
      const { book, said, tell, open, pass } = rig();
      const holds = new Set<ConditionCode>();
      let now = 0;
      for (const { waitMs, code, kind } of events) {
        now += waitMs;
        if (kind === "opened") {
          open(now);
          holds.clear();
        } else if (kind === "looked") pass(now);
        else {
          tell(now, code, kind === "holds");
          if (kind === "holds") holds.add(code);
          else holds.delete(code);
        }
      }
      pass(now + 60_000);
      const standing = [...book.conditions.values()];
      expect(new Set(standing.map(({ view }) => view.code))).toEqual(holds);
      expect(standing.every(({ phase }) => phase === "active")).toBe(true);
      for (const code of codes) {
        const told = said.filter((text) => text.startsWith(`${code} `));
        told.forEach((text, n) =>
          expect(text).toBe(`${code} ${n % 2 === 0 ? "active" : "returned"}`),
        );
        expect(told.length % 2 === 1).toBe(holds.has(code));
      }
    }),
  );
});

test("whoever keeps what is known so to himself changes nothing", () => {
  const codes = ["jam", "deviceDown", "chuteNotReady", "readerOutOfStep"] as const;
  const arbTold = fc.record({
    waitMs: fc.constantFrom(0, 100, 1_999, 2_000, 3_000, 5_000),
    code: fc.constantFrom(...codes),
    holds: fc.boolean(),
    n: fc.nat({ max: 1 }),
  });
  fc.assert(
    fc.property(fc.array(arbTold, { maxLength: 60 }), (series) => {
      const [all, news] = [rig(), rig()];
      let now = 0;
      for (const { waitMs, code, holds, n } of series) {
        now += waitMs;
        const params = { n };
        all.tell(now, code, holds, { isOwn: true, params });
        const told: ConditionTold = { code, key: "k", holds, passId: null, params };
        if (isKnownSo(news.book, "L1", told)) news.pass(now);
        else news.tell(now, code, holds, { isOwn: true, params });
        expect(news.book).toEqual(all.book);
        expect(news.views).toEqual(all.views);
      }
    }),
  );
});
