import type { Scene } from "../../protocols/ui/scene.ts";
import { deviceReasonLogText } from "../../protocols/words/device-reason.ts";
import {
  greenMsMax,
  judgeEnd,
  untilGreens,
  withSite,
  type Drill,
  type DrillContext,
} from "./drill.ts";
import { factsOf } from "./journal-log.ts";
import { seconds, type Findings } from "./report.ts";
import type { DrillSite } from "./site.ts";
import { alarmNaming, judgeNamed, namedMsMax, type Naming } from "./told.ts";
import { pause, until } from "./waiting.ts";

const shortMs = 30_000;
/** More than the belt's count may move unseen before it must prove itself again. */
const longMs = 180_000;
const rate = 1_800;
const recoverMsMax = 60_000;

interface Outage {
  readonly name: string;
  readonly summary: string;
  readonly outMs: number;
  /** Resolves when it is broken; it is mended after that long at the latest by `mend`. */
  cut(site: DrillSite): Promise<void>;
  mend(site: DrillSite): Promise<void>;
  /** Devices that nobody receives meanwhile. */
  readonly down: readonly string[];
  /** Why the page shows what is down, or null while it does not. */
  readonly told: (scene: Scene) => string | null;
  readonly inHealth: Naming["inHealth"];
}

export const deviceTold = (scene: Scene, deviceId: string): string | null => {
  const device = scene.device[deviceId];
  if (device === undefined || device.health === "receiving") return null;
  const { health, reason } = device;
  return `${deviceId} ${health} (${reason === null ? "no reason given" : deviceReasonLogText(reason)})`;
};

const allTold =
  (deviceIds: readonly string[]) =>
  (scene: Scene): string | null => {
    const told = deviceIds.map((deviceId) => deviceTold(scene, deviceId));
    return told.includes(null) ? null : told.join("; ");
  };

const outages: readonly Outage[] = [
  {
    name: "scanner-out",
    summary: `cut a scanner's cable for ${shortMs / 1_000} s`,
    outMs: shortMs,
    cut: (site) => site.breakFor("scannerWireCut", shortMs / 1_000, "L1"),
    mend: async () => {},
    down: ["L1-scanner"],
    told: allTold(["L1-scanner"]),
    inHealth: alarmNaming("deviceDown", ["L1"]).inHealth,
  },
  {
    name: "broker-out",
    summary: `kill -9 the broker and keep it down for ${shortMs / 1_000} s`,
    outMs: shortMs,
    cut: async (site) => site.lab.broker?.hold(),
    mend: async (site) => site.lab.broker?.start(),
    down: ["L1-xray", "L2-xray"],
    told: (scene) =>
      scene.centre["centre"]?.broker === "receiving" ? null : allTold(["L1-xray"])(scene),
    inHealth: ({ reasons }) => reasons.find((why) => why.startsWith("link: ")) ?? null,
  },
  {
    name: "opcua-out",
    summary: `stop the OPC UA server of the sorters for ${shortMs / 1_000} s`,
    outMs: shortMs,
    cut: (site) => site.breakFor("sorterServerDown", shortMs / 1_000),
    mend: async () => {},
    down: ["L1-sorter", "L2-sorter"],
    told: allTold(["L1-sorter", "L2-sorter"]),
    inHealth: alarmNaming("sorterDown", ["L1", "L2"]).inHealth,
  },
  {
    name: "sorter-away",
    summary: `take the sorters off the network for ${longMs / 1_000} s, their belts running on`,
    outMs: longMs,
    cut: (site) => site.breakFor("sorterServerDown", longMs / 1_000),
    mend: async () => {},
    down: ["L1-sorter", "L2-sorter"],
    told: allTold(["L1-sorter", "L2-sorter"]),
    inHealth: alarmNaming("sorterDown", ["L1", "L2"]).inHealth,
  },
];

export const deviceOuts: readonly Drill[] = outages.map((outage) => ({
  name: outage.name,
  summary: outage.summary,
  run: (context) => withSite(context, { lines: 2, rate }, (site) => drill(site, outage, context)),
}));

