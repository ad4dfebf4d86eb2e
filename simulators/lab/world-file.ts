import { join } from "node:path";
import type { WorldFileInput } from "../config.ts";
import type { LabPlan } from "./agent-files.ts";

/** The lab's configuration file for the world: the far ends of the agents' wires. */
export function worldText(plan: LabPlan, run: WorldRun): WorldFileInput {
  return {
    seed: run.seed,
    speed: run.speed,
    centreUrl: run.centreUrl,
    brokerUrl: plan.brokerUrl,
    opcuaPort: run.opcuaPort,
    certificatesDir: join(plan.dataDir, "world", "certificates"),
    officers: run.officers,
    lines: plan.lineIds.map((id) => ({
      id,
      scannerPath: join(plan.wiresDir, `${id}-scanner`),
      scalePath: join(plan.wiresDir, `${id}-scale`),
      xrayBase: `${plan.site}/devices/${id}-xray`,
      sorterId: `${id}-sorter`,
      scenario: { parcelsPerHour: run.parcelsPerHour },
    })),
  };
}

export interface WorldRun {
  readonly seed: number;
  readonly speed: number;
  readonly centreUrl: string;
  readonly opcuaPort: number;
  readonly officers: number;
  readonly parcelsPerHour: number;
}
