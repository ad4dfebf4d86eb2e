// Goal: what a message costs grows as its length does, and no faster, whatever it is made of.
// Method: the centre's own work on it, reading and writing it down, at two lengths; the ratio of the
// times tells, so that a slow machine does not.
import { expect, test } from "vitest";
import { cutAct } from "../../edge/centre/acts/act-pieces.ts";
import { bodiesOf } from "../../edge/journal/append-queue.ts";
import { readMessage } from "../../protocols/ceb/read-message.ts";
import { system } from "../../protocols/actor.ts";
import { epochMs } from "../../protocols/units.ts";
import { xmlOf } from "../kit/customs-post.ts";
import { documentsOf } from "./clearance-kit.ts";

const whole = xmlOf(documentsOf("LM0001").manifest);

function cpuMsOf(xml: string): number {
  const bytes = new TextEncoder().encode(xml);
  const before = process.cpuUsage();
  expect(readMessage(bytes).kind).toBe("read");
  const judged = { rules: "rules-1", outcomes: [], draws: {}, records: [] };
  const input = { kind: "customsMessage", at: epochMs(1), xml } as const;
  const frame = { kind: "act", wallAt: epochMs(1), actor: system("centre", "centre") } as const;
  const entries = cutAct({ kind: "desk", input, judged }).map(
    (act) => ({ ...frame, rulesVersion: null, act }) as const,
  );
  expect(bodiesOf(entries).kind).toBe("bodies");
  const { user, system: inSystem } = process.cpuUsage(before);
  return (user + inSystem) / 1_000;
}

/** The quickest of some, so that a pause of the machine is none of the message's. */
const quickest = (xml: string): number =>
  Math.min(...Array.from({ length: 3 }, () => cpuMsOf(xml)));

test.each(['"', "'", "- ", "<", "&", "x", "\n", "]]>", "清"])(
  "a comment full of %j takes eight times as long for eight times the length",
  (filling) => {
    const of = (chars: number): string =>
      `${whole}<!--${filling.repeat(chars / filling.length)}-->`;
    const [short, long] = [of(120_000), of(960_000)];
    quickest(short);
    // Of a scan that is quadratic the ratio would be 64.
    expect(quickest(long)).toBeLessThan(24 * Math.max(quickest(short), 4));
  },
);
