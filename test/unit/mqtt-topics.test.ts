/**
 * Goal: whoever uses topics that some brokers change hears of it before a device is silent. Method: the
 * shipped example with its X-ray under other topics.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { zAgentFile } from "../../edge/runtime/config/agent-file.ts";
import { checkMqttTopics } from "../../edge/runtime/config/mqtt-topics.ts";

const example = readFileSync("edge/examples/line-agent.yaml", "utf8");

function findingsOf(base: string) {
  const file = zAgentFile.parse(parse(example));
  const xrays = file.lines.flatMap(({ devices }) => [devices.xray]);
  for (const xray of xrays) if (xray?.reach.kind === "mqtt") xray.reach.base = base;
  return checkMqttTopics(file);
}

describe("topics of devices", () => {
  it.each(["plant.1/xray", "plant 1/xray"])("%j is told, with device and topic", (base) => {
    const [finding, ...others] = findingsOf(base);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ level: "note" });
    expect(finding?.key).toMatch(/reach\.base$/);
    expect(finding?.sentence).toContain(`"${base}"`);
  });

  it("letters, digits and dashes in levels pass everywhere", () => {
    expect(findingsOf("plant-1/line_2/xray")).toEqual([]);
  });
});
