/**
 * Goal: no wait ends and no date begins by a calendar alone; what a wait has ended comes back with
 * what it waited for. Method: the document desk on a virtual clock whose calendar is stepped, and
 * which is stopped and given back from its own inputs.
 */
import { describe, expect, test } from "vitest";
import { buildDayAt } from "../../protocols/build-day.ts";
import { person, sender } from "../../protocols/actor.ts";
import { epochMs } from "../../protocols/units.ts";
import type { ClearanceConfig } from "../../edge/clearance/config.ts";
import { zDeskInput, type DeskInput } from "../../edge/centre/documents/desk.ts";
import { createVirtualClock, type VirtualClock } from "../../simulators/clock/virtual-clock.ts";
import type { ParcelDocuments } from "../../simulators/documents/parcel-documents.ts";
import { writeDocuments } from "../../simulators/documents/write-documents.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { documentsOf, minuteMs, startAt, testConfig, testParameters } from "./clearance-kit.ts";
import { SyncDesk } from "../kit/sync-desk.ts";

const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const customs = sender("customs", "http");
const carrier = sender("carrier", "http");
const sun = person("sun", "supervisor", "desk-1");

function startDesk(
  clock: VirtualClock,
  {
    config = testConfig(),
    earlier = [],
    isProved = earlier.length === 0,
  }: { config?: ClearanceConfig; earlier?: DeskInput[]; isProved?: boolean } = {},
) {
  const inputs: DeskInput[] = [...earlier];
  const desk = new SyncDesk({
    config,
    clock,
    // As a journal would give it back.
    onInput: (input) => inputs.push(zDeskInput.parse(JSON.parse(JSON.stringify(input)))),
  });
  for (const input of earlier) desk.apply(input);
  desk.start();
  if (isProved) desk.confirmCalendar(sun);
  const take = (documents: ParcelDocuments, isTaken: (xml: string) => boolean = () => true) => {
    const entropy = createSeededEntropy(2, documents.acceptance.waybill);
    const written = writeDocuments([documents], entropy).filter(isTaken);
    return written.flatMap((xml) => {
      const answer = desk.takeCustomsMessage(new TextEncoder().encode(xml), customs);
      return answer.kind === "results" ? answer.results.map(({ code }) => code) : [];
    });
  };
  return {
    desk,
    inputs,
    take,
    accept: ({ acceptance }: ParcelDocuments) => desk.takeAcceptance(acceptance, carrier).outcome,
    stateOf: (waybill: string) => desk.manifestView(waybill)?.state,
  };
}

const isWaybill = (xml: string): boolean => xml.includes("CEB505Message");
const stored = documentsOf("AA0001");
const waiting = documentsOf("BB0001");

/** One manifest that waits for its acceptance, one that waits for its waybill document. */
function startWithWaits(clock: VirtualClock, options: Parameters<typeof startDesk>[1] = {}) {
  const site = startDesk(clock, options);
  site.take(stored);
  site.take(waiting, (xml) => !isWaybill(xml));
  site.accept(waiting);
  return site;
}

const newClock = () => createVirtualClock({ wallStartAt: startAt });

