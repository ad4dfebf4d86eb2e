// Goal: a trace shows what went over a device's wire and what was made of it, costs a device nothing
// while it is off, never keeps more than its bounds, and can neither disturb a device nor show a
// credential. Method: real taps over a link, a bus and a wire of the test's own, in virtual time.
import { describe, expect, test } from "vitest";
import { deviceReason } from "../../protocols/device-reasons.ts";
import {
  traceAnswerBytesMax,
  traceAnswerFramesMax,
  traceBytesMax,
  traceBytesOf,
  traceFrameBytesMax,
  traceFramesMax,
  tracesMax,
  zTraceTold,
  type TraceFrame,
  type TraceWanted,
} from "../../protocols/trace.ts";
import {
  sent,
  type ByteLink,
  type ByteLinkHandlers,
  type MessageBus,
} from "../../protocols/transport.ts";
import type { Wire, WireHandlers } from "../../edge/devices/wire.ts";
import { tappedDialect, tappedWires } from "../../edge/devices/wires/tapped-wires.ts";
import type { Wires } from "../../edge/devices/wires/wires.ts";
import type { DeviceTap } from "../../edge/devices/device-tap.ts";
import { createWireTraces, type WireTraces } from "../../edge/runtime/wire-traces.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const deviceId = "L1-scanner";
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

function rig() {
  const clock = createVirtualClock();
  const bugs: unknown[] = [];
  const traces = createWireTraces({ clock, onBug: (thrown) => bugs.push(thrown) });
  return { clock, bugs, traces, tap: traces.tapOf(deviceId) };
}

const wanted = (change: Partial<TraceWanted> = {}): TraceWanted => ({
  kind: "traceWanted",
  deviceId,
  trace: 1,
  remainingMs: 300_000,
  afterSeq: 0,
  ...change,
});

const framesOf = (traces: WireTraces, change: Partial<TraceWanted> = {}): readonly TraceFrame[] => {
  const told = traces.wanted(wanted(change));
  expect(told === null || zTraceTold.safeParse(told).success).toBe(true);
  return told?.frames ?? [];
};

const heardBytes = (tap: DeviceTap, text: string): void =>
  tap.onWire({ kind: "bytes", direction: "in", bytes: bytes(text) });

