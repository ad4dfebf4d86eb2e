import { join } from "node:path";
import type { WorldFileInput } from "../config.ts";
import { defaultLayout } from "../world/layout.ts";
import type { OpeningCase } from "../scenarios/options.ts";
import { defaultReviewMm, type LabPlan } from "./agent-files.ts";

/** The lab's configuration file for the world: the far ends of the agents' wires. */
export function worldText(plan: LabPlan, run: WorldRun): WorldFileInput {
  return {
    seed: run.seed,
    run: run.run ?? 1,
    speed: run.speed,
    centreUrl: run.centreUrl,
    brokerUrl: plan.brokerUrl,
    opcuaPort: run.opcuaPort,
    certificatesDir: join(plan.dataDir, "world", "certificates"),
    officers: run.officers,
    witnessFile: run.witnessFile ?? null,
    lines: plan.lineIds.map((id) => ({
      id,
      scannerPath: join(plan.wiresDir, `${id}-scanner`),
      scalePath: join(plan.wiresDir, `${id}-scale`),
      xrayBase: `${plan.site}/devices/${id}-xray`,
      ...cameraPortOf(plan, id),
      sorterId: `${id}-sorter`,
      layout: layoutOf(plan),
      scenario: { parcelsPerHour: run.parcelsPerHour, opening: [...opening] },
    })),
  };
}

const cameraPortOf = ({ cameraPorts }: LabPlan, lineId: string): { cameraPort?: number } => {
  const port = cameraPorts?.get(lineId);
  return port === undefined ? {} : { cameraPort: port };
};

/**
 * Whoever starts the lab sees within a minute what the line can do: each exit's first parcel comes
 * early, and each kind of doubt once, before chance takes over.
 */
const opening = [
  "plain",
  "licence",
  "labelUnreadable",
  "plain",
  "hiddenContraband",
  "plain",
  "weightMismatch",
  "taxable",
  "plain",
  "comparisonMismatch",
  "plain",
  "prohibited",
] as const satisfies readonly OpeningCase[];

/** The default line's, with everything behind the X-ray moved along with the review stretch. */
function layoutOf({
  reviewMm = defaultReviewMm,
}: LabPlan): WorldFileInput["lines"][number]["layout"] {
  const { eyes, diverters, xray } = defaultLayout;
  const moved = (atMm: number): number =>
    atMm > (xray?.exitMm ?? 0) ? atMm + reviewMm - defaultReviewMm : atMm;
  return {
    eyes: eyes.map((eye) => ({ ...eye, positionMm: moved(eye.positionMm) })),
    diverters: diverters.map((each) => ({ ...each, mouthMm: moved(each.mouthMm) })),
  };
}

export interface WorldRun {
  readonly seed: number;
  /** See `seedOfRun`; default: the first. */
  readonly run?: number;
  readonly speed: number;
  readonly centreUrl: string;
  readonly opcuaPort: number;
  readonly officers: number;
  readonly parcelsPerHour: number;
  /** See `witness.ts`; default: none. */
  readonly witnessFile?: string;
}
