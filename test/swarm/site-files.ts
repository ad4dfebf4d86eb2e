import { zAgentFile, type AgentFile } from "../../edge/runtime/config/agent-file.ts";
import { bindingText, type SwarmBinding } from "./bindings.ts";
import { sorterText, type SorterSpeech } from "./sorter-speech.ts";
import { labProofKeys, labScaleKeys } from "../../simulators/devices/lab-formats.ts";
import type { XraySpeech } from "../../simulators/site/memory-wires.ts";
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
  readonly binding: SwarmBinding;
  readonly hasScale: boolean;
  readonly sorterSpeech: SorterSpeech;
  readonly xraySpeech: XraySpeech;
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
    lines: [{ line: boundLineText(options), devices: devicesText(options) }],
  });
  const [role] = lines;
  const [parameters] = centre?.documents.parameters ?? [];
  if (centre === null || parameters === undefined || role === undefined) {
    throw new Error("the lab's files lack a role");
  }
  const rules = { ...role.line.rules, imageVerdictBy };
  const { layout } = role.line;
  return {
    agentId,
    role: { ...role, line: { ...role.line, rules } },
    centre: {
      ...centre,
      lines: centre.lines.map((each) => ({ ...each, line: { ...each.line, layout, rules } })),
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

/** The lab's line with this run's readers, and without its scale where the run has none. */
function boundLineText({ lineId, binding, hasScale }: SiteFilesOptions): object {
  const line = lineText(lineId, 1) as {
    readonly layout: { readonly scanner: object };
    readonly rules: object;
  };
  const { layout, rules } = line;
  const scanner = { ...layout.scanner, binding: bindingText(lineId, binding) };
  return {
    ...line,
    layout: { ...layout, scanner, ...(hasScale ? {} : { scale: null }) },
    rules: { ...rules, ...(hasScale ? {} : { weight: null }) },
  };
}

/** Serial scanners and scale; X-ray and sorter as the run has them. */
function devicesText(options: SiteFilesOptions): object {
  const { lineId, binding, hasScale, sorterSpeech, xraySpeech } = options;
  const serial = (name: string): object => ({ kind: "serial", path: `/nowhere/${name}` });
  const mqtt = (name: string): object => ({ kind: "mqtt", brokerUrl, base: `${lineId}/${name}` });
  const scanner = (name: string): object => ({
    id: `${lineId}-${name}`,
    reach: serial(name),
    dialect: { kind: "frames", preset: "sick", ...labProofKeys },
  });
  return {
    scanner: scanner("scanner"),
    witness: binding === "witness" ? scanner("witness") : null,
    scale: hasScale
      ? {
          id: `${lineId}-scale`,
          reach: serial("scale"),
          dialect: { kind: "frames", preset: "sick", ...labScaleKeys },
        }
      : null,
    xray: {
      id: `${lineId}-xray`,
      ...(xraySpeech === "messages"
        ? { reach: mqtt("xray"), dialect: { kind: "sortline-json" } }
        : { reach: serial("xray"), dialect: { kind: "sortline-telegrams" } }),
    },
    sorter: {
      id: `${lineId}-sorter`,
      ...(sorterText(sorterSpeech) ?? {
        reach: mqtt("sorter"),
        dialect: { kind: "sortline-json" },
      }),
    },
  };
}