describe("a trace", () => {
  test("is off from the start, and then nothing is kept", () => {
    const { traces, tap } = rig();
    expect(tap.isLooking).toBe(false);
    heardBytes(tap, "before");
    expect(framesOf(traces)).toEqual([]);
    expect(tap.isLooking).toBe(true);
  });

  test("tells what came, what was made of it, and why something was not taken, in order", () => {
    const { traces, tap, clock } = rig();
    traces.wanted(wanted());
    heardBytes(tap, "\x02AB\x03");
    tap.onDialect("in", { kind: "read", codes: ["AB"] });
    const reason = deviceReason("badChecksum", { detail: "checksum, bytes 02" });
    tap.onDialect("in", { kind: "discarded", reason, counts: {} });
    tap.onDialect("out", { kind: "token", token: "0815" });
    tap.onWire({ kind: "bytes", direction: "out", bytes: bytes("\x06") });
    tap.onWire({
      kind: "message",
      direction: "in",
      topic: "s/read",
      payload: bytes('{"seq":1}'),
      isRetained: true,
    });
    tap.onWire({ kind: "state", isOpen: false, reason: deviceReason("connectionLost") });
    const frames = framesOf(traces);
    expect(frames.map(({ seq, way }) => [seq, way])).toEqual([
      [1, "in"],
      [2, "heard"],
      [3, "dropped"],
      [4, "said"],
      [5, "out"],
      [6, "in"],
      [7, "state"],
    ]);
    expect(frames[0]).toMatchObject({ hex: "02 41 42 03", text: null, at: clock.wall() });
    expect(frames[1]).toMatchObject({ text: '{"kind":"read","codes":["AB"]}' });
    expect(frames[2]).toMatchObject({ reason });
    expect(frames[3]?.text).toContain("0815");
    expect(frames[5]).toMatchObject({ name: "s/read (retained)", text: '{"seq":1}' });
    expect(frames[6]).toMatchObject({ text: "closed", reason: { code: "connectionLost" } });
    expect(framesOf(traces, { afterSeq: 6 }).map(({ seq }) => seq)).toEqual([7]);
  });

  test("shows variables as they change, once a second at most", () => {
    const { traces, tap, clock } = rig();
    traces.wanted(wanted());
    for (let n = 0; n < 100; n += 1) {
      tap.onWire({ kind: "readings", values: new Map([["count", n]]) });
      clock.runFor(20);
    }
    const texts = framesOf(traces).map(({ text }) => text);
    expect(texts).toEqual(["count = 0", "count = 50"]);
  });

  test("ends by itself, and what it has seen stays for a later look", () => {
    const { traces, tap, clock } = rig();
    traces.wanted(wanted({ remainingMs: 1_000 }));
    heardBytes(tap, "seen");
    clock.runFor(999);
    expect(tap.isLooking).toBe(true);
    clock.runFor(1);
    expect(tap.isLooking).toBe(false);
    heardBytes(tap, "late");
    expect(framesOf(traces, { remainingMs: 0 })).toHaveLength(1);
  });

  test("begins anew with a later number, and a late message of an earlier one does nothing", () => {
    const { traces, tap, clock } = rig();
    traces.wanted(wanted({ trace: 7, remainingMs: 1_000 }));
    heardBytes(tap, "old");
    traces.wanted(wanted({ trace: 8 }));
    expect(framesOf(traces, { trace: 8 })).toEqual([]);
    expect(traces.wanted(wanted({ trace: 7 }))).toBeNull();
    clock.runFor(1_000);
    expect(tap.isLooking).toBe(true);
    heardBytes(tap, "new");
    expect(framesOf(traces, { trace: 8 })).toMatchObject([{ seq: 1, hex: "6e 65 77" }]);
    traces.wanted(wanted({ trace: 9, remainingMs: 0 }));
    expect(framesOf(traces, { trace: 8 })).toHaveLength(1);
  });

  test("of a device that is not there is nobody's", () => {
    expect(rig().traces.wanted(wanted({ deviceId: "other" }))).toBeNull();
  });

  test("runs at few devices at once: one that is over gives way first, then the oldest", () => {
    const clock = createVirtualClock();
    const traces = createWireTraces({ clock, onBug: () => {} });
    const ids = Array.from({ length: tracesMax + 2 }, (_, n) => `d${n}`);
    const taps = new Map(ids.map((id) => [id, traces.tapOf(id)]));
    const begin = (id: string, trace: number, remainingMs = 300_000): void => {
      traces.wanted(wanted({ deviceId: id, trace, remainingMs }));
    };
    ids.slice(0, tracesMax).forEach((id, n) => begin(id, n + 1, n === 1 ? 10 : 300_000));
    clock.runFor(10);
    begin(`d${tracesMax}`, 100);
    const looking = (): string[] => ids.filter((id) => taps.get(id)?.isLooking);
    expect(looking()).toEqual(["d0", "d2", "d3", "d4"]);
    begin(`d${tracesMax + 1}`, 101);
    expect(looking()).toEqual(["d2", "d3", "d4", "d5"]);
  });

  test("is over with its agent", () => {
    const { traces, tap } = rig();
    traces.wanted(wanted());
    traces.stop();
    expect(tap.isLooking).toBe(false);
  });
});

