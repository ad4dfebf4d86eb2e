// Goal: a disk that fails while an agent's journal is taken in is told with its reason, each time,
// and nothing is acknowledged before it works again (laws 13 and 17). Method: the real intake over
// copies that the test makes fail, in writing and in reading back.
import { expect, test } from "vitest";
import { createJournalIntake } from "../../edge/centre/lines/journal-intake.ts";
import { chainOn, emptyTail, type ChainTail } from "../../edge/journal/chain.ts";
import type { JournalCopies } from "../../edge/journal/copies.ts";
import type { JournalRecord } from "../../protocols/link.ts";
import { createVirtualCopies } from "../centre/kit/virtual-centre.ts";

const records: JournalRecord[] = [];
for (let tail: ChainTail = emptyTail("L1"); records.length < 3;) {
  const record = chainOn(tail, "{}");
  records.push(record);
  tail = record;
}

function rig(disk: Partial<Pick<JournalCopies, "take" | "readAfter">>) {
  const copies = createVirtualCopies();
  const failures: (readonly [string, string])[] = [];
  const heldSeqs: number[] = [];
  const does = { ...disk };
  const intake = createJournalIntake({
    copies: {
      held: (chain) => copies.held(chain),
      take: (taken) => (does.take ?? copies.take)(taken),
      readAfter: (...of) => (does.readAfter ?? copies.readAfter)(...of),
    },
    isLineOf: () => true,
    onFact: () => {},
    onHeld: (_agentId, _chain, { seq }) => heldSeqs.push(seq),
    onGap: () => {},
    onRefused: () => {},
    onDiskFailed: (chain, error) => failures.push([chain, String(error)]),
  });
  const take = async (some: readonly JournalRecord[]): Promise<void> => {
    intake.take("a1", some);
    await intake.settled();
  };
  const mend = (): void => {
    delete does.take;
    delete does.readAfter;
  };
  return { copies, intake, take, mend, failures, heldSeqs };
}

test("copies that cannot be written are told with the reason, and are taken the next time", async () => {
  const full = { kind: "failed", code: "diskFull", why: "its disk is full" } as const;
  const { intake, take, mend, failures, heldSeqs } = rig({
    take: () => Promise.resolve({ heldSeq: 0, added: 0, repeated: 0, ...full }),
  });
  intake.hello("a1", "L1");
  await take(records);
  expect(failures).toEqual([["L1", "Error: its disk is full"]]);
  expect(heldSeqs).toEqual([0]);
  mend();
  await take(records);
  expect(failures).toHaveLength(1);
  expect(heldSeqs).toEqual([0, 3]);
});

test("copies that cannot be read back are told with the reason, and are told later", async () => {
  const { copies, intake, take, mend, failures } = rig({
    readAfter: () => Promise.reject(new Error("a sector is bad")),
  });
  // Held by an earlier run that ended before it told them.
  await copies.take(records.slice(0, 2));
  intake.hello("a1", "L1");
  await take(records.slice(2));
  expect(failures).toEqual([["L1", "Error: a sector is bad"]]);
  expect(intake.applied().get("L1")).toBe(0);
  mend();
  await take(records.slice(2));
  expect(failures).toHaveLength(1);
  expect(intake.applied().get("L1")).toBe(3);
});
