import { describe, expect, test } from "vitest";
import { Bug } from "../../protocols/bug.ts";
import { zLogSettings } from "../../edge/runtime/config/log-settings.ts";
import { openLogOutput, waitingBytesMax, type WriteSome } from "../../edge/runtime/log-output.ts";
import { redacted } from "../../edge/runtime/log-secrets.ts";
import { openPinoLog } from "../../edge/runtime/pino-log.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

/**
 * The agent's log as it is written: JSON or readable, without secrets, and never in the way of who
 * writes it. The output is a text in memory; time is virtual.
 */
function openLog(settings: object = {}, roomFor = Number.POSITIVE_INFINITY) {
  const written: string[] = [];
  const room = { lines: roomFor };
  const { log } = openPinoLog({
    name: "agent-L1",
    settings: zLogSettings.parse(settings),
    clock: createVirtualClock(),
    output: {
      write(text) {
        if (written.length >= room.lines) return false;
        written.push(text);
        return true;
      },
      flush: async () => {},
    },
  });
  const json = () => written.map((text) => JSON.parse(text) as Record<string, unknown>);
  return { log, written, json, room };
}

describe("the written log", () => {
  test("is one JSON object a line, with level, time, name, message and fields", () => {
    const { log, written, json } = openLog();
    log.child("wires").warn("not connected", { address: "10.0.0.9:2111", leftOut: 12 });
    expect(json()).toEqual([
      {
        level: "warn",
        at: "2026-01-01T00:00:00.000Z",
        name: "agent-L1.wires",
        message: "not connected",
        address: "10.0.0.9:2111",
        leftOut: 12,
      },
    ]);
    expect(written[0]).toMatch(/^\{.*\}\n$/);
  });

  test("or is readable, with the stack of an error and of its cause below", () => {
    const { log, written } = openLog({ format: "readable" });
    const error = new Bug("two exits", { cause: new TypeError("x is undefined") });
    log.child("line").error("a bug of ours", { lineId: "L1", why: "has = and blanks", error });
    const [head, ...below] = (written[0] ?? "").split("\n");
    expect(head).toBe(
      '2026-01-01T00:00:00.000Z ERROR agent-L1.line a bug of ours lineId=L1 why="has = and blanks"',
    );
    expect(below.join("\n")).toMatch(
      /^ {4}Bug: two exits\n {4}at .*pino-log[\s\S]*caused by:\n {4}TypeError: x is undefined\n/,
    );
  });

  test("keeps one line to a line, whatever a message holds", () => {
    const { log, written } = openLog();
    log.warn("first\nsecond", { detail: "a\nb" });
    expect(written.join("").split("\n")).toHaveLength(2);
  });

  test.each([
    ["debug", 4],
    ["info", 3],
    ["warn", 2],
    ["error", 1],
  ])("from level %s on holds %i of four lines", (level, count) => {
    const { log, written } = openLog({ level });
    log.debug("a");
    log.info("b");
    log.warn("c");
    log.error("d");
    expect(written).toHaveLength(count);
  });

  test("takes any field: what JSON cannot carry, a circle, the log's own names", () => {
    const { log, json } = openLog();
    const circle: Record<string, unknown> = { n: 10n };
    circle["self"] = circle;
    log.warn("odd", { circle, bytes: new Uint8Array(3), level: "mine", at: 1, missing: undefined });
    expect(json()[0]).toMatchObject({ level: "warn", level_: "mine", at_: 1, bytes: "(3 bytes)" });
  });

  test("tells how many lines nobody had room for", () => {
    const { log, json, room } = openLog({}, 1);
    for (const message of ["a", "b", "c"]) log.warn(message);
    room.lines = 10;
    log.warn("d");
    expect(json().map(({ message, lines }) => [message, lines])).toEqual([
      ["a", undefined],
      ["d", undefined],
      ["lines were dropped: nobody read them in time", 2],
    ]);
  });
});

