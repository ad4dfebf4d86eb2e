import { z } from "zod";
import { zExit, zId, exits } from "../protocols/sorting.ts";
import { zFaultPlan } from "./faults/plan.ts";
import { zScenarioOptions } from "./scenarios/options.ts";
import { defaultLayout, explainLayout } from "./world/layout.ts";

const positionMm = z.number().min(0).max(1_000_000);

const zChute = z.strictObject({
  capacity: z.number().int().min(1).max(100_000),
  callAtPct: z.number().min(0).max(1_000),
  emptiedAfterS: z.number().min(0).max(86_400),
});

/** Where things stand along a belt of the lab; see `world/layout.ts`. Default: the default line. */
const zWorldLayout = z
  .strictObject({
    mmPerCount: z.number().min(0.01).max(100).default(defaultLayout.mmPerCount),
    beltSpeedMmPerS: z.number().min(10).max(5_000).default(defaultLayout.beltSpeedMmPerS),
    rampMmPerS2: z.number().min(1).nullable().default(defaultLayout.rampMmPerS2),
    eyes: z
      .array(z.strictObject({ eyeId: zId, positionMm }))
      .min(2)
      .max(64)
      .default([...defaultLayout.eyes]),
    scannerMm: positionMm.default(defaultLayout.scannerMm),
    witnessMm: positionMm.nullable().default(defaultLayout.witnessMm),
    scale: z
      .strictObject({
        centreMm: positionMm,
        platformMm: z.number().min(100).max(3_000),
        stepG: z.number().int().min(1).max(1_000),
      })
      .nullable()
      .default(defaultLayout.scale),
    xray: z
      .strictObject({ entryMm: positionMm, beamMm: positionMm, exitMm: positionMm })
      .nullable()
      .default(defaultLayout.xray),
    diverters: z
      .array(
        z.strictObject({
          exit: zExit,
          mouthMm: positionMm,
          swingMs: z.number().min(0).max(2_000),
          chuteEyeId: zId,
          chuteEyeAfterMm: z.number().min(1).max(10_000),
        }),
      )
      .min(1)
      .max(3)
      .default([...defaultLayout.diverters]),
    endExit: zExit.default(defaultLayout.endExit),
    chutes: z.record(z.enum(exits), zChute).default({ ...defaultLayout.chutes }),
  })
  .superRefine((layout, context) => {
    const why = explainLayout(layout);
    if (why !== null) context.addIssue({ code: "custom", message: why });
  });

/** One line and how its devices are reached; the agent's configuration names the same ends. */
const zLabLine = z.strictObject({
  id: zId,
  /** Scanner and scale: a link at this path leads to the agent's end of the serial cable. */
  scannerPath: z.string().min(1).max(1_024),
  scalePath: z.string().min(1).max(1_024),
  /** MQTT topics of the X-ray begin with this. */
  xrayBase: z.string().min(1).max(200),
  /** A camera at the scanner answers at this port of the loopback; left out: none is fitted. */
  cameraPort: z.number().int().min(1).max(65_535).exactOptional(),
  /** Object of the sorter in the OPC UA server, or its topics' beginning over MQTT. */
  sorterId: zId,
  sorterBase: z.string().min(1).max(200).optional(),
  layout: zWorldLayout.prefault({}),
  scenario: zScenarioOptions.prefault({}),
  faults: zFaultPlan.default({}),
});

/**
 * The lab world's own configuration file: `node simulators/main.ts --config FILE`. JSON, strict: an
 * unknown key is refused by name. Relative paths start at the file's folder.
 */
export const zWorldFile = z
  .strictObject({
    seed: z.number().int().min(0).max(0x7fff_ffff),
    /** Which run on the centre's data this is: another brings other parcels and waybills. */
    run: z.number().int().min(1).max(1_000_000).default(1),
    /**
     * World seconds a real second: belts, parcels, people and faults run faster or slower, device
     * electronics and agents do not. So an agent's belt speed is the layout's times this. Below
     * 0.25 nothing happens, above 4 agents' real time-outs no longer fit the belt.
     */
    speed: z.number().min(0.25).max(4).default(1),
    centreUrl: z.url({ protocol: /^https?$/ }),
    brokerUrl: z.url({ protocol: /^(?:mqtts?|wss?)$/ }),
    /** `opcua`: one server for all sorters. */
    sorters: z.enum(["opcua", "mqtt"]).default("opcua"),
    /** 0: any free port. */
    opcuaPort: z.number().int().min(0).max(65_535).default(0),
    /** Control endpoint on loopback; 0: any free port. */
    controlPort: z.number().int().min(0).max(65_535).default(0),
    certificatesDir: z.string().min(1).max(1_024),
    officers: z.number().int().min(0).max(200).default(2),
    /** Parcels whose documents are sent before they come. */
    parcelsAhead: z.number().int().min(1).max(1_000).default(20),
    /** From the centre's answer until the documents are at the line. */
    settleMs: z.number().int().min(0).max(60_000).default(2_000),
    /** Whether customs releases (status 800) plain goods whose documents agree. */
    customsReleases: z.boolean().default(false),
    /** What truly happens is written here, for whoever judges the run; null: nowhere. */
    witnessFile: z.string().min(1).max(1_024).nullable().default(null),
    image: z
      .strictObject({
        widthPx: z.number().int().min(8).max(4_096).default(480),
        heightPx: z.number().int().min(8).max(4_096).default(320),
      })
      .prefault({}),
    lines: z.array(zLabLine).min(1).max(64),
  })
  .refine(({ lines }) => new Set(lines.map(({ id }) => id)).size === lines.length, {
    path: ["lines"],
    message: "line ids are unique",
  })
  .refine(({ sorters, lines }) => sorters === "opcua" || lines.every((line) => line.sorterBase), {
    path: ["lines"],
    message: "sorters over MQTT need sorterBase",
  });
export type WorldFile = z.infer<typeof zWorldFile>;
export type WorldFileInput = z.input<typeof zWorldFile>;