async function drill(site: DrillSite, outage: Outage, context: DrillContext): Promise<void> {
  const { findings, say } = context;
  await untilGreens(site, 2);
  const before = pidsOf(site);
  say(`${outage.name} begins`);
  const from = Date.now();
  await outage.cut(site);
  await judgeNamed(site, { onPage: outage.told, inHealth: outage.inHealth }, findings);
  await judgeTold(site, outage, findings);
  await context.picture(site, "out");
  await pause(Math.max(0, from + outage.outMs - Date.now()));
  await outage.mend(site);
  const mendedAt = Date.now();
  say(`${outage.name} is over`);
  await judgeRecovery(site, mendedAt, findings);
  findings.check("nobody was started anew", pidsOf(site) === before, before);
  tellGreens(site, from, mendedAt, findings);
  await judgeEnd(site, findings);
}

/** All but the broker, which one of the drills kills. */
const pidsOf = ({ lab }: DrillSite): string =>
  [lab.world, lab.centre, ...lab.agents].map((each) => `${each.name} ${each.pid()}`).join(", ");

/** While it is out: the page, `/api/lines`, `/metrics` and `/healthz`. */
export async function judgeTold(
  site: DrillSite,
  { down, told }: Pick<Outage, "down" | "told">,
  findings: Findings,
): Promise<void> {
  let words: string | null = null;
  const toldMs = await until("the page says what is down", namedMsMax, async () => {
    words = told(await site.scene());
    return words !== null;
  });
  findings.check("the page says what is down", true, `after ${seconds(toldMs)}: ${words}`);
  await until("/api/lines says what is down", namedMsMax, async () => {
    const lines = await site.lines();
    return down.every((deviceId) =>
      lines.some(({ devices }) =>
        devices.some(({ id, health }) => id === deviceId && health !== "receiving"),
      ),
    );
  });
  findings.check("/api/lines says what is down", true, down.join(" "));
  const received = await site.receivedDevices();
  findings.none(
    "/metrics says what is down",
    down.filter((deviceId) => received.has(deviceId)).map((deviceId) => `${deviceId} is received`),
    `received: ${[...received].join(" ")}`,
  );
  const { status, reasons } = await site.health();
  findings.check(
    "/healthz is ready, or says why not",
    status === 200 || reasons.length > 0,
    `${status} ${reasons.join("; ")}`,
  );
}

/** When it is back nobody has to do anything. */
async function judgeRecovery(site: DrillSite, mendedAt: number, findings: Findings): Promise<void> {
  const receivedMs = await until("every device is received again", recoverMsMax, async () => {
    const lines = await site.lines();
    return lines.every(({ devices }) => devices.every(({ health }) => health === "receiving"));
  });
  findings.check("every device is received again", true, `after ${seconds(receivedMs)}`);
  const readyMs = await until("/healthz is ready", recoverMsMax, async () => {
    return (await site.health()).status === 200;
  });
  findings.check("/healthz is ready again", true, `after ${seconds(receivedMs + readyMs)}`);
  await untilGreens(site, 2, mendedAt);
  const greenMs = Date.now() - mendedAt;
  findings.check(
    "parcels go green again",
    greenMs <= greenMsMax,
    `two a line in ${seconds(greenMs)}`,
  );
}

/** For the report: whether anything was green meanwhile is for `judgeGreens` to allow. */
function tellGreens(site: DrillSite, from: number, to: number, findings: Findings): void {
  for (const [lineId, log] of site.logs) {
    const at: number[] = [];
    for (const { step, fact } of factsOf(log, "decided")) {
      const { wallAt } = step.event;
      if (fact.exit === "green" && wallAt >= from && wallAt < to) at.push(wallAt - from);
    }
    const last = at.at(-1);
    findings.check(
      `${lineId} meanwhile`,
      true,
      last === undefined ? "nothing green" : `${at.length} green, the last after ${seconds(last)}`,
    );
  }
}
