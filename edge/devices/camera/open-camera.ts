import { z } from "zod";
import { stillMoments, type StillMoment } from "../../../protocols/camera/still.ts";
import { exits, zId } from "../../../protocols/sorting.ts";
import { zReach, type Reach } from "../reach.ts";
import { openCarrier, refuseUncarried, type Carriers } from "../wires/carriers.ts";
import type { DriverDeps } from "../wires/wires.ts";
import type { CameraPort } from "./camera.ts";
import { createCameraDriver } from "./driver.ts";
import { filesCarriers, zFilesDialect } from "./files.ts";
import type { CameraHeard, StillWanted } from "./heard.ts";
import { snapshotCarriers, zSnapshotDialect } from "./snapshot.ts";

const zCameraDialect = z.discriminatedUnion("kind", [zSnapshotDialect, zFilesDialect]);
type CameraDialect = z.infer<typeof zCameraDialect>;

/** A camera as written in an agent's configuration. */
export const zCameraConfig = z
  .strictObject({
    id: zId.describe("The device's name, as `line.layout.cameraIds` has it."),
    reach: zReach.describe("Where it is found, and over which wire."),
    dialect: zCameraDialect.describe("How a still is had from it."),
    moments: z
      .array(z.enum(stillMoments))
      .min(1)
      .max(stillMoments.length)
      .refine((moments) => new Set(moments).size === moments.length, "each at most once")
      .describe(
        "At which facts of a parcel a still of it is taken: those at which it is before this camera.",
      ),
    exits: z
      .array(z.enum(exits))
      .min(1)
      .max(exits.length)
      .refine((some) => new Set(some).size === some.length, "each at most once")
      .optional()
      .describe(
        "For the moment `left`: only by these exits, whose chutes it sees; default: by each.",
      ),
    staleAfterMs: z
      .number()
      .int()
      .min(1_200)
      .default(12_000)
      .describe(
        "Milliseconds without an answer, or a look at its folder, after which it is stale.",
      ),
    downAfterMs: z
      .number()
      .int()
      .min(1_000)
      .default(30_000)
      .describe("Milliseconds without one after which it counts as down; more than staleAfterMs."),
  })
  .refine((config) => config.downAfterMs > config.staleAfterMs, {
    path: ["downAfterMs"],
    message: "must be more than staleAfterMs",
  })
  .refine(({ moments, exits: some }) => some === undefined || moments.includes("left"), {
    path: ["exits"],
    message: "only a parcel that has left is at an exit: moments has no left",
  })
  .superRefine((config, context) => {
    const { dialect, reach, staleAfterMs } = config;
    refuseUncarried(carriersOf(config), config, context);
    if (reach.kind === "http" && staleAfterMs <= reach.lookEveryMs + reach.answerMsMax) {
      const message = "must be more than reach.lookEveryMs and reach.answerMsMax together";
      context.addIssue({ code: "custom", path: ["staleAfterMs"], message });
    }
    if (reach.kind !== "folder" || dialect.kind !== "files") return;
    if (reach.tellPath !== undefined) {
      const message = "a camera is told nothing: leave it out";
      context.addIssue({ code: "custom", path: ["reach", "tellPath"], message });
    }
    if (!areOfOneFile(config.moments)) {
      const message =
        "a parcel has one file, and would await one at each of these: name one moment, identified with notIdentified, or left with lost";
      context.addIssue({ code: "custom", path: ["moments"], message });
    }
    const seenAfterMs = reach.lookEveryMs * (reach.writes === "inPlace" ? 3 : 2);
    if (dialect.withinMs > seenAfterMs) return;
    const message = `must be more than ${seenAfterMs}: so long it takes until a file is found`;
    context.addIssue({ code: "custom", path: ["dialect", "withinMs"], message });
  });

/** Its own trigger fires once for a parcel, so that no parcel has two of these moments. */
const areOfOneFile = (moments: readonly StillMoment[]): boolean =>
  moments.length === 1 ||
  [
    ["identified", "notIdentified"],
    ["left", "lost"],
  ].some((either) => moments.every((moment) => either.includes(moment)));

export type CameraConfig = z.infer<typeof zCameraConfig>;

export function createCamera(config: CameraConfig, deps: DriverDeps): CameraPort {
  const { id: deviceId, staleAfterMs, downAfterMs } = config;
  const wire = openCarrier(carriersOf(config), config, deps);
  return createCameraDriver({ deviceId, wire, clock: deps.clock, staleAfterMs, downAfterMs });
}

/** How each dialect is carried. */
function carriersOf({
  dialect,
}: {
  readonly dialect: CameraDialect;
  readonly reach: Reach;
}): Carriers<CameraHeard, StillWanted> {
  switch (dialect.kind) {
    case "snapshot":
      return snapshotCarriers;
    case "files":
      return filesCarriers(dialect);
  }
}
