// Goal: the page's conversation with the centre keeps HMI W1-W6 in every order of events.
// Method: the pure machine is stepped with a clock of the test's own; no socket, no browser.
import { describe, expect, test } from "vitest";
import {
  deadMsMax,
  initialLiveState,
  silentMsMax,
  stepLive,
  type LiveEffect,
  type LiveEvent,
  type LiveState,
} from "../../control-ui/web/live/live-machine.ts";
import type { Scene } from "../../protocols/ui/scene.ts";
import type { ServerMessage } from "../../protocols/ui/socket.ts";
import { epochMs } from "../../protocols/units.ts";

const emptyScene: Scene = { line: {}, device: {}, parcel: {}, task: {}, alarm: {}, centre: {} };
const serverNow = epochMs(1_800_000_000_000);

class Talk {
  state: LiveState = initialLiveState;
  nowMs = 1_000;
  effects: LiveEffect[] = [];

  do(event: LiveEvent, afterMs = 0): readonly LiveEffect[] {
    this.nowMs += afterMs;
    const step = stepLive(this.state, event, { nowMs: this.nowMs, station: "S1" });
    this.state = step.state;
    this.effects.push(...step.effects);
    return step.effects;
  }

  hear(message: ServerMessage, afterMs = 0): readonly LiveEffect[] {
    return this.do({ kind: "received", message }, afterMs);
  }

  snapshot(seq: number, epoch = "run1"): readonly LiveEffect[] {
    return this.hear({ kind: "snapshot", epoch, seq, now: serverNow, scene: emptyScene }, 10);
  }

  delta(seq: number): readonly LiveEffect[] {
    return this.hear({ kind: "delta", seq, now: serverNow, ops: [] });
  }

  /** Connected, with the whole scene up to delta 10. */
  static live(): Talk {
    const talk = new Talk();
    talk.do({ kind: "started" });
    talk.do({ kind: "opened" });
    talk.snapshot(10);
    return talk;
  }
}

const hellos = (effects: readonly LiveEffect[]): readonly unknown[] =>
  effects.flatMap((effect) =>
    effect.kind === "send" && effect.message.kind === "hello"
      ? [{ epoch: effect.message.epoch, lastSeq: effect.message.lastSeq }]
      : [],
  );
const wholePicture = { epoch: null, lastSeq: null };

describe("W1: resume or snapshot", () => {
  test("the first hello asks for a snapshot, and nothing is shown before it", () => {
    const talk = new Talk();
    expect(talk.do({ kind: "started" })).toEqual([{ kind: "open" }]);
    expect(hellos(talk.do({ kind: "opened" }))).toEqual([wholePicture]);
    expect(talk.state.isVeiled).toBe(true);
    talk.snapshot(10);
    expect(talk.state.isVeiled).toBe(false);
  });

  test("after a cut the hello names the run and the last delta", () => {
    const talk = Talk.live();
    talk.delta(11);
    talk.do({ kind: "closed", draw: 0 });
    talk.do({ kind: "ticked" }, 300);
    expect(hellos(talk.do({ kind: "opened" }))).toEqual([{ epoch: "run1", lastSeq: 11 }]);
  });

  test("resumed deltas are applied, and only the last of them makes the picture whole", () => {
    const talk = Talk.live();
    talk.do({ kind: "ticked" }, silentMsMax + 1);
    talk.do({ kind: "closed", draw: 0 });
    talk.do({ kind: "ticked" }, 300);
    talk.do({ kind: "opened" });
    talk.hear({ kind: "resumed", epoch: "run1", seq: 12, now: serverNow });
    expect(talk.delta(11).map(({ kind }) => kind)).toEqual(["applyDelta"]);
    expect(talk.state.isFrozen).toBe(true);
    talk.delta(12);
    expect(talk.state.isFrozen).toBe(false);
  });

  test("another run of the centre cannot be resumed", () => {
    const talk = Talk.live();
    talk.do({ kind: "closed", draw: 0 });
    talk.do({ kind: "ticked" }, 300);
    talk.do({ kind: "opened" });
    const effects = talk.hear({ kind: "resumed", epoch: "run2", seq: 3, now: serverNow });
    expect(hellos(effects)).toEqual([wholePicture]);
  });

  test("an answer that never comes is asked for again", () => {
    const talk = new Talk();
    talk.do({ kind: "started" });
    talk.do({ kind: "opened" });
    talk.hear({ kind: "heartbeat", seq: 1, now: serverNow }, 2_000);
    expect(hellos(talk.do({ kind: "ticked" }, 1_500))).toEqual([wholePicture]);
  });
});

