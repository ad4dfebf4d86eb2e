// Goal: every page sees the same scene, in order, without holding up another (HMI W1-W5, X11,
// PF-23). Method: the real hub in virtual time over sockets that read as fast as the test lets them.
import { z } from "zod";
import { isAllowed, personRoles, type WhoMay } from "../../protocols/actor.ts";
import {
  clientMessageRules,
  serverMessageRules,
  zClientMessage,
} from "../../protocols/ui/socket.ts";
import { describe, expect, test } from "vitest";
import { alarmsKeptMax } from "../../edge/centre/alarms/alarm-records.ts";
import { createDeltaRing, ringBytesMax } from "../../edge/centre/page/delta-ring.ts";
import { clientsMax, stepHub } from "../../edge/centre/page/hub-machine.ts";
import { bufferedBytesMax, stationGoneMs, tooSlowMs } from "../../edge/centre/page/hub-sending.ts";
import { newHub, type HubMoment } from "../../edge/centre/page/hub-state.ts";
import { createSocketHub } from "../../edge/centre/page/socket-hub.ts";
import { reportStreamBugs } from "../../protocols/streams/stream-bugs.ts";
import type { Scene } from "../../protocols/ui/scene.ts";
import {
  clientMessageBytesMax,
  closeCodes,
  zServerMessage,
  type SceneOp,
  type ServerMessage,
} from "../../protocols/ui/socket.ts";
import { epochMs, monotonicMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const roles = [...personRoles, "sender", "system"] as const;

const scene: Scene = { line: {}, device: {}, parcel: {}, task: {}, alarm: {}, centre: {} };
const drop = (key: string): SceneOp => ({ drop: "parcel", key });

/** Kinds of messages that have no rule for who may, and rules for no message. */
function withoutRule(
  schemas: readonly { readonly shape: { readonly kind: z.ZodLiteral } }[],
  rules: Readonly<Record<string, WhoMay>>,
): unknown[] {
  const kinds: unknown[] = schemas.flatMap(({ shape }) => [...shape.kind.values]);
  const ruled = Object.keys(rules);
  return [
    ...kinds.filter((kind) => !ruled.some((each) => each === kind)),
    ...ruled.filter((each) => !kinds.includes(each)),
  ];
}

function rig() {
  const clock = createVirtualClock();
  let ops: SceneOp[] = [];
  let bug: Error | null = null;
  const gone: string[] = [];
  const hub = createSocketHub({
    clock,
    epoch: "run-1",
    snapshot: () => scene,
    takeOps: () => {
      const taken = ops.splice(0);
      const thrown = bug;
      bug = null;
      if (thrown !== null) throw thrown;
      return taken;
    },
    onStationGone: (station) => gone.push(station),
  });
  const connect = (station: string | null = "desk-1", change: object = {}) => {
    const page = {
      got: [] as ServerMessage[],
      buffered: 0,
      closed: null as number | null,
      reads: true,
    };
    let isAttached = false;
    const connection = hub.attach({
      role: "floor",
      send: (text) => {
        page.got.push(zServerMessage.parse(JSON.parse(text)));
        if (!page.reads) page.buffered += text.length;
      },
      bufferedBytes: () => page.buffered,
      close: (code) => {
        page.closed = code;
        if (isAttached) connection.onClosed();
      },
    });
    isAttached = true;
    const say = (message: object): void => connection.onText(JSON.stringify(message));
    const hello = { kind: "hello", station, epoch: null, lastSeq: null, ...change };
    if (station !== null) say(hello);
    const seqs = (): number[] =>
      page.got.flatMap((message) => (message.kind === "delta" ? [message.seq] : []));
    const kinds = (): string[] => page.got.map(({ kind }) => kind);
    return { ...connection, page, say, seqs, kinds };
  };
  /** One change of the scene, told with the next delta. */
  const change = (key = "p"): void => {
    ops = [...ops, drop(key)];
    clock.runFor(100);
  };
  return {
    clock,
    hub,
    connect,
    change,
    gone,
    setOps: (next: SceneOp[]) => (ops = next),
    breakOnce: (thrown: Error) => (bug = thrown),
  };
}

describe("W1: hello, snapshot, resume", () => {
  test("a first hello gets a snapshot, then the deltas from there", () => {
    const { connect, change } = rig();
    change();
    const one = connect();
    expect(one.page.got).toMatchObject([{ kind: "snapshot", epoch: "run-1", seq: 1, scene }]);
    change();
    change();
    expect(one.seqs()).toEqual([2, 3]);
  });

  test("away for 5 s: resumed with exactly what was missed", () => {
    const { connect, change, clock } = rig();
    const one = connect();
    change();
    one.onClosed();
    for (let n = 0; n < 50; n += 1) change(`p${n}`);
    const again = connect("desk-1", { epoch: "run-1", lastSeq: 1 });
    expect(again.page.got[0]).toMatchObject({ kind: "resumed", seq: 1 });
    expect(again.seqs()).toEqual(Array.from({ length: 50 }, (_, n) => n + 2));
    clock.runFor(100);
    change();
    expect(again.seqs().at(-1)).toBe(52);
  });

  test("away for 120 s: a snapshot", () => {
    const { connect, change, clock } = rig();
    const other = connect("desk-2");
    connect().onClosed();
    for (let n = 0; n < 1_200; n += 1) {
      change(`p${n}`);
      other.say({ kind: "pong", seq: 0 });
    }
    const again = connect("desk-1", { epoch: "run-1", lastSeq: 0 });
    expect(again.kinds()[0]).toBe("snapshot");
    clock.runFor(100);
  });

  test.each([
    ["another run", { epoch: "run-0", lastSeq: 1 }],
    ["a number from the future", { epoch: "run-1", lastSeq: 99 }],
  ])("%s: a snapshot", (_name, place) => {
    const { connect, change } = rig();
    connect("desk-2");
    change();
    expect(connect("desk-1", place).kinds()[0]).toBe("snapshot");
  });

  test("nobody is told anything before the hello", () => {
    const { connect, change, clock } = rig();
    const one = connect(null);
    change();
    clock.runFor(2_000);
    expect(one.page.got).toEqual([]);
  });
});

describe("W2: deltas", () => {
  test("at most ten a second, however often the scene changes, and none without a change", () => {
    const { connect, clock, hub } = rig();
    const one = connect();
    clock.runFor(10_000);
    expect(one.seqs()).toEqual([]);
    expect(hub.counters().deltasTotal).toBe(0);
  });

  test("numbers have no gaps for a page that reads", () => {
    const { connect, change, clock } = rig();
    const one = connect();
    for (let n = 0; n < 300; n += 1) {
      if (n % 3 === 0) change();
      else clock.runFor(37);
      one.say({ kind: "pong", seq: 0 });
      clock.runFor(1);
    }
    const seqs = one.seqs();
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, n) => n + 1));
  });
});

