/**
 * Goal: a probe of a device that puts files into a folder looks and takes nothing, so that a line that
 * runs has its files; what it shows is bounded, steers no terminal, and says what is wrong with the folder.
 * Method: the probe as it is shipped, with real folders of a camera and of an X-ray machine.
 */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCamera, zCameraConfig } from "../../edge/devices/camera/open-camera.ts";
import { createXray, zXrayConfig } from "../../edge/devices/xray/open-xray.ts";
import { realWires } from "../../edge/devices/wires/wires.ts";
import { probe } from "../../edge/probe/probe.ts";
import type { NamedDevice } from "../../edge/runtime/open-devices.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { silentLog } from "../../protocols/log.ts";
import { voices, type Language } from "../../protocols/words/words.ts";
import { drawStill } from "../../simulators/devices/camera/draw-still.ts";
import { temporaryFolder } from "./device-rig.ts";

const clock = createSystemClock();
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  for (const name of ["from", "to"]) mkdirSync(folder.path(name));
});
afterEach(() => folder.remove());

const reach = (path: string) => ({ kind: "folder", path, writes: "renamed", lookEveryMs: 20 });

function camera(path = folder.path("from")): NamedDevice {
  const dialect = { kind: "files" };
  const config = zCameraConfig.parse({ id: "cam", reach: reach(path), dialect, moments: ["left"] });
  return { kind: "camera", config, open: (deps) => createCamera(config, deps) };
}

function xray(): NamedDevice {
  const config = zXrayConfig.parse({
    id: "xray",
    reach: { ...reach(folder.path("from")), tellPath: folder.path("to") },
    dialect: { kind: "dicos", mmPerPixel: 1 },
  });
  return { kind: "xray", config, open: (deps) => createXray(config, { counter: null }, deps) };
}

async function linesOf(device: NamedDevice, language: Language = "en"): Promise<string[]> {
  const lines: string[] = [];
  await probe({
    device,
    wires: realWires({
      clientIdOf: (id) => id,
      clock,
      entropy: { next: () => 0.5 },
      certificatesFolder: "/nowhere",
      log: silentLog,
      onlyLooksAtFolders: true,
    }),
    clock,
    seconds: 1,
    voice: voices[language],
    out: (line) => lines.push(line),
    enough: new Promise(() => {}),
  });
  return lines;
}

test.each([
  ["a camera", camera],
  ["an X-ray machine", xray],
])("nothing of %s is taken, and as much as helps is shown", async (_name, device) => {
  const names = Array.from({ length: 60 }, (_, at) => `still-${String(at).padStart(3, "0")}.png`);
  const still = drawStill({ label: null, number: 1 });
  for (const name of names) writeFileSync(folder.path(`from/${name}`), still);
  const lines = await linesOf(device());
  expect([readdirSync(folder.path("from")).toSorted(), readdirSync(folder.path("to"))]).toEqual([
    names,
    [],
  ]);
  const [first] = lines.filter((line) => line.includes("< still-000.png"));
  expect(first).toContain(`89 50 4e 47`);
  expect(first).toContain(` and ${still.length - 96} more`);
  expect(lines.length).toBeLessThan(50);
  expect(lines).toContainEqual(expect.stringMatching(/^\d+ more lines are not shown\.$/));
});

test("a file is shown by a name that steers no terminal", async () => {
  writeFileSync(folder.path("from/\x1b[2Jx.png"), drawStill({ label: null, number: 1 }));
  const lines = await linesOf(camera());
  expect(lines.some((line) => line.includes(String.raw`< \x1b[2Jx.png 89 50`))).toBe(true);
});

test.each([
  [
    "en",
    /^- The folder cannot be looked at: .*gone: there is no such file or folder\. .*reach\.path/,
  ],
  ["zh-CN", /^- 无法查看该文件夹：.*gone: .*reach\.path/],
] as const)("a folder that is missing is named with its key in %s", async (language, hint) => {
  expect(await linesOf(camera(folder.path("gone")), language)).toContainEqual(
    expect.stringMatching(hint),
  );
});
