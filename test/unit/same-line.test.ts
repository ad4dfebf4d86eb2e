/**
 * Goal: where an agent and the centre have other devices of a line, somebody is told: whose still stands
 * in a story is a device that the page knows. Method: the check of one file that has both, on the shipped
 * example; and what the centre makes of the devices that agents tell of.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { createToldDevices } from "../../edge/centre/told-devices.ts";
import { zAgentFile, type AgentFile } from "../../edge/runtime/config/agent-file.ts";
import { checkSameLine } from "../../edge/runtime/config/check-same-line.ts";

const example = zAgentFile.parse(parse(readFileSync("edge/examples/by-hand/mqtt.yaml", "utf8")));
type CentreLine = NonNullable<AgentFile["centre"]>["lines"][number];

/** The example, with another line as its centre's. */
function withCentreLine(change: (line: CentreLine["line"]) => object, agentId = example.agentId) {
  const { centre, ...file } = example;
  const [{ line }] = centre!.lines as [CentreLine];
  const lines = [{ agentId, line: { ...line, ...change(line) } }];
  return checkSameLine({ ...file, centre: { ...centre!, lines } });
}

describe("a file with an agent and the centre", () => {
  test("is in order where both have the same line", () => {
    expect(checkSameLine(example)).toEqual([]);
    expect(checkSameLine({ ...example, centre: null })).toEqual([]);
  });

  test("is refused by key where the centre's line has other cameras", () => {
    const cameraIds = ["camera-1"];
    const findings = withCentreLine(({ layout }) => ({ layout: { ...layout, cameraIds } }));
    expect(findings).toMatchObject([
      { level: "error", key: "centre.lines.0.line.layout.cameraIds" },
    ]);
  });

  test("is refused by the deepest key, for each value that differs", () => {
    const findings = withCentreLine(({ belt, commit }) => ({
      belt: { ...belt, mmPerCount: belt.mmPerCount * 2 },
      commit: { ...commit, leadMs: commit.leadMs + 1 },
    }));
    expect(findings.map(({ key }) => key)).toEqual([
      "centre.lines.0.line.belt.mmPerCount",
      "centre.lines.0.line.commit.leadMs",
    ]);
  });

  test("is refused where the centre does not have the line, or has one that this agent does not run", () => {
    const { id } = example.lines[0]!.line;
    expect(withCentreLine(() => ({ id: "L9" }))).toMatchObject([
      { key: "centre.lines.0.line.id", sentence: "this agent runs no line L9: see lines" },
      { key: "centre.lines", sentence: `${id}, which this agent runs, is not among them` },
    ]);
    // Another agent's file says how its line is.
    expect(withCentreLine(() => ({}), "another-agent")).toMatchObject([{ key: "centre.lines" }]);
  });
});

describe("devices of a line that its agent tells of", () => {
  const rig = () =>
    createToldDevices([
      { id: "L1", devices: [{ id: "L1-sorter" }, { id: "L1-top" }] },
      { id: "L2", devices: [{ id: "L2-sorter" }] },
    ]);

  test("are no matter while the centre's file has the same ones", () => {
    const told = rig();
    told.take("L1", ["L1-top", "L1-sorter"]);
    told.take("L7", ["of no line here"]);
    expect(told.warnings()).toEqual([]);
  });

  test("that the centre's file has not are named, and those that only it has, until they are the same", () => {
    const told = rig();
    told.take("L1", ["L1-sorter", "L1-chute"]);
    told.take("L2", ["L2-sorter", "L2-top"]);
    expect(told.warnings()).toEqual([
      "line L1, devices: only the agent has L1-chute; only the centre's file has L1-top",
      "line L2, devices: only the agent has L2-top",
    ]);
    told.take("L1", ["L1-sorter", "L1-top"]);
    expect(told.warnings()).toEqual(["line L2, devices: only the agent has L2-top"]);
  });
});
