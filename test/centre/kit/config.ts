import { zCentreConfig, type CentreConfig } from "../../../edge/centre/config.ts";

/** Two lines of the default layout, one agent each. */
export function centreConfig(change: object = {}): CentreConfig {
  const line = (id: string): object => ({
    id,
    agentId: `agent-${id}`,
    mode: "lab",
    belt: { speedMmPerS: 1_000, mmPerCount: 1 },
    lengthMm: 34_000,
    beltPlaces: [
      { id: "induction", kind: "eye", fromMm: 0, toMm: 0, exit: null },
      { id: `${id}-xray`, kind: "xray", fromMm: 5_000, toMm: 7_000, exit: null },
      { id: "red", kind: "diverter", fromMm: 28_000, toMm: 28_000, exit: "red" },
      { id: "green", kind: "diverter", fromMm: 31_000, toMm: 31_000, exit: "green" },
      { id: "end", kind: "end", fromMm: 34_000, toMm: 34_000, exit: "inspection" },
    ],
    devices: [
      { id: `${id}-xray`, kind: "xray" },
      { id: `${id}-sorter`, kind: "sorter" },
    ],
    commitLeadMs: 500,
    verdictBy: "algorithm",
    ...change,
  });
  return zCentreConfig.parse({ site: "zjg", lines: [line("L1"), line("L2")] });
}

/** The last count at which an answer still helps a parcel whose front was inducted at 0. */
export const lastUseful = 31_000 - 500;
