import { z } from "zod";
import { brokerShape, isTlsSpoken, tlsUnspoken } from "../../devices/reach.ts";
import { zAnnunciatorConfig } from "../../devices/annunciator/open-annunciator.ts";
import { zCameraConfig } from "../../devices/camera/open-camera.ts";
import { zScaleConfig } from "../../devices/scale/open-scale.ts";
import { zScannerConfig } from "../../devices/scanner/open-scanner.ts";
import { zSorterConfig } from "../../devices/sorter/open-sorter.ts";
import { zXrayConfig } from "../../devices/xray/open-xray.ts";
import { zCentreConfig } from "../../centre/config.ts";
import { zClearanceConfig } from "../../clearance/config.ts";
import { linkPacketBytesMin } from "../../../protocols/link.ts";
import { zTopicId } from "../../../protocols/sorting.ts";
import { unmetBindings } from "./check-binding.ts";
import { zJournalSettings } from "./journal-settings.ts";
import { zLine } from "./line-file.ts";
import { zLogSettings } from "./log-settings.ts";

/**
 * The one configuration file of an agent: which roles it takes, and all that they need. Strict: an
 * unknown key is refused by name. Written out as JSON Schema for editors (`--print-schema`).
 */
const zLineRole = z
  .strictObject({
    line: zLine.describe("The line: its belt, its rules, and what stands where."),
    devices: z
      .strictObject({
        scanner: zScannerConfig.describe("The reader of the labels."),
        witness: zScannerConfig
          .nullable()
          .default(null)
          .describe("The second reader that a witness binding names; null where there is none."),
        scale: zScaleConfig.nullable().describe("The scale; null where none is fitted."),
        xray: zXrayConfig.nullable().describe("The X-ray machine; null where none is fitted."),
        sorter: zSorterConfig.describe("The controller of belt, eyes and diverters."),
        annunciator: zAnnunciatorConfig
          .nullable()
          .default(null)
          .describe("The horn and the stack light; null where there are none."),
        cameras: z
          .array(zCameraConfig)
          .max(8)
          .default([])
          .describe("The cameras that take stills of parcels."),
      })
      .describe("The line's machines: how each is reached, and what it speaks."),
  })
  .superRefine(({ line, devices }, context) => {
    const { binding } = line.layout.scanner;
    const witnessId = binding.kind === "witness" ? binding.reader.deviceId : null;
    const pairs = [
      ["scanner", line.layout.scanner.deviceId, devices.scanner.id],
      ["witness", witnessId, devices.witness?.id ?? null],
      ["scale", line.layout.scale?.deviceId ?? null, devices.scale?.id ?? null],
      ["xray", line.layout.xray?.deviceId ?? null, devices.xray?.id ?? null],
      ["sorter", line.layout.sorterId, devices.sorter.id],
      ["annunciator", line.layout.annunciatorId ?? null, devices.annunciator?.id ?? null],
      ["cameras", idsIn(line.layout.cameraIds), idsIn(devices.cameras.map(({ id }) => id))],
    ] as const;
    for (const [kind, inLayout, inDevices] of pairs) {
      if (inLayout === inDevices) continue;
      context.addIssue({
        code: "custom",
        path: ["devices", kind],
        message: `the layout says ${inLayout ?? "none"}, the devices say ${inDevices ?? "none"}`,
      });
    }
    for (const { path, message } of unmetBindings(line.layout, devices)) {
      context.addIssue({ code: "custom", path, message });
    }
    if ((line.rules.weight === null) !== (line.layout.scale === null)) {
      context.addIssue({
        code: "custom",
        path: ["line", "rules", "weight"],
        message: "weight is judged exactly where a scale is fitted",
      });
    }
  });

/** In an order of their own, because it does not matter in which they are named. */
const idsIn = (ids: readonly string[] = []): string | null =>
  ids.length === 0 ? null : ids.toSorted().join(", ");

const { http, clearance, officers, images } = zCentreConfig.shape;

const zCentreRole = z.strictObject({
  http,
  clearance,
  officers,
  images,
  lines: z
    .array(
      z.strictObject({
        agentId: zTopicId.describe("The agent that runs this line."),
        line: zLine.describe("The line, word for word as that agent's own file has it."),
      }),
    )
    .min(1)
    .max(400)
    .describe("Every line of the site."),
  documents: zClearanceConfig.describe("How papers are judged, and how long they are kept."),
  pageDir: z.string().min(1).nullable().describe("Folder of the built page; null serves none."),
  anchors: z
    .strictObject({
      file: z
        .string()
        .min(1)
        .describe("The file of anchors; keep it on another disk than the journals."),
      keyFile: z
        .string()
        .min(1)
        .describe("The file with the private key that signs them, PEM; out of the agents' reach."),
      everyS: z
        .number()
        .int()
        .min(1)
        .max(86_400)
        .default(60)
        .describe("Seconds between two anchors of a chain."),
    })
    .nullable()
    .describe(
      "Where signed anchors of every journal go, the centre's own included; null for none.",
    ),
});

