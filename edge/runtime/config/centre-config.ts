import { zCentreConfig, type CentreConfig, type CentreConfigInput } from "../../centre/config.ts";
import type { AgentFile } from "./agent-file.ts";
import type { LineFile } from "./line-file.ts";

/** What role centre needs, from the file's own description of the lines. */
export function centreConfigOf(
  site: string,
  centre: NonNullable<AgentFile["centre"]>,
): CentreConfig {
  const { http, clearance, officers, images } = centre;
  const lines = centre.lines.map(({ agentId, line }) => centreLineOf(agentId, line));
  return zCentreConfig.parse({ site, lines, http, clearance, officers, images });
}

type CentreLineInput = CentreConfigInput["lines"][number];

function centreLineOf(agentId: string, line: LineFile): CentreLineInput {
  const { layout, belt, commit, rules } = line;
  const beltPlaces: CentreLineInput["beltPlaces"] = [
    { id: layout.inductionEyeId, kind: "eye", fromMm: 0, toMm: 0, exit: null },
    at(layout.scanner.deviceId, "scanner", layout.scanner.atMm),
    ...layout.trackingEyes.map(({ eyeId, atMm }) => at(eyeId, "eye", atMm)),
    ...layout.diverters.map(({ exit, atMm }) => ({ ...at(exit, "diverter", atMm), exit })),
    { ...at(layout.end.eyeId, "end", layout.end.atMm), exit: layout.end.exit },
  ];
  const devices: CentreLineInput["devices"] = [{ id: layout.scanner.deviceId, kind: "scanner" }];
  const { binding } = layout.scanner;
  if (binding.kind === "witness") {
    const { deviceId, atMm } = binding.reader;
    beltPlaces.push(at(deviceId, "scanner", atMm));
    devices.push({ id: deviceId, kind: "scanner" });
  }
  for (const kind of ["scale", "xray"] as const) {
    const span = layout[kind];
    if (span === null) continue;
    beltPlaces.push({ id: span.deviceId, kind, fromMm: span.fromMm, toMm: span.toMm, exit: null });
    devices.push({ id: span.deviceId, kind });
  }
  devices.push({ id: layout.sorterId, kind: "sorter" });
  const { annunciatorId, cameraIds = [] } = layout;
  if (annunciatorId !== undefined) devices.push({ id: annunciatorId, kind: "annunciator" });
  for (const id of cameraIds) devices.push({ id, kind: "camera" });
  beltPlaces.sort((one, other) => one.fromMm - other.fromMm);
  return {
    id: line.id,
    agentId,
    mode: line.mode,
    belt: { speedMmPerS: belt.speedMmPerS, mmPerCount: belt.mmPerCount },
    lengthMm: layout.end.atMm,
    beltPlaces,
    devices,
    commitLeadMs: commit.leadMs,
    verdictBy: rules.imageVerdictBy,
  };
}

const at = (
  id: string,
  kind: "eye" | "scanner" | "diverter" | "end",
  atMm: number,
): CentreLineInput["beltPlaces"][number] => ({ id, kind, fromMm: atMm, toMm: atMm, exit: null });
