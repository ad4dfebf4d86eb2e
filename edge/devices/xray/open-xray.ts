import { z } from "zod";
import type { XrayAnnounce } from "../../../protocols/xray/xray.ts";
import { zId } from "../../../protocols/sorting.ts";
import type { CounterWidth } from "../counter.ts";
import { zReach } from "../reach.ts";
import { openCarrier, refuseUncarried, type Carriers } from "../wires/carriers.ts";
import type { DriverDeps } from "../wires/wires.ts";
import { createXrayDriver } from "./driver.ts";
import type { XrayHeard } from "./heard.ts";
import { xrayJsonCarriers, zXrayJsonDialect } from "./sortline-json.ts";
import { xrayTelegramCarriers, zXrayTelegramsDialect } from "./sortline-telegrams.ts";
import type { XrayPort } from "./xray.ts";

const zXrayDialect = z.discriminatedUnion("kind", [zXrayJsonDialect, zXrayTelegramsDialect]);
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
  })
  .refine((config) => config.downAfterMs > config.staleAfterMs, {
    path: ["downAfterMs"],
    message: "must be more than staleAfterMs",
  })
  .superRefine((config, context) => {
    const { dialect, reach } = config;
    refuseUncarried(carriersOf(config), config, context);
    if (dialect.kind !== "sortline-telegrams" || reach.kind !== "serial") return;
    if (reach.dataBits === 8) return;
    const message = "must be 8: each byte of a telegram takes all its bits";
    context.addIssue({ code: "custom", path: ["reach", "dataBits"], message });
  });
export type XrayConfig = z.infer<typeof zXrayConfig>;

/** `counter` is the one of the sorter beside it. */
export function createXray(
  config: XrayConfig,
  { counter }: { readonly counter: CounterWidth | null },
  deps: DriverDeps,
): XrayPort {
  const { id: deviceId, staleAfterMs, downAfterMs } = config;
  const wire = openCarrier(carriersOf(config), config, deps);
  const { clock } = deps;
  return createXrayDriver({ deviceId, wire, clock, staleAfterMs, downAfterMs, counter });
}

/** How each dialect is carried. */
function carriersOf({
  dialect,
}: {
  readonly dialect: XrayDialect;
}): Carriers<XrayHeard, XrayAnnounce> {
  switch (dialect.kind) {
    case "sortline-json":
      return xrayJsonCarriers;
    case "sortline-telegrams":
      return xrayTelegramCarriers;
  }
}