describe("W2: a gap is never applied over", () => {
  test("a missing delta asks for a snapshot, and what follows waits for it", () => {
    const talk = Talk.live();
    const effects = talk.delta(12);
    expect(effects.map(({ kind }) => kind)).toEqual(["send"]);
    expect(hellos(effects)).toEqual([wholePicture]);
    expect(talk.delta(13)).toEqual([]);
    expect(talk.snapshot(13).map(({ kind }) => kind)).toEqual(["replaceScene"]);
    expect(talk.delta(14).map(({ kind }) => kind)).toEqual(["applyDelta"]);
  });

  test("a repeated delta changes nothing", () => {
    const talk = Talk.live();
    expect(talk.delta(10)).toEqual([]);
    expect(talk.state.position?.seq).toBe(10);
  });

  test("a heartbeat ahead of the last delta betrays a lost one", () => {
    const talk = Talk.live();
    const effects = talk.hear({ kind: "heartbeat", seq: 11, now: serverNow });
    expect(hellos(effects)).toEqual([wholePicture]);
  });

  test("what cannot be read may have been a change", () => {
    expect(hellos(Talk.live().do({ kind: "unreadable" }))).toEqual([wholePicture]);
  });
});

describe("W3: alarm records", () => {
  const record = (recordSeq: number): ServerMessage => ({
    kind: "record",
    recordSeq,
    alarm: {
      id: `a${recordSeq}`,
      lineId: "L1",
      code: "missort",
      passId: null,
      params: {},
      at: serverNow,
      state: "notice",
      endedAt: null,
    },
  });
  const acknowledged = (effects: readonly LiveEffect[]): readonly number[] =>
    effects.flatMap((effect) =>
      effect.kind === "send" && effect.message.kind === "recordsSeen" ? [effect.message.upTo] : [],
    );

  test("each is shown once and acknowledged with the next tick", () => {
    const talk = Talk.live();
    expect(talk.hear(record(1)).map(({ kind }) => kind)).toEqual(["addAlarm"]);
    expect(acknowledged(talk.do({ kind: "ticked" }, 200))).toEqual([1]);
    expect(acknowledged(talk.do({ kind: "ticked" }, 200))).toEqual([]);
  });

  test("one that comes again is not shown again, and acknowledged again", () => {
    const talk = Talk.live();
    talk.hear(record(1));
    talk.do({ kind: "ticked" }, 200);
    expect(talk.hear(record(1))).toEqual([]);
    expect(acknowledged(talk.do({ kind: "ticked" }, 200))).toEqual([1]);
  });

  test("another run of the centre numbers its records anew", () => {
    const talk = Talk.live();
    talk.hear(record(7));
    talk.snapshot(1, "run2");
    expect(talk.hear(record(1)).map(({ kind }) => kind)).toEqual(["addAlarm"]);
  });
});

