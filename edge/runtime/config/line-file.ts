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
/** Where a machine stands along the belt, and its name. */
const spanKeys = (machine: string) => ({
  deviceId: zId.describe(`The ${machine}'s id, the same as under devices.`),
  fromMm: positionMm.describe(`Where the ${machine} begins, mm from the induction eye.`),
  toMm: positionMm.describe(`Where the ${machine} ends, mm from the induction eye; beyond fromMm.`),
});
const isSpan = ({ fromMm, toMm }: { readonly fromMm: number; readonly toMm: number }): boolean =>
  fromMm < toMm;
const noSpan = { path: ["toMm"], message: "must lie beyond fromMm" };

export const zLayout = z.strictObject({
  inductionEyeId: zId
    .default("induction")
    .describe(
      "The eye at which parcels come onto the line, by the name that the sorter tells it with; all positions are counted from it.",
    ),
  scanner: z
    .strictObject({
      deviceId: zId.describe("The reader's id, the same as under devices."),
      atMm: positionMm.describe(
        "Where its reading plane crosses the belt, mm from the induction eye.",
      ),
      trigger: zReaderTrigger,
      binding: zScannerBinding.describe("What on the reader's wire tells whose read a read is."),
    })
    .describe("The reader of the labels."),
  scale: z
    .strictObject({
      ...spanKeys("scale"),
      binding: zScaleBinding.describe("What on the scale's wire tells whose weight a weight is."),
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
    .nullable()
    .describe("The scale; null where none is fitted, and then weight proves nothing."),
  xray: z
    .strictObject({
      ...spanKeys("tunnel"),
      binding: zXrayBinding.describe("What proves whose image an image is."),
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
    .nullable()
    .describe(
      "The X-ray machine; null where none is fitted, and then whatever needs machine inspection is opened.",
    ),
  zones: z
    .array(
      z
        .strictObject({
          zoneId: zId.describe("The stretch's name."),
          fromMm: positionMm.describe("Where the stretch begins, mm from the induction eye."),
          toMm: positionMm.describe(
            "Where the stretch ends, mm from the induction eye; beyond fromMm.",
          ),
          guardIds: z
            .array(zId)
            .max(16)
            .default([])
            .describe("Guards that open to this stretch, by the names that the sorter tells."),
          eyeIds: z
            .array(zId)
            .max(16)
            .default([])
            .describe("Eyes at which a jam that a hand clears reaches this stretch only."),
        })
        .refine(isSpan, noSpan),
    )
    .max(16)
    .default([])
    .describe(
      "Stretches of the belt that hands can reach without reaching the others. What lies in none reaches the whole belt.",
    ),
  sorterId: zId.describe("The sorter's id, the same as under devices."),
  annunciatorId: zId
    .exactOptional()
    .describe(
      "The id of horn and stack light, the same as under devices. Left out: there are none.",
    ),
  cameraIds: z
    .array(zId)
    .min(1)
    .max(8)
    .exactOptional()
    .describe("The ids of the cameras, the same as under devices. Left out: there are none."),
  trackingEyes: z
    .array(
      z.strictObject({
        eyeId: zId.describe("The eye's name, as the sorter tells it."),
        atMm: positionMm.describe("Where the eye stands, mm from the induction eye."),
      }),
    )
    .max(32)
    .describe("Eyes beside the belt, between the induction eye and the end, in belt order."),
  diverters: z
    .array(
      z.strictObject({
        exit: zExit.describe("The exit that this diverter leads to; each exit at most once."),
        atMm: positionMm.describe(
          "Where the diverter crosses the belt, mm from the induction eye.",
        ),
        swingMs: z
          .number()
          .min(0)
          .max(2_000)
          .describe("From its firing until it is out, milliseconds: measure the slowest."),
        chuteEyeId: zId.describe("The eye in the chute's mouth, which proves that a parcel left."),
        chuteTravelMm: z
          .number()
          .min(0)
          .max(10_000)
          .describe("Belt that runs from a front at the diverter until it is at that eye, mm."),
      }),
    )
    .min(1)
    .max(3)
    .describe("The diverters, in belt order."),
  end: z
    .strictObject({
      eyeId: zId.describe("The eye at the end of the belt, as the sorter tells it."),
      atMm: positionMm.describe("Where that eye stands, mm from the induction eye."),
      exit: zExit.describe("Where a parcel goes when nothing is commanded; never green."),
    })
    .describe("The end of the belt."),
});

const zTracking = z.strictObject({
  earlyMm: z
    .number()
    .min(1)
    .max(1_000)
    .default(60)
    .describe("How far before its expected place a front still counts as this parcel's, mm."),
  lateMm: z
    .number()
    .min(1)
    .max(1_000)
    .default(60)
    .describe("How far behind its expected place a front still counts as this parcel's, mm."),
  gapMmMin: z
    .number()
    .min(10)
    .max(5_000)
    .default(300)
    .describe("Two parcels with less belt than this between them are both inspected, mm."),
  lengthMmMin: z
    .number()
    .min(1)
    .max(1_000)
    .default(80)
    .describe("The shortest parcel, mm; what is shorter is inspected."),
  lengthMmMax: z
    .number()
    .min(50)
    .max(3_000)
    .default(900)
    .describe("The longest parcel, mm; what is longer is inspected."),
  lengthToleranceMm: z
    .number()
    .min(1)
    .max(500)
    .default(40)
    .describe("By how much two measurements of one parcel's length may differ, mm."),
  neighbourMm: z
    .number()
    .min(0)
    .max(20_000)
    .default(1_500)
    .describe("Parcels so near to one that was lost, or that is too many, become unknown too, mm."),
  eventLateMs: z
    .number()
    .min(0)
    .max(2_000)
    .default(150)
    .describe(
      "How long after it happened an event of the sorter may reach the agent, milliseconds.",
    ),
  readLateMm: z
    .number()
    .min(0)
    .max(2_000)
    .default(150)
    .describe("How far behind the reading plane a parcel's rear may be when its read comes, mm."),
  resyncMm: z
    .number()
    .min(100)
    .max(20_000)
    .default(2_000)
    .describe("Belt on either side of a reader's confusion whose reads are in doubt, mm."),
  passesOnBeltMax: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .describe("So many parcels are followed at most; beyond it nothing more may be inducted."),
});

const zRules = z.strictObject({
  version: z
    .string()
    .min(1)
    .max(64)
    .describe("A name for these rules, which every decision bears; change it with them."),
  imageVerdictBy: z
    .enum(imageVerdictSources)
    .describe("Whose word on an image the site demands: the algorithm's, an officer's, or both."),
  authority: z
    .enum(["site", "customs"])
    .describe("Whose release counts: the site's own comparison, or customs' receipt 800 as well."),
  weight: z
    .strictObject({
      toleranceG: z
        .number()
        .min(0)
        .max(100_000)
        .describe("By how much a weight may differ from the declared one, grams."),
      tolerancePct: z
        .number()
        .min(0)
        .max(100)
        .describe("The same, percent of the declared weight; the wider of the two counts."),
    })
    .nullable()
    .describe("How a parcel's weight is judged; null exactly where no scale is fitted."),
  passAgeMsMax: z
    .number()
    .int()
    .min(1_000)
    .max(86_400_000)
    .default(300_000)
    .describe("So long after its induction a parcel may be released at the latest, milliseconds."),
});

const zBelt = z.strictObject({
  speedMmPerS: z.number().min(10).max(5_000).describe("Nominal speed, mm a second."),
  mmPerCount: z
    .number()
    .min(0.01)
    .max(100)
    .describe(
      "Belt that runs from one count of the sorter's encoder to the next, mm: the circumference of its wheel by the counts of one turn.",
    ),
});

const zCommit = z.strictObject({
  leadMs: z
    .number()
    .min(20)
    .max(10_000)
    .default(400)
    .describe(
      "Milliseconds from a decision until its diverter may fire: journal, wire and device, as the slowest of a thousand takes.",
    ),
  windowMm: z
    .number()
    .min(0)
    .max(100_000)
    .default(0)
    .describe(
      "How far before the last moment a complete decision may be commanded, mm; 0 is always as late as can be.",
    ),
  deviceLeadMs: z
    .number()
    .min(0)
    .max(1_000)
    .default(20)
    .describe("The sorter refuses a command that has less than this left, milliseconds."),
});

export const zLine = z.strictObject({
  // Pass and command ids begin with it, hence short.
  id: zTopicId.max(20).describe("The line's name, unique in the site."),
  mode: z
    .enum(lineModes)
    .describe("produce on a real line; lab where a single source of evidence is simulated."),
  belt: zBelt.describe("The belt and its encoder."),
  layout: zLayout.describe("What stands where along the belt."),
  tracking: zTracking.prefault({}).describe("How parcels are followed along the belt."),
  commit: zCommit.prefault({}).describe("When a decision is commanded."),
  rules: zRules.describe("What the site demands before a parcel may be released."),
  waybills: z
    .strictObject({
      carriers: z
        .array(zWaybillCarrier)
        .min(1)
        .max(64)
        .default([...defaultCarriers])
        .describe(
          "Whose numbers count: s10, sscc, carriers of the list by their ids, or patterns of the site's own.",
        ),
    })
    .prefault({})
    .describe("Which codes on a parcel count as its waybill number."),
});
export type LineFile = z.infer<typeof zLine>;
