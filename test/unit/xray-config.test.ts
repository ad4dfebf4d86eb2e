/**
 * Goal: an X-ray machine's dialect stands in the configuration with a wire that can carry it, and what
 * cannot work is refused by its key. Method: each pair of dialect and wire.
 */
import { describe, expect, it } from "vitest";
import { agentFileSchema } from "../../edge/runtime/config/read-agent-file.ts";
import { zXrayConfig } from "../../edge/devices/xray/open-xray.ts";

const reaches = {
  serial: { kind: "serial", path: "/dev/ttyUSB0" },
  tcp: { kind: "tcp", host: "192.0.2.1", port: 4_001 },
  "tcp-listen": { kind: "tcp-listen", host: "0.0.0.0", port: 4_001, from: "192.0.2.1" },
  mqtt: { kind: "mqtt", brokerUrl: "mqtt://broker", base: "site/xray" },
  opcua: { kind: "opcua", endpointUrl: "opc.tcp://127.0.0.1:4840" },
} as const;
const carrying = {
  "sortline-json": ["mqtt"],
  "sortline-telegrams": ["serial", "tcp", "tcp-listen"],
  "sortline-opcua": ["opcua"],
} as const;

const config = (kind: string, reach: object, more: object = {}) =>
  zXrayConfig.safeParse({ id: "xray-1", reach, dialect: { kind }, ...more });
const issueOf = (parsed: ReturnType<typeof config>) => parsed.error?.issues[0];

const pairs = Object.entries(carrying).flatMap(([dialect, wires]) =>
  Object.entries(reaches).map(
    ([wire, reach]) => [dialect, wire, reach, (wires as readonly string[]).includes(wire)] as const,
  ),
);

describe("dialect and wire", () => {
  it.each(pairs.filter(([, , , can]) => can))("%s goes over %s", (dialect, _wire, reach) => {
    expect(config(dialect, reach).success).toBe(true);
  });

  it.each(pairs.filter(([, , , can]) => !can))("%s over %s is refused", (dialect, _wire, reach) => {
    expect(issueOf(config(dialect, reach))).toMatchObject({
      path: ["dialect", "kind"],
      message: expect.stringMatching(
        `the dialect ${dialect} cannot be carried by .*; it goes over`,
      ),
    });
  });
});

describe("what cannot work is refused by its key", () => {
  it.each<[string, string, object, object, string[]]>([
    [
      "a serial line of 7 data bits",
      "sortline-telegrams",
      { ...reaches.serial, dataBits: 7 },
      {},
      ["reach", "dataBits"],
    ],
    [
      "a server that publishes more seldom than is taken for silence",
      "sortline-opcua",
      { ...reaches.opcua, publishingIntervalMs: 501 },
      { staleAfterMs: 1_000 },
      ["reach", "publishingIntervalMs"],
    ],
    [
      "down before it is silent",
      "sortline-telegrams",
      reaches.tcp,
      { staleAfterMs: 1_000, downAfterMs: 1_000 },
      ["downAfterMs"],
    ],
  ])("%s", (_name, dialect, reach, more, path) => {
    expect(issueOf(config(dialect, reach, more))?.path).toEqual(path);
  });

  it("a publishing interval that is just short enough is taken", () => {
    const reach = { ...reaches.opcua, publishingIntervalMs: 500 };
    expect(config("sortline-opcua", reach, { staleAfterMs: 1_000 }).success).toBe(true);
  });
});

describe("the schema for editors", () => {
  /** Where a key stands that has nothing to say for itself. */
  function* wordless(schema: unknown, path: string): Generator<string> {
    if (typeof schema !== "object" || schema === null) return;
    const { properties = {}, ...rest } = schema as { properties?: object };
    for (const [key, value] of Object.entries(properties)) {
      if (!("description" in value)) yield `${path}.${key}`;
      yield* wordless(value, `${path}.${key}`);
    }
    for (const value of Object.values(rest)) yield* wordless(value, path);
  }

  it("explains every key of an X-ray machine and of how it is reached", () => {
    const schema = JSON.parse(JSON.stringify(agentFileSchema()));
    const { devices } = schema.properties.lines.items.properties;
    const xray = devices.properties.xray;
    expect([...wordless(xray, "xray")]).toEqual([]);
    expect([...wordless({ properties: { planted: xray, wordless: {} } }, "")]).toContain(
      ".wordless",
    );
  });
});
