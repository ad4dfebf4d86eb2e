/**
 * Goal: replay derives every output again and reports exactly the steps that differ (law 11).
 * Method: a small core that adds up weights runs live into a journal, then differences are planted
 * in the journal, in the core and in the logic's version.
 */
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../edge/journal/canonical-json.ts";
import { chainOn, emptyTail } from "../../edge/journal/chain.ts";
import { stepEntry, type JournalEntry, type OpenEntry } from "../../edge/journal/entries.ts";
import { differencesKeptMax, replay, type MachineOf } from "../../edge/audit/replay.ts";
import type { JournalRecord } from "../../protocols/link.ts";
import { epochMs } from "../../protocols/units.ts";

/** Remembers: its sum is right only if every step since the session's start came in order. */
const scale =
  (factor = 1, logicVersion = "1"): MachineOf =>
  (open) => {
    let sumG = (open.config as { startG: number }).startG;
    return {
      kind: "machine",
      logicVersion,
      step(event) {
        sumG += factor * (event as { weightG: number }).weightG;
        const commands = sumG % 2 === 0 ? [{ kind: "even", sumG }] : [];
        return { commands, facts: sumG % 3 === 0 ? [] : [{ kind: "sum", sumG }] };
      },
    };
  };

const openOf = (lineId: string, startG = 0): OpenEntry => ({
  kind: "open",
  lineId,
  logicVersion: "1",
  wallAt: epochMs(0),
  config: { startG },
});

function recordsOf(entries: readonly unknown[]): JournalRecord[] {
  const records: JournalRecord[] = [];
  for (const entry of entries) {
    const body = canonicalJson(entry);
    if (body.kind === "refused") throw new Error(body.why);
    records.push(chainOn(records.at(-1) ?? emptyTail("L"), body.text));
  }
  return records;
}

/** What a live run of two lines and two sessions writes. */
function liveRun(): JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (const startG of [0, 7]) {
    const opens = [openOf("A", startG), openOf("B", 1)];
    const machines = opens.map((open) => {
      const machine = scale()(open);
      if (machine.kind === "refused") throw new Error(machine.why);
      return machine;
    });
    entries.push(...opens);
    for (let n = 1; n <= 40; n += 1) {
      const which = n % 2;
      const event = { kind: "weight", weightG: n };
      entries.push(stepEntry(which === 0 ? "A" : "B", event, machines[which]!.step(event)));
    }
  }
  return entries;
}

