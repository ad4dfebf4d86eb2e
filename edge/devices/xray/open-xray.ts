import { z } from "zod";
import type { XrayAnnounce } from "../../../protocols/xray/xray.ts";
import { zId } from "../../../protocols/sorting.ts";
import { clockKeys } from "../clock-offset.ts";
import type { CounterWidth } from "../counter.ts";
import { zReach, type Reach } from "../reach.ts";
import { openCarrier, refuseUncarried, type Carriers } from "../wires/carriers.ts";
import { modbusReachMisfits } from "../wires/modbus/reach-framing.ts";
import type { DriverDeps } from "../wires/wires.ts";
import { createXrayDriver, lifeEveryMs } from "./driver.ts";
import { dicosCarriers, zDicosDialect } from "./dicos.ts";
import type { XrayHeard } from "./heard.ts";
import {
  hasSignalsOnly,
  xraySignalCarriers,
  xraySignalModbusCarriers,
  zXraySignalsDialect,
  zXraySignalsModbusDialect,
} from "./signals.ts";
import { xrayJsonCarriers, zXrayJsonDialect } from "./sortline-json.ts";
import { xrayOpcuaCarriers, zXrayOpcuaDialect } from "./sortline-opcua.ts";
import { xrayTelegramCarriers, zXrayTelegramsDialect } from "./sortline-telegrams.ts";
import type { XrayPort } from "./xray.ts";

const zXrayDialect = z.discriminatedUnion("kind", [
  zXrayJsonDialect,
  zXrayTelegramsDialect,
  zXrayOpcuaDialect,
  zDicosDialect,
  zXraySignalsDialect,
  zXraySignalsModbusDialect,
]);
type XrayDialect = z.infer<typeof zXrayDialect>;

/** An X-ray machine as written in an agent's configuration. It sends life at least every second. */
export const zXrayConfig = z
  .strictObject({
    id: zId.describe("The machine's name, as `line.layout.xray.deviceId` has it."),
    reach: zReach.describe("Where the machine is found, and over which wire."),
    dialect: zXrayDialect.describe("What it speaks there."),
    staleAfterMs: z
      .number()
      .int()
      .min(100)
      .default(2_500)
      .describe("Milliseconds without a good message after which it counts as silent."),
    downAfterMs: z
      .number()
      .int()
      .min(200)
      .default(5_000)
      .describe("Milliseconds without one after which it counts as down; more than staleAfterMs."),
    ...clockKeys,
  })
  .refine((config) => config.downAfterMs > config.staleAfterMs, {
    path: ["downAfterMs"],
    message: "must be more than staleAfterMs",
  })
  .superRefine((config, context) => {
    const { dialect, reach } = config;
    refuseUncarried(carriersOf(config), config, context);
    const refuse = (path: string[], message: string): void =>
      context.addIssue({ code: "custom", path, message });
    if (dialect.kind === "sortline-telegrams" && reach.kind === "serial" && reach.dataBits !== 8) {
      refuse(["reach", "dataBits"], "must be 8: each byte of a telegram takes all its bits");
    }
    if (dialect.kind === "signals-modbus") {
      for (const { path, message } of modbusReachMisfits(dialect, reach)) {
        refuse([...path], message);
      }
    }
    // Signals are asked for, and come in as often.
    const isTold = reach.kind === "opcua" && !hasSignalsOnly(dialect);
    if (isTold && reach.publishingIntervalMs > everyMsMax(config)) {
      refuse(
        ["reach", "publishingIntervalMs"],
        `must not be more than staleAfterMs less ${lifeEveryMs}, ${everyMsMax(config)}: the machine would count as silent between two publishings`,
      );
    }
    if (reach.kind === "folder" && reach.tellPath === undefined) {
      refuse(["reach", "tellPath"], "is missing: the machine is told in it what comes next");
    }
    if (reach.kind === "folder" && reach.lookEveryMs > everyMsMax(config)) {
      refuse(
        ["reach", "lookEveryMs"],
        `must not be more than staleAfterMs less ${lifeEveryMs}, ${everyMsMax(config)}: the machine would count as silent between two looks`,
      );
    }
  });
export type XrayConfig = z.infer<typeof zXrayConfig>;

/** What comes in less often than that has been taken for silence before. */
const everyMsMax = ({ staleAfterMs }: { readonly staleAfterMs: number }): number =>
  staleAfterMs - lifeEveryMs;

/** `counter` is the one of the sorter beside it. */
export function createXray(
  config: XrayConfig,
  { counter }: { readonly counter: CounterWidth | null },
  deps: DriverDeps,
): XrayPort {
  const { id: deviceId, staleAfterMs, downAfterMs } = config;
  const reached = { ...config, everyMsMax: everyMsMax(config) };
  const wire = openCarrier(carriersOf(config), reached, deps);
  const { clock } = deps;
  const clockOffsetMsMax = config.maxClockOffsetMs;
  const ages = { staleAfterMs, downAfterMs, clockOffsetMsMax };
  return createXrayDriver({ deviceId, wire, clock, ...ages, counter });
}

/** How each dialect is carried. */
function carriersOf(device: {
  readonly id: string;
  readonly dialect: XrayDialect;
  readonly reach: Reach;
}): Carriers<XrayHeard, XrayAnnounce> {
  const { id, dialect, reach } = device;
  switch (dialect.kind) {
    case "sortline-json":
      return xrayJsonCarriers;
    case "sortline-telegrams":
      return xrayTelegramCarriers;
    case "sortline-opcua":
      return xrayOpcuaCarriers(dialect.xrayId ?? id);
    case "dicos":
      return dicosCarriers(dialect);
    case "signals":
      return xraySignalCarriers(dialect);
    case "signals-modbus":
      return xraySignalModbusCarriers(dialect, reach);
  }
}
