import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { read, repositoryFiles } from "./repository.ts";
import { withoutComments } from "./without-comments.ts";

/**
 * Goal: a program loads the OPC UA library when a device wants it, and not before: it takes more than a
 * second of a core and 100 MB. Method: what a line agent imports where it begins, file by file.
 */
const isThere = new Set(repositoryFiles());

/** Addresses of all that is loaded together with a file: imports that wait for a moment are not. */
function loadedWith(text: string): readonly string[] {
  const named = /^(?:import|export)\s(?!type\b)(?:[^;"']*?\sfrom\s*)?"([^"]+)"/gm;
  return [...withoutComments(text).matchAll(named)].map(([, target = ""]) => target);
}

/** By package, the files that lead to it, from the first. */
function packagesFrom(start: string): ReadonlyMap<string, readonly string[]> {
  const packages = new Map<string, readonly string[]>();
  const ways = new Map<string, readonly string[]>([[start, [start]]]);
  for (const [path, way] of ways) {
    for (const target of loadedWith(read(path).text)) {
      if (!target.startsWith(".")) {
        if (!packages.has(target)) packages.set(target, way);
        continue;
      }
      const next = normalize(join(dirname(path), target));
      if (isThere.has(next) && !ways.has(next)) ways.set(next, [...way, next]);
    }
  }
  return packages;
}

test.each(["edge/runtime/line-role.ts", "edge/probe/main.ts", "test/swarm/run.ts"])(
  "%s loads no OPC UA until a device wants it",
  (start) => {
    const packages = packagesFrom(start);
    expect([...packages.keys()]).toContain("zod");
    expect(packages.get("node-opcua")).toBeUndefined();
  },
);

test("whoever speaks OPC UA loads it", () => {
  expect(packagesFrom("edge/devices/wires/opcua/session.ts").get("node-opcua")).toBeDefined();
  expect(
    loadedWith(`import type { A } from "a";\nimport {\n  b,\n} from "b";\nimport "c";`),
  ).toEqual(["b", "c"]);
});
