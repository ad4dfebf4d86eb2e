// Goal: the queue puts the most urgent first and no slip of a finger decides anything (X5, X8).
// Method: the pure queue and key tables of the officer's screen.
import { describe, expect, test } from "vitest";
import { fixtureEpoch, fixtureScene } from "../../control-ui/fixtures/site.ts";
import { choiceOfKey, choices } from "../../control-ui/web/officer/decision-keys.ts";
import { queueOf, urgentShare, type QueueScene } from "../../control-ui/web/officer/queue.ts";
import { toolOfKey, withTool } from "../../control-ui/web/officer/tool-keys.ts";
import { plainTools } from "../../control-ui/web/xray/colour-table.ts";
import { officerReasonCodes, zOfficerVerdict } from "../../protocols/verdicts.ts";

const scene = fixtureScene("many", fixtureEpoch);
const around: QueueScene = {
  line: (lineId) => scene.line[lineId],
  parcel: (passId) => scene.parcel[passId],
  now: fixtureEpoch,
};
const tasks = Object.values(scene.task);

describe("queue", () => {
  const queue = queueOf(tasks, around);

  test("every task once, least time first", () => {
    expect(queue).toHaveLength(tasks.length);
    expect(tasks.length).toBeGreaterThan(10);
    const metres = queue.map(({ left }) => left.metres);
    expect(metres).toEqual(metres.toSorted((a, b) => a - b));
  });

  test("the share left falls from 1 at the X-ray to 0 at the last useful point", () => {
    const entry = queue.at(-1)!;
    expect(entry.share).toBeGreaterThan(0.8);
    const late = queueOf([entry.task], { ...around, now: fixtureEpoch + 2_000 })[0]!;
    expect(late.share).toBeLessThan(entry.share);
    expect(late.left.seconds).toBeCloseTo(entry.left.seconds! - 2, 6);
  });

  test("the bar turns blue at 30 % left", () => {
    expect(urgentShare).toBe(0.3);
  });

  test("a task of a line that is not known is left out", () => {
    expect(queueOf(tasks, { ...around, line: () => undefined })).toEqual([]);
  });
});

describe("X5: decision keys", () => {
  const row = "1234567890-";

  test("no two decisions have neighbouring keys", () => {
    for (const one of choices) {
      for (const other of choices.filter(({ decision }) => decision !== one.decision)) {
        expect(Math.abs(row.indexOf(one.key) - row.indexOf(other.key))).toBeGreaterThan(1);
      }
    }
  });

  test("keys are distinct, reasons are reachable, and each choice is a valid verdict", () => {
    expect(new Set(choices.map(({ key }) => key)).size).toBe(choices.length);
    expect(new Set(choices.flatMap(({ reason }) => reason ?? []))).toEqual(
      new Set(officerReasonCodes),
    );
    for (const { decision, reason } of choices) {
      const verdict = {
        verdictId: "v1",
        lineId: "L1",
        passId: "p1",
        imageHash: "0".repeat(64),
        decision,
        reason,
        officer: "o",
        station: "s",
        shownAt: 1,
        decidedAt: 2,
      };
      expect(zOfficerVerdict.safeParse(verdict).success).toBe(true);
    }
  });

  test("no key is both a tool and a decision", () => {
    for (const { key } of choices) expect(toolOfKey(key)).toBeNull();
    for (const key of "cbomnhkfrxz[];'") expect(choiceOfKey(key)).toBeNull();
  });
});

describe("tools", () => {
  test("reset gives the plain image back from anything", () => {
    const changed = withTool(withTool(plainTools, { kind: "negative" })!, {
      kind: "contrast",
      by: 0.4,
    })!;
    expect(changed).not.toEqual(plainTools);
    expect(withTool(changed, { kind: "reset" })).toEqual(plainTools);
  });

  test("levels stop at their ends", () => {
    let tools = plainTools;
    for (let press = 0; press < 20; press += 1) {
      tools = withTool(tools, { kind: "brightness", by: 0.1 })!;
    }
    expect(tools.brightness).toBe(1);
  });
});
