/**
 * Goal: another maker's JSON becomes a read by what the map says and by nothing else; what does not
 * fit is refused by its path, and no code is ever made of half a message.
 * Method: messages built by the map itself, in every form that it allows, and any JSON and any bytes.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  scannerJsonMapCarriers,
  zScannerJsonMapDialect,
} from "../../edge/devices/scanner/json-map.ts";
import type { ScannerHeard } from "../../edge/devices/scanner/heard.ts";
import { valueAt, zJsonPath } from "../../protocols/json-path.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createMemoryBroker } from "../../simulators/wires/memory-bus.ts";

const base = "hall/reader";

function connect(dialect: object) {
  const clock = createVirtualClock();
  const broker = createMemoryBroker({ clock, latencyMs: () => 1 });
  const map = zScannerJsonMapDialect.parse({ kind: "json-map", ...dialect });
  const carriers = scannerJsonMapCarriers(map);
  const wire = carriers.messages!({ bus: broker.connect(), base }, clock);
  const heard: ScannerHeard[] = [];
  wire.open({
    onState() {},
    onMessage: (each) => heard.push(each),
    onAdvice() {},
    onDropped() {},
    onSendFailed() {},
  });
  const device = broker.connect();
  const told: string[] = [];
  device.subscribe(`${base}/#`, (topic, payload) => {
    told.push(`${topic} ${new TextDecoder().decode(payload)}`);
  });
  clock.runFor(10);
  return {
    wire,
    told,
    say: (topic: string, json: unknown): readonly ScannerHeard[] => {
      heard.length = 0;
      const text = typeof json === "string" ? json : JSON.stringify(json);
      device.publish(`${base}/${topic}`, new TextEncoder().encode(text), { qos: 1 });
      clock.runFor(10);
      return [...heard];
    },
    run: () => clock.runFor(10),
  };
}

const whyOf = ([heard]: readonly ScannerHeard[]): string =>
  heard?.kind === "discarded" ? (heard.reason.detail ?? "") : `not refused: ${heard?.kind}`;

describe("a path", () => {
  test("leads to what stands there, by own keys alone", () => {
    const json = { a: { b: [{ c: 1 }, { c: 2 }] }, "x-y": null };
    expect(valueAt(json, "a.b[1].c")).toBe(2);
    expect(valueAt(json, "x-y")).toBeNull();
    for (const path of ["a.b.c", "a.b[2].c", "toString", "a.__proto__", "x-y.z", "a[0]"]) {
      expect(valueAt(json, path), path).toBeUndefined();
    }
  });

  test("is refused where it is none", () => {
    for (const path of ["", ".a", "a.", "a[b]", "a[", "a..b", "[0]"]) {
      expect(zJsonPath.safeParse(path).success, path).toBe(false);
    }
  });

  test("of any JSON: nothing is thrown", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom("a", "a.b", "a[0].b", "0", "[0]"),
        (json, path) => {
          valueAt(json, path);
        },
      ),
    );
  });
});

describe("a message of another maker's", () => {
  const listed = { read: { topic: "result", codes: "scan.codes", text: "data", aim: "aim" } };

  test("brings its codes as one text, a list, or a list of objects", () => {
    const plain = connect({ read: { topic: "result", codes: "code" } });
    const one = [{ text: "RB1", aim: null }];
    expect(plain.say("result", { code: "RB1" })).toEqual([{ kind: "read", codes: one, proof: {} }]);
    expect(plain.say("result", { code: ["]C1RB1", "RB2"] })).toMatchObject([
      {
        codes: [
          { text: "RB1", aim: "]C1" },
          { text: "RB2", aim: null },
        ],
      },
    ]);
    const objects = connect(listed);
    const codes = [{ data: "RB1", aim: "]C0" }, { data: "RB2" }];
    expect(objects.say("result", { scan: { codes } })).toMatchObject([
      {
        codes: [
          { text: "RB1", aim: "]C0" },
          { text: "RB2", aim: null },
        ],
      },
    ]);
  });

  test("that saw nothing is a read without codes", () => {
    const plain = connect({ read: { topic: "result", codes: "code" } });
    for (const message of [{}, { code: null }, { code: "" }, { code: [] }, { code: "NOREAD" }]) {
      expect(plain.say("result", message), JSON.stringify(message)).toEqual([
        { kind: "read", codes: [], proof: {} },
      ]);
    }
  });

  test("that does not fit is refused by its path, as a whole", () => {
    const objects = connect(listed);
    expect(whyOf(objects.say("result", { scan: { codes: ["RB1"] } }))).toBe(
      "result scan.codes[].data: must be a text",
    );
    expect(whyOf(objects.say("result", { scan: { codes: [{ data: "RB1" }, { data: 7 }] } }))).toBe(
      "result scan.codes[].data: must be a text",
    );
    expect(whyOf(objects.say("result", { scan: { codes: [{ data: "A", aim: "C1" }] } }))).toBe(
      "result aim: no AIM identifier such as ]C1",
    );
    const many = Array.from({ length: 17 }, () => ({ data: "A" }));
    expect(whyOf(objects.say("result", { scan: { codes: many } }))).toMatch(/17 codes are more/);
    expect(whyOf(objects.say("result", '{"scan":'))).toMatch(/^result message: not JSON/);
  });

  test("bears numbers: twice is once, back is old, a jump is a gap", () => {
    const { say } = connect({ read: { topic: "result", codes: "code", seq: "n" } });
    expect(say("result", { n: 5, code: "A" })).toMatchObject([{ kind: "read" }]);
    expect(say("result", { n: 5, code: "A" })).toEqual([{ kind: "repeat" }]);
    expect(say("result", { n: 4, code: "B" })).toEqual([{ kind: "old", seq: 4, lastSeq: 5 }]);
    expect(say("result", { n: 8, code: "C" })).toMatchObject([{ kind: "gap" }, { kind: "read" }]);
    expect(say("result", { n: 0, code: "D" })).toMatchObject([{ kind: "read" }]);
    expect(whyOf(say("result", { code: "E" }))).toMatch(/^result n: /);
  });

  test("brings back its proof, and is told tokens in its own words", () => {
    const { say, wire, told, run } = connect({
      read: { topic: "result", codes: "code", token: "ref", counter: "trigger" },
      command: { topic: "set", token: '{"ref":"{}"}' },
    });
    expect(say("result", { code: "A", ref: "0815", trigger: 7 })).toMatchObject([
      { proof: { token: "0815", counter: 7 } },
    ]);
    expect(whyOf(say("result", { code: "A", ref: 815 }))).toMatch(/^result ref: /);
    expect(wire.send({ kind: "token", token: "0042" }).kind).toBe("sent");
    run();
    expect(told.at(-1)).toBe(`${base}/set {"ref":"0042"}`);
    expect(wire.send({ kind: "test", test: "0001" })).toEqual({
      kind: "refused",
      why: "noSession",
    });
  });

  test("any other topic of its own is life, and nothing else", () => {
    const { say } = connect({
      read: { topic: "result", codes: "code" },
      life: { topic: "status" },
    });
    expect(say("status", "anything")).toEqual([{ kind: "life" }]);
    expect(say("other", { code: "A" })).toEqual([]);
  });

  test("of any JSON: a read or a reason, and codes only from where the map says", () => {
    const objects = connect(listed);
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const [heard] = objects.say("result", json);
        if (heard?.kind === "read") expect(heard.codes).toEqual([]);
        else expect(heard?.kind).toBe("discarded");
      }),
    );
  });
});
