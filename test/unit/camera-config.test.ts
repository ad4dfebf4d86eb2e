/**
 * Goal: a camera stands in the configuration with a wire that can carry it, and what cannot work is
 * refused by its key. Method: one key after the other made wrong.
 */
import { expect, test } from "vitest";
import { zCameraConfig } from "../../edge/devices/camera/open-camera.ts";

const overHttp = {
  id: "camera-1",
  reach: { kind: "http", url: "http://192.0.2.14/still" },
  dialect: { kind: "snapshot" },
  moments: ["left"],
};
const overFolder = {
  ...overHttp,
  reach: { kind: "folder", path: "/srv/ftp/a", lookEveryMs: 200 },
  dialect: { kind: "files" },
};

function overHttpAs(name: string, url = overHttp.reach.url): object {
  const user = { name, passwordFile: "password" };
  return { ...overHttp, reach: { kind: "http", url, user } };
}

const https = { kind: "http", url: "HTTPS://192.0.2.14/still", caFile: "ca.pem" };

test.each([
  overHttp,
  overFolder,
  overHttpAs("Jäsøn Doe"),
  { ...overHttp, reach: https },
  { ...overFolder, moments: ["notIdentified", "identified"] },
  { ...overFolder, moments: ["left", "lost"] },
  { ...overHttp, moments: ["inducted", "left"] },
])("what can work is taken: %#", (config) => {
  expect(zCameraConfig.safeParse(config).error?.issues ?? []).toEqual([]);
});

test.each([
  [
    "a dialect of the other wire",
    { ...overHttp, dialect: { kind: "files" } },
    "dialect.kind",
    /goes over a watched folder/,
  ],
  ["no moment", { ...overHttp, moments: [] }, "moments", /./],
  ["a moment twice", { ...overHttp, moments: ["left", "left"] }, "moments", /each at most once/],
  ["exits without leaving", { ...overHttp, moments: ["lost"], exits: ["red"] }, "exits", /no left/],
  [
    "a password in the address",
    { ...overHttp, reach: { kind: "http", url: "http://a:b@192.0.2.14/still" } },
    "reach.url",
    /they go under user/,
  ],
  [
    "a password behind more slashes than a browser counts",
    { ...overHttp, reach: { kind: "http", url: "http:////a:b@192.0.2.14/still" } },
    "reach.url",
    /they go under user/,
  ],
  ["a name with a colon", overHttpAs("line:1"), "reach.user.name", /no colon/],
  ["a name of two lines", overHttpAs("line\n1"), "reach.user.name", /no control characters/],
  [
    "another protocol",
    { ...overHttp, reach: { kind: "http", url: "rtsp://192.0.2.14/still" } },
    "reach.url",
    /./,
  ],
  [
    "an authority without TLS",
    { ...overHttp, reach: { ...overHttp.reach, caFile: "ca.pem" } },
    "reach.caFile",
    /begins with https/,
  ],
  [
    "an age below what an answer takes",
    { ...overHttp, staleAfterMs: 7_000 },
    "staleAfterMs",
    /lookEveryMs and reach.answerMsMax together/,
  ],
  ["down before stale", { ...overHttp, downAfterMs: 12_000 }, "downAfterMs", /more than/],
  [
    "files that are found too late",
    { ...overFolder, dialect: { kind: "files", withinMs: 600 } },
    "dialect.withinMs",
    /must be more than 600/,
  ],
  [
    "two moments of one parcel at a camera that puts one file",
    { ...overFolder, moments: ["inducted", "identified"] },
    "moments",
    /a parcel has one file/,
  ],
  [
    "a folder in which a camera would be told something",
    { ...overFolder, reach: { ...overFolder.reach, tellPath: "/srv/ftp/to" } },
    "reach.tellPath",
    /is told nothing/,
  ],
])("%s is refused by its key", (_name, config, key, message) => {
  const [issue] = zCameraConfig.safeParse(config).error?.issues ?? [];
  expect(issue?.path.join(".")).toBe(key);
  expect(issue?.message).toMatch(message);
});