describe("case calendar-jump", () => {
  test.each([8, 25, -8, -25])(
    "case calendar-jump: %i h for 2 s end no wait, and what was waited for is taken",
    (hours) => {
      const clock = newClock();
      const { desk, take, accept, stateOf } = startWithWaits(clock);
      clock.runFor(minuteMs);
      clock.stepWall(hours * hourMs);
      clock.runFor(2_000);
      expect(desk.calendarDoubt()).toEqual({ why: "jumped", byMs: hours * hourMs });
      clock.stepWall(-hours * hourMs);
      clock.runFor(minuteMs);
      expect(desk.calendarDoubt()).toBeNull();
      expect([stateOf("AA0001"), stateOf("BB0001")]).toEqual(["STORED", "ACTIVATED"]);
      expect(accept(stored)).toBe("activated");
      take(waiting, isWaybill);
      expect(desk.recordOf("BB0001")?.reasons).toEqual([]);
    },
  );

  test("case calendar-jump: in doubt a wait that is over waits on, and ends once an hour was steady", () => {
    const clock = newClock();
    const { desk, stateOf } = startWithWaits(clock);
    clock.stepWall(8 * hourMs);
    clock.runFor(59 * minuteMs);
    expect([stateOf("AA0001"), stateOf("BB0001")]).toEqual(["STORED", "ACTIVATED"]);
    clock.runFor(2 * minuteMs);
    expect(desk.calendarDoubt()).toBeNull();
    // 30 minutes of time that passed are over for the one, 24 hours are not for the other.
    expect([stateOf("AA0001"), stateOf("BB0001")]).toEqual(["STORED", "RETURNED"]);
    clock.runFor(22 * hourMs);
    expect(stateOf("AA0001")).toBe("STORED");
    clock.runFor(2 * hourMs);
    expect(stateOf("AA0001")).toBe("VOID");
  });

  test("case calendar-jump: a person's word does what an hour does, and is an input of its own", () => {
    const clock = newClock();
    const { desk, inputs, stateOf } = startWithWaits(clock);
    expect(desk.confirmCalendar(sun)).toBe(false);
    clock.stepWall(8 * hourMs);
    clock.runFor(31 * minuteMs);
    expect(stateOf("BB0001")).toBe("ACTIVATED");
    expect(desk.confirmCalendar(sun)).toBe(true);
    expect(inputs.at(-1)).toMatchObject({ kind: "calendarConfirmed" });
    clock.runFor(1_000);
    expect(stateOf("BB0001")).toBe("RETURNED");
  });

  test("each jump begins the hour anew", () => {
    const clock = newClock();
    const { desk } = startWithWaits(clock);
    clock.stepWall(8 * hourMs);
    clock.runFor(50 * minuteMs);
    clock.stepWall(hourMs);
    clock.runFor(50 * minuteMs);
    expect(desk.calendarDoubt()).toEqual({ why: "jumped", byMs: 9 * hourMs });
  });
});

describe("an end that a wait alone has made", () => {
  test("case calendar-jump: is undone by the acceptance, or by the manifest sent again", () => {
    for (const comes of ["acceptance", "manifest"] as const) {
      const clock = newClock();
      const site = startWithWaits(clock);
      clock.runFor(dayMs + 1_000);
      expect(site.stateOf("AA0001")).toBe("VOID");
      if (comes === "acceptance") expect(site.accept(stored)).toBe("activated");
      else {
        const codes = site.take(stored, (xml) => xml.includes("CEB603Message"));
        expect(codes).toEqual([null]);
        expect(site.stateOf("AA0001")).toBe("STORED");
        expect(site.accept(stored)).toBe("activated");
      }
      expect(site.desk.recordOf("AA0001")?.reasons, comes).toEqual([]);
    }
  });

  test("is undone by the missing document, and stays while another one is missing", () => {
    const clock = newClock();
    const site = startDesk(clock);
    const isOrder = (xml: string): boolean => xml.includes("CEB303Message");
    site.take(waiting, (xml) => !isWaybill(xml) && !isOrder(xml));
    site.accept(waiting);
    clock.runFor(31 * minuteMs);
    expect(site.stateOf("BB0001")).toBe("RETURNED");
    site.take(waiting, isWaybill);
    expect(site.stateOf("BB0001")).toBe("RETURNED");
    site.take(waiting, isOrder);
    expect(site.desk.recordOf("BB0001")?.reasons).toEqual([]);
  });

  test("and of what has ended otherwise nobody says that it is repeated", () => {
    const clock = newClock();
    const site = startDesk(clock);
    const other = documentsOf("CC0001", "plain", "weight");
    site.take(other);
    site.accept(other);
    expect(site.stateOf("CC0001")).toBe("RETURNED");
    expect(site.take(other, (xml) => xml.includes("CEB603Message"))).toEqual(["frozen"]);
  });
});

