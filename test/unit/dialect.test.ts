/**
 * Goal: a dialect needs no clock, timer or wire of its own: it is told what came and when, wakes
 * when it asked to, answers by itself, and is silent once its wire is closed.
 * Method: telegrams with acknowledgement and repeat, made up for this test, spoken on a wire in the
 * test's hands, in virtual time.
 */
import { describe, expect, it } from "vitest";
import { speak, unreadable, type Dialect, type Discarded } from "../../edge/devices/dialect.ts";
import type { Wire, WireHandlers } from "../../edge/devices/wire.ts";
import { deviceReason } from "../../protocols/device-reasons.ts";
import { notConnected, sent, type Sending } from "../../protocols/transport.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

type Heard = { readonly kind: "word"; readonly word: string } | Discarded;

const repeatAfterMs = 200;
const triesMax = 3;

/** Says `hello` first. `!word` is acknowledged with `+`; what we say is said again until a `+` comes, three times. */
function createTelegrams(): Dialect<string, string, Heard, string> {
  let pending: { readonly text: string; tries: number; dueAt: MonotonicMs } | null = null;
  return {
    begin: (_at, out) => out.answer("hello"),
    read(message, _at, out) {
      if (message === "+") pending = null;
      else if (!message.startsWith("!")) out.tell(unreadable(message));
      else {
        out.answer("+");
        out.tell({ kind: "word", word: message.slice(1) });
      }
    },
    write(said, at) {
      pending = { text: `!${said}`, tries: 1, dueAt: monotonicMs(at + repeatAfterMs) };
      return pending.text;
    },
    wakeAt: () => pending?.dueAt ?? null,
    wake(at, out) {
      if (pending === null) return;
      if (pending.tries === triesMax) {
        out.tell(unreadable(`no answer to ${pending.text}`));
        pending = null;
        return;
      }
      pending.tries += 1;
      pending.dueAt = monotonicMs(at + repeatAfterMs);
      out.answer(pending.text);
    },
    unsent() {
      pending = null;
    },
    lose() {
      pending = null;
    },
  };
}

function createStand() {
  const clock = createVirtualClock();
  const onWire: string[] = [];
  const told: string[] = [];
  let answer: Sending = sent;
  let handlers: WireHandlers<string> | null = null;
  const wire: Wire<string, string> = {
    open(given) {
      handlers = given;
    },
    send(message) {
      if (answer.kind === "sent") onWire.push(`${clock.monotonic()} ${message}`);
      return answer;
    },
    revive: () => onWire.push("revived"),
    async close() {},
  };
  const spoken = speak(createTelegrams(), wire, clock);
  spoken.open({
    onState: (isConnected) => told.push(isConnected ? "up" : "down"),
    onMessage: (heard) =>
      told.push(heard.kind === "word" ? heard.word : `discarded ${heard.reason.detail}`),
    onAdvice: (advice) => told.push(`advice ${advice?.code ?? "none"}`),
    onDropped: ({ code }) => told.push(`dropped ${code}`),
    onSendFailed: (detail) => told.push(`failed ${detail}`),
  });
  return {
    clock,
    spoken,
    onWire,
    told,
    hear: (message: string) => handlers?.onMessage(message),
    state: (isConnected: boolean) =>
      handlers?.onState(isConnected, isConnected ? undefined : deviceReason("connectionLost")),
    fail: (detail: string) => handlers?.onSendFailed(detail),
    refuse: () => {
      answer = notConnected;
    },
  };
}

describe("a dialect on a wire", () => {
  it("tells what it understands, answers what it must, and never drops the rest", () => {
    const { hear, told, onWire, spoken } = createStand();
    hear("!eye");
    hear("noise");
    expect(told).toEqual(["eye", "discarded noise"]);
    expect(onWire).toEqual(["0 +"]);
    spoken.revive();
    expect(onWire.at(-1)).toBe("revived");
  });

  it("wakes at the moment it asked for, until it asks no more", () => {
    const { clock, spoken, onWire, told } = createStand();
    expect(spoken.send("divert")).toEqual(sent);
    clock.runFor(1_000);
    expect(onWire).toEqual(["0 !divert", "200 !divert", "400 !divert"]);
    expect(told).toEqual(["discarded no answer to !divert"]);
    expect(clock.pendingCount()).toBe(0);
  });

  it("says nothing again that was acknowledged, or whose wire was lost", () => {
    const { clock, spoken, onWire, hear, state, told } = createStand();
    spoken.send("one");
    hear("+");
    clock.runFor(1_000);
    spoken.send("two");
    state(false);
    clock.runFor(1_000);
    expect(onWire).toEqual(["0 !one", "1000 !two"]);
    expect(told).toEqual(["down"]);
  });

  it("begins each time its wire opens, once that was told", () => {
    const { clock, state, onWire, told } = createStand();
    state(true);
    state(false);
    clock.runFor(50);
    state(true);
    expect(onWire).toEqual(["0 hello", "50 hello"]);
    expect(told).toEqual(["up", "down", "up"]);
  });

  it("is woken earlier when something new is due before what it waited for", () => {
    const { clock, spoken, onWire, hear } = createStand();
    spoken.send("one");
    clock.runFor(150);
    hear("+");
    spoken.send("two");
    clock.runFor(210);
    expect(onWire).toEqual(["0 !one", "150 !two", "350 !two"]);
  });

  it("passes on why something was not sent, and that it did not arrive", () => {
    const { spoken, refuse, fail, told } = createStand();
    refuse();
    expect(spoken.send("divert")).toEqual(notConnected);
    fail("no such method");
    expect(told).toEqual(["failed no such method"]);
  });

  it("never says later what the wire did not take", () => {
    const { clock, spoken, refuse, onWire, told } = createStand();
    refuse();
    spoken.send("divert");
    clock.runFor(1_000);
    expect(onWire).toEqual([]);
    expect(told).toEqual([]);
    expect(clock.pendingCount()).toBe(0);
  });

  it("is silent once closed, whatever the wire still brings, and waits for nothing", async () => {
    const { clock, spoken, onWire, told, hear, state, fail } = createStand();
    spoken.send("divert");
    await spoken.close();
    hear("!late");
    state(true);
    fail("late");
    clock.runFor(1_000);
    expect(told).toEqual([]);
    expect(onWire).toEqual(["0 !divert"]);
    expect(clock.pendingCount()).toBe(0);
  });
});
