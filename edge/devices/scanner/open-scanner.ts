import { z } from "zod";
import { zId } from "../../../protocols/sorting.ts";
import { clockKeys } from "../clock-offset.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { zFramesDialect } from "../preset-frames.ts";
import { zReach } from "../reach.ts";
import { openCarrier, refuseUncarried, type Carriers } from "../wires/carriers.ts";
import type { DriverDeps } from "../wires/wires.ts";
import { autoIdCarriers, zAutoIdDialect } from "./autoid.ts";
import { createScannerDriver } from "./driver.ts";
import { framesCarriers } from "./frames.ts";
import type { ScannerHeard } from "./heard.ts";
import { scannerJsonMapCarriers, zScannerJsonMapDialect } from "./json-map.ts";
import type { ScannerPort } from "./scanner.ts";
import { scannerJsonCarriers, zScannerJsonDialect } from "./sortline-json.ts";
import { zebraSsiCarriers, zZebraSsiDialect } from "./zebra-ssi.ts";

const zScannerDialect = z.discriminatedUnion("kind", [
  zFramesDialect,
  zScannerJsonDialect,
  zZebraSsiDialect,
  zAutoIdDialect,
  zScannerJsonMapDialect,
]);
type ScannerDialect = z.infer<typeof zScannerDialect>;

/** A scanner as written in an agent's configuration. */
export const zScannerConfig = z
  .strictObject({
    id: zId.describe("The reader's name, as the line's layout has it."),
    reach: zReach.describe("Where the reader is found, and over which wire."),
    dialect: zScannerDialect.describe("What it speaks there."),
    staleAfterMs: z
      .number()
      .int()
      .min(100)
      .optional()
      .describe(
        "Milliseconds without a sign of life after which it is stale (2,500 without this key), for a dialect that has one of its own; of frames the heartbeat says it.",
      ),
    downAfterMs: z
      .number()
      .int()
      .min(200)
      .optional()
      .describe(
        "Milliseconds without one after which it is down (5,000 without this key); more than staleAfterMs.",
      ),
    ...clockKeys,
  })
  .superRefine((config, context) => {
    const { dialect, staleAfterMs, downAfterMs } = config;
    refuseUncarried(carriersOf(dialect), config, context);
    const refuse = (key: string, message: string) =>
      context.addIssue({ code: "custom", path: [key], message });
    if (!hasOwnLife(dialect)) {
      if (staleAfterMs === undefined && downAfterMs === undefined) return;
      const why =
        dialect.kind === "frames"
          ? "set the dialect's heartbeat instead"
          : `${dialect.kind} has no sign of life: leave it out`;
      return refuse("staleAfterMs", why);
    }
    const stale = staleAfterMs ?? staleAfterMsDefault;
    if ((downAfterMs ?? downAfterMsDefault) <= stale) {
      refuse("downAfterMs", "must be more than staleAfterMs");
    }
  });
export type ScannerConfig = z.infer<typeof zScannerConfig>;

export function createScanner(config: ScannerConfig, deps: DriverDeps): ScannerPort {
  const wire = openCarrier(carriersOf(config.dialect), config, deps);
  return createScannerDriver({
    deviceId: config.id,
    wire,
    clock: deps.clock,
    clockOffsetMsMax: config.maxClockOffsetMs,
    ...agesOf(config),
  });
}

/** Whether it tells that it lives, by a message of its own, so often as the configuration says. */
const hasOwnLife = (dialect: ScannerDialect): boolean =>
  dialect.kind === "sortline-json" || (dialect.kind === "json-map" && dialect.life !== undefined);

/** How each dialect is carried. */
function carriersOf(dialect: ScannerDialect): Carriers<ScannerHeard, ProofCommand> {
  switch (dialect.kind) {
    case "frames":
      return framesCarriers(dialect.format);
    case "sortline-json":
      return scannerJsonCarriers;
    case "zebra-ssi":
      return zebraSsiCarriers;
    case "json-map":
      return scannerJsonMapCarriers(dialect);
    case "autoid":
      return autoIdCarriers(dialect);
  }
}

interface Ages {
  readonly staleAfterMs: number | null;
  readonly downAfterMs: number;
}

/** Only its wire can be judged. */
const withoutLife: Ages = { staleAfterMs: null, downAfterMs: 0 };
const staleAfterMsDefault = 2_500;
const downAfterMsDefault = 5_000;
/** Missed periods of the heartbeat until a scanner is stale, and down. */
const stalePeriods = 2.5;
const downPeriods = 5;

function agesOf({ dialect, ...ages }: ScannerConfig): Ages {
  if (hasOwnLife(dialect)) {
    const { staleAfterMs = staleAfterMsDefault, downAfterMs = downAfterMsDefault } = ages;
    return { staleAfterMs, downAfterMs };
  }
  const heartbeat = dialect.kind === "frames" ? dialect.format.heartbeat : null;
  return heartbeat === null
    ? withoutLife
    : {
        staleAfterMs: stalePeriods * heartbeat.periodMs,
        downAfterMs: downPeriods * heartbeat.periodMs,
      };
}
