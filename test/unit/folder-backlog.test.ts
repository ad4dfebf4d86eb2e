/**
 * Goal: a folder that has filled up is emptied soon, and never takes all of the agent's time. Method: the
 * bounds of a turn, at each of them and one beyond, in virtual time.
 */
import { expect, test } from "vitest";
import {
  bytesPerTurnMax,
  createFolderBacklog,
  filesPerTurnMax,
  filesPerTurnMin,
} from "../../edge/devices/wires/folder-backlog.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const lookEveryMs = 100;

function rig({ files = 1_000, bytes = 100, msEach = 0 } = {}) {
  const clock = createVirtualClock();
  const backlog = createFolderBacklog(clock, lookEveryMs);
  const names = Array.from({ length: files }, (_, n) => `${n}.png`);
  const find = (): void =>
    backlog.found(
      clock.monotonic(),
      names.map((name, inode) => ({ name, bytes, changedAtMs: inode, inode })),
    );
  const turn = (): string[] => {
    const taken: string[] = [];
    backlog.beginTurn();
    for (let file = backlog.next(); file !== null; file = backlog.next()) {
      taken.push(file.name);
      clock.runFor(msEach);
    }
    return taken;
  };
  find();
  return { clock, backlog, names, find, turn };
}

test("each file is taken once, in order, in as few turns as may be", () => {
  const { backlog, names, turn } = rig();
  const turns: string[][] = [];
  do turns.push(turn());
  while (backlog.isBehind());
  expect(turns.flat()).toEqual(names);
  expect(turns).toHaveLength(Math.ceil(names.length / filesPerTurnMax));
});

test.each([
  ["many small files", { bytes: 1 }, filesPerTurnMax],
  ["files of a quarter of what a turn reads", { bytes: bytesPerTurnMax / 4 }, 4],
  ["files of an eighth of it", { bytes: bytesPerTurnMax / 8 }, 8],
  ["files that are too big for it", { bytes: bytesPerTurnMax + 1 }, filesPerTurnMin],
  ["files that take 10 ms each", { msEach: 10 }, 5],
  ["files that take a second each", { msEach: 1_000 }, filesPerTurnMin],
])("a turn is bounded: %s", (_what, how, taken) => {
  expect(rig(how).turn()).toHaveLength(taken);
});

test("as long as a turn took, the agent has for all else; and never longer than between two looks", () => {
  const { backlog, turn } = rig({ msEach: 10 });
  turn();
  expect(backlog.restMs()).toBe(50);
  const slow = rig({ msEach: 200 });
  slow.turn();
  expect(slow.backlog.restMs()).toBe(lookEveryMs);
  const done = rig({ files: 3 });
  done.turn();
  expect([done.backlog.isBehind(), done.backlog.restMs()]).toEqual([false, lookEveryMs]);
});

test("what was found a second ago is looked for anew, so that a new file does not wait behind it", () => {
  const { clock, backlog, find, turn } = rig();
  turn();
  clock.runFor(999);
  expect(backlog.isBehind()).toBe(true);
  clock.runFor(1);
  expect(backlog.isBehind()).toBe(false);
  find();
  expect(backlog.isBehind()).toBe(true);
});
