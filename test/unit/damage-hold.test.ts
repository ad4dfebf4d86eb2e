// Goal: damage that an earlier run has found holds everything until all rows have been looked at again,
// and what is found later holds at once (law 1). Method: the hold on a store and a journal that the
// test answers for, in virtual time.
import { expect, test } from "vitest";
import { createDamageHold, type DamageHold } from "../../edge/centre/records/damage-hold.ts";
import type { DocumentStore, StoreRead } from "../../edge/store/port.ts";
import type { RowCursor } from "../../edge/journal/kept-rows.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

type Checked = StoreRead<RowCursor | null>;

function rig() {
  const clock = createVirtualClock();
  const told: boolean[] = [];
  const written: string[] = [];
  /** Whoever waits until all that was written is durable. */
  const kept: (() => void)[] = [];
  const looks: { from: RowCursor | null; answer: (checked: Checked) => void }[] = [];
  const damage = { now: null as ReturnType<DocumentStore["damage"]> };
  const hold = createDamageHold({
    clock,
    acts: {
      write: (act) => void written.push(act.kind),
      whenKept: (then) => void kept.push(then),
    },
    store: {
      checkRows: (from, _rowsMax, answer) => void looks.push({ from, answer }),
      damage: () => damage.now,
    },
    onChanged: (isHeld) => told.push(isHeld),
  });
  const find = (why: string): void => {
    const { now } = damage;
    damage.now = { why: now?.why ?? why, findingsTotal: (now?.findingsTotal ?? 0) + 1 };
    hold.found(why);
  };
  return { clock, told, written, kept, looks, hold, find };
}
const isHeld = (hold: DamageHold): boolean => hold.damage() !== null;
const end: Checked = { kind: "value", value: null };

test("rows are looked at a few at a time, and nothing is said where all are whole", () => {
  const { clock, told, written, looks, hold } = rig();
  hold.start();
  looks[0]?.answer({ kind: "value", value: 500 });
  expect(looks).toHaveLength(1);
  clock.runFor(100);
  expect(looks[1]?.from).toEqual(500);
  looks[1]?.answer(end);
  clock.runFor(3_599_999);
  expect([looks.length, told, written, isHeld(hold)]).toEqual([2, [], [], false]);
  // What was changed since is found then.
  clock.runFor(1);
  expect(looks[2]?.from).toBeNull();
  hold.stop();
  looks[2]?.answer({ kind: "value", value: 500 });
  clock.runFor(3_600_000);
  expect(looks).toHaveLength(3);
});

test("a disk that fails is asked again where it failed", () => {
  const { clock, looks, hold } = rig();
  hold.start();
  looks[0]?.answer({ kind: "value", value: 500 });
  clock.runFor(100);
  looks[1]?.answer({ kind: "failed", code: "diskError", why: "planted" });
  clock.runFor(10_000);
  expect(looks[2]?.from).toEqual(500);
});

test("what is found holds at once, is written once, and stays", () => {
  const { told, written, looks, hold, find } = rig();
  hold.start();
  find("row cases W1");
  find("row cases W2");
  expect([told, written, hold.damage()?.why]).toEqual([[true], ["damageFound"], "row cases W1"]);
  looks[0]?.answer(end);
  expect([written, isHeld(hold)]).toEqual([["damageFound"], true]);
});

test("what is found while the centre is restored is written and told at the start", () => {
  const { told, written, hold, find } = rig();
  find("row cases W1");
  expect([told, written, isHeld(hold)]).toEqual([[], [], true]);
  hold.start();
  expect([told, written]).toEqual([[true], ["damageFound"]]);
});

test("what an earlier run has found holds from the start until all rows were looked at, durably", () => {
  const { told, written, kept, looks, hold } = rig();
  hold.restore({ kind: "damageFound", why: "row cases W1" });
  hold.start();
  expect([told, written, hold.damage()?.why]).toEqual([[true], [], "row cases W1"]);
  looks[0]?.answer(end);
  expect([told, written]).toEqual([[true], ["damageOver"]]);
  for (const then of kept) then();
  expect([told, isHeld(hold)]).toEqual([[true, false], false]);
});

test("a finding that overtakes its end is written behind it, and holds on", () => {
  const { told, written, kept, looks, hold, find } = rig();
  hold.restore({ kind: "damageFound", why: "row cases W1" });
  hold.start();
  looks[0]?.answer(end);
  find("row cases W2");
  for (const then of kept) then();
  expect(written).toEqual(["damageOver", "damageFound"]);
  expect([told, isHeld(hold)]).toEqual([[true], true]);
});

test("what is found while the centre stops is written, and while it is restored stands", () => {
  const stopping = rig();
  stopping.hold.start();
  stopping.hold.stop();
  stopping.find("row cases W1");
  expect(stopping.written).toEqual(["damageFound"]);
  const restored = rig();
  restored.find("row cases W1");
  restored.hold.restore({ kind: "damageOver" });
  restored.hold.start();
  expect([isHeld(restored.hold), restored.written]).toEqual([true, ["damageFound"]]);
});

test("one that was over in an earlier run holds nothing", () => {
  const { told, hold } = rig();
  hold.restore({ kind: "damageFound", why: "row cases W1" });
  hold.restore({ kind: "damageOver" });
  hold.start();
  expect([told, isHeld(hold)]).toEqual([[], false]);
});
