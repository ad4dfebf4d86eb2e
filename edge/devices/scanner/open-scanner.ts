import { z } from "zod";
import type { ScannerFormat } from "../../../protocols/scanner/format.ts";
import { zScannerFormatConfig } from "../../../protocols/scanner/presets.ts";
import { zId } from "../../../protocols/sorting.ts";
import { createFrameScanner } from "./frame-scanner.ts";
import { createMessageScanner } from "./message-scanner.ts";
import { zMqttReach, zSerialReach, zTcpReach, type ByteReach, type MqttReach } from "../reach.ts";
import type { ScannerPort } from "./scanner.ts";
import type { DriverDeps } from "../wires/wires.ts";

/** A scanner as written in an agent's configuration. */
export const zScannerConfig = z
  .strictObject({
    id: zId,
    reach: z.discriminatedUnion("kind", [zSerialReach, zTcpReach, zMqttReach]),
    /** How its frames look, on a serial line or TCP; on MQTT a read is a message. */
    format: zScannerFormatConfig.optional(),
    /** On MQTT; elsewhere the format's heartbeat says when a scanner is missed. */
    staleAfterMs: z.number().int().min(100).optional(),
    downAfterMs: z.number().int().min(200).optional(),
  })
  .transform(({ id, reach, format, staleAfterMs, downAfterMs }, context): ScannerConfig => {
    const refuse = (key: string, message: string) => {
      context.addIssue({ code: "custom", path: [key], message });
      return z.NEVER;
    };
    if (reach.kind === "mqtt") {
      const ages = { staleAfterMs: staleAfterMs ?? 2_500, downAfterMs: downAfterMs ?? 5_000 };
      if (format !== undefined) return refuse("format", "a scanner on MQTT has no frame format");
      return ages.downAfterMs > ages.staleAfterMs
        ? { id, reach, ...ages }
        : refuse("downAfterMs", "must be more than staleAfterMs");
    }
    if (format === undefined) return refuse("format", "needed: name a preset, such as sick");
    return staleAfterMs === undefined && downAfterMs === undefined
      ? { id, reach, format }
      : refuse("staleAfterMs", "set the format's heartbeat instead");
  });
export type ScannerConfig = FrameScannerConfig | MessageScannerConfig;

interface FrameScannerConfig {
  readonly id: string;
  readonly reach: ByteReach;
  readonly format: ScannerFormat;
}

interface MessageScannerConfig {
  readonly id: string;
  readonly reach: MqttReach;
  readonly staleAfterMs: number;
  readonly downAfterMs: number;
}

export function createScanner(config: ScannerConfig, { wires, clock }: DriverDeps): ScannerPort {
  const deviceId = config.id;
  if ("format" in config) {
    const link = wires.byteLink(config.reach);
    return createFrameScanner({ deviceId, link, format: config.format, clock });
  }
  const { reach, staleAfterMs, downAfterMs } = config;
  const bus = wires.messageBus(reach, deviceId);
  return createMessageScanner({
    deviceId,
    bus,
    base: reach.base,
    clock,
    staleAfterMs,
    downAfterMs,
  });
}