describe("W3: alarms are records", () => {
  const alarm = (id: string) => ({
    id,
    lineId: "L1",
    code: "beltFault",
    passId: null,
    params: {},
    at: epochMs(1),
    state: "notice" as const,
    endedAt: null,
  });
  const recordsOf = (page: { got: ServerMessage[] }): string[] =>
    page.got.flatMap((message) => (message.kind === "record" ? [message.alarm.id] : []));

  test("come at once, and again every 5 s until they were seen", () => {
    const { connect, clock, hub } = rig();
    const one = connect();
    hub.tellAlarm(alarm("a1"));
    expect(recordsOf(one.page)).toEqual(["a1"]);
    clock.runFor(6_000);
    expect(recordsOf(one.page)).toEqual(["a1", "a1"]);
    one.say({ kind: "recordsSeen", upTo: 1 });
    clock.runFor(10_000);
    expect(recordsOf(one.page)).toHaveLength(2);
  });

  test("a stream of new ones does not put off an unseen one", () => {
    const { connect, clock, hub } = rig();
    const one = connect();
    for (let n = 0; n < 8; n += 1) {
      hub.tellAlarm(alarm(`a${n}`));
      clock.runFor(1_000);
      one.say({ kind: "pong", seq: 0 });
    }
    expect(recordsOf(one.page).filter((id) => id === "a0").length).toBeGreaterThan(1);
  });

  test("survive the page's absence: a station that comes back gets what it has not seen", () => {
    const { connect, hub } = rig();
    const one = connect();
    hub.tellAlarm(alarm("a1"));
    one.say({ kind: "recordsSeen", upTo: 1 });
    one.onClosed();
    hub.tellAlarm(alarm("a2"));
    expect(recordsOf(connect().page)).toEqual(["a2"]);
    expect(recordsOf(connect("desk-7").page)).toEqual(["a1", "a2"]);
  });

  test("one that is told anew is one record, and crowds out no other", () => {
    const { connect, hub } = rig();
    hub.tellAlarm(alarm("other"));
    for (let bytes = 0; bytes < 2 * alarmsKeptMax; bytes += 1) {
      hub.tellAlarm({ ...alarm("same"), state: "active", params: { bytes } });
    }
    const { page } = connect();
    expect(recordsOf(page)).toEqual(["other", "same"]);
    const told = page.got.flatMap((each) => (each.kind === "record" ? [each.alarm.params] : []));
    expect(told.at(-1)).toEqual({ bytes: 2 * alarmsKeptMax - 1 });
  });

  test("are bounded", () => {
    const { connect, hub, clock } = rig();
    for (let n = 0; n < alarmsKeptMax + 10; n += 1) hub.tellAlarm(alarm(`a${n}`));
    const one = connect();
    clock.runFor(4_500);
    expect(recordsOf(one.page)).toHaveLength(alarmsKeptMax);
    expect(recordsOf(one.page)[0]).toBe("a10");
  });
});