describe("dates on a calendar that is not proved", () => {
  const twoRates = testConfig({
    parameters: [
      testParameters({ inspectionRate: 1 }),
      testParameters({
        version: "rules-2",
        validFrom: epochMs(startAt + hourMs),
        inspectionRate: 0,
      }),
    ],
  });
  const rulesOf = (site: ReturnType<typeof startDesk>) =>
    site.desk.recordOf("BB0001")?.reasons.map(({ code, params }) => [code, params?.["rules"]]);

  test("rates that would begin do not, and begin once it is confirmed", () => {
    for (const isConfirmed of [false, true]) {
      const clock = newClock();
      const site = startDesk(clock, { config: twoRates });
      clock.stepWall(8 * hourMs);
      clock.runFor(1_000);
      if (isConfirmed) site.desk.confirmCalendar(sun);
      site.take(waiting);
      site.accept(waiting);
      expect(rulesOf(site)).toEqual(isConfirmed ? [] : [["randomControl", "rules-1"]]);
    }
  });

  test("rates that are in force stay so when it is set back", () => {
    const clock = newClock();
    const site = startDesk(clock, { config: twoRates });
    clock.runFor(2 * hourMs);
    clock.stepWall(-8 * hourMs);
    site.take(waiting);
    site.accept(waiting);
    expect(rulesOf(site)).toEqual([]);
  });

  test("an acceptance is not refused as ahead of a calendar that was set back", () => {
    const clock = newClock();
    const site = startWithWaits(clock);
    clock.stepWall(-25 * hourMs);
    expect(site.accept(stored)).toBe("activated");
  });
});

describe("over a restart", () => {
  const restart = (awayMs: number, { afterMs = minuteMs }: { afterMs?: number } = {}) => {
    const clock = newClock();
    const before = startWithWaits(clock);
    clock.runFor(afterMs);
    before.desk.stop();
    clock.runFor(awayMs);
    const after = startDesk(clock, { earlier: before.inputs });
    return { clock, ...after };
  };

  test("a short absence counts, and leaves no doubt", () => {
    const { clock, desk, stateOf } = restart(5 * minuteMs);
    expect(desk.calendarDoubt()).toBeNull();
    clock.runFor(24 * minuteMs + 2_000);
    expect(stateOf("BB0001")).toBe("RETURNED");
  });

  test("case calendar-jump: a long one counts once the calendar has been steady for an hour", () => {
    const { clock, desk, stateOf } = restart(8 * hourMs);
    expect(desk.calendarDoubt()).toMatchObject({ why: "restarted" });
    clock.runFor(59 * minuteMs);
    expect(stateOf("BB0001")).toBe("ACTIVATED");
    clock.runFor(2 * minuteMs);
    expect(stateOf("BB0001")).toBe("RETURNED");
    expect(stateOf("AA0001")).toBe("STORED");
    clock.runFor(15 * hourMs);
    expect(stateOf("AA0001")).toBe("VOID");
  });

  test("case calendar-jump: one that starts 8 h ahead until the time server is heard ends nothing", () => {
    const clock = newClock();
    const before = startWithWaits(clock);
    clock.runFor(minuteMs);
    before.desk.stop();
    clock.stepWall(8 * hourMs);
    clock.runFor(minuteMs);
    const { desk, stateOf } = startDesk(clock, { earlier: before.inputs });
    clock.runFor(minuteMs);
    expect(desk.calendarDoubt()).toMatchObject({ why: "restarted" });
    clock.stepWall(-8 * hourMs);
    clock.runFor(1_000);
    expect(desk.calendarDoubt()).toBeNull();
    expect([stateOf("AA0001"), stateOf("BB0001")]).toEqual(["STORED", "ACTIVATED"]);
  });

  test("a quiet centre notes how far time has come, so that a night's quiet is no absence", () => {
    expect(restart(minuteMs, { afterMs: 9 * hourMs }).desk.calendarDoubt()).toBeNull();
  });

  test("doubt outlives a restart", () => {
    const clock = newClock();
    const before = startWithWaits(clock);
    clock.stepWall(8 * hourMs);
    clock.runFor(10 * minuteMs);
    before.desk.stop();
    const { desk } = startDesk(clock, { earlier: before.inputs });
    expect(desk.calendarDoubt()).toMatchObject({ why: "restarted" });
  });

  test("the inputs give the same records back, whatever the calendar did meanwhile", () => {
    const clock = newClock();
    const site = startWithWaits(clock);
    clock.stepWall(8 * hourMs);
    clock.runFor(70 * minuteMs);
    clock.stepWall(-20 * hourMs);
    site.take(waiting, isWaybill);
    site.accept(stored);
    const again = startDesk(clock, { earlier: site.inputs });
    for (const waybill of ["AA0001", "BB0001"]) {
      expect(again.desk.recordOf(waybill)).toEqual(site.desk.recordOf(waybill));
    }
  });
});

