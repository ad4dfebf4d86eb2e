// Goal: what the centre sees for itself is told as long as it is so, and looking at it again and again
// costs next to nothing. Method: the pure watch over a site that the test makes up, and the site's
// alarms on a clock that counts how often it is asked.
import { describe, expect, test } from "vitest";
import { createSiteAlarms } from "../../edge/centre/alarms/site-alarms.ts";
import {
  conditionsSeen,
  newSiteWatch,
  reasonsNotReady,
  type Footing,
  type SiteSeen,
} from "../../edge/centre/site-watch.ts";
import { createUnreadMessages } from "../../edge/centre/unread-messages.ts";
import type { AlarmView } from "../../protocols/ui/scene.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const lines = [
  { id: "L1", agentId: "a1" },
  { id: "L2", agentId: "a2" },
];
const quiet: SiteSeen = {
  lines,
  isHeard: () => true,
  links: new Map(),
  calendarDoubt: null,
  unreadMessage: null,
  areDocumentsFull: false,
  documentsDamage: null,
  older: { isOlder: false, lostActs: 0, awaited: [] },
};

function watchOf(startedAt = 0) {
  const watch = newSiteWatch(monotonicMs(startedAt));
  return (at: number, seen: Partial<SiteSeen> = {}): readonly string[] =>
    conditionsSeen(watch, { ...quiet, ...seen }, monotonicMs(at)).flatMap(
      ({ lineId, condition, holds }) => (holds ? [`${lineId} ${condition.code}`] : []),
    );
}

describe("what holds of the lines", () => {
  test("a line that was never heard is missed ten seconds after the start, another at once", () => {
    const look = watchOf(1_000);
    const isFirst = (agentId: string): boolean => agentId === "a1";
    expect(look(1_000, { isHeard: isFirst })).toEqual([]);
    expect(look(10_999, { isHeard: isFirst })).toEqual([]);
    expect(look(5_000, { isHeard: () => false })).toEqual(["L1 lineNotHeard"]);
    expect(look(11_000, { isHeard: isFirst })).toEqual(["L2 lineNotHeard"]);
  });

  test("a link that is cut three times a minute, and images given up, while their agent is heard", () => {
    const look = watchOf();
    const links = new Map([
      ["a1", { cuts: 2, givenUp: 1, givenUpBytes: 614_400 }],
      ["a2", { cuts: 3, givenUp: 0, givenUpBytes: 0 }],
    ]);
    expect(look(0, { links })).toEqual(["L1 imagesGivenUp", "L2 linkUnsteady"]);
    expect(look(1, { links, isHeard: (agentId) => agentId === "a1" })).toEqual([
      "L1 imagesGivenUp",
      "L2 lineNotHeard",
    ]);
  });

  test("the calendar's doubt, once for the site", () => {
    const look = watchOf();
    expect(look(0, { calendarDoubt: { why: "jumped", byMs: 90_000 } })).toEqual([
      "L1 calendarUnproved",
    ]);
  });

  test("messages that were not read and documents that are full, once for the site", () => {
    const look = watchOf();
    expect(look(0, { unreadMessage: { bytes: 9 } })).toEqual(["L1 messageUnread"]);
    expect(look(1, { areDocumentsFull: true })).toEqual(["L1 documentsFull"]);
    const documentsDamage = { why: "centre.db: row cases W1", findingsTotal: 2 };
    expect(look(2, { documentsDamage })).toEqual(["L1 documentsDamaged"]);
  });
});

