import { describe, expect, test } from "vitest";
import {
  createCheckpointWriter,
  type CheckpointWriterOptions,
} from "../../edge/centre/checkpoint-writer.ts";
import type { CentreActOf } from "../../edge/centre/acts/acts.ts";
import type { AppendOutcome } from "../../edge/journal/journal.ts";

/**
 * Goal: what a restart has to read stays little, however fast acts come, and nothing before a checkpoint
 * leaves its file until that checkpoint is durable. Method: the writer over counters that the test turns,
 * and a journal whose answers it gives.
 */
const place = { chain: "agent-L1", appliedSeq: 90, openFromSeq: 80, storiesFromSeq: 70 };
const checkpoint: CentreActOf<"checkpoint"> = {
  kind: "checkpoint",
  chains: [place],
  exits: [],
  standing: [],
};

function stand() {
  const now = { acts: 0, facts: 0, isLearning: false, markSeq: 500 as number | null };
  const written: ((outcome: AppendOutcome) => void)[] = [];
  const options = {
    acts: {
      counters: () => ({ actsTotal: now.acts, failedTotal: 0, owed: 0 }),
      mark: (then: (seq: number | null) => void) => then(now.markSeq),
      entriesOf: () => [],
      appendRows: (_append: unknown, then: (outcome: AppendOutcome) => void) => {
        now.acts += 1;
        written.push(then);
      },
    },
    standing: { all: () => [] },
    site: {
      checkpoints: { make: () => checkpoint },
      claims: { isLearning: () => now.isLearning, held: () => ({}) },
      desk: { lastTimes: () => null },
      passes: { byId: new Map() },
      releases: { whenKept: (then: () => void) => then() },
    },
    intake: {
      applied: () => new Map(),
      counters: () => ({ factsTotal: now.facts }),
    },
  } as unknown as CheckpointWriterOptions;
  const writer = createCheckpointWriter(options);
  const durable = (): void =>
    written.shift()?.({ kind: "durable", lastSeq: 501 } as unknown as AppendOutcome);
  const fails = (): void =>
    written.shift()?.({ kind: "failed", code: "diskFull", why: "" } as unknown as AppendOutcome);
  return { now, writer, written, durable, fails };
}

describe("a checkpoint is written", () => {
  test.each([
    ["acts", 2_000],
    ["facts", 20_000],
  ] as const)("after so many %s, without waiting for its round", (what, most) => {
    const { now, writer, written, durable } = stand();
    now[what] = most - 1;
    writer.tick();
    expect(written).toHaveLength(0);
    now[what] = most;
    writer.tick();
    writer.tick();
    expect(written).toHaveLength(1);
    durable();
    const from = now[what];
    now[what] = from + most - 1;
    writer.tick();
    expect(written).toHaveLength(0);
    now[what] = from + most;
    writer.tick();
    expect(written).toHaveLength(1);
  });

  test("at its round when anything is new, and else not", () => {
    const { now, writer, written, durable } = stand();
    writer.round();
    writer.tick();
    expect(written).toHaveLength(0);
    now.acts = 1;
    writer.round();
    writer.tick();
    expect(written).toHaveLength(1);
    durable();
    writer.round();
    writer.tick();
    expect(written).toHaveLength(0);
  });

  test("not while what lines tell waits for its documents, nor where its place cannot be told; but then", () => {
    const { now, writer, written } = stand();
    now.acts = 2_000;
    now.isLearning = true;
    writer.tick();
    now.isLearning = false;
    now.markSeq = null;
    writer.tick();
    expect(written).toHaveLength(0);
    now.markSeq = 500;
    writer.tick();
    expect(written).toHaveLength(1);
  });

  test("and what is before it may leave once it is durable, and no sooner", () => {
    const { now, writer, durable, fails } = stand();
    now.acts = 2_000;
    writer.tick();
    expect(writer.restartsBehind()).toEqual({ ownSeq: 0, copies: new Map() });
    fails();
    expect(writer.restartsBehind()).toEqual({ ownSeq: 0, copies: new Map() });
    now.acts += 2_000;
    writer.tick();
    durable();
    expect(writer.restartsBehind()).toEqual({
      ownSeq: 500,
      copies: new Map([["agent-L1", 69]]),
    });
  });
});
