import { zAgentFile, type AgentFile } from "../../edge/runtime/config/agent-file.ts";
import { labProofKeys, labScaleKeys } from "../../simulators/devices/lab-formats.ts";
import { centreText, lineText } from "../../simulators/lab/agent-files.ts";

export type LineRole = AgentFile["lines"][number];

/** The lab's own files, checked as the agents check them. */
export interface SiteFiles {
  readonly agentId: string;
  readonly role: LineRole;
  readonly centre: NonNullable<AgentFile["centre"]>;
}

export interface SiteFilesOptions {
  readonly lineId: string;
  readonly inspectionRate: number;
  readonly imageVerdictBy: "algorithm" | "officer" | "both";
  readonly drawSecretHex: string;
}

const brokerUrl = "mqtt://127.0.0.1:1";

export function siteFiles(options: SiteFilesOptions, now: number): SiteFiles {
  const { lineId, drawSecretHex, inspectionRate, imageVerdictBy } = options;
  const agentId = `agent-${lineId}`;
  const { centre } = zAgentFile.parse(centreText(planOf(lineId), now));
  const { lines } = zAgentFile.parse({
    agentId,
    site: "lab",
    dataDir: "/nowhere",
    link: { brokerUrl },
    lines: [{ line: lineText(lineId, 1), devices: devicesText(lineId) }],
  });
  const [role] = lines;
  const [parameters] = centre?.documents.parameters ?? [];
  if (centre === null || parameters === undefined || role === undefined) {
    throw new Error("the lab's files lack a role");
  }
  const rules = { ...role.line.rules, imageVerdictBy };
  return {
    agentId,
    role: { ...role, line: { ...role.line, rules } },
    centre: {
      ...centre,
      lines: centre.lines.map((each) => ({ ...each, line: { ...each.line, rules } })),
      documents: {
        ...centre.documents,
        parameters: [{ ...parameters, inspectionRate, drawSecretHex }],
      },
    },
  };
}

/** Nothing of it is reached in virtual time. */
const planOf = (lineId: string): Parameters<typeof centreText>[0] => ({
  site: "lab",
  dataDir: "/nowhere",
  pageDir: "/nowhere",
  httpPort: 0,
  brokerUrl,
  opcuaUrl: "opc.tcp://127.0.0.1:1",
  wiresDir: "/nowhere",
  lineIds: [lineId],
  speed: 1,
});

/** Serial scanner and scale, X-ray and sorter over MQTT: all that memory wires can carry. */
const devicesText = (lineId: string): object => {
  const serial = (name: string): object => ({ kind: "serial", path: `/nowhere/${name}` });
  const mqtt = (name: string): object => ({ kind: "mqtt", brokerUrl, base: `${lineId}/${name}` });
  return {
    scanner: {
      id: `${lineId}-scanner`,
      reach: serial("scanner"),
      dialect: { kind: "frames", preset: "sick", ...labProofKeys },
    },
    scale: {
      id: `${lineId}-scale`,
      reach: serial("scale"),
      dialect: { kind: "frames", preset: "sick", ...labScaleKeys },
    },
    xray: { id: `${lineId}-xray`, reach: mqtt("xray"), dialect: { kind: "sortline-json" } },
    sorter: { id: `${lineId}-sorter`, reach: mqtt("sorter"), dialect: { kind: "sortline-json" } },
  };
};
