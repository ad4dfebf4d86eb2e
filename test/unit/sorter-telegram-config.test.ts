/**
 * Goal: telegrams of a sorter that cannot get over their line in time are refused in sentences that
 * name the key, and the page of the device says nothing that is not so.
 * Method: the page's own configurations, put into the shipped example and changed in one place at a
 * time; and every telegram that the page shows, read.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { readAgentFile } from "../../edge/runtime/config/read-agent-file.ts";
import { createTelegramParser } from "../../protocols/sorter/telegram-frames.ts";
import { eventOfTelegram, readTelegram } from "../../protocols/sorter/telegrams.ts";

const agent = readFileSync("edge/examples/line-agent.yaml", "utf8");
const readme = readFileSync("edge/devices/sorter/README.md", "utf8");
const page = readme.slice(readme.indexOf("\n# A sorter that speaks telegrams"));
const [serial = "", tcp = ""] = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(
  ([, block = ""]) => block,
);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sortline-telegrams-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Sorter {
  reach: object;
  dialect: object;
  staleAfterMs?: number;
}

function said(change: (sorter: Sorter) => void = () => {}): string[] {
  const content = parse(agent) as { lines: { devices: { sorter: Sorter } }[] };
  const sorter = parse(serial) as Sorter;
  change(sorter);
  content.lines[0]!.devices.sorter = sorter;
  const path = join(folder, "agent.yaml");
  writeFileSync(path, stringify(content));
  const read = readAgentFile(path);
  return read.kind === "refused"
    ? [...read.sentences]
    : read.findings.flatMap(({ level, key, sentence }) =>
        level === "error" ? [`${key}: ${sentence}`] : [],
      );
}

const reach = (more: object) => (sorter: Sorter) => {
  sorter.reach = { ...sorter.reach, ...more };
};
const dialect = (more: object) => (sorter: Sorter) => {
  sorter.dialect = { ...sorter.dialect, ...more };
};

describe("telegrams in a configuration", () => {
  it("as on the page are taken, on a serial line and over TCP either way", () => {
    expect(said()).toEqual([]);
    const ways = tcp.trim().split("\n");
    expect(ways).toHaveLength(2);
    for (const way of ways) {
      expect(said((sorter) => Object.assign(sorter, parse(way)))).toEqual([]);
    }
  });

  it.each<[string, (sorter: Sorter) => void, RegExp]>([
    [
      "a wire that carries no bytes",
      (sorter) => {
        sorter.reach = { kind: "mqtt", brokerUrl: "mqtt://127.0.0.1", base: "L1/sorter" };
      },
      /sorter\.dialect\.kind: .*sortline-telegrams cannot be carried by MQTT; it goes over a serial line or TCP$/,
    ],
    ["an unknown key", dialect({ base: "x" }), /sorter\.dialect\.base: there is no such key/],
    [
      "an acknowledgement that takes too long",
      dialect({ answerWithinMs: 1_000 }),
      /sorter\.dialect\.answerWithinMs: /,
    ],
    [
      "a counter of no such width",
      dialect({ counter: { bits: 12, isSigned: false } }),
      /sorter\.dialect\.counter\.bits: /,
    ],
    [
      "a line that cannot carry what the belt tells",
      reach({ baudRate: 9_600 }),
      /sorter\.reach\.baudRate: this line may tell \d+ characters a second, and 9600 baud carry 960,/,
    ],
    [
      "an acknowledgement expected before it can come",
      (sorter) => {
        reach({ baudRate: 57_600 })(sorter);
        dialect({ answerWithinMs: 50 })(sorter);
      },
      /sorter\.dialect\.answerWithinMs: it must be at least 89 at 57600 baud/,
    ],
    [
      "an age that a lost telegram would exceed",
      (sorter) => {
        sorter.staleAfterMs = 1_000;
      },
      /sorter\.staleAfterMs: it must be at least 1100/,
    ],
  ])("%s is refused by its key", (_, change, expected) => {
    const sentences = said(change);
    expect(sentences.join("\n")).toMatch(expected);
  });

  it("over TCP no baud rate is asked about", () => {
    const quick = (sorter: Sorter) => {
      sorter.reach = { kind: "tcp", host: "192.0.2.11", port: 4_400 };
      dialect({ answerWithinMs: 50 })(sorter);
    };
    expect(said(quick)).toEqual([]);
  });
});

describe("the page of the device", () => {
  const shown = [...page.matchAll(/`(\$[ECLAR],[^`]*)`/g)].map(([, telegram = ""]) => telegram);
  const read = (wire: string) => {
    const [frame] = createTelegramParser().push(
      Uint8Array.from(wire, (char) => char.charCodeAt(0)),
    );
    return frame?.kind === "telegram" ? readTelegram(frame.text) : frame;
  };

  it("shows telegrams with checksums that fit", () => {
    expect(shown.length).toBeGreaterThanOrEqual(8);
    for (const telegram of shown) {
      const understood = read(`${telegram}\r\n`);
      expect(understood?.kind, telegram).toMatch(/^(?:event|command|life|have|repeat)$/);
      if (understood?.kind !== "event") continue;
      expect(eventOfTelegram(understood).kind, telegram).toBe("ok");
    }
  });

  it("shows the bytes of the first of them", () => {
    const example = /```text\n((?:[0-9A-F]{2} [\s\S]*?))```/.exec(page)?.[1] ?? "";
    const bytes = example.split("\n").filter((line) => /^[0-9A-F]{2}( [0-9A-F]{2})*$/.test(line));
    const text = bytes
      .join(" ")
      .split(" ")
      .map((byte) => String.fromCharCode(Number.parseInt(byte, 16)))
      .join("");
    expect(text).toBe(`${shown[0]}\r\n`);
  });
});
