import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { repositoryFiles } from "./repository.ts";
import { arrowsUp, importsOf, roomFolders, rooms, violations, type SourceFile } from "./rules.ts";

/**
 * Holds the import rules of the rooms (edge/README.md) over every source file of the project. Each
 * rule is then broken on purpose in a file of its own, because a check that cannot fail proves
 * nothing.
 */
const root = new URL("../../", import.meta.url).pathname;
const folders = ["edge", "protocols", "simulators", "control-ui", "test"];

const isSource = (path: string): boolean => /\.[cm]?[jt]sx?$/.test(path);
/** Programs that start others, and what tools insist on, are in no room. */
const roomless = [/^bin\//, /^\.ci\//, /^vitest\.config\.ts$/];

function sources(): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
      .filter((path) => isSource(path) && !/node_modules|\/dist\//.test(path))
      .map((path) => ({ path, text: readFileSync(root + path, "utf8") })),
  );
}

const filesUnder = (folder: string): readonly string[] =>
  statSync(root + folder).isDirectory()
    ? readdirSync(root + folder, { recursive: true, encoding: "utf8" }).map(
        (name) => `${folder}/${name.replaceAll("\\", "/")}`,
      )
    : [];

/** All that lies in the project's root: a program that writes somewhere by mistake writes there. */
const inRoot: ReadonlySet<string> = new Set(
  [
    [...folders, "bin", "findings", ".ci", ".github"],
    ["README.md", "README.zh-CN.md"],
    ["package.json", "package-lock.json", ".npmrc", ".gitignore"],
    ["tsconfig.json", "vitest.config.ts", "knip.json", ".oxfmtrc.json", ".oxlintrc.json"],
  ].flat(),
);

const strangersInRoot = (paths: readonly string[]): string[] =>
  paths.filter((path) => !inRoot.has(path.split("/")[0] ?? ""));

