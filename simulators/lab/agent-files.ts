import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { labProofKeys, labScaleKeys } from "../devices/lab-formats.ts";
import { catalogueRules } from "../scenarios/goods.ts";

/**
 * The lab's configuration files for the agents: one default line, as many times as asked, and the
 * centre over them. The same text a real site would write; the agents check it as strictly.
 */
export interface LabPlan {
  readonly site: string;
  readonly dataDir: string;
  /** Null: no page is served. */
  readonly pageDir: string | null;
  readonly httpPort: number;
  readonly brokerUrl: string;
  /** Between agents and centre; default: over the same broker as the devices. */
  readonly link?: LabLink;
  readonly opcuaUrl: string;
  /** Of each line's camera, by its id; default: none is fitted. */
  readonly cameraPorts?: ReadonlyMap<string, number>;
  /** Folder of the links to the serial devices. */
  readonly wiresDir: string;
  readonly lineIds: readonly string[];
  /** World seconds a real second: belts run, and diverters swing, so much faster. */
  readonly speed: number;
  /** What stays in the files of its journals; default: `labJournal`. */
  readonly journal?: LabJournal;
  /** From the X-ray to the eye before the first diverter; default: that of the default line. */
  readonly reviewMm?: number;
}

/** As the files of agents and centre have it. */
export interface LabLink {
  readonly brokerUrl: string;
  readonly packetBytesMax?: number;
}

/** A stretch of belt that gives an officer twenty seconds. */
export const defaultReviewMm = 20_000;

interface LineExtras {
  readonly reviewMm?: number;
  readonly cameraIds?: readonly string[];
}

/** The default line, as its agent is told of it; `simulators/world/layout.ts` is the same line in metal. */
export function lineText(
  lineId: string,
  speed: number,
  { reviewMm = defaultReviewMm, cameraIds = [] }: LineExtras = {},
): object {
  const swingMs = Math.round(80 / speed);
  const preRedMm = 7_000 + reviewMm;
  return {
    id: lineId,
    mode: "lab",
    belt: { speedMmPerS: 1_000 * speed, mmPerCount: 1 },
    layout: {
      inductionEyeId: "induction",
      scanner: {
        deviceId: `${lineId}-scanner`,
        atMm: 1_500,
        binding: labBindingOf(lineId),
      },
      scale: {
        deviceId: `${lineId}-scale`,
        fromMm: 2_600,
        toMm: 3_400,
        binding: { kind: "track", sendMm: 150 },
      },
      xray: {
        deviceId: `${lineId}-xray`,
        fromMm: 5_000,
        toMm: 7_000,
        binding: { kind: "header" },
      },
      sorterId: `${lineId}-sorter`,
      ...(cameraIds.length === 0 ? {} : { cameraIds }),
      trackingEyes: [
        { eyeId: "xray-entry", atMm: 5_000 },
        { eyeId: "pre-red", atMm: preRedMm },
        { eyeId: "pre-green", atMm: preRedMm + 3_000 },
      ],
      diverters: [
        diverter("red", preRedMm + 1_000, swingMs),
        diverter("green", preRedMm + 4_000, swingMs),
      ],
      end: { eyeId: "end", atMm: preRedMm + 7_000, exit: "inspection" },
    },
    rules: {
      version: "lab-1",
      imageVerdictBy: "algorithm",
      authority: "site",
      weight: { toleranceG: 60, tolerancePct: 6 },
    },
  };
}

/** The second line's scanner numbers its triggers, so that a lab shows both ways; others echo. */
const labBindingOf = (lineId: string): object =>
  lineId === "L2" ? { kind: "counter", bits: 16 } : { kind: "echo", sendMm: 150 };

const diverter = (exit: "red" | "green", atMm: number, swingMs: number): object => ({
  exit,
  atMm,
  swingMs,
  chuteEyeId: `${exit}-chute`,
  chuteTravelMm: 300,
});