describe("bounds", () => {
  test("the last frames are kept, and what is missing can be counted", () => {
    const { traces, tap } = rig();
    traces.wanted(wanted());
    for (let n = 0; n < traceFramesMax + 40; n += 1) heardBytes(tap, `${n}`);
    const frames = framesOf(traces);
    expect(frames).toHaveLength(traceAnswerFramesMax);
    expect(frames[0]?.seq).toBe(41);
    expect(traces.wanted(wanted())?.lastSeq).toBe(traceFramesMax + 40);
  });

  test("by bytes as well, in the ring and in one answer", () => {
    const { traces, tap } = rig();
    traces.wanted(wanted());
    const long = { text: "x".repeat(5_000) };
    for (let n = 0; n < traceFramesMax; n += 1) tap.onDialect("in", long);
    let kept = 0;
    for (let after = 0; ;) {
      const frames = framesOf(traces, { afterSeq: after });
      const told = frames.reduce((sum, frame) => sum + traceBytesOf(frame), 0);
      expect(told).toBeLessThanOrEqual(traceAnswerBytesMax);
      kept += told;
      const last = frames.at(-1);
      if (last === undefined) break;
      after = last.seq;
    }
    expect(kept).toBeGreaterThan(traceBytesMax / 2);
    expect(kept).toBeLessThanOrEqual(traceBytesMax);
  });

  test("an image is so many bytes, whether it comes as bytes, as a message or in what is heard", () => {
    const { traces, tap } = rig();
    traces.wanted(wanted());
    const image = new Uint8Array(4_000_000).fill(0xff);
    tap.onWire({ kind: "bytes", direction: "in", bytes: image });
    tap.onWire({
      kind: "message",
      direction: "in",
      topic: "x/image",
      payload: image,
      isRetained: false,
    });
    const own = Buffer.from(image.buffer);
    own.toJSON = () => expect.fail("each byte of an image became a number");
    tap.onDialect("in", { kind: "image", passId: "p", bytes: own });
    const [first, second, third] = framesOf(traces);
    expect(first).toMatchObject({ wholeLength: 4_000_000 });
    expect(first?.hex).toHaveLength(3 * traceFrameBytesMax - 1);
    expect(second).toMatchObject({ name: "x/image", wholeLength: 4_000_000 });
    expect(third?.text).toBe('{"kind":"image","passId":"p","bytes":"(4000000 bytes)"}');
  });

  test("lists and what lies within others end somewhere, as do texts", () => {
    const { traces, tap } = rig();
    traces.wanted(wanted());
    const cyclic: Record<string, unknown> = { at: new Date(0), big: 5n };
    cyclic["self"] = cyclic;
    tap.onDialect("in", { list: Array.from({ length: 100_000 }, () => 7) });
    tap.onDialect("in", cyclic);
    tap.onDialect("in", { counts: new Uint32Array([1, 2]) });
    const texts = framesOf(traces).map(({ text }) => text);
    expect(texts[0]).toMatch(/^\{"list":\[7(?:,7)+\]\}$/);
    expect(texts[1]).toContain('{"at":"1970-01-01T00:00:00.000Z","big":"5","self":{');
    expect(texts[2]).toBe('{"counts":[1,2]}');
  });

  test("a long text is cut where no character is, too", () => {
    const { traces, tap } = rig();
    traces.wanted(wanted());
    const payload = Buffer.from(`a${"包".repeat(20_000)}`);
    tap.onWire({ kind: "message", direction: "in", topic: "t", payload, isRetained: false });
    const [frame] = framesOf(traces);
    expect(frame).toMatchObject({ hex: null, wholeLength: payload.length });
    expect(frame?.text).toMatch(/^a包+$/);
  });
});