describe("the rooms", () => {
  const files = sources();

  test("nothing lies in the root but what belongs there", () => {
    expect(strangersInRoot(repositoryFiles())).toEqual([]);
    const planted = ["edge/main.ts", "undefined-lock", "kitchen/stove.ts"];
    expect(strangersInRoot(planted)).toEqual(["undefined-lock", "kitchen/stove.ts"]);
  });

  test("the check looks at the whole project", () => {
    expect(files.length).toBeGreaterThan(600);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(2_500);
  });

  test("every source is in a room, and is TypeScript", () => {
    const outside = readdirSync(root, { encoding: "utf8" })
      .filter((name) => ![...folders, "node_modules", ".git"].includes(name))
      .flatMap((name) => (isSource(name) ? [name] : filesUnder(name)))
      .filter((path) => isSource(path) && !roomless.some((each) => each.test(path)));
    expect(outside).toEqual([]);
    const shipped = files.filter(({ path }) => !path.startsWith("test/"));
    expect(shipped.map(({ path }) => path).filter((path) => !/\.tsx?$/.test(path))).toEqual([]);
  });

  test("imports run downward, without a circle, and I/O stays where it belongs", () => {
    expect(violations(files)).toEqual([]);
  });

  test("no arrow of the table leads back up, and each of its rooms is there", () => {
    expect(arrowsUp(rooms)).toEqual([]);
    expect(roomFolders.filter((folder) => !existsSync(root + folder))).toEqual([]);
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
    ["edge/line/planted.ts", `import { manifests } from "../clearance/manifests.ts";`],
    ["edge/clearance/planted.ts", `import { step } from "../line/step.ts";`],
    ["edge/decision/planted.ts", `import { step } from "../line/step.ts";`],
    ["edge/line/planted.ts", `import { readFileSync } from "node:fs";`],
    ["edge/decision/planted.ts", `export const now = Date.now();`],
    ["edge/clearance/planted.ts", `export const draw = Math.random();`],
    ["edge/clearance/planted.ts", `export const draw = crypto.randomUUID();`],
    ["edge/clearance/planted.ts", `const { random } = Math;`],
    ["edge/decision/planted.ts", `const { now } = Date;`],
    ["edge/decision/planted.ts", `export const now = Date["now"]();`],
    ["edge/decision/planted.ts", `export const now = new Date;`],
    ["edge/decision/planted.ts", `export const now = globalThis.Date.now();`],
    ["edge/decision/planted.ts", `const Today = Date; export const now = new Today();`],
    ["edge/decision/planted.ts", `export const now = timed(Date);`],
    ["edge/decision/planted.ts", `export const draw = Math["random"]();`],
    ["edge/decision/planted.ts", `export const later = [setTimeout];`],
    ["protocols/planted.ts", `crypto.getRandomValues(bytes);`],
    ["edge/line/planted.ts", `const a = "image/*"; const now = Date.now(); const b = "*/*";`],
    [
      "edge/line/planted.ts",
      `const a = "image/*"; await import("../runtime/x.ts"); const b = "*/*";`,
    ],
    ["edge/line/planted.ts", "const a = `${b} // `; export const now = Date.now();"],
    ["edge/line/planted.ts", `const a = /["'/*]/; export const now = Date.now(); /* */`],
    ["edge/line/planted.ts", `console.log("here");`],
    ["edge/line/planted.ts", `import { readFileSync } from "fs";`],
    ["edge/line/planted.ts", `import axios from "axios";`],
    ["edge/line/planted.ts", "const clock = await import(`../runtime/system-clock.ts`);"],
    ["protocols/planted.ts", `export const now = Date.now();`],
    ["protocols/planted.ts", `export const draw = Math.random();`],
    ["protocols/planted.ts", `setTimeout(() => {}, 1);`],
    ["edge/line/planted.ts", `setTimeout(() => {}, 1);`],
    ["protocols/planted.ts", `import { createHash } from "node:crypto";`],
    ["protocols/planted.ts", `import { step } from "../edge/line/step.ts";`],
    ["simulators/world/planted.ts", `import { step } from "../../edge/line/step.ts";`],
    ["simulators/world/planted.ts", `import { startSite } from "../site/site.ts";`],
    ["simulators/devices/planted.ts", `import { config } from "../config.ts";`],
    ["edge/runtime/planted.ts", `import { belt } from "../../simulators/world/belt.ts";`],
    ["edge/runtime/planted.ts", `import { runVerify } from "../audit/verify-command.ts";`],
    ["control-ui/web/planted.tsx", `import { desk } from "../../edge/centre/server.ts";`],
    ["control-ui/web/shell/planted.tsx", `import { Lane } from "../lanes/lane.tsx";`],
    ["control-ui/web/live/planted.ts", `import { shell } from "../shell/words.ts";`],
    ["edge/centre/planted.ts", `import mqtt from "mqtt";`],
    ["edge/centre/planted.ts", `const mqtt = await import("mqtt");`],
    ["edge/devices/xray/planted.ts", `import { connect } from "mqtt";`],
    ["edge/devices/planted.ts", `import { openTcpLink } from "./wires/tcp-link.ts";`],
    ["edge/devices/wires/planted.ts", `import { Scanner } from "../scanner/scanner.ts";`],
    ["edge/devices/scale/planted.ts", `import { Scanner } from "../scanner/scanner.ts";`],
    ["edge/centre/page/planted.ts", `import { claims } from "../claims/claims.ts";`],
    ["edge/centre/claims/planted.ts", `import { startCentre } from "../centre.ts";`],
    ["edge/centre/planted.ts", `import { routes } from "./http/server.ts";`],
    ["edge/centre/planted.ts", `import { open } from "../journal/sqlite/sqlite-copies.ts";`],
    ["edge/journal/planted.ts", `import { host } from "../runtime/line-host.ts";`],
    ["edge/journal/planted.ts", `import { verify } from "../audit/verify.ts";`],
    ["edge/runtime/planted.ts", `import { Database } from "sqlite3";`],
    ["edge/journal/planted.ts", `import { Database } from "sqlite3";`],
    ["edge/line/planted.ts", `import { Subject } from "rxjs";`],
    ["edge/runtime/planted.ts", `import { Subject } from "rxjs";`],
    ["edge/devices/planted.ts", `import { Subject } from "rxjs";`],
    ["edge/centre/lines/planted.ts", `import type { Observable } from "rxjs";`],
    ["edge/centre/alarms/planted.ts", `import { Subject } from "rxjs";`],
    ["edge/centre/alarms/planted.ts", `import "../../../protocols/streams/stream-bugs.ts";`],
    ["control-ui/web/lanes/planted.ts", `import { map } from "rxjs";`],
    ["protocols/planted.ts", `import { map } from "rxjs";`],
    ["edge/line/planted.ts", `import { s } from "../../protocols/streams/clock-scheduler.ts";`],
    ["protocols/streams/planted.ts", `import { createHash } from "node:crypto";`],
    ["edge/centre/http/planted.ts", `import { Pool } from "pg";`],
    ["edge/centre/planted.ts", `import { connect } from "amqplib";`],
    ["edge/store/planted.ts", `import { DatabaseSync } from "node:sqlite";`],
    ["edge/centre/page/planted.ts", `import { WebSocketServer } from "ws";`],
    ["edge/devices/sorter/planted.ts", `import { connect } from "node:net";`],
    ["edge/devices/sorter/planted.ts", `import { OPCUAClient } from "node-opcua-client";`],
    ["edge/link/planted.ts", `import { connect } from "mqtt";`],
    ["edge/link/planted.ts", `import { SerialPort } from "serialport";`],
    ["edge/link/planted.ts", `import { createServer } from "node:http";`],
    ["edge/runtime/planted.ts", `import { createServer } from "node:http";`],
    ["edge/runtime/planted.ts", `import fastify from "fastify";`],
    ["edge/centre/lines/planted.ts", `import fastify from "fastify";`],
    ["edge/clearance/planted.ts", `import { createSocket } from "node:dgram";`],
    ["edge/decision/planted.ts", `class Now extends Date {}`],
    ["edge/decision/planted.ts", `export const now = new Intl.DateTimeFormat().format();`],
    ["edge/decision/planted.ts", `export const late = AbortSignal.timeout(5);`],
    ["edge/decision/planted.ts", `export const now = new Event("x").timeStamp;`],
    [
      "edge/line/planted.ts",
      `import { randomFillSync } from "node:crypto"; randomFillSync(bytes);`,
    ],
    ["edge/line/planted.ts", `import { generateKeySync } from "node:crypto";`],
    ["edge/planted.ts", `export const composed = true;`],
    ["edge/elsewhere/planted.ts", `export const composed = true;`],
    ["edge/line/kitchen/planted.ts", `export const composed = true;`],
    ["edge/centre/people/planted.ts", `export const composed = true;`],
    ["edge/devices/wires/kitchen/planted.ts", `export const composed = true;`],
    ["protocols/kitchen/planted.ts", `export const composed = true;`],
    ["protocols/words/en/kitchen/planted.ts", `export const composed = true;`],
    ["control-ui/kitchen/planted.ts", `export const composed = true;`],
    ["control-ui/web/kitchen/planted.ts", `export const composed = true;`],
    ["simulators/devices/kitchen/planted.ts", `export const composed = true;`],
    ["edge/centre/page/planted.ts", `import { ways } from "../documents/ways/folder.ts";`],
    ["simulators/planted.ts", `export const composed = true;`],
  ])("%s: %s", (path, text) => {
    const found = violations([{ path, text }]);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ path });
  });

  test.each([
    [`import { interval } from "rxjs"; interval(100).subscribe(f);`],
    [`import { timer } from "rxjs"; timer(0, 100).subscribe(f);`],
    [`import { debounceTime } from "rxjs"; words.pipe(debounceTime(3_000));`],
    [`import { auditTime } from "rxjs"; words.pipe(auditTime(limits.of(line)));`],
    [`import { throttleTime } from "rxjs"; words.pipe(throttleTime(5, undefined, { leading }));`],
    [`import { delay, map } from "rxjs"; words.pipe(map((x) => x), delay(5));`],
    [`import { bufferTime } from "rxjs"; words.pipe(bufferTime<Word>(5));`],
    [`import { timeout } from "rxjs"; words.pipe(timeout({ each: 5 }));`],
    [`import { interval } from "rxjs"; const beat = interval;`],
    [`import { interval as beat } from "rxjs"; beat(100).subscribe(f);`],
    [`import { retry } from "rxjs"; words.pipe(retry({ delay: 5 }));`],
    [`import { ReplaySubject } from "rxjs"; new ReplaySubject<Word>(1, 5);`],
    [`import { asyncScheduler, interval } from "rxjs"; interval(100, asyncScheduler);`],
    [`import * as streams from "rxjs"; streams.interval(100);`],
    [`import { ajax } from "rxjs/ajax";`],
  ])("a stream that waits by rxjs' own timers: %s", (text) => {
    expect(violations([{ path: "edge/centre/page/planted.ts", text }])).toMatchObject([
      { path: "edge/centre/page/planted.ts", rule: "streams wait by the clock that was handed in" },
    ]);
  });

  test("two files of one room that import each other, by name", () => {
    const files = [
      { path: "edge/line/one.ts", text: `import { other } from "./other.ts";` },
      { path: "edge/line/other.ts", text: `import type { One } from "./one.ts";` },
    ];
    expect(violations(files)).toEqual([
      {
        path: "edge/line/one.ts",
        rule: "no import circle",
        found: "edge/line/one.ts -> edge/line/other.ts -> edge/line/one.ts",
      },
    ]);
  });

  test("an arrow of the table that leads back up", () => {
    const table = [
      { room: "edge/line", mayImport: ["edge/runtime"] },
      { room: "edge/runtime", mayImport: ["edge/line"] },
    ];
    expect(arrowsUp(table)).toEqual(["edge/line -> edge/runtime"]);
  });

  test("and lets through what is allowed", () => {
    const allowed = [
      { path: "edge/line/a.ts", text: `import { decide } from "../decision/decide.ts";` },
      { path: "edge/line/a.ts", text: `// Date.now() is banned here.` },
      {
        path: "edge/line/a.ts",
        text: `const a = "a"; /* Date.now() */ const b = /b/; // new Date`,
      },
      { path: "edge/line/a.ts", text: "const a = `${b(`}`)}`; /* Date.now() */" },
      { path: "edge/line/a.ts", text: `const half = all / 2; // Date.now() / 2` },
      { path: "edge/line/a.ts", text: `const day = Date.UTC(2026, 10, 28);` },
      { path: "edge/devices/wires/a.ts", text: `import mqtt from "mqtt";` },
      {
        path: "edge/centre/page/a.ts",
        text: `import { interval, timer, retry, type Observable } from "rxjs";
          const { scheduler } = options;
          interval(periodOf(line), scheduler).subscribe(() => retry(3));
          timer(5, clockScheduler(clock)).subscribe({ next: () => view.timer });`,
      },
      { path: "edge/runtime/a.ts", text: `const timer = clock.schedule(dueAt, fire);` },
    ];
    expect(violations(allowed)).toEqual([]);
  });
});
