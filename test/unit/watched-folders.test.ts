/**
 * Goal: whatever lies in a watched folder is moved away, so that no such folder holds, or lies in,
 * anything else that the configuration names: the agent's own journals and keys above all.
 * Method: the shipped example with a camera and an X-ray machine of files, in a folder of the test's
 * own with real links in it.
 */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { readAgentFile } from "../../edge/runtime/config/read-agent-file.ts";
import { temporaryFolder } from "../contract/device-rig.ts";

const example = readFileSync("edge/examples/line-agent.yaml", "utf8");
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

interface Named {
  readonly cameras?: readonly (string | object)[];
  readonly xray?: { readonly path: string; readonly tellPath?: string };
  readonly dataDir?: string;
  readonly link?: object;
}

function sentencesOf({ cameras = [], xray, dataDir = "data", link = {} }: Named) {
  const content = parse(example);
  const [role] = content.lines;
  content.dataDir = dataDir;
  Object.assign(content.link, link);
  if (cameras.length > 0) role.line.layout.cameraIds = cameras.map((_, at) => `cam-${at}`);
  role.devices.cameras = cameras.map((given, at) => ({
    id: `cam-${at}`,
    reach: typeof given === "string" ? { kind: "folder", path: given } : given,
    dialect: { kind: typeof given === "string" ? "files" : "snapshot" },
    moments: ["left"],
  }));
  if (xray !== undefined) {
    const { layout } = role.line;
    const entryByEye = { announceMm: 150, itemIsTold: "withPicture" };
    Object.assign(layout.xray, { binding: { kind: "extent" }, entryByEye });
    role.devices.xray = {
      id: layout.xray.deviceId,
      reach: { kind: "folder", writes: "renamed", lookEveryMs: 20, ...xray },
      dialect: { kind: "dicos", mmPerPixel: 1.5 },
    };
  }
  const path = folder.path("agent.yaml");
  writeFileSync(path, stringify(content));
  const read = readAgentFile(path);
  return read.kind === "refused" ? read.sentences : [];
}

const camera = (at: number): string => `line L1, devices.cameras.${at}.reach.path`;
const at = (name: string): string => join(folder.path("."), name);

describe("a watched folder", () => {
  it("that nothing else has to do with is taken", () => {
    const xray = { path: "xray/from", tellPath: "xray/to" };
    expect(sentencesOf({ cameras: ["stills/a", "stills/a-2"], xray })).toEqual([]);
  });

  it.each([
    [
      "is dataDir",
      "data",
      (own: string) => `${own} is also the folder of dataDir: each needs its own`,
    ],
    [
      "is dataDir, written otherwise",
      "stills/../data/",
      (own: string) => `${own} is also the folder of dataDir: each needs its own`,
    ],
  ])("one that %s is refused, or the journals would be moved aside", (_name, path, sentence) => {
    expect(sentencesOf({ cameras: [path] })).toEqual([`${camera(0)}: ${sentence(at("data"))}`]);
  });

  it("one that lies in dataDir, or holds it, is refused by its key", () => {
    expect(sentencesOf({ cameras: ["data/stills"] })).toEqual([
      `${camera(0)}: ${at("data/stills")} lies in ${at("data")}, the folder of dataDir: each needs its own`,
    ]);
    expect(sentencesOf({ cameras: ["lib"], dataDir: "lib/agent" })).toEqual([
      `${camera(0)}: ${at("lib")} holds ${at("lib/agent")}, which is dataDir: it would be moved away`,
    ]);
  });

  it("is followed through links, also where the rest is not there yet", () => {
    mkdirSync(folder.path("data"));
    symlinkSync(folder.path("data"), folder.path("linked"));
    expect(sentencesOf({ cameras: ["linked/stills"] })).toEqual([
      `${camera(0)}: ${at("linked/stills")} (which leads to ${at("data/stills")}) lies in ${at("data")}, the folder of dataDir: each needs its own`,
    ]);
    mkdirSync(folder.path("stills"));
    symlinkSync(folder.path("data"), folder.path("stills/taken"));
    expect(sentencesOf({ cameras: ["stills"] })).toEqual([
      expect.stringMatching(/^line L1, devices\.cameras\.0\.reach\.path: .* dataDir: each needs/),
    ]);
  });

  it("that is a link to what the first start will make is refused before it", () => {
    symlinkSync(folder.path("data"), folder.path("linked"));
    symlinkSync("linked", folder.path("linked-again"));
    for (const name of ["linked", "linked-again"]) {
      expect(sentencesOf({ cameras: [name] })).toEqual([
        `${camera(0)}: ${at(name)} (which leads to ${at("data")}) is also the folder of dataDir: each needs its own`,
      ]);
    }
    symlinkSync("round", folder.path("round"));
    expect(sentencesOf({ cameras: ["round"] })).toEqual([]);
  });

  it("that is, holds or lies in the program's own folder is refused", () => {
    const program = process.cwd();
    for (const path of [program, join(program, "edge"), join(program, "..")]) {
      const [sentence = ""] = sentencesOf({ cameras: [path] });
      expect(sentence).toContain("the program itself");
    }
  });

  it.each(["stills", "stills/taken", "stills/aside", "stills/more/below"])(
    "of another camera at %s is refused",
    (other) => {
      const sentences = sentencesOf({ cameras: ["stills", other] });
      expect(sentences).toHaveLength(1);
      expect(sentences[0]).toContain(`${camera(1)}: `);
      expect(sentences[0]).toContain(camera(0));
    },
  );

  it("of an X-ray machine is one for each way, and no camera's", () => {
    const key = "line L1, devices.xray.reach";
    expect(sentencesOf({ xray: { path: "from", tellPath: "from/taken" } })).toEqual([
      `${key}.tellPath: ${at("from/taken")} lies in ${at("from")}, the folder of ${key}.path: each needs its own`,
    ]);
    expect(sentencesOf({ cameras: ["to"], xray: { path: "from", tellPath: "to" } })).toEqual([
      `${camera(0)}: ${at("to")} is also the folder of ${key}.tellPath: each needs its own`,
    ]);
    expect(sentencesOf({ xray: { path: "data/from", tellPath: "to" } })).toHaveLength(1);
    expect(sentencesOf({ xray: { path: "from", tellPath: "data" } })).toHaveLength(1);
  });

  it("that holds this configuration, a password, or a key is refused", () => {
    const [own] = sentencesOf({ cameras: ["."] }).filter((each) => each.includes("agent.yaml"));
    expect(own).toBe(
      `${camera(0)}: ${at(".")} holds ${at("agent.yaml")}, which is this configuration: it would be moved away`,
    );
    const passwordFile = "secrets/top.txt";
    const url = "http://192.0.2.14/still";
    const overHttp = { kind: "http", url, user: { name: "sortline", passwordFile } };
    expect(sentencesOf({ cameras: ["secrets", overHttp] })).toEqual([
      `${camera(0)}: ${at("secrets")} holds ${at(passwordFile)}, which is line L1, devices.cameras.1.reach.user.passwordFile: it would be moved away`,
    ]);
    const link = { user: { name: "line-1", passwordFile } };
    expect(sentencesOf({ cameras: ["secrets"], link })).toEqual([
      `${camera(0)}: ${at("secrets")} holds ${at(passwordFile)}, which is link.user.passwordFile: it would be moved away`,
    ]);
  });
});