describe("what no trace shows", () => {
  test.each([
    ['{"user":"u","password":"hunter2"}', "hunter2"],
    ['payload={\\"password\\":\\"hunter2\\"}', "hunter2"],
    ["secret=hunter2 and more", "hunter2"],
    ["authorization: Bearer hunter2", "hunter2"],
    ["mqtts://user:hunter2@broker.example/base", "hunter2"],
  ])("a credential in %s", (text, secret) => {
    const { traces, tap } = rig();
    traces.wanted(wanted());
    tap.onWire({
      kind: "message",
      direction: "in",
      topic: "t",
      payload: bytes(text),
      isRetained: false,
    });
    heardBytes(tap, text);
    tap.onDialect("in", { kind: "life", text });
    const detail = text.slice(0, 200);
    tap.onDialect("in", { kind: "dropped", reason: deviceReason("badMessage", { detail }) });
    const frames = framesOf(traces);
    expect(frames).toHaveLength(4);
    expect(JSON.stringify(frames)).not.toContain(secret);
    expect(JSON.stringify(frames)).not.toContain(Buffer.from(secret).toString("hex"));
  });

  test("one that the cut ends within", () => {
    const { traces, tap } = rig();
    traces.wanted(wanted());
    const text = `${"a ".repeat(490)}mqtt://user:hunter2hunter2hunter2hunter2@broker`;
    tap.onDialect("out", { text });
    expect(JSON.stringify(framesOf(traces))).not.toContain("hunter2");
  });

  test("the token that tells whose read it is is none", () => {
    const { traces, tap } = rig();
    traces.wanted(wanted());
    tap.onDialect("in", { kind: "read", proof: { token: "0815" } });
    expect(framesOf(traces)[0]?.text).toContain("0815");
  });
});

describe("a device", () => {
  test("goes on when looking at it fails, and the trace is over", () => {
    const { traces, tap, bugs } = rig();
    traces.wanted(wanted());
    const broken = {
      kind: "read",
      get codes() {
        throw new Error("planted");
      },
    };
    tap.onDialect("in", broken);
    expect(bugs).toHaveLength(1);
    expect(tap.isLooking).toBe(false);
  });

  test("loses nothing of its link by being looked at", () => {
    const done: string[] = [];
    let handlers: ByteLinkHandlers | null = null;
    const link: ByteLink = {
      open: (given) => (handlers = given),
      write: () => sent,
      renew: () => done.push("renew"),
      close: () => Promise.resolve(),
    };
    const bus: MessageBus = {
      onState: () => {},
      subscribe: () => {},
      publish: () => sent,
      packetBytesMax: () => 7,
      close: () => Promise.resolve(),
    };
    const wires = { byteLink: () => link, messageBus: () => bus } as unknown as Wires;
    const { traces, tap } = rig();
    const tapped = tappedWires(wires, tap);
    const own = tapped.byteLink({} as never);
    const heard: string[] = [];
    own.open({
      onOpen: () => heard.push("open"),
      onBytes: (chunk) => heard.push(Buffer.from(chunk).toString("latin1")),
      onClose: () => heard.push("close"),
    });
    const from = handlers as unknown as ByteLinkHandlers;
    from.onOpen();
    from.onBytes(bytes("off"));
    traces.wanted(wanted());
    from.onBytes(bytes("on"));
    own.renew?.(deviceReason("silent"));
    expect(heard).toEqual(["open", "off", "on"]);
    expect(done).toEqual(["renew"]);
    expect(tapped.messageBus({} as never, deviceId).packetBytesMax?.()).toBe(7);
    expect(framesOf(traces)).toMatchObject([{ hex: "6f 6e" }]);
  });

  test("is asked one question a message while its trace is off, and told nothing", () => {
    let asked = 0;
    const tap: DeviceTap = {
      get isLooking() {
        asked += 1;
        return false;
      },
      onWire: () => expect.fail("told of the wire"),
      onDialect: () => expect.fail("told of the dialect"),
    };
    let handlers: WireHandlers<unknown> | null = null;
    const wire: Wire<unknown, unknown> = {
      open: (given) => (handlers = given),
      send: () => sent,
      revive: () => {},
      close: () => Promise.resolve(),
    };
    const tapped = tappedDialect(wire, tap);
    const none = { onState: () => {}, onAdvice: () => {}, onSendFailed: () => {} };
    tapped.open({ ...none, onMessage: () => {}, onDropped: () => {} });
    const from = handlers as unknown as WireHandlers<unknown>;
    for (let n = 0; n < 10; n += 1) from.onMessage({ n });
    from.onDropped(deviceReason("badMessage"));
    tapped.send("x");
    expect(asked).toBe(12);
  });
});
