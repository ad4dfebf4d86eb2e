// Goal: the page's connection opens, gives up, waits and opens again by the clock it is given, and
// hears nothing of a socket it has given up (HMI W1, W5, W6). Method: the real connection and its
// streams in virtual time, over sockets that do what the test says.
import { Subject } from "rxjs";
import { describe, expect, test } from "vitest";
import { LiveConnection } from "../../control-ui/web/live/live-connection.ts";
import { tickMs, type LiveSocket } from "../../control-ui/web/live/live-events.ts";
import { deadMsMax, silentMsMax } from "../../control-ui/web/live/live-machine.ts";
import type { ClientMessage, ServerMessage } from "../../protocols/ui/socket.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

class FakeSocket extends EventTarget {
  readyState = 0;
  readonly said: ClientMessage[] = [];
  isClosedByPage = false;

  send(text: string): void {
    this.said.push(JSON.parse(text) as ClientMessage);
  }

  close(): void {
    this.isClosedByPage = true;
  }

  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  cut(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
  }

  tell(message: ServerMessage | string): void {
    const data = typeof message === "string" ? message : JSON.stringify(message);
    this.dispatchEvent(new MessageEvent("message", { data }));
  }
}

function rig() {
  const clock = createVirtualClock();
  const sockets: FakeSocket[] = [];
  const shown = new Subject<void>();
  const live = new LiveConnection({
    clock,
    entropy: { next: () => 1 },
    storage: { getItem: () => null, setItem: () => {} },
    openSocket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as LiveSocket;
    },
    shown,
    station: () => "S1",
  });
  live.start();
  const last = (): FakeSocket => sockets.at(-1)!;
  const snapshot = (seq: number): void => {
    const scene = { line: {}, device: {}, parcel: {}, task: {}, alarm: {}, centre: {} };
    last().tell({ kind: "snapshot", epoch: "run1", seq, now: clock.wall(), scene });
  };
  const connect = (): void => {
    last().open();
    snapshot(10);
  };
  const hellos = (): unknown[] => last().said.filter(({ kind }) => kind === "hello");
  return { clock, sockets, shown, live, last, snapshot, connect, hellos };
}

describe("connecting", () => {
  test("a socket is opened at once, and asked for a whole picture", () => {
    const { sockets, hellos, live, connect } = rig();
    expect(sockets).toHaveLength(1);
    connect();
    expect(hellos()).toEqual([{ kind: "hello", station: "S1", epoch: null, lastSeq: null }]);
    expect(live.state.peek()).toMatchObject({ isVeiled: false, isFrozen: false });
  });

  test("after a cut it waits a little, and longer each time nobody answers", () => {
    const { clock, sockets, connect, last, hellos } = rig();
    connect();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const cutAt = clock.monotonic();
      const before = sockets.length;
      last().cut();
      while (sockets.length === before) clock.runFor(tickMs);
      waits.push(clock.monotonic() - cutAt);
    }
    // The waits of 0.25 s to 5 s, as seen by a judgement every 0.2 s.
    expect(waits).toEqual([400, 600, 1_000, 2_000, 4_000, 5_000]);
    last().open();
    expect(hellos()).toEqual([{ kind: "hello", station: "S1", epoch: "run1", lastSeq: 10 }]);
  });

  test("a socket that stays silent is closed, and nothing it says later is heard", () => {
    const { clock, sockets, connect, live } = rig();
    connect();
    const [dead] = sockets;
    clock.runFor(deadMsMax + 1_000);
    expect(dead!.isClosedByPage).toBe(true);
    expect(sockets).toHaveLength(2);
    dead!.tell({ kind: "delta", seq: 11, now: clock.wall(), ops: [] });
    dead!.cut();
    expect(live.state.peek()).toMatchObject({ link: "opening", position: { seq: 10 } });
  });
});

describe("old data", () => {
  test("is frozen within a judgement after two seconds, and the page's clock stands still", () => {
    const { clock, connect, live } = rig();
    connect();
    clock.runFor(silentMsMax);
    expect(live.state.peek().isFrozen).toBe(false);
    clock.runFor(tickMs);
    expect(live.state.peek().isFrozen).toBe(true);
    const stoodAt = live.now();
    clock.runFor(3_000);
    expect(live.now()).toBe(stoodAt);
    expect(live.dataAgeMs()).toBe(silentMsMax + tickMs + 3_000);
  });

  test("is not shown when the page comes back to the front, until it is whole again", () => {
    const { connect, shown, live, hellos, snapshot } = rig();
    connect();
    shown.next();
    expect(live.state.peek().isVeiled).toBe(true);
    expect(hellos()).toHaveLength(2);
    snapshot(12);
    expect(live.state.peek().isVeiled).toBe(false);
  });

  test("what cannot be read makes the page ask for everything", () => {
    const { connect, last, hellos } = rig();
    connect();
    last().tell("{");
    expect(hellos()).toHaveLength(2);
  });
});

test("the second in words goes with the centre's clock, and not before there is one", () => {
  const { clock, connect, live, last } = rig();
  clock.runFor(1_000);
  expect(live.second.peek()).toBe(0);
  connect();
  clock.runFor(1_000);
  const second = Math.floor(clock.wall() / 1_000) * 1_000;
  expect(live.second.peek()).toBe(second);
  last().tell({ kind: "heartbeat", seq: 10, now: clock.wall() });
  clock.runFor(1_000);
  expect(live.second.peek()).toBe(second + 1_000);
});

test("another station is told to the centre", () => {
  const { connect, live, hellos } = rig();
  connect();
  live.stationChanged();
  expect(hellos().at(-1)).toMatchObject({ epoch: "run1", lastSeq: 10 });
});
