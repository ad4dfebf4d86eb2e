import { z } from "zod";
import { defaultCarriers, zWaybillCarrier } from "../../../protocols/barcode/waybill.ts";
import { lineModes, zExit, zId, zTopicId } from "../../../protocols/sorting.ts";
import { imageVerdictSources } from "../../../protocols/verdicts.ts";
import { zReaderTrigger, zScaleBinding, zScannerBinding, zXrayBinding } from "./binding-file.ts";

/**
 * One line as it stands in a configuration file. Positions are millimetres from the induction eye
 * along the belt. Line agents and the centre read the same text: one drives it, one draws it.
 */
const positionMm = z.number().min(0).max(1_000_000);
const spanKeys = { deviceId: zId, fromMm: positionMm, toMm: positionMm };
const isSpan = ({ fromMm, toMm }: { readonly fromMm: number; readonly toMm: number }): boolean =>
  fromMm < toMm;
const noSpan = { path: ["toMm"], message: "must lie beyond fromMm" };

export const zLayout = z.strictObject({
  inductionEyeId: zId.default("induction"),
  scanner: z.strictObject({
    deviceId: zId,
    atMm: positionMm,
    trigger: zReaderTrigger,
    binding: zScannerBinding,
  }),
  /** Null: no scale is fitted. */
  scale: z
    .strictObject({
      ...spanKeys,
      binding: zScaleBinding,
      lengthToleranceMm: z
        .number()
        .int()
        .min(1)
        .max(1_000)
        .exactOptional()
        .describe(
          "For a scale that measures too: by how much the length it tells may differ from what the induction eye saw, mm. Beyond it, or without a length, its weight is not the parcel's, which is inspected where weight counts. Left out: what it measures is shown and not compared.",
        ),
    })
    .refine(isSpan, noSpan)
    .nullable(),
  /** Null: no X-ray is fitted. */
  xray: z
    .strictObject({
      ...spanKeys,
      binding: zXrayBinding,
      entryByEye: z
        .strictObject({
          announceMm: z
            .number()
            .min(10)
            .max(2_000)
            .describe("How far before the entry the front is when the pass is announced, mm."),
          itemIsTold: z
            .enum(["atEntry", "withPicture"])
            .exactOptional()
            .describe(
              "When the machine tells of an item: atEntry (also without this key), as it enters, or withPicture, with its picture, which must come before the parcel has left the tunnel at toMm.",
            ),
          pictureFromMm: z
            .number()
            .min(0)
            .max(100_000)
            .exactOptional()
            .describe(
              "With withPicture: how far behind fromMm the beam stands, mm (0 without this key): before a rear has passed it there is no picture. Where two parcels could each be the one on a picture, it is nobody's.",
            ),
        })
        .exactOptional()
        .describe(
          "For a machine that knows no belt counts: what enters is told by the sorter's eye at fromMm. Left out: the machine tells the count of each item.",
        ),
      hasImages: z
        .literal(false)
        .exactOptional()
        .describe(
          "false: the machine has a word on each parcel and sends no image, so that whatever needs machine inspection is opened. Left out: an image is awaited of each parcel.",
        ),
    })
    .refine(isSpan, noSpan)
    .nullable(),
  /** Stretches that hands can reach without reaching the others; none: the whole belt. */
  zones: z
    .array(
      z
        .strictObject({
          zoneId: zId,
          fromMm: positionMm,
          toMm: positionMm,
          guardIds: z.array(zId).max(16).default([]),
          eyeIds: z.array(zId).max(16).default([]),
        })
        .refine(isSpan, noSpan),
    )
    .max(16)
    .default([]),
  sorterId: zId,
  /** Eyes between induction and end, in belt order. */
  trackingEyes: z.array(z.strictObject({ eyeId: zId, atMm: positionMm })).max(32),
  /** In belt order, at most one an exit. */
  diverters: z
    .array(
      z.strictObject({
        exit: zExit,
        atMm: positionMm,
        swingMs: z.number().min(0).max(2_000),
        chuteEyeId: zId,
        chuteTravelMm: z.number().min(0).max(10_000),
      }),
    )
    .min(1)
    .max(3),
  end: z.strictObject({ eyeId: zId, atMm: positionMm, exit: zExit }),
});

const zTracking = z.strictObject({
  earlyMm: z.number().min(1).max(1_000).default(60),
  lateMm: z.number().min(1).max(1_000).default(60),
  gapMmMin: z.number().min(10).max(5_000).default(300),
  lengthMmMin: z.number().min(1).max(1_000).default(80),
  lengthMmMax: z.number().min(50).max(3_000).default(900),
  lengthToleranceMm: z.number().min(1).max(500).default(40),
  neighbourMm: z.number().min(0).max(20_000).default(1_500),
  eventLateMs: z.number().min(0).max(2_000).default(150),
  readLateMm: z.number().min(0).max(2_000).default(150),
  resyncMm: z.number().min(100).max(20_000).default(2_000),
  passesOnBeltMax: z.number().int().min(1).max(1_000).default(100),
});

const zRules = z.strictObject({
  version: z.string().min(1).max(64),
  imageVerdictBy: z.enum(imageVerdictSources),
  authority: z.enum(["site", "customs"]),
  /** Null: weight proves nothing. */
  weight: z
    .strictObject({
      toleranceG: z.number().min(0).max(100_000),
      tolerancePct: z.number().min(0).max(100),
    })
    .nullable(),
  passAgeMsMax: z.number().int().min(1_000).max(86_400_000).default(300_000),
});

export const zLine = z.strictObject({
  /** Pass and command ids begin with it, hence short. */
  id: zTopicId.max(20),
  mode: z.enum(lineModes),
  belt: z.strictObject({
    speedMmPerS: z.number().min(10).max(5_000),
    mmPerCount: z.number().min(0.01).max(100),
  }),
  layout: zLayout,
  tracking: zTracking.prefault({}),
  commit: z
    .strictObject({
      leadMs: z.number().min(20).max(10_000).default(400),
      windowMm: z.number().min(0).max(100_000).default(0),
      deviceLeadMs: z.number().min(0).max(1_000).default(20),
    })
    .prefault({}),
  rules: zRules,
  waybills: z
    .strictObject({
      carriers: z
        .array(zWaybillCarrier)
        .min(1)
        .max(64)
        .default([...defaultCarriers]),
    })
    .prefault({}),
});
export type LineFile = z.infer<typeof zLine>;