export function lineAgentText(plan: LabPlan, lineId: string): object {
  const serial = (device: string): object => ({
    kind: "serial",
    path: join(plan.wiresDir, `${lineId}-${device}`),
    baudRate: 115_200,
  });
  return {
    agentId: `agent-${lineId}`,
    site: plan.site,
    dataDir: join(plan.dataDir, `agent-${lineId}`),
    link: linkOf(plan),
    journal: plan.journal ?? labJournal,
    lines: [
      {
        line: lineOf(plan, lineId),
        devices: {
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
          xray: {
            id: `${lineId}-xray`,
            reach: {
              kind: "mqtt",
              brokerUrl: plan.brokerUrl,
              base: `${plan.site}/devices/${lineId}-xray`,
            },
            dialect: { kind: "sortline-json" },
          },
          sorter: {
            id: `${lineId}-sorter`,
            reach: { kind: "opcua", endpointUrl: plan.opcuaUrl },
            dialect: { kind: "sortline-opcua", sorterId: `${lineId}-sorter` },
          },
          cameras: camerasOf(plan, lineId),
        },
      },
    ],
  };
}

/** It looks at the label, so that whoever has to key a waybill sees why it was not read. */
function camerasOf({ cameraPorts }: LabPlan, lineId: string): readonly object[] {
  const port = cameraPorts?.get(lineId);
  if (port === undefined) return [];
  return [
    {
      id: cameraIdOf(lineId),
      reach: { kind: "http", url: `http://127.0.0.1:${port}/still` },
      dialect: { kind: "snapshot" },
      moments: ["identified", "notIdentified"],
    },
  ];
}

const lineOf = ({ speed, reviewMm, cameraPorts }: LabPlan, lineId: string): object =>
  lineText(lineId, speed, {
    ...(reviewMm === undefined ? {} : { reviewMm }),
    cameraIds: cameraPorts?.has(lineId) === true ? [cameraIdOf(lineId)] : [],
  });

const cameraIdOf = (lineId: string): string => `${lineId}-camera`;

/** As the files of agents and centre have it. */
export interface LabJournal {
  readonly keepMs: number;
  readonly segmentRecords?: number;
  readonly segmentsKeptMs?: number;
  readonly segmentBytesMax?: number;
}

/** A lab may run for weeks, and nobody asks it in a year: its data folder stays small. */
export const labJournal = {
  keepMs: 2 * 3_600_000,
  segmentsKeptMs: 2 * 86_400_000,
  segmentBytesMax: 50_000_000,
} as const satisfies LabJournal;

/** Goods of ended cases leave for the archive, and the archive's days are dropped. */
const labRetention = {
  releasedMs: 6 * 3_600_000,
  endedMs: 86_400_000,
  handedOverMs: 2 * 86_400_000,
  archiveMs: 2 * 86_400_000,
} as const;

const linkOf = ({ brokerUrl, link = { brokerUrl } }: LabPlan): LabLink => link;

interface CentreText {
  readonly agentId: string;
  readonly site: string;
  readonly dataDir: string;
  readonly link: LabLink;
  readonly journal: LabJournal;
  /** What makes an agent the centre. */
  readonly centre: object;
}

/** `drawSecretHex` is drawn anew for each lab; with one seed the rest of a run is the same. */
export function centreText(plan: LabPlan, now: number): CentreText {
  return {
    agentId: "centre",
    site: plan.site,
    dataDir: join(plan.dataDir, "centre"),
    link: linkOf(plan),
    journal: plan.journal ?? labJournal,
    centre: {
      http: { host: "127.0.0.1", port: plan.httpPort },
      clearance: { leaseMs: 15_000, heartbeatMs: 1_000 },
      officers: {},
      images: { storedBytesMax: 1_000_000_000 },
      lines: plan.lineIds.map((lineId) => ({
        agentId: `agent-${lineId}`,
        line: lineOf(plan, lineId),
      })),
      documents: {
        authority: "site",
        documentMatrix: {
          9610: ["order", "receipt", "waybill"],
          1210: ["order", "waybill"],
          1239: ["order", "waybill"],
          9710: ["order", "waybill"],
          9810: ["waybill"],
        },
        documentWaitMs: 600_000,
        storedWaitMs: 86_400_000,
        weightTolerancePct: 5,
        weightToleranceG: 50,
        documentsMax: 1_000_000,
        parkedMax: 100_000,
        controlsMax: 10_000,
        retention: labRetention,
        parameters: [
          {
            version: "lab-1",
            validFrom: now - 86_400_000,
            inspectionRate: 0.02,
            machinePassRatio: 1,
            drawSecretHex: randomBytes(32).toString("hex"),
            rules: catalogueRules,
          },
        ],
      },
      pageDir: plan.pageDir,
      anchors: {
        file: join(plan.dataDir, "anchors", "anchors.jsonl"),
        keyFile: join(plan.dataDir, "anchors", "anchor-key.pem"),
        everyS: 30,
      },
    },
  };
}