test("looking again and again at what has not changed asks no clock and walks no book", () => {
  const clock = createVirtualClock();
  let asked = 0;
  const counting = {
    ...clock,
    wall: () => clock.wall(),
    monotonic: () => {
      asked += 1;
      return clock.monotonic();
    },
  };
  const said: AlarmView[] = [];
  const alarms = createSiteAlarms({ clock: counting, onAlarm: (alarm) => said.push(alarm) });
  const watch = newSiteWatch(clock.monotonic());
  const look = (seen: SiteSeen): void => {
    for (const { lineId, condition, holds } of conditionsSeen(watch, seen, clock.monotonic())) {
      alarms.tellOwn(lineId, condition, holds);
    }
  };
  const steady = {
    ...quiet,
    links: new Map([["a1", { cuts: 0, givenUp: 2, givenUpBytes: 614_400 }]]),
  };
  look(steady);
  expect(asked).toBe(1);
  for (let n = 0; n < 100; n += 1) look(steady);
  expect(asked).toBe(1);
  look(quiet);
  expect(asked).toBe(2);
});

test("the newest message that nobody has read is the one that is told", () => {
  const clock = createVirtualClock();
  const said: AlarmView[] = [];
  const alarms = createSiteAlarms({ clock, onAlarm: (alarm) => said.push(alarm) });
  const watch = newSiteWatch(clock.monotonic());
  const unread = createUnreadMessages(clock);
  const look = (): void => {
    const seen = { ...quiet, unreadMessage: unread.latest() };
    for (const { lineId, condition, holds } of conditionsSeen(watch, seen, clock.monotonic())) {
      alarms.tellOwn(lineId, condition, holds);
    }
    alarms.tick();
  };
  for (let bytes = 1; bytes <= 600; bytes += 1) {
    unread.note(bytes);
    look();
    clock.runFor(100);
  }
  clock.runFor(10_000);
  look();
  expect(said.at(-1)).toMatchObject({ code: "messageUnread", params: { bytes: 600 } });
  expect(said).toHaveLength(7);
  expect(new Set(said.map(({ id }) => id)).size).toBe(1);
  clock.runFor(8 * 3_600_000);
  look();
  expect(said.at(-1)).toMatchObject({ state: "returned" });
});

test("why the centre should not be relied on, each by its name", () => {
  const firm: Footing = {
    isStopped: false,
    journal: { state: "writing", why: null },
    documentsDamage: null,
    brokenWhy: null,
    linkDownWhy: null,
    storage: [],
    older: quiet.older,
    untaken: [],
    loose: [],
    links: new Map([["a1", { cuts: 2, givenUp: 0, givenUpBytes: 0 }]]),
    agents: [{ id: "a1", isHeard: true }],
  };
  expect(reasonsNotReady(firm)).toEqual([]);
  const infirm: Footing = {
    isStopped: true,
    journal: { state: "failing", why: "disk full" },
    documentsDamage: { why: "centre.db: row cases W1", findingsTotal: 3 },
    brokenWhy: "too long",
    linkDownWhy: "ECONNREFUSED",
    storage: ["centre: disk full: 3 MB left"],
    older: {
      isOlder: true,
      lostActs: 7,
      awaited: [
        { agentId: "a1", isHeard: true, missing: [{ chain: "a1", wantedSeq: 9, heldSeq: 4 }] },
        { agentId: "a2", isHeard: false, missing: [] },
      ],
    },
    untaken: ["journal of a1: not taken"],
    loose: ["line L1: pass p1 may still be released"],
    links: new Map([["a1", { cuts: 3, givenUp: 1, givenUpBytes: 614_400 }]]),
    agents: [{ id: "a1", isHeard: false }],
  };
  expect(reasonsNotReady(infirm)).toEqual([
    "centre: stopping",
    "journal: disk full",
    "documents: centre.db: row cases W1, and 2 more, which the log names",
    "journal: an act cannot be written: too long",
    "link: ECONNREFUSED",
    "centre: disk full: 3 MB left",
    "centre: its records are older than what its agents were told; awaited: a1 (a1: 4 of 9 held); a2 (not heard)",
    "journal of a1: not taken",
    "line L1: pass p1 may still be released",
    "agent a1: link lost 3 times a minute",
    "agent a1: 1 images of 614400 bytes or more cannot be sent",
    "agent a1: not heard",
  ]);
});
