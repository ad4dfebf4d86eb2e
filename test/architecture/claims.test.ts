import { expect, test } from "vitest";
import { notYet, vectors } from "../claims.ts";
import { claimsOf, isTest } from "./citations.ts";
import { read, repositoryFiles } from "./repository.ts";
import type { SourceFile } from "./rules.ts";

/**
 * Goal: each vector of the devices' protocols is a test, or said not to be there. Method: the titles
 * of all tests against the list in test/claims.ts; then each check is shown a planted fault.
 */
const tests = repositoryFiles().filter(isTest).map(read);

interface Faults {
  readonly unclaimed: readonly string[];
  readonly unknown: readonly string[];
  readonly claimedNotYet: readonly string[];
}

function faultsOf(files: readonly SourceFile[], missing: object = notYet): Faults {
  const claimed = new Set(files.flatMap(claimsOf));
  return {
    unclaimed: Object.keys(vectors).filter((each) => !claimed.has(each) && !(each in missing)),
    unknown: [...claimed].filter((each) => !(each in vectors)),
    claimedNotYet: [...claimed].filter((each) => each in missing),
  };
}

test("each vector is claimed by a test, or said not to be there, and nothing else is claimed", () => {
  expect(tests.length).toBeGreaterThan(200);
  expect(faultsOf(tests)).toEqual({ unclaimed: [], unknown: [], claimedNotYet: [] });
});

test("what is not there has a reason", () => {
  expect(Object.values(notYet).filter((why) => why.length < 10)).toEqual([]);
});

// The ids are put together, so that this file claims none.
const planted = (id: string, text = `test("${id}: nothing", () => {});`): SourceFile => ({
  path: "test/unit/planted.test.ts",
  text,
});
const id = (section: string, number: string): string => `${section}-${number}`;

test("a vector that no test claims is found", () => {
  const one = id("PR1.2", "1");
  const others = tests.filter((file) => !claimsOf(file).includes(one));
  expect(faultsOf(others).unclaimed).toContain(one);
  expect(faultsOf([...others, planted(one)]).unclaimed).not.toContain(one);
});

test("neither a comment nor a file without tests is a claim", () => {
  const one = id("PR1.2", "1");
  expect(claimsOf(planted(one, `// ${one}\ntest("nothing", () => {});`))).toEqual([]);
  expect(claimsOf({ ...planted(one), path: "test/kit/planted.ts" })).toEqual([]);
});

test("a claim of what is not in the list is found", () => {
  const beyond = id("DEV1", "B99");
  expect(faultsOf([...tests, planted(beyond)]).unknown).toEqual([beyond]);
});

test("a claim of what is said not to be there is found", () => {
  const one = id("PR1.2", "1");
  expect(faultsOf(tests, { [one]: "nobody has built it" }).claimedNotYet).toEqual([one]);
});
