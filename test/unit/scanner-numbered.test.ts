/**
 * Goal: a command of DMCC bears a number and a checksum, waits for the answer to the one before, and
 * only its own answer means anything: no other number, wrong checksum or refusal becomes a code.
 * Method: literal bytes by a checksum of the test's own; driver and reader on a wire in memory in
 * virtual time; random texts, answers and cuts.
 */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { zFramesDialect } from "../../edge/devices/preset-frames.ts";
import { zScaleConfig } from "../../edge/devices/scale/open-scale.ts";
import { createScanner, zScannerConfig } from "../../edge/devices/scanner/open-scanner.ts";
import { dmccTextArgument, readDmccCommand } from "../../protocols/scanner/dmcc.ts";
import { createScannerParser } from "../../protocols/scanner/parser.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { startFrameScanner } from "../../simulators/devices/scanner-frames.ts";
import { createMemoryWire } from "../../simulators/wires/memory-byte-link.ts";
import { onlyWires } from "../contract/device-rig.ts";

const label = "RB123456785GB";
const reach = { kind: "tcp", host: "device", port: 23 };
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

/** The manual's words, once more: the exclusive or of the bytes before it. */
function sealed(text: string): string {
  let check = 0;
  for (const byte of Buffer.from(text, "latin1")) check ^= byte;
  return text + String.fromCharCode(check);
}

function rigOf(changes: object) {
  const clock = createVirtualClock();
  const wire = createMemoryWire({ clock, latencyMs: () => 1, chunkBytes: () => 3 });
  const dialect = { kind: "frames", preset: "cognex", ...changes };
  const config = zScannerConfig.parse({ id: "scanner-1", reach, dialect });
  const port = createScanner(config, { wires: onlyWires({ byteLink: () => wire.a }), clock });
  const reads: string[][] = [];
  port.start((event) => {
    if (event.kind === "read") reads.push(event.codes.map(({ text }) => text));
  });
  const { format } = zFramesDialect.parse(dialect);
  return { clock, wire, port, reads, format };
}

/** The other end written by hand: what was sent to it, and whatever the test lets it say. */
function byHand(changes: object) {
  const rig = rigOf({ dmccCommands: {}, ...changes });
  let heard = "";
  rig.wire.b.open({
    onOpen() {},
    onBytes: (chunk) => (heard += Buffer.from(chunk).toString("latin1")),
    onClose() {},
  });
  rig.clock.runFor(20);
  return {
    ...rig,
    heard: () => heard,
    trigger: () => {
      const sending = rig.port.tell({ kind: "trigger" }).kind;
      rig.clock.runFor(20);
      return sending;
    },
    say: (text: string) => {
      rig.wire.b.write(bytes(`${text}\r\n`));
      rig.clock.runFor(20);
    },
    counters: () => rig.port.health().counters,
    detail: () => rig.port.health().reason?.detail,
  };
}

describe("PR1.1-12: what is sent", () => {
  it.each([
    ["none", "||0:1>TRIGGER ON"],
    ["frame", "||1:1>TRIGGER ON\x7d"],
    ["command", "||1:1>TRIGGER ON\x79"],
  ])("checksum %s: %j", (checksum, frame) => {
    const { trigger, heard } = byHand({ dmccCommands: { checksum } });
    trigger();
    expect(heard()).toBe(`${frame}\r\n`);
  });

  it("the example of the page, by the test's own sum", () => {
    expect(sealed("||1:7>TRIGGER ON").at(-1)).toBe("\x7b");
    expect(sealed("||1:7[0]").at(-1)).toBe("\n");
    expect(sealed(`||1:7[1]${label}`).at(-1)).toBe("#");
  });

  it("numbers grow, and begin anew with 1 behind 9,999", () => {
    const { trigger, heard, say } = byHand({});
    for (let id = 1; id <= 10_000; id += 1) {
      trigger();
      say(`||0:${id > 9_999 ? 1 : id}[0]`);
    }
    const sent = heard()
      .split("\r\n")
      .filter((line) => line !== "");
    expect(sent).toHaveLength(10_000);
    expect(sent.slice(-2)).toEqual(["||0:9999>TRIGGER ON", "||0:1>TRIGGER ON"]);
  });
});