describe("W4: a page that does not read", () => {
  const large = (n: number): SceneOp[] =>
    Array.from({ length: 1_000 }, (_, index) => drop(`parcel-${n}-${index}`));

  test("is told nothing more above 256 KiB, catches up after, and others lose nothing", () => {
    const { connect, clock, setOps, hub } = rig();
    const [slow, quick] = [connect("slow"), connect("quick")];
    slow.page.reads = false;
    for (let n = 0; n < 20; n += 1) {
      setOps(large(n));
      clock.runFor(100);
    }
    expect(slow.page.buffered).toBeLessThan(bufferedBytesMax + 100_000);
    expect(quick.seqs()).toHaveLength(20);
    slow.page.reads = true;
    slow.page.buffered = 0;
    clock.runFor(200);
    // What it missed was large, so it gets everything as it is now.
    expect(slow.kinds().at(-1)).toBe("snapshot");
    setOps(large(99));
    clock.runFor(100);
    expect(slow.seqs().at(-1)).toBe(quick.seqs().at(-1));
    expect(hub.counters().clients).toBe(2);
  });

  test("is not answered each time it asks anew: one snapshot, once it has read", () => {
    const { connect, clock, hub } = rig();
    const slow = connect("slow");
    slow.page.buffered = bufferedBytesMax + 1;
    const hello = { kind: "hello", station: "slow", epoch: null, lastSeq: null };
    for (let n = 0; n < 10; n += 1) slow.say(hello);
    expect(slow.kinds()).toEqual(["snapshot"]);
    slow.page.buffered = 0;
    clock.runFor(200);
    expect(slow.kinds()).toEqual(["snapshot", "snapshot"]);
    for (let n = 0; n < 10; n += 1) slow.say({ ...hello, epoch: "run-1", lastSeq: 0 });
    expect(hub.counters()).toMatchObject({ snapshotsTotal: 2, resumesTotal: 10 });
  });

  test("for more than 5 s is closed with 4008", () => {
    const { connect, clock, setOps, hub } = rig();
    const slow = connect("slow");
    slow.page.buffered = bufferedBytesMax + 1;
    setOps(large(1));
    clock.runFor(100);
    clock.runFor(tooSlowMs);
    expect(slow.page.closed).toBeNull();
    clock.runFor(200);
    expect(slow.page.closed).toBe(closeCodes.tooSlow);
    expect(hub.counters()).toMatchObject({ clients: 0, tooSlowTotal: 1 });
  });

  test("a page that answers no heartbeat is closed", () => {
    const { connect, clock } = rig();
    const [dead, alive] = [connect("dead"), connect("alive")];
    for (let n = 0; n < 20; n += 1) {
      clock.runFor(1_000);
      alive.say({ kind: "pong", seq: 0 });
    }
    expect([dead.page.closed, alive.page.closed]).toEqual([closeCodes.tooSlow, null]);
  });
});

describe("W5: heartbeat", () => {
  test("every second, with the server's time and the last number", () => {
    const { connect, clock, change } = rig();
    const one = connect();
    change();
    clock.runFor(4_900);
    const beats = one.page.got.filter(({ kind }) => kind === "heartbeat");
    expect(beats).toHaveLength(5);
    expect(beats.at(-1)).toEqual({ kind: "heartbeat", seq: 1, now: clock.wall() });
  });
});

