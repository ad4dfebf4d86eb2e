/**
 * Goal: no two connections of a site, or of two sites at one broker, come to the same client id
 * (case duplicate-client-id). Method: agents of every role, with ids that try to run together.
 */
import { describe, expect, it } from "vitest";
import { mqttClientIdsOf } from "../../edge/runtime/config/mqtt-client-ids.ts";
import { zTopicId } from "../../protocols/sorting.ts";

const idsOf = (site: string, agentId: string, mqttClientId?: string): string[] => {
  const { line, centre, device } = mqttClientIdsOf({ site, agentId, mqttClientId });
  return [line, centre, ...["link", "line", "centre", "devices", "L1-xray"].map(device)];
};

describe("client ids", () => {
  it("differ by site, agent, role and device, however the names are cut", () => {
    const all = [
      ...idsOf("zjg", "agent-1"),
      ...idsOf("zjg", "agent-2"),
      ...idsOf("hgh", "agent-1"),
      ...idsOf("zjg-agent", "1"),
      ...idsOf("zjg", "agent-1-line"),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it("fit into 23 characters where the file gives a short name", () => {
    const { line, centre, device } = mqttClientIdsOf({
      site: "a-site-with-a-long-name",
      agentId: "agent-of-line-1",
      mqttClientId: "z1",
    });
    expect([line, centre, device("L1-scanner")]).toEqual([
      "z1:line",
      "z1:centre",
      "z1:line:L1-scanner",
    ]);
  });

  it.each(["a.b", "a b", "a+b", "a#", "a/b", ""])("%j is no id that a topic is made of", (id) => {
    expect(zTopicId.safeParse(id).success).toBe(false);
  });
});