describe("no secret is written", () => {
  test.each([
    "password",
    "keyPassword",
    "accessToken",
    "clientSecret",
    "passphrase",
    "credentials",
    "authorization",
    "set-cookie",
    "privateKey",
    "api_key",
    "key",
  ])("that stands in a field called %s", (name) => {
    const { log, written } = openLog();
    log.warn("connect", { [name]: "hunter2", within: { [name]: ["hunter2"] } });
    expect(written.join("")).not.toContain("hunter2");
    expect(written.join("")).toContain(redacted);
  });

  test.each([
    "mqtt://line:hunter2@broker:1883/x",
    "mqtts://line:p%40hunter2@[::1]:8883",
    "opc.tcp://user:a@hunter2@plc:4840",
    "Authorization: Bearer hunter2.abc-_",
    "basic hunter2==",
    "login password=hunter2, again",
    `{"token":"hunter2"}`,
    "api_key: hunter2",
    "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----",
  ])("that stands in the text %s", (text) => {
    for (const format of ["json", "readable"]) {
      const { log, written } = openLog({ format });
      log.warn(text, { detail: text, list: [text], error: new Error(text, { cause: text }) });
      expect(written.join("")).not.toContain("hunter2");
    }
  });

  test.each([
    ["an address", "mqtt://line:hunter2"],
    ["quotes", 'password="my hunter2'],
  ])("that a cut leaves half of, in %s", (_where, start) => {
    const { log, written } = openLog();
    log.warn("long", { detail: `${"x ".repeat(4_000).slice(start.length)}${start}@broker"` });
    expect(written.join("")).not.toContain("hunter2");
    expect(written.join("")).toContain(`${redacted}…`);
  });

  test("while what is none stays readable", () => {
    const { log, json } = openLog();
    const fields = {
      passId: "L1-1",
      keyFile: "/etc/anchor.pem",
      address: "mqtt://broker:1883",
      detail: "who@where said: bypass mode, token ring",
      monkeys: 3,
    };
    log.warn("as it is", fields);
    expect(json()[0]).toMatchObject(fields);
  });
});

describe("standard error", () => {
  /** A reader that takes what it is told to. */
  function reader() {
    const clock = createVirtualClock();
    const got: Buffer[] = [];
    let pending: (() => void) | null = null;
    let mode: "reads" | "sleeps" | "busy" | "gone" = "reads";
    const writeSome: WriteSome = (bytes, done) => {
      if (mode === "sleeps") {
        pending = () => writeSome(bytes, done);
        return;
      }
      if (mode === "busy") return done(Object.assign(new Error("busy"), { code: "EAGAIN" }), 0);
      if (mode === "gone") return done(Object.assign(new Error("gone"), { code: "EPIPE" }), 0);
      // Never all at once.
      const part = bytes.subarray(0, Math.max(1, Math.ceil(bytes.length / 2)));
      got.push(Buffer.from(part));
      done(null, part.length);
    };
    return {
      clock,
      output: openLogOutput(clock, writeSome),
      text: () => Buffer.concat(got).toString(),
      is: (next: typeof mode) => {
        mode = next;
        pending?.();
        pending = null;
      },
    };
  }

  test("gets every byte, in order, however little is taken at a time", () => {
    const { output, text } = reader();
    for (let line = 0; line < 50; line += 1) output.write(`line ${line} 行\n`);
    expect(text()).toBe(Array.from({ length: 50 }, (_, line) => `line ${line} 行\n`).join(""));
  });

  test("that nobody reads holds up nobody, and keeps only so much", () => {
    const { output, is, text } = reader();
    is("sleeps");
    const line = "x".repeat(1_023) + "\n";
    const taken = Array.from({ length: 5_000 }, () => output.write(line)).filter(Boolean).length;
    expect(taken).toBe(waitingBytesMax / 1_024);
    is("reads");
    expect(text()).toHaveLength(waitingBytesMax);
  });

  test("that is busy is tried again", () => {
    const { clock, output, is, text } = reader();
    is("busy");
    output.write("a\n");
    clock.runFor(500);
    is("reads");
    clock.runFor(100);
    expect(text()).toBe("a\n");
  });

  test("whose reader is gone costs nothing any more", () => {
    const { output, is } = reader();
    is("gone");
    output.write("a\n");
    expect(output.write("b\n")).toBe(false);
  });

  test("is waited for at the end, but not for ever", async () => {
    const { clock, output, is } = reader();
    await output.flush(1_000);
    is("sleeps");
    output.write("a\n");
    const flushed = output.flush(1_000);
    clock.runFor(1_000);
    await flushed;
    const again = output.flush(1_000);
    is("reads");
    await again;
    expect(clock.pendingCount()).toBe(0);
  });
});