describe("a centre that starts for the first time", () => {
  const dated = testConfig({
    parameters: [
      testParameters({ inspectionRate: 1 }),
      testParameters({
        version: "rules-2",
        validFrom: epochMs(buildDayAt + dayMs),
        inspectionRate: 0,
      }),
    ],
  });
  const rulesOf = ({ desk }: ReturnType<typeof startDesk>) =>
    desk.recordOf("BB0001")?.reasons.map(({ params }) => params?.["rules"]);

  test.each([
    ["in the year 1970", 3 * dayMs],
    ["two days ahead", buildDayAt + 2 * dayMs],
  ])(
    "case restarted: %s proves no date: nothing begins by it, and nothing is refused or ends",
    (_, at) => {
      const clock = createVirtualClock({ wallStartAt: epochMs(at) });
      const site = startDesk(clock, { config: dated, isProved: false });
      site.take(stored);
      site.take(waiting);
      expect(site.accept(waiting)).toBe("activated");
      expect(rulesOf(site)).toEqual(["rules-1"]);
      // The time server is heard.
      clock.stepWall(buildDayAt + hourMs - at);
      clock.runFor(55 * minuteMs);
      expect(site.stateOf("AA0001")).toBe("STORED");
      expect(site.accept(stored)).toBe("activated");
    },
  );

  test("no wait ends in its first hour, also over a restart, and does after it", () => {
    const clock = newClock();
    const before = startWithWaits(clock, { isProved: false });
    clock.runFor(40 * minuteMs);
    before.desk.stop();
    const after = startDesk(clock, { earlier: before.inputs });
    clock.runFor(59 * minuteMs);
    // Nobody need be told: it is so with every first start.
    expect(after.desk.calendarDoubt()).toBeNull();
    expect(after.stateOf("BB0001")).toBe("ACTIVATED");
    clock.runFor(2 * minuteMs);
    expect(after.stateOf("BB0001")).toBe("RETURNED");
  });

  test("a jump in its first hour is told, and that it goes back proves nothing", () => {
    const clock = newClock();
    const site = startWithWaits(clock, { isProved: false });
    clock.runFor(50 * minuteMs);
    clock.stepWall(8 * hourMs);
    clock.runFor(2_000);
    expect(site.desk.calendarDoubt()).toMatchObject({ why: "jumped" });
    clock.stepWall(-8 * hourMs);
    clock.runFor(59 * minuteMs);
    expect(site.stateOf("BB0001")).toBe("ACTIVATED");
    clock.runFor(2 * minuteMs);
    expect(site.stateOf("BB0001")).toBe("RETURNED");
  });

  test("a person's word proves its calendar", () => {
    const clock = newClock();
    const { desk, inputs } = startDesk(clock, { isProved: false });
    expect(desk.confirmCalendar(sun)).toBe(true);
    expect(desk.confirmCalendar(sun)).toBe(false);
    expect(inputs).toMatchObject([{ kind: "calendarConfirmed" }]);
  });
});

test("a machine that slept has lost no day where its boot clock counted on, and no wait has ended", () => {
  const clock = newClock();
  const { desk, stateOf } = startWithWaits(clock);
  clock.sleep(8 * hourMs);
  clock.runFor(2_000);
  expect(desk.calendarDoubt()).toBeNull();
  expect([stateOf("AA0001"), stateOf("BB0001")]).toEqual(["STORED", "ACTIVATED"]);
});
