import { z } from "zod";
import { brokerShape, isTlsSpoken, tlsUnspoken } from "../../devices/reach.ts";
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
    line: zLine,
    devices: z.strictObject({
      scanner: zScannerConfig,
      /** The second reader that a `witness` binding names. */
      witness: zScannerConfig.nullable().default(null),
      scale: zScaleConfig.nullable(),
      xray: zXrayConfig.nullable(),
      sorter: zSorterConfig,
    }),
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

const { http, clearance, officers, images } = zCentreConfig.shape;

const zCentreRole = z.strictObject({
  http,
  clearance,
  officers,
  images,
  /** Every line of the site and the agent that runs it. */
  lines: z
    .array(z.strictObject({ agentId: zTopicId, line: zLine }))
    .min(1)
    .max(400),
  documents: zClearanceConfig,
  /** Folder of the built page; null serves none. */
  pageDir: z.string().min(1).nullable(),
  /**
   * Where signed anchors of every chain go, the centre's own included; keep it on another disk than
   * the journals.
   */
  anchors: z
    .strictObject({
      file: z.string().min(1),
      keyFile: z.string().min(1),
      everyS: z.number().int().min(1).max(86_400).default(60),
    })
    .nullable(),
});

export const zAgentFile = z
  .strictObject({
    /** For editors. */
    $schema: z.string().optional(),
    agentId: zTopicId,
    site: zTopicId,
    /** Journal, images and certificates of this agent. Relative paths start at the file's folder. */
    dataDir: z.string().min(1).max(1_000),
    link: z
      .strictObject({
        ...brokerShape,
        /**
         * The largest packet of the link's broker, which cuts the connection at a larger one. What is
         * longer travels in pieces. Small brokers in the cloud have 131,072. Where a broker says itself
         * that it takes less, as MQTT 5 brokers do, that counts.
         */
        packetBytesMax: z.number().int().min(linkPacketBytesMin).max(16_777_216).default(131_072),
      })
      .refine(isTlsSpoken, tlsUnspoken),
    /**
     * What the client ids of this agent's MQTT connections begin with; unique at each of its
     * brokers. Default: site and agentId. `mqtt-client-ids.ts` says what follows.
     */
    mqttClientId: z
      .string()
      .max(64)
      .regex(/^[A-Za-z0-9_-]+$/, "letters, digits, '_', '-' only")
      .optional(),
    /** One connection a device keeps a large image from delaying an eye; one for all is lighter. */
    mqttConnections: z.enum(["perDevice", "shared"]).default("perDevice"),
    /** What stays in the files of its journals, and of what has left them. */
    journal: zJournalSettings.prefault({}),
    /** What the agent says on standard error, and how. */
    log: zLogSettings.prefault({}),
    /** Prometheus text on loopback; null for none. 0: any free port. */
    metricsPort: z.number().int().min(0).max(65_535).nullable().default(null),
    /** Role line: the lines this agent runs. */
    lines: z.array(zLineRole).max(400).default([]),
    /** Role centre. */
    centre: zCentreRole.nullable().default(null),
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
      for (const [kind, device] of Object.entries(devices)) {
        if (device === null) continue;
        if (taken.has(device.id)) {
          context.addIssue({
            code: "custom",
            path: ["lines", index, "devices", kind, "id"],
            message: `another device is called ${device.id} already`,
          });
        }
        taken.add(device.id);
      }
    }
  });
export type AgentFile = z.infer<typeof zAgentFile>;
export type AgentFileInput = z.input<typeof zAgentFile>;

const isUnique = (ids: readonly string[]): boolean => new Set(ids).size === ids.length;