export const zAgentFile = z
  .strictObject({
    $schema: z
      .string()
      .optional()
      .describe("Where an editor finds this schema; the agent does not read it."),
    agentId: zTopicId.describe("This agent's name, unique in the site."),
    site: zTopicId.describe("The site's name, the same for its centre and all its agents."),
    dataDir: z
      .string()
      .min(1)
      .max(1_000)
      .describe(
        "Folder of this agent's journal, images and certificates; a relative path starts at this file's folder.",
      ),
    link: z
      .strictObject({
        ...brokerShape,
        // Small brokers in the cloud have 131,072.
        packetBytesMax: z
          .number()
          .int()
          .min(linkPacketBytesMin)
          .max(16_777_216)
          .default(131_072)
          .describe(
            "Bytes of the largest packet that this broker takes; what is longer travels in pieces. Where the broker says itself that it takes less, that counts.",
          ),
      })
      .refine(isTlsSpoken, tlsUnspoken)
      .describe("The broker over which line agents and the centre speak with each other."),
    // `mqtt-client-ids.ts` says what follows it.
    mqttClientId: z
      .string()
      .max(64)
      .regex(/^[A-Za-z0-9_-]+$/, "letters, digits, '_', '-' only")
      .optional()
      .describe(
        "What the client ids of this agent's MQTT connections begin with, unique at each of its brokers; left out: site and agentId.",
      ),
    mqttConnections: z
      .enum(["perDevice", "shared"])
      .default("perDevice")
      .describe(
        "perDevice: a connection for each device, so that a large image delays no eye; shared: one for all, which is lighter.",
      ),
    journal: zJournalSettings
      .prefault({})
      .describe("What stays in the files of its journals, and of what has left them."),
    log: zLogSettings.prefault({}).describe("What the agent says on standard error, and how."),
    metricsPort: z
      .number()
      .int()
      .min(0)
      .max(65_535)
      .nullable()
      .default(null)
      .describe("Port on loopback that shows Prometheus text; null for none, 0 for any free one."),
    lines: z.array(zLineRole).max(400).default([]).describe("The lines that this agent runs."),
    centre: zCentreRole
      .nullable()
      .default(null)
      .describe("The site's centre, where this agent is it too; else null."),
  })
  .refine((file) => file.lines.length > 0 || file.centre !== null, {
    path: ["lines"],
    message: "an agent without lines and without centre has nothing to do",
  })
  .refine((file) => isUnique(file.lines.map(({ line }) => line.id)), {
    path: ["lines"],
    message: "line ids are unique",
  })
  .superRefine(({ lines }, context) => {
    // Every device id is used once, because health, alarms and the page know a device by its id
    // alone.
    const taken = new Set<string>();
    for (const [index, { devices }] of lines.entries()) {
      for (const { path, device } of devicesIn(devices)) {
        if (taken.has(device.id)) {
          context.addIssue({
            code: "custom",
            path: ["lines", index, "devices", ...path, "id"],
            message: `another device is called ${device.id} already`,
          });
        }
        taken.add(device.id);
      }
    }
  });
export type AgentFile = z.infer<typeof zAgentFile>;
export type AgentFileInput = z.input<typeof zAgentFile>;

type LineDevices = AgentFile["lines"][number]["devices"];
/** A device of a line, whichever it is. */
export type DeviceConfig =
  | NonNullable<LineDevices[Exclude<keyof LineDevices, "cameras">]>
  | LineDevices["cameras"][number];

interface PlacedDevice {
  /** Below `devices`. */
  readonly path: readonly (string | number)[];
  readonly device: DeviceConfig;
}

/** Those that a line has, each with where it stands. */
export const devicesIn = ({ cameras, ...single }: LineDevices): readonly PlacedDevice[] => [
  ...Object.entries(single).flatMap(([kind, device]) =>
    device === null ? [] : [{ path: [kind], device }],
  ),
  ...cameras.map((device, at) => ({ path: ["cameras", at], device })),
];

const isUnique = (ids: readonly string[]): boolean => new Set(ids).size === ids.length;