describe("PF-23 and bad input: the socket takes no commands", () => {
  test.each([
    ["a write", '{"kind":"decide","passId":"p1","exit":"green"}'],
    ["not JSON", "{"],
    ["a field too many", '{"kind":"pong","seq":1,"admin":true}'],
    ["a bad number", '{"kind":"recordsSeen","upTo":-1}'],
    ["no object", "null"],
  ])("%s is refused with a reason, and the page goes on", (_name, text) => {
    const { connect, change, hub } = rig();
    const one = connect();
    one.onText(text);
    expect(one.page.got.at(-1)).toMatchObject({ kind: "refused" });
    expect(hub.counters().refusedTotal).toBe(1);
    change();
    expect(one.seqs()).toEqual([1]);
  });

  test("a guest who keeps writing is closed", () => {
    const { connect } = rig();
    const guest = connect();
    for (let n = 0; n < 10; n += 1) guest.onText('{"kind":"divert"}');
    expect(guest.page.closed).toBe(closeCodes.badMessage);
  });

  test("binary is refused, and so is anything before the hello", () => {
    const { connect } = rig();
    const one = connect(null);
    one.onBinary();
    one.say({ kind: "pong", seq: 1 });
    expect(one.kinds()).toEqual(["refused", "refused"]);
  });

  test.each([
    [clientMessageBytesMax, null],
    [clientMessageBytesMax + 1, closeCodes.tooBig],
  ])("a message of %i bytes: closed with %s", (bytes, code) => {
    const { connect } = rig();
    const one = connect();
    one.onText("x".repeat(bytes));
    expect(one.page.closed).toBe(code);
  });

  test("more than twenty messages a second for long is closed, twenty are not", () => {
    const { connect, clock } = rig();
    const [quiet, loud] = [connect("quiet"), connect("loud")];
    for (let second = 0; second < 10; second += 1) {
      for (let n = 0; n < 20; n += 1) quiet.say({ kind: "pong", seq: 0 });
      for (let n = 0; n < 30; n += 1) loud.say({ kind: "pong", seq: 0 });
      clock.runFor(1_000);
    }
    expect([quiet.page.closed, loud.page.closed]).toEqual([null, closeCodes.badMessage]);
  });

  test("pages are bounded, and one that leaves makes room", () => {
    const { connect } = rig();
    const pages = Array.from({ length: clientsMax }, (_, n) => connect(`d${n}`));
    expect(connect("one too many").page.closed).toBe(closeCodes.tooSlow);
    pages[0]!.onClosed();
    expect(connect("welcome").page.closed).toBeNull();
  });
});

describe("X11: a station whose last panel is gone", () => {
  test("is told of within 3 s, unless it comes back or has another panel", () => {
    const { connect, clock, gone } = rig();
    connect("desk-1").onClosed();
    clock.runFor(stationGoneMs - 1);
    expect(gone).toEqual([]);
    clock.runFor(1);
    expect(gone).toEqual(["desk-1"]);

    connect("desk-2").onClosed();
    connect("desk-2");
    const first = connect("desk-3");
    connect("desk-3");
    first.onClosed();
    clock.runFor(3_000);
    expect(gone).toEqual(["desk-1"]);
  });
});

describe("a bug while changes are told", () => {
  test("is reported, and no page goes on with a scene that lacks a change", async () => {
    const bug = new Error("planted");
    const reported = new Promise((resolve) => reportStreamBugs(resolve));
    const { connect, change, clock, breakOnce } = rig();
    const one = connect();
    change();
    breakOnce(bug);
    change();
    expect(await reported).toBe(bug);
    // The next heartbeat names a delta that never came, which makes a page ask for everything.
    clock.runFor(1_000);
    expect(one.page.got.findLast(({ kind }) => kind === "heartbeat")).toMatchObject({ seq: 2 });
    change();
    expect(one.seqs()).toEqual([1, 3]);
    one.say({ kind: "hello", station: "desk-1", epoch: "run-1", lastSeq: 1 });
    expect(one.kinds().at(-1)).toBe("snapshot");
  });
});