describe("PR1.1-12: one command after the other", () => {
  const command = "||0:1>TRIGGER ON\r\n";

  it("the next waits for the answer, and goes out with it", () => {
    const { trigger, heard, say, counters } = byHand({});
    expect([trigger(), trigger()]).toEqual(["sent", "sent"]);
    expect(heard()).toBe(command);
    say("||0:1[0]");
    expect(heard()).toBe(`${command}||0:2>TRIGGER ON\r\n`);
    say("||0:2[0]");
    expect(counters()).toMatchObject({ acksTotal: 2 });
    expect(counters()["unansweredTotal"] ?? 0).toBe(0);
  });

  it("a missing answer is told, and what has waited for too long is not sent", () => {
    const { trigger, heard, clock, counters, detail } = byHand({});
    trigger();
    trigger();
    clock.runFor(159);
    expect(counters()["unansweredTotal"] ?? 0).toBe(0);
    clock.runFor(60);
    expect(counters()["unansweredTotal"]).toBe(1);
    expect(detail()).toBe("no answer to command 1 within 200 ms");
    // The second one had waited 20 ms less; so it was still in time.
    expect(heard()).toBe(`${command}||0:2>TRIGGER ON\r\n`);
  });

  it("what has waited for longer than an answer may take is dropped and told", () => {
    const { trigger, heard, say, clock, counters, detail } = byHand({
      dmccCommands: { answerWithinMs: 100 },
    });
    trigger();
    trigger();
    clock.runFor(50);
    say("||0:1[0]");
    expect(heard()).toContain("||0:2>");
    trigger();
    clock.runFor(20);
    trigger();
    clock.runFor(300);
    // Of 3 and 4 the first was in time when 2 was given up, and the other never was.
    expect(heard()).not.toContain("||0:4>");
    expect(counters()["unansweredTotal"]).toBeGreaterThanOrEqual(2);
    expect(detail()).toBeDefined();
  });

  it("no more than four wait", () => {
    const { trigger } = byHand({ dmccCommands: { answerWithinMs: 10_000 } });
    const sendings = Array.from({ length: 6 }, trigger);
    expect(sendings).toEqual([...Array.from({ length: 5 }, () => "sent"), "refused"]);
  });

  it("a connection that is lost takes what waits with it", () => {
    const { trigger, heard, wire, clock, port } = byHand({});
    trigger();
    trigger();
    wire.cut("cable");
    wire.restore();
    clock.runFor(1_000);
    expect(heard()).toBe(command);
    port.tell({ kind: "trigger" });
    clock.runFor(20);
    expect(heard()).toBe(`${command}||0:2>TRIGGER ON\r\n`);
  });
});

describe("PR1.1-12: only its own answer means anything", () => {
  it("a read under the number of the last trigger counts, also behind its acknowledgement", () => {
    const { trigger, say, reads } = byHand({});
    trigger();
    say("||0:1[0]");
    say(`||0:1[1]${label}`);
    trigger();
    say(`||0:2[1]${label}`);
    say(`||0:[1]${label}`);
    say(label);
    expect(reads).toEqual([[label], [label], [label], [label]]);
  });

  it.each(["||0:3[1]", "||0:1[1]", "||0:0[1]", "||0:22[1]"])(
    "%s with command 2 open is told and is no code",
    (head) => {
      const { trigger, say, reads, counters, detail, heard } = byHand({});
      trigger();
      say("||0:1[0]");
      trigger();
      say(`${head}${label}`);
      expect(reads).toEqual([]);
      expect(counters()["discardedTotal"]).toBe(1);
      expect(detail()).toMatch(/^an answer to command \d+, with 2 open$/);
      trigger();
      // It has not closed the open command either.
      expect(heard()).not.toContain("||0:3>");
    },
  );

  it.each(["||0:2[103]", "||0:[103]", "||0:0[103]"])(
    "%s is told and ends the open command",
    (text) => {
      const { trigger, say, reads, counters, detail, heard } = byHand({});
      trigger();
      say("||0:1[0]");
      trigger();
      trigger();
      say(text);
      expect(reads).toEqual([]);
      expect(counters()["refusalsTotal"]).toBe(1);
      expect(detail()).toBe("wrong checksum (103)");
      expect(heard()).toContain("||0:3>");
    },
  );

  it.each([
    ["a wrong checksum", `||1:1[1]${label}A`],
    ["none at all", `||0:1[1]${label}`],
    ["none, and no number", `||[1]${label}`],
  ])("a read with %s is told and is no code", (_name, text) => {
    const { trigger, say, reads, counters } = byHand({ dmccCommands: { checksum: "frame" } });
    trigger();
    say(text);
    expect(reads).toEqual([]);
    expect(counters()["checksumTotal"]).toBe(1);
    say(sealed(`||1:1[1]${label}`));
    expect(reads).toEqual([[label]]);
  });

  it("an acknowledgement whose checksum is a line feed is read whole", () => {
    const { trigger, say, counters } = byHand({ dmccCommands: { checksum: "frame" } });
    for (let id = 1; id <= 7; id += 1) {
      trigger();
      say(sealed(`||1:${id}[0]`));
    }
    expect(counters()).toMatchObject({ acksTotal: 7 });
    expect(counters()["discardedTotal"] ?? 0).toBe(0);
  });
});

it.each(["none", "frame", "command"])(
  "PR1.1-12: with checksum %s the simulated reader takes commands and reads in its gate",
  (checksum) => {
    const { clock, wire, port, reads, format } = rigOf({ dmccCommands: { checksum } });
    const device = startFrameScanner({ link: wire.b, clock, format, isTriggered: true });
    clock.runFor(20);
    for (const text of [label, "CV1"]) {
      port.tell({ kind: "trigger" });
      clock.runFor(20);
      device.read([text]);
      clock.runFor(20);
    }
    expect(reads).toEqual([[label], ["CV1"]]);
    expect(port.health().counters).toMatchObject({ acksTotal: 2 });
  },
);

