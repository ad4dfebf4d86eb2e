/**
 * Goal: a file is taken when it is whole, and not before. Method: what one look after another sees.
 */
import { describe, expect, it } from "vitest";
import {
  createSettledFiles,
  isHalfName,
  type FileWriting,
} from "../../edge/devices/wires/settled-files.ts";

const file = (name: string, more: object = {}) => ({
  name,
  bytes: 100,
  changedAtMs: 1_000,
  inode: 1,
  ...more,
});

function looking(writing: FileWriting) {
  const files = createSettledFiles(writing);
  return (...seen: readonly ReturnType<typeof file>[]) =>
    files.settled(seen).map(({ name }) => name);
}

describe("files that are written in place", () => {
  it("are taken once they are the same over two looks", () => {
    const look = looking("inPlace");
    expect(look(file("a"))).toEqual([]);
    expect(look(file("a"), file("b"))).toEqual(["a"]);
    expect(look(file("b"))).toEqual(["b"]);
  });

  it.each([
    ["it has grown", { bytes: 101 }],
    ["it was written to", { changedAtMs: 1_001 }],
    ["another has taken its place", { inode: 2 }],
  ])("are not taken when %s", (_name, changed) => {
    const look = looking("inPlace");
    look(file("a"));
    expect(look(file("a", changed))).toEqual([]);
    expect(look(file("a", changed))).toEqual(["a"]);
  });

  it("are not taken while they are empty", () => {
    const look = looking("inPlace");
    look(file("a", { bytes: 0 }));
    expect(look(file("a", { bytes: 0 }))).toEqual([]);
  });

  it("are looked at anew when they were gone between", () => {
    const look = looking("inPlace");
    look(file("a"));
    look();
    expect(look(file("a"))).toEqual([]);
  });
});

it("files that are renamed into place are taken at once", () => {
  expect(looking("renamed")(file("a"))).toEqual(["a"]);
});

it("the oldest comes first, and of one age the first by name", () => {
  const look = looking("renamed");
  expect(look(file("b"), file("c", { changedAtMs: 999 }), file("a"))).toEqual(["c", "a", "b"]);
});

it.each([
  ["1.dcs", false],
  [".1.dcs", true],
  ["1.dcs.tmp", true],
  ["1.dcs.PART", true],
  ["tmp", false],
])("%s is half a file: %s", (name, isHalf) => {
  expect(isHalfName(name)).toBe(isHalf);
});
