// Goal: damage that an earlier run has found holds everything until all rows have been looked at again,
// and what is found later holds at once (law 1). Method: the hold on a store and a journal that the
// test answers for, in virtual time.
import { expect, test } from "vitest";
import { createDamageHold } from "../../edge/centre/records/damage-hold.ts";
import type { DocumentStore, StoreRead } from "../../edge/store/port.ts";
import type { RowCursor } from "../../edge/journal/kept-rows.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

type Checked = StoreRead<RowCursor | null>;

function rig() {
  const clock = createVirtualClock();
  const told: boolean[] = [];
  const written: { readonly kind: string; readonly end: (isDurable: boolean) => void }[] = [];
  const looks: { from: RowCursor | null; answer: (checked: Checked) => void }[] = [];
  const damage = { now: null as ReturnType<DocumentStore["damage"]> };
  const hold = createDamageHold({
    clock,
    acts: {
      write: (act, _by, onKept) =>
        void written.push({ kind: act.kind, end: (isDurable) => onKept?.(isDurable) }),
    },
    store: {
      checkRows: (from, _rowsMax, answer) => void looks.push({ from, answer }),
      damage: () => damage.now,
    },
    onChanged: (isHeld) => told.push(isHeld),
  });
  const find = (why: string): void => {
    damage.now = { why, findingsTotal: 1 };
    hold.found(why);
  };
  return { clock, told, written, looks, hold, find };
}
const kinds = (written: ReturnType<typeof rig>["written"]) => written.map(({ kind }) => kind);
const end: Checked = { kind: "value", value: null };

test("rows are looked at a few at a time, and nothing is said where all are whole", () => {
  const { clock, told, written, looks, hold } = rig();
  hold.start();
  looks[0]?.answer({ kind: "value", value: { kind: 2, stored: "W1" } });
  expect(looks).toHaveLength(1);
  clock.runFor(100);
  expect(looks[1]?.from).toEqual({ kind: 2, stored: "W1" });
  looks[1]?.answer(end);
  clock.runFor(3_600_000);
  expect([looks.length, told, kinds(written), hold.isHeld()]).toEqual([2, [], [], false]);
});

test("a disk that fails is asked again where it failed", () => {
  const { clock, looks, hold } = rig();
  hold.start();
  looks[0]?.answer({ kind: "value", value: { kind: 2, stored: "W1" } });
  clock.runFor(100);
  looks[1]?.answer({ kind: "failed", code: "diskError", why: "planted" });
  clock.runFor(10_000);
  expect(looks[2]?.from).toEqual({ kind: 2, stored: "W1" });
});

test("what is found holds at once, is written once, and stays", () => {
  const { told, written, looks, hold, find } = rig();
  hold.start();
  find("row cases W1");
  find("row cases W2");
  expect([told, kinds(written), hold.why()]).toEqual([[true], ["damageFound"], "row cases W1"]);
  looks[0]?.answer(end);
  expect([kinds(written), hold.isHeld()]).toEqual([["damageFound"], true]);
});

test("what is found while the centre is restored is written and told at the start", () => {
  const { told, written, hold, find } = rig();
  find("row cases W1");
  expect([told, kinds(written), hold.isHeld()]).toEqual([[], [], true]);
  hold.start();
  expect([told, kinds(written)]).toEqual([[true], ["damageFound"]]);
});

test("what an earlier run has found holds from the start until all rows were looked at, durably", () => {
  const { told, written, looks, hold } = rig();
  hold.restore({ kind: "damageFound", why: "row cases W1" });
  hold.start();
  expect([told, kinds(written), hold.why()]).toEqual([[true], [], "row cases W1"]);
  looks[0]?.answer(end);
  expect([told, kinds(written)]).toEqual([[true], ["damageOver"]]);
  written[0]?.end(true);
  expect([told, hold.isHeld()]).toEqual([[true, false], false]);
});

test("its end that the disk fails, or that a finding overtakes, is none", () => {
  for (const isDurable of [false, true]) {
    const { told, written, looks, hold, find } = rig();
    hold.restore({ kind: "damageFound", why: "row cases W1" });
    hold.start();
    looks[0]?.answer(end);
    if (isDurable) find("row cases W2");
    written[0]?.end(isDurable);
    expect([told, hold.isHeld()]).toEqual([[true], true]);
  }
});

test("what the disk fails to write is written again, and rows are looked at again", () => {
  const { clock, written, looks, hold, find } = rig();
  hold.start();
  find("row cases W1");
  written[0]?.end(false);
  clock.runFor(10_000);
  expect(kinds(written)).toEqual(["damageFound", "damageFound"]);
  const later = rig();
  later.hold.restore({ kind: "damageFound", why: "row cases W1" });
  later.hold.start();
  later.looks[0]?.answer(end);
  later.written[0]?.end(false);
  later.clock.runFor(10_000);
  expect([looks.length, later.looks.length]).toEqual([1, 2]);
});

test("one that was over in an earlier run holds nothing", () => {
  const { told, hold } = rig();
  hold.restore({ kind: "damageFound", why: "row cases W1" });
  hold.restore({ kind: "damageOver" });
  hold.start();
  expect([told, hold.isHeld()]).toEqual([[], false]);
});