describe("replay (law 11)", () => {
  it("finds 0 differences when nothing differs", async () => {
    const report = await replay(recordsOf(liveRun()), scale());
    expect(report).toEqual({
      recordsTotal: 84,
      sessionsTotal: 4,
      stepsTotal: 80,
      actsTotal: 0,
      judgmentsTotal: 0,
      unjudgedTotal: 0,
      drawsUnderived: [],
      differencesTotal: 0,
      differences: [],
      otherVersions: [],
      unreplayedTotal: 0,
      unreplayed: [],
    });
  });

  it("finds the one output that was planted, and shows both", async () => {
    const entries = liveRun();
    const planted = entries.findIndex((entry) => entry.kind === "step" && "facts" in entry);
    entries[planted] = { ...entries[planted]!, facts: [{ kind: "sum", sumG: 99 }] } as JournalEntry;
    const report = await replay(recordsOf(entries), scale());
    expect(report.differencesTotal).toBe(1);
    expect(report.differences[0]?.seq).toBe(planted + 1);
    expect(report.differences[0]?.expected).toContain('"sumG":99');
    expect(report.differences[0]?.actual).not.toContain('"sumG":99');
  });

  it("finds an output that was left out, and one that was put in", async () => {
    const entries = liveRun();
    const plain = stepEntry("A", { kind: "weight", weightG: 0 }, { commands: [], facts: [{}] });
    const index = entries.findIndex((entry) => entry.kind === "step" && "commands" in entry);
    const { commands: _, ...rest } = entries[index] as Extract<JournalEntry, { kind: "step" }>;
    entries[index] = rest;
    const report = await replay(recordsOf([...entries, plain]), scale());
    expect(report.differences.map(({ seq }) => seq)).toEqual([index + 1, 85]);
  });

  it("finds every step behind an input that was changed, up to the next session", async () => {
    const entries = liveRun();
    const changed = entries.map((entry, index) =>
      index === 3 && entry.kind === "step" ? { ...entry, event: { weightG: 1_000_001 } } : entry,
    );
    const report = await replay(recordsOf(changed), scale());
    expect(report.differencesTotal).toBeGreaterThan(5);
    expect(report.differences.every(({ seq }) => seq >= 4 && seq <= 42)).toBe(true);
    expect(new Set(report.differences.map(({ lineId }) => lineId)).size).toBe(1);
  });

  it("counts every difference of another core, and keeps the first", async () => {
    const steps = Array.from({ length: 500 }, () =>
      stepEntry("A", { weightG: 6 }, { commands: [], facts: [] }),
    );
    const report = await replay(recordsOf([openOf("A"), ...steps]), scale(5));
    expect(report.differencesTotal).toBe(500);
    expect(report.differences.length).toBe(differencesKeptMax);
    expect(report.differences[0]?.seq).toBe(2);
  });

  it("names the versions when the logic has another one", async () => {
    const report = await replay(recordsOf([openOf("A")]), scale(1, "2"));
    expect(report.otherVersions).toEqual([{ seq: 1, lineId: "A", journalled: "1", current: "2" }]);
  });

  it("takes a core that throws, or makes what is no JSON, for a difference", async () => {
    const step = stepEntry("A", { weightG: 1 }, { commands: [], facts: [] });
    const machineOf =
      (facts: () => unknown[]): MachineOf =>
      () => ({
        kind: "machine",
        logicVersion: "1",
        step: () => ({ commands: [], facts: facts() }),
      });
    const throwing = machineOf(() => {
      throw new Error("broken core");
    });
    const records = recordsOf([openOf("A"), step]);
    expect((await replay(records, throwing)).differences[0]?.actual).toContain("broken core");
    const nan = await replay(
      records,
      machineOf(() => [{ weightG: Number.NaN }]),
    );
    expect(nan.differences[0]?.actual).toContain("facts[0].weightG");
  });

  it("never passes over what it could not replay", async () => {
    const step = stepEntry("A", { weightG: 1 }, { commands: [], facts: [] });
    const refusing: MachineOf = () => ({ kind: "refused", why: "unknown layout" });
    const refused = await replay(recordsOf([openOf("A"), step]), refusing);
    expect(refused).toMatchObject({ unreplayedTotal: 2, differencesTotal: 0 });
    expect(refused.unreplayed[0]).toEqual({ seq: 1, why: "line A: unknown layout" });
    const throwing: MachineOf = () => {
      throw new Error("no layout");
    };
    const thrown = await replay(recordsOf([openOf("A"), step]), throwing);
    expect(thrown.unreplayed[0]?.why).toContain("no layout");
    const unopened = await replay(recordsOf([step]), scale());
    expect(unopened.unreplayed).toEqual([{ seq: 1, why: "line A: no session was opened" }]);
    const strange = await replay(recordsOf([{ kind: "step", lineId: "A!" }, { kind: 5 }]), scale());
    expect(strange.unreplayedTotal).toBe(2);
    expect(strange.unreplayed[0]?.why).toContain("lineId");
  });

  it("counts acts, which are kept and not derived", async () => {
    const act = { kind: "act", wallAt: 0, by: "o1", station: "d1", rulesVersion: null, act: {} };
    const report = await replay(recordsOf([act]), scale());
    expect(report).toMatchObject({ actsTotal: 1, unreplayedTotal: 0 });
  });
});

describe("stepEntry", () => {
  it("leaves out what is empty", () => {
    expect(stepEntry("A", 1, { commands: [], facts: [] })).toEqual({
      kind: "step",
      lineId: "A",
      event: 1,
    });
  });
});
