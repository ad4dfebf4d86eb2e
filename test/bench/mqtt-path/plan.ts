import type { AgentFileInput } from "../../../edge/runtime/config/agent-file.ts";

/**
 * The lines of the scan-to-divert path: short and fast belts without X-ray and scale, every device
 * on MQTT. As many as the rate needs, because no belt carries more than four such parcels a second.
 */
export const site = "bench";
export const agentId = "bench-agent";

export const geometry = {
  speedMmPerS: 2_500,
  /** The scanner tells a parcel when its front is this far, past its plane at 600 mm. */
  scannerMm: 600,
  readMm: 680,
  green: { atMm: 2_500, chuteEyeId: "green-chute" },
  swingMs: 40,
  chuteTravelMm: 200,
  endMm: 3_500,
  leadMs: 100,
  deviceLeadMs: 20,
  earlyMm: 60,
  lengthMm: { from: 200, to: 300 },
  /** From front to front: the mean of both is a belt's speed divided by its rate. */
  pitchMm: { from: 600, to: 650 },
} as const;

export const parcelsPerLinePerS =
  geometry.speedMmPerS / ((geometry.pitchMm.from + geometry.pitchMm.to) / 2);

export const lineIdsFor = (parcelsPerS: number): readonly string[] =>
  Array.from(
    { length: Math.max(1, Math.round(parcelsPerS / parcelsPerLinePerS)) },
    (_, index) => `M${String(index + 1).padStart(3, "0")}`,
  );

/** More than will be put on these belts in this time. */
export const parcelsTotalMaxOf = (lineIds: readonly string[], durationS: number): number =>
  Math.ceil((durationS + 2) * lineIds.length * parcelsPerLinePerS * 1.1);

export const scannerBase = (lineId: string): string => `${site}/dev/${lineId}/scanner`;
export const sorterBase = (lineId: string): string => `${site}/dev/${lineId}/sorter`;

export function agentText(plan: {
  readonly brokerUrl: string;
  readonly dataDir: string;
  readonly lineIds: readonly string[];
}): AgentFileInput {
  const { brokerUrl, dataDir, lineIds } = plan;
  return {
    agentId,
    site,
    dataDir,
    link: { brokerUrl },
    mqttConnections: "shared",
    metricsPort: 0,
    lines: lineIds.map((lineId) => ({
      line: lineText(lineId),
      devices: {
        scanner: {
          id: `${lineId}-scanner`,
          reach: { kind: "mqtt", brokerUrl, base: scannerBase(lineId) },
          dialect: { kind: "sortline-json" },
        },
        scale: null,
        xray: null,
        sorter: {
          id: `${lineId}-sorter`,
          reach: { kind: "mqtt", brokerUrl, base: sorterBase(lineId) },
          dialect: { kind: "sortline-json" },
        },
      },
    })),
  };
}

type LineText = NonNullable<AgentFileInput["lines"]>[number]["line"];

function lineText(lineId: string): LineText {
  const { speedMmPerS, scannerMm, green, swingMs, chuteTravelMm } = geometry;
  return {
    id: lineId,
    mode: "lab",
    belt: { speedMmPerS, mmPerCount: 1 },
    layout: {
      inductionEyeId: "induction",
      scanner: {
        deviceId: `${lineId}-scanner`,
        atMm: scannerMm,
        binding: { kind: "ticks", offsetCounts: 0, bits: 32, canTest: false },
      },
      scale: null,
      xray: null,
      sorterId: `${lineId}-sorter`,
      trackingEyes: [],
      // No red: without an X-ray even what only lacks a licence is a doubt.
      diverters: [{ exit: "green", ...green, swingMs, chuteTravelMm }],
      end: { eyeId: "end", atMm: geometry.endMm, exit: "inspection" },
    },
    tracking: { earlyMm: geometry.earlyMm, lateMm: 60, gapMmMin: 300 },
    commit: {
      leadMs: geometry.leadMs,
      deviceLeadMs: geometry.deviceLeadMs,
      // Wider than the belt is long: a command leaves once its evidence is complete.
      windowMm: 100_000,
    },
    rules: { version: "bench-1", imageVerdictBy: "algorithm", authority: "site", weight: null },
  };
}