describe("the hub's judgement", () => {
  const at = (now: number, buffered = 0): HubMoment => ({
    now: monotonicMs(now),
    wall: epochMs(now),
    bufferedBytes: () => buffered,
  });
  const hello = { kind: "hello", station: "desk-1", epoch: null, lastSeq: null };
  const messages = {
    hello,
    pong: { kind: "pong", seq: 0 },
    recordsSeen: { kind: "recordsSeen", upTo: 0 },
  };

  test("needs no socket and no timer: the same events say the same things", () => {
    const told = (): unknown[] => {
      const hub = newHub("run-1", monotonicMs(0));
      return [
        stepHub(hub, { kind: "attached", id: 7, role: "floor" }, at(0)),
        stepHub(hub, { kind: "text", id: 7, raw: JSON.stringify(hello) }, at(5)),
        stepHub(hub, { kind: "deltaDue", ops: [drop("p")] }, at(100)),
        stepHub(hub, { kind: "closed", id: 7 }, at(150)),
        stepHub(hub, { kind: "stationDue", station: "desk-1" }, at(2_149)),
        stepHub(hub, { kind: "stationDue", station: "desk-1" }, at(2_150)),
      ];
    };
    expect(told()).toMatchObject([
      [],
      [{ kind: "sendSnapshot", to: 7, seq: 0 }],
      [{ kind: "send", to: 7 }],
      [{ kind: "watchStation", station: "desk-1" }],
      [],
      [{ kind: "stationGone", station: "desk-1" }],
    ]);
    expect(told()).toEqual(told());
  });

  test.each(roles)(
    "law 18: a socket in the role %s says and hears what its rules allow",
    (role) => {
      const hub = newHub("run-1", monotonicMs(0));
      stepHub(hub, { kind: "attached", id: 1, role }, at(0));
      for (const [kind, whoMay] of Object.entries(clientMessageRules)) {
        const raw = JSON.stringify(messages[kind as keyof typeof messages]);
        const said = JSON.stringify(stepHub(hub, { kind: "text", id: 1, raw }, at(1)));
        expect(said.includes("is not for the role"), kind).toBe(!isAllowed(whoMay, role));
      }
      const told = stepHub(hub, { kind: "deltaDue", ops: [drop("p")] }, at(100));
      expect(told.length > 0).toBe(isAllowed(serverMessageRules.delta, role));
    },
  );

  test("law 18: every kind of message, either way, has its rule", () => {
    expect(withoutRule(zClientMessage.options, clientMessageRules)).toEqual([]);
    expect(withoutRule(zServerMessage.options, serverMessageRules)).toEqual([]);
    const planted = z.strictObject({ kind: z.literal("planted") });
    expect(withoutRule([...zClientMessage.options, planted], clientMessageRules)).toEqual([
      "planted",
    ]);
    const { hello: _, ...others } = clientMessageRules;
    expect(withoutRule(zClientMessage.options, others)).toEqual(["hello"]);
    expect(withoutRule(zServerMessage.options, { ...serverMessageRules, gone: "public" })).toEqual([
      "gone",
    ]);
  });

  test("what a connection says after it was closed changes nothing", () => {
    const hub = newHub("run-1", monotonicMs(0));
    stepHub(hub, { kind: "attached", id: 1, role: "floor" }, at(0));
    stepHub(hub, { kind: "stopped" }, at(1));
    for (const event of [
      { kind: "text", id: 1, raw: JSON.stringify(hello) },
      { kind: "binary", id: 1 },
      { kind: "closed", id: 1 },
    ] as const) {
      expect(stepHub(hub, event, at(2))).toEqual([]);
    }
  });
});

describe("the ring of deltas", () => {
  test("holds a minute, and no more bytes than allowed", () => {
    const ring = createDeltaRing(0);
    for (let seq = 1; seq <= 700; seq += 1) {
      ring.push({ seq, at: monotonicMs(seq * 100), text: "x" });
    }
    expect(ring.after(99)).toHaveLength(601);
    expect(ring.after(98)).toBeNull();
    expect(ring.after(700)).toEqual([]);
    const text = "x".repeat(ringBytesMax / 4);
    for (let seq = 701; seq <= 710; seq += 1) ring.push({ seq, at: monotonicMs(70_000), text });
    expect(ring.bytes()).toBeLessThanOrEqual(ringBytesMax);
    expect(ring.after(706)).toHaveLength(4);
    expect(ring.after(705)).toBeNull();
    ring.skipTo(720);
    expect(ring.after(720)).toEqual([]);
    expect(ring.after(719)).toBeNull();
  });
});
