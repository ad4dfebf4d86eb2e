import { z } from "zod";
import { beltPlaceKinds, deviceKinds, lineModes, zExit, zId } from "../../protocols/sorting.ts";
import { imageVerdictSources } from "../../protocols/verdicts.ts";
import { beltCount, type BeltCount } from "../../protocols/units.ts";

/** What role centre needs to know of its site. Strict: an unknown key is refused. */
const zBeltPlace = z
  .strictObject({
    id: zId,
    kind: z.enum(beltPlaceKinds),
    fromMm: z.number().min(0).max(1_000_000),
    toMm: z.number().min(0).max(1_000_000),
    exit: zExit.nullable(),
  })
  .refine((place) => place.fromMm <= place.toMm, {
    path: ["toMm"],
    message: "a place ends behind its beginning",
  })
  .refine((place) => (place.exit !== null) === isExitPlace(place.kind), {
    path: ["exit"],
    message: "a diverter and the end name an exit, other places none",
  });

const zCentreLine = z
  .strictObject({
    id: zId,
    /** The agent that runs it. */
    agentId: zId,
    mode: z.enum(lineModes),
    belt: z.strictObject({
      speedMmPerS: z.number().positive().max(10_000),
      mmPerCount: z.number().positive().max(1_000),
    }),
    /** Induction eye to end of belt. */
    lengthMm: z.number().positive().max(1_000_000),
    /** From induction to end, in belt order. */
    beltPlaces: z.array(zBeltPlace).min(2).max(64),
    devices: z.array(z.strictObject({ id: zId, kind: z.enum(deviceKinds) })).max(32),
    /** How long before a diverter its command must be decided. */
    commitLeadMs: z.number().min(0).max(10_000),
    /** Whose word on an image the site demands (law 1). */
    verdictBy: z.enum(imageVerdictSources),
  })
  .refine((line) => line.beltPlaces.some((place) => place.kind === "diverter"), {
    path: ["beltPlaces"],
    message: "a line has at least one diverter",
  });
export type CentreLineConfig = z.infer<typeof zCentreLine>;

const loopbackHosts = ["127.0.0.1", "::1", "localhost"] as const;

export const zCentreConfig = z
  .strictObject({
    site: zId,
    lines: z.array(zCentreLine).min(1).max(400),
    http: z
      .strictObject({
        // Until there are accounts, nobody but this machine may ask.
        host: z
          .enum(loopbackHosts)
          .default("127.0.0.1")
          .describe("Address of this computer to listen at; nobody but itself may ask."),
        port: z
          .number()
          .int()
          .min(0)
          .max(65_535)
          .default(0)
          .describe("Port of the page and its interface; 0 for any free one."),
      })
      .prefault({})
      .describe("Where the centre's page and interface are found."),
    clearance: z
      .strictObject({
        leaseMs: z
          .number()
          .int()
          .min(2_000)
          .max(600_000)
          .default(15_000)
          .describe(
            "Milliseconds that a line may rely on what it was told of papers without hearing more; at least two heartbeats.",
          ),
        heartbeatMs: z
          .number()
          .int()
          .min(100)
          .max(60_000)
          .default(1_000)
          .describe("Milliseconds between two heartbeats of the centre to each line."),
      })
      .prefault({})
      .describe("How lines are kept informed of papers."),
    officers: z
      .strictObject({
        lockLeaseMs: z
          .number()
          .int()
          .min(1_000)
          .max(120_000)
          .default(10_000)
          .describe("Milliseconds that an image stays an officer's whose page is not heard of."),
        decisionAfterShownMsMin: z
          .number()
          .int()
          .min(0)
          .max(10_000)
          .default(400)
          .describe(
            "A decision so few milliseconds after the image was shown is a double press, and refused.",
          ),
      })
      .prefault({})
      .describe("How officers work on images."),
    images: z
      .strictObject({
        storedBytesMax: z
          .number()
          .int()
          .min(1_000_000)
          .max(10_000_000_000_000)
          .default(2e9)
          .describe(
            "Bytes of X-ray images that the centre keeps; beyond it the oldest go. Stills of cameras have an eighth of it beside.",
          ),
      })
      .prefault({})
      .describe("How X-ray images and stills are kept."),
  })
  .refine((config) => config.clearance.leaseMs >= 2 * config.clearance.heartbeatMs, {
    path: ["clearance", "leaseMs"],
    message: "a lease outlives at least two heartbeats",
  })
  .refine((config) => isUnique(config.lines.map((line) => line.id)), {
    path: ["lines"],
    message: "line ids are unique",
  })
  .refine((config) => isUnique(config.lines.flatMap((line) => line.devices.map(({ id }) => id))), {
    path: ["lines"],
    message: "device ids are unique in the site",
  });
export type CentreConfig = z.infer<typeof zCentreConfig>;
export type CentreConfigInput = z.input<typeof zCentreConfig>;

/**
 * Where a front is when the last divert that an answer could still change must be decided: the
 * furthest diverter, less what the belt runs in the lead.
 */
export function lastUsefulMm(line: CentreLineConfig): number {
  const diverters = line.beltPlaces.filter((place) => place.kind === "diverter");
  const furthestMm = Math.max(...diverters.map((place) => place.fromMm));
  return furthestMm - (line.belt.speedMmPerS * line.commitLeadMs) / 1_000;
}

/** The count at which the front is where the last divert must be decided. */
export const lastUsefulCountOf = (line: CentreLineConfig, frontCount: BeltCount): BeltCount =>
  beltCount(Math.floor(frontCount + lastUsefulMm(line) / line.belt.mmPerCount));

export const agentIdsOf = (config: CentreConfig): readonly string[] => [
  ...new Set(config.lines.map((line) => line.agentId)),
];

function isExitPlace(kind: string): boolean {
  return kind === "diverter" || kind === "end";
}

const isUnique = (ids: readonly string[]): boolean => new Set(ids).size === ids.length;