it("a reader that counts its checksum otherwise is never understood, and that is told", () => {
  const { clock, wire, port, reads } = rigOf({ dmccCommands: { checksum: "frame" } });
  const { format } = zFramesDialect.parse({
    kind: "frames",
    preset: "cognex",
    dmccCommands: { checksum: "command" },
  });
  startFrameScanner({ link: wire.b, clock, format });
  clock.runFor(20);
  port.tell({ kind: "trigger" });
  clock.runFor(20);
  expect(port.health().reason?.code).toBe("badChecksum");
  expect(port.health().counters).toMatchObject({ checksumTotal: 1 });
  clock.runFor(200);
  expect(port.health().counters).toMatchObject({ unansweredTotal: 1 });
  expect(reads).toEqual([]);
});

describe("PR1.1-12: texts in a command", () => {
  it.each([
    ['"a"', "a"],
    ['"say \\"so\\""', 'say "so"'],
    ['"a\\\\b\\|c"', "a\\b|c"],
    ['"\\t\\r\\n"', "\t\r\n"],
  ])("%s means %j", (quoted, text) => {
    expect(dmccTextArgument(text)).toBe(quoted);
    expect(readDmccCommand(`||>SET X ${quoted}`)).toEqual({
      kind: "command",
      words: ["SET", "X", text],
    });
  });

  test("whatever is written is read", () => {
    const word = fc.stringMatching(/^[A-Z.0-9-]{1,8}$/);
    const text = fc.string({ unit: fc.constantFrom("\\", '"', "|", "\t", "\r", "\n", "t", " ") });
    fc.assert(
      fc.property(word, fc.array(text, { maxLength: 4 }), (name, texts) => {
        const written = ["||>SET", name, ...texts.map(dmccTextArgument)].join(" ");
        expect(readDmccCommand(written)).toEqual({
          kind: "command",
          words: ["SET", name, ...texts],
        });
      }),
    );
  });
});

test("PR1.1-12: an answer that is changed in one byte is taken for no answer with a read", () => {
  const { format } = zFramesDialect.parse({
    kind: "frames",
    preset: "cognex",
    dmccCommands: { checksum: "frame" },
  });
  const answer = bytes(`${sealed(`||1:7[1]${label}`)}\r\n`);
  const place = fc.integer({ min: 0, max: answer.length - 3 });
  fc.assert(
    fc.property(place, fc.integer({ min: 1, max: 255 }), fc.nat(), (at, by, cutAt) => {
      const damaged = Uint8Array.from(answer, (byte, index) => (index === at ? byte ^ by : byte));
      const parser = createScannerParser(format);
      const cut = cutAt % damaged.length;
      const frames = [
        ...parser.push(damaged.subarray(0, cut)),
        ...parser.push(damaged.subarray(cut)),
      ];
      for (const frame of frames) {
        // A head that is no DMCC's any more leaves a text, which bears no command's number.
        if (frame.kind === "read") expect(frame.commandId).toBeUndefined();
      }
    }),
  );
});

describe("a configuration that cannot be numbered is refused by its key", () => {
  const issuesOf = (changes: object): readonly string[] => {
    const dialect = { kind: "frames", preset: "cognex", dmccCommands: {}, ...changes };
    const parsed = zScannerConfig.safeParse({ id: "scanner-1", reach, dialect });
    return (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
  };

  it("one that can is taken", () => {
    expect(issuesOf({})).toEqual([]);
    expect(issuesOf({ tokenCommand: '||>SET DATA.PREFIX "{}\\|"' })).toEqual([]);
  });

  it.each([
    [{ hasDmccAnswers: false }, "dialect.dmccCommands: needs hasDmccAnswers"],
    [
      { endHex: ["0D"] },
      "dialect.dmccCommands: DMCC ends everything with CR LF: endHex has to be [0D0A]",
    ],
    [
      { dmccCommands: { checksum: "frame" }, encoding: "utf8" },
      "dialect.dmccCommands: a checksum may be any byte: encoding has to be latin1 or ascii7",
    ],
    [{ triggerCommand: "TRIGGER ON" }, "dialect.triggerCommand: must begin with ||>"],
    [{ triggerCommand: "||>" }, "dialect.triggerCommand: must say a command"],
  ])("%j", (changes, issue) => {
    expect(issuesOf(changes)).toEqual([issue]);
  });

  it.each(['||>SET X "a|{}"', '||>SET X "{}', "||>SET X {}|", '||>SET X "\\q{}"'])(
    "%s has a text that is not escaped",
    (tokenCommand) => {
      expect(issuesOf({ tokenCommand })).toEqual([
        expect.stringMatching(/^dialect\.tokenCommand: words with one blank between them/),
      ]);
    },
  );

  it("a scale has no such commands", () => {
    const dialect = { kind: "frames", preset: "cognex", dmccCommands: {} };
    const parsed = zScaleConfig.safeParse({ id: "scale-1", reach, dialect });
    expect(parsed.error?.issues.map(({ path }) => path.join("."))).toEqual([
      "dialect.dmccCommands",
    ]);
  });
});
