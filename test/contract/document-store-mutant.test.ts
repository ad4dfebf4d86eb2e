// Goal: the locks of the document store are needed, and their absence is noticed.
// Method: mutant no-lock, whose locks are granted to everybody at once; two who write one row while
// readings take their time lose a write, as long as the rows are not held in memory.
import { expect, test, vi } from "vitest";
import { applyDocumentEvent } from "../../edge/clearance/apply.ts";
import type { DocumentEvent } from "../../edge/clearance/events.ts";
import { prepareClearance } from "../../edge/clearance/parameters.ts";
import { createDocumentState } from "../../edge/clearance/state.ts";
import type { KeyLock, KeyLocks } from "../../edge/store/key-locks.ts";
import { differencesTo, memorySubject, transacted, workOf } from "../kit/document-stores.ts";
import { documentsOf, eventsOf, startAt, testConfig } from "../unit/clearance-kit.ts";

let isMutant = false;

vi.mock("../../edge/store/key-locks.ts", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../edge/store/key-locks.ts")>();
  const lock: KeyLock = {
    extend: () => true,
    askAgain: (_, onGranted) => onGranted(lock),
    release: () => {},
  };
  const open: KeyLocks = {
    ask: (_, onGranted) => onGranted(lock),
    askAll: (onGranted) => onGranted(lock),
    areFree: () => false,
  };
  return { ...original, createKeyLocks: () => (isMutant ? open : original.createKeyLocks()) };
});

test.each([
  ["without locks writes get lost", true],
  ["with them none is", false],
])("%s", async (_, mutant) => {
  isMutant = mutant;
  const rules = prepareClearance(testConfig());
  const delays = [5, 1, 4, 2, 3, 1, 5, 2];
  let drawn = 0;
  const delayMs = (): number => delays[drawn++ % delays.length] ?? 1;
  const subject = memorySubject({ delayMs, rowsHeldMax: 0 });
  const memory = createDocumentState();
  const by = { kind: "person", name: "O1", role: "risk", station: "S1" } as const;
  const papers = eventsOf(documentsOf("W0001")).map((event) => ({ at: startAt, ...event }));
  const controls = Array.from({ length: 9 }, (_, index): DocumentEvent => {
    const control = { controlId: `C${index}`, waybill: "W0001", reason: "risk", by };
    return { kind: "control", at: startAt, control };
  });
  for (const together of [papers, controls]) {
    const works = together.map((event) =>
      transacted(
        subject.store,
        workOf([event], rules, () => applyDocumentEvent(memory, event, rules)),
      ),
    );
    await subject.settle(Promise.all(works));
  }
  const differences = await differencesTo(subject, memory);
  if (mutant) expect(differences).not.toEqual([]);
  else expect(differences).toEqual([]);
});