describe("W5: silence and the centre's clock", () => {
  test("two seconds of silence freeze the page, one millisecond less does not", () => {
    const talk = Talk.live();
    talk.do({ kind: "ticked" }, silentMsMax);
    expect(talk.state.isFrozen).toBe(false);
    talk.do({ kind: "ticked" }, 1);
    expect(talk.state.isFrozen).toBe(true);
    expect(talk.state.lastServerNow).toBe(serverNow);
  });

  test("a fresh heartbeat thaws it only when no delta is missing", () => {
    const talk = Talk.live();
    talk.do({ kind: "ticked" }, silentMsMax + 1);
    talk.hear({ kind: "heartbeat", seq: 12, now: serverNow });
    expect(talk.state.isFrozen).toBe(true);
    talk.snapshot(12);
    expect(talk.state.isFrozen).toBe(false);
  });

  test("before the first picture there is nothing to freeze", () => {
    const talk = new Talk();
    talk.do({ kind: "started" });
    talk.do({ kind: "ticked" }, 60_000);
    expect(talk.state.isFrozen).toBe(false);
    expect(talk.state.isVeiled).toBe(true);
  });

  test("every heartbeat is answered", () => {
    const effects = Talk.live().hear({ kind: "heartbeat", seq: 10, now: serverNow });
    expect(effects).toEqual([{ kind: "send", message: { kind: "pong", seq: 10 } }]);
  });

  test("an open socket that stays silent is given up", () => {
    const talk = Talk.live();
    expect(talk.do({ kind: "ticked" }, deadMsMax)).toContainEqual({ kind: "close" });
  });

  test("the hello's round trip sets the clock offset", () => {
    const talk = new Talk();
    talk.do({ kind: "started" });
    talk.do({ kind: "opened" });
    talk.snapshot(10);
    // Sent at 1,000, heard at 1,010: the centre's stamp belongs to the middle.
    expect(talk.state.offset).toMatchObject({ offsetMs: serverNow - 1_005, rttMs: 10 });
  });
});

describe("W6: hidden tabs and reconnects", () => {
  test("a tab that comes back is veiled until a snapshot", () => {
    const talk = Talk.live();
    expect(hellos(talk.do({ kind: "pageShown" }))).toEqual([wholePicture]);
    expect(talk.state.isVeiled).toBe(true);
    talk.delta(11);
    expect(talk.state.isVeiled).toBe(true);
    talk.snapshot(11);
    expect(talk.state.isVeiled).toBe(false);
  });

  test("a tab that comes back while disconnected asks for a snapshot, not to resume", () => {
    const talk = Talk.live();
    talk.do({ kind: "closed", draw: 0 });
    talk.do({ kind: "pageShown" });
    talk.do({ kind: "ticked" }, 300);
    expect(hellos(talk.do({ kind: "opened" }))).toEqual([wholePicture]);
  });

  test("reconnects wait 0.25 s at first and never more than 5 s", () => {
    const talk = Talk.live();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      talk.do({ kind: "closed", draw: 1 });
      waits.push(talk.state.deadlineAtMs - talk.nowMs);
      const waitMs = talk.state.deadlineAtMs - talk.nowMs;
      expect(talk.do({ kind: "ticked" }, waitMs - 1)).toEqual([]);
      expect(talk.do({ kind: "ticked" }, 1)).toEqual([{ kind: "open" }]);
    }
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  });

  test("a snapshot alone does not hurry it again: a connection is one once it has lasted", () => {
    const talk = Talk.live();
    const waitMs = (): number => {
      talk.do({ kind: "closed", draw: 1 });
      return talk.state.deadlineAtMs - talk.nowMs;
    };
    const waits = Array.from({ length: 4 }, () => {
      const waited = waitMs();
      talk.do({ kind: "opened" });
      talk.snapshot(10);
      return waited;
    });
    expect(waits).toEqual([250, 500, 1_000, 2_000]);
    talk.hear({ kind: "heartbeat", seq: 10, now: serverNow }, 1_000);
    expect(waitMs()).toBe(250);
  });

  test("jitter takes at most half of the wait", () => {
    const talk = Talk.live();
    for (let attempt = 0; attempt < 4; attempt += 1) talk.do({ kind: "closed", draw: 0 });
    expect(talk.state.deadlineAtMs - talk.nowMs).toBe(1_000);
  });
});

test("another station is told to the centre without losing the picture", () => {
  const talk = Talk.live();
  expect(hellos(talk.do({ kind: "stationChanged" }))).toEqual([{ epoch: "run1", lastSeq: 10 }]);
  expect(talk.state.isVeiled).toBe(false);
});
