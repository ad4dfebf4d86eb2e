/**
 * Goal: nobody has a row that another one has, everybody's turn comes in the order of asking, and no
 * circle of waiting closes.
 * Method: locks by hand; then random askers who also ask for more while they hold.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createKeyLocks, type KeyLock, type KeyLocks } from "../../edge/store/key-locks.ts";

/** Asks under a name, and tells whose turn has come. */
function asking(locks: KeyLocks) {
  const granted = new Map<string, KeyLock>();
  return {
    granted,
    ask: (name: string, keys: readonly string[]) =>
      locks.ask(keys, (lock) => granted.set(name, lock)),
    askAll: (name: string) => locks.askAll((lock) => granted.set(name, lock)),
    release: (name: string) => {
      const lock = granted.get(name);
      granted.delete(name);
      lock?.release();
    },
    names: () => [...granted.keys()],
  };
}

describe("locks on rows", () => {
  test("are granted at once where nobody else has them, and else in the order of asking", () => {
    const { ask, release, names } = asking(createKeyLocks());
    ask("one", ["a", "b"]);
    ask("two", ["b", "c"]);
    ask("three", ["c"]);
    ask("four", ["d"]);
    // Three waits for two, who has asked for the same before, although nobody holds it yet.
    expect(names()).toEqual(["one", "four"]);
    release("one");
    expect(names()).toEqual(["four", "two"]);
    release("two");
    expect(names()).toEqual(["four", "three"]);
  });

  test("can be extended by what nobody holds, nor wants who has asked before", () => {
    const { ask, granted, release, names } = asking(createKeyLocks());
    ask("one", ["b"]);
    ask("two", ["b", "c"]);
    ask("three", ["a"]);
    ask("four", ["a", "e"]);
    expect(granted.get("three")?.extend(["b"])).toBe(false);
    expect(granted.get("three")?.extend(["c"])).toBe(false);
    // Four waits and has asked later.
    expect(granted.get("three")?.extend(["a", "d", "e"])).toBe(true);
    ask("five", ["d"]);
    expect(names()).toEqual(["one", "three"]);
    release("three");
    expect(names()).toEqual(["one", "four", "five"]);
  });

  test("whoever asks again keeps his place before those who have asked after him", () => {
    const { ask, granted, release, names } = asking(createKeyLocks());
    ask("other", ["b"]);
    ask("order", ["a"]);
    ask("question", ["a"]);
    ask("elsewhere", ["c"]);
    const order = granted.get("order");
    granted.delete("order");
    expect(order?.extend(["b"])).toBe(false);
    order?.askAgain(["a", "b"], (lock) => granted.set("order", lock));
    // The question has come behind the order, though what it wants is free meanwhile.
    expect(names()).toEqual(["other", "elsewhere"]);
    release("other");
    expect(names()).toEqual(["elsewhere", "order"]);
    release("order");
    expect(names()).toEqual(["elsewhere", "question"]);
  });

  test("whoever asks again goes before everything that is asked for meanwhile", () => {
    const { ask, askAll, granted, release, names } = asking(createKeyLocks());
    ask("other", ["b"]);
    ask("order", ["a"]);
    askAll("time");
    const order = granted.get("order");
    granted.delete("order");
    order?.askAgain(["a", "b"], (lock) => granted.set("order", lock));
    release("other");
    expect(names()).toEqual(["order"]);
    release("order");
    expect(names()).toEqual(["time"]);
  });

  test("of everything wait for all who have asked, and hold up all who ask later", () => {
    const { ask, askAll, release, names } = asking(createKeyLocks());
    ask("one", ["a"]);
    ask("two", ["a"]);
    askAll("all");
    ask("three", ["z"]);
    askAll("all again");
    ask("four", ["z"]);
    expect(names()).toEqual(["one"]);
    release("one");
    expect(names()).toEqual(["two"]);
    release("two");
    expect(names()).toEqual(["all"]);
    release("all");
    expect(names()).toEqual(["three"]);
    release("three");
    expect(names()).toEqual(["all again"]);
    release("all again");
    expect(names()).toEqual(["four"]);
  });

  test("who is let go on behind everything may end at once, and still only one has everything", () => {
    const locks = createKeyLocks();
    const brief = (lock: KeyLock): void => lock.release();
    const order: string[] = [];
    const first: KeyLock[] = [];
    locks.askAll((lock) => first.push(lock));
    locks.ask(["a"], brief);
    locks.askAll(() => order.push("all"));
    locks.askAll(() => order.push("all again"));
    locks.ask(["b"], () => order.push("b"));
    expect(order).toEqual([]);
    first[0]!.release();
    expect(order).toEqual(["all"]);
  });

  test("a thousand who want one row go one after the other, not one inside the other", () => {
    const locks = createKeyLocks();
    let deepest = 0;
    let depth = 0;
    let total = 0;
    locks.ask(["a"], (first) => {
      for (let index = 0; index < 1_000; index += 1) {
        locks.ask(["a"], (lock) => {
          depth += 1;
          deepest = Math.max(deepest, depth);
          total += 1;
          lock.release();
          depth -= 1;
        });
      }
      first.release();
    });
    expect({ deepest, total }).toEqual({ deepest: 1, total: 1_000 });
  });

  test("whatever is asked: no row has two holders, and everybody's turn comes", () => {
    const zAsker = fc.record({
      keys: fc.uniqueArray(fc.nat({ max: 5 }), { maxLength: 4 }),
      more: fc.uniqueArray(fc.nat({ max: 5 }), { maxLength: 3 }),
      isAll: fc.boolean(),
      /** Ends from inside, as one does who finds everything at hand. */
      isBrief: fc.boolean(),
      after: fc.nat({ max: 6 }),
    });
    fc.assert(
      fc.property(fc.array(zAsker, { maxLength: 20 }), (askers) => {
        const locks = createKeyLocks();
        const holders = new Map<number, number>();
        const waiting: { at: number; go: () => void }[] = [];
        let done = 0;
        for (const [index, { keys, more, isAll, isBrief, after }] of askers.entries()) {
          let hasAskedAgain = false;
          const onGranted = (lock: KeyLock): void => {
            const held = isAll ? [0, 1, 2, 3, 4, 5] : hasAskedAgain ? [...keys, ...more] : keys;
            const isExtended = !isAll && !hasAskedAgain && lock.extend(more.map(String));
            if (!isAll && !isExtended && !hasAskedAgain) {
              hasAskedAgain = true;
              return lock.askAgain([...keys, ...more].map(String), onGranted);
            }
            const taken = isExtended ? [...held, ...more] : held;
            for (const key of new Set(taken)) {
              expect(holders.has(key)).toBe(false);
              holders.set(key, index);
            }
            const go = (): void => {
              for (const key of new Set(taken)) holders.delete(key);
              done += 1;
              lock.release();
            };
            if (isBrief) go();
            else waiting.push({ at: after, go });
          };
          if (isAll) locks.askAll(onGranted);
          else locks.ask(keys.map(String), onGranted);
        }
        while (waiting.length > 0) {
          const next = waiting.toSorted((a, b) => a.at - b.at)[0]!;
          waiting.splice(waiting.indexOf(next), 1);
          next.go();
        }
        expect(done).toBe(askers.length);
        expect(holders.size).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
