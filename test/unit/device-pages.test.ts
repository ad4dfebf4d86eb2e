/**
 * Goal: what the pages of the devices show of our own messages over MQTT is what is read, and the
 * configuration that is played by hand is in order.
 * Method: each line of the pages' blocks by the schema of its topic; one with a key of its own is
 * planted.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { z } from "zod";
import { zAnnunciatorConfig } from "../../edge/devices/annunciator/open-annunciator.ts";
import { zCameraConfig } from "../../edge/devices/camera/open-camera.ts";
import { zXrayConfig } from "../../edge/devices/xray/open-xray.ts";
import { readAgentFile } from "../../edge/runtime/config/read-agent-file.ts";
import { zAnnunciation } from "../../protocols/annunciator/annunciation.ts";
import { zAnnunciatorState } from "../../protocols/annunciator/messages.ts";
import { zScannerLifeMessage, zScannerReadMessage } from "../../protocols/scanner/messages.ts";
import { zProofCommand } from "../../protocols/scanner/read-proof.ts";
import { ringSealOf } from "../../protocols/sorter/ring-seal.ts";
import { zSorterCommand, zSorterEvent } from "../../protocols/sorter/sorter.ts";
import { noClearances } from "../../protocols/xray/signals.ts";
import { zXrayAnnounce, zXrayItem, zXrayLife, zXrayVerdict } from "../../protocols/xray/xray.ts";

interface Page {
  readonly path: string;
  readonly heading: string;
  readonly topics: Readonly<Record<string, z.ZodType>>;
}

const pages: readonly Page[] = [
  {
    path: "scanner",
    heading: "## Our own messages over MQTT",
    topics: { life: zScannerLifeMessage, read: zScannerReadMessage, command: zProofCommand },
  },
  {
    path: "xray",
    heading: "## MQTT",
    topics: {
      life: zXrayLife,
      announce: zXrayAnnounce,
      item: zXrayItem,
      verdict: zXrayVerdict,
    },
  },
  {
    path: "sorter",
    heading: "# A sorter over MQTT (dialect `sortline-json`)",
    topics: { event: zSorterEvent, command: zSorterCommand },
  },
  {
    path: "annunciator",
    heading: "## Our own messages over MQTT",
    topics: { set: zAnnunciation, state: zAnnunciatorState },
  },
];

/** Topic and message of each line that is one, below a heading and above the next. */
function messagesBelow({ path, heading }: Page): readonly (readonly [string, object])[] {
  const page = readFileSync(`edge/devices/${path}/README.md`, "utf8");
  const from = page.indexOf(`\n${heading}\n`);
  const [part = ""] = from === -1 ? [] : page.slice(from + heading.length + 2).split(/^#/m);
  return [...part.matchAll(/^(\w+) (\{.*\})$/gm)].map(([, topic = "", json = ""]) => [
    topic,
    JSON.parse(json) as object,
  ]);
}

describe.each(pages)("the page of $path", (page) => {
  const messages = messagesBelow(page);

  test("shows a message of each topic", () => {
    expect(new Set(messages.map(([topic]) => topic))).toEqual(new Set(Object.keys(page.topics)));
  });

  test.each(messages)("%s %j", (topic, message) => {
    const schema = page.topics[topic];
    expect(schema?.safeParse(message).error?.issues ?? []).toEqual([]);
    expect(schema?.safeParse({ ...message, planted: 1 }).success).toBe(false);
  });
});

test("the page of sorters shows every kind of event and command", () => {
  const shown = pages.flatMap((page) => (page.path === "sorter" ? messagesBelow(page) : []));
  const kindsOf = (schema: typeof zSorterEvent | typeof zSorterCommand) =>
    schema.options.map(({ shape }) => shape.kind.value);
  const kinds = shown.map(([, message]) => ("kind" in message ? message.kind : undefined));
  expect(new Set(kinds)).toEqual(new Set([...kindsOf(zSorterEvent), ...kindsOf(zSorterCommand)]));
});

test.each(["mqtt", "serial"])("what is played by hand, %s, is in order", (name) => {
  expect(readAgentFile(`edge/examples/by-hand/${name}.yaml`)).toMatchObject({ kind: "config" });
});

test("the page of sorters shows seals as they are reckoned", () => {
  const page = readFileSync("edge/devices/sorter/README.md", "utf8");
  const [, below = ""] = page.split("\n## Entries that prove themselves\n");
  const rows = [...(below.split(/^## /m)[0] ?? "").matchAll(/^\|(?: -?\d+ \|){6}$/gm)].map(
    ([row]) => row.split("|").slice(1, -1).map(Number),
  );
  expect(rows).toHaveLength(4);
  for (const [number = 0, kind = 0, what = 0, track = 0, count = 0, seal] of rows) {
    expect(ringSealOf({ number, kind, what, track, count })).toBe(seal);
  }
});

describe("discrete signals on the page of xray", () => {
  const page = readFileSync("edge/devices/xray/README.md", "utf8");
  const [, below = ""] = page.split("\n## Discrete signals\n");
  const blocks = [...(below.split(/^## /m)[0] ?? "").matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(
    ([, yaml = ""]) => yaml,
  );
  const devices = blocks.filter((yaml) => yaml.includes("dialect:"));

  test.each(devices)("what is configured is taken: %#", (yaml) => {
    const { error } = zXrayConfig.safeParse(parse(yaml));
    expect(error?.issues ?? []).toEqual([]);
  });

  test("over both wires", () => {
    const kinds = devices.map(
      (yaml) => (parse(yaml) as { dialect: { kind: string } }).dialect.kind,
    );
    expect(kinds.toSorted()).toEqual(["signals", "signals-modbus"]);
  });

  test("each name of no clearance is on it", () => {
    const names = noClearances.filter((name) => !below.includes(`\`${name}\``));
    expect(names).toEqual([]);
  });
});

describe("what the page of annunciator configures", () => {
  const page = readFileSync("edge/devices/annunciator/README.md", "utf8");
  const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, yaml = ""]) => yaml);
  const byDefault = {
    id: "L1-light",
    reach: { kind: "mqtt", brokerUrl: "mqtt://127.0.0.1", base: "hand/L1-light" },
  };
  const configOf = (yaml: string) => {
    const content = parse(yaml) as { devices?: { annunciator: object } };
    return zAnnunciatorConfig.safeParse({
      ...byDefault,
      ...(content.devices?.annunciator ?? content),
    });
  };

  test.each(blocks)("is taken: %#", (yaml) => {
    expect(configOf(yaml).error?.issues ?? []).toEqual([]);
  });

  test("is each dialect", () => {
    const kinds = blocks.map((yaml) => configOf(yaml).data?.dialect.kind);
    expect(kinds).toEqual(["sortline-json", "json-map", "outputs", "outputs-modbus"]);
  });
});

test("what the page of camera configures is taken, and is each dialect", () => {
  const page = readFileSync("edge/devices/camera/README.md", "utf8");
  const [, yaml = ""] = /^```yaml\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const content = parse(yaml) as {
    line: { layout: { cameraIds: string[] } };
    devices: { cameras: { id: string }[] };
  };
  const parsed = content.devices.cameras.map((camera) => zCameraConfig.safeParse(camera));
  expect(parsed.flatMap(({ error }) => error?.issues ?? [])).toEqual([]);
  expect(parsed.map(({ data }) => data?.dialect.kind)).toEqual(["snapshot", "files"]);
  expect(content.devices.cameras.map(({ id }) => id)).toEqual(content.line.layout.cameraIds);
});
