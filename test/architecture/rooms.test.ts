import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { importsOf, violations, type SourceFile } from "./rules.ts";

/**
 * Holds the import rules of DESIGN ("The rooms") over every source file of the project. Each rule
 * is then broken on purpose in a file of its own, because a check that cannot fail proves nothing.
 */
const root = new URL("../../", import.meta.url).pathname;
const folders = ["edge", "protocols", "simulators", "control-ui", "test"];

function sources(): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
      .filter((path) => /\.tsx?$/.test(path) && !/node_modules|\/dist\//.test(path))
      .map((path) => ({ path, text: readFileSync(root + path, "utf8") })),
  );
}

describe("the rooms", () => {
  const files = sources();

  test("the check looks at the whole project", () => {
    expect(files.length).toBeGreaterThan(150);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(500);
  });

  test("imports run downward, and I/O stays where it belongs", () => {
    expect(violations(files)).toEqual([]);
  });

  test("simulators and edge never meet, so that one bug cannot sit on both sides", () => {
    const crossing = files.filter(
      (file) =>
        (file.path.startsWith("simulators/") && /from "[./]*\/edge\//.test(file.text)) ||
        (file.path.startsWith("edge/") && /from "[./]*\/simulators\//.test(file.text)),
    );
    expect(crossing.map(({ path }) => path)).toEqual([]);
  });
});

describe("each rule catches its planted violation", () => {
  test.each([
    ["edge/line/planted.ts", `import { x } from "../devices/port.ts";`],
    ["edge/line/planted.ts", `import { readFileSync } from "node:fs";`],
    ["edge/decision/planted.ts", `export const now = Date.now();`],
    ["edge/clearance/planted.ts", `export const draw = Math.random();`],
    ["edge/line/planted.ts", `setTimeout(() => {}, 1);`],
    ["protocols/planted.ts", `import { createHash } from "node:crypto";`],
    ["protocols/planted.ts", `import { step } from "../edge/line/step.ts";`],
    ["simulators/world/planted.ts", `import { step } from "../../edge/line/step.ts";`],
    ["edge/runtime/planted.ts", `import { belt } from "../../simulators/world/belt.ts";`],
    ["control-ui/web/planted.tsx", `import { desk } from "../../edge/centre/server.ts";`],
    ["edge/centre/planted.ts", `import mqtt from "mqtt";`],
    ["edge/centre/planted.ts", `const mqtt = await import("mqtt");`],
    ["edge/journal/planted.ts", `import { host } from "../runtime/line-host.ts";`],
    ["edge/runtime/planted.ts", `import { Database } from "sqlite3";`],
  ])("%s: %s", (path, text) => {
    expect(violations([{ path, text }])).toHaveLength(1);
  });

  test("and lets through what is allowed", () => {
    const allowed = [
      { path: "edge/line/a.ts", text: `import { decide } from "../decision/decide.ts";` },
      { path: "edge/line/a.ts", text: `// Date.now() is banned here.` },
      { path: "edge/devices/mqtt/a.ts", text: `import mqtt from "mqtt";` },
    ];
    expect(violations(allowed)).toEqual([]);
  });
});
