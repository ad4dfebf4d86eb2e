import {
  judgeEnd,
  refreshLogs,
  untilGreens,
  withSite,
  type Drill,
  type DrillContext,
} from "./drill.ts";
import { factsOf } from "./journal-log.ts";
import { seconds, type Findings } from "./report.ts";
import type { DrillSite } from "./site.ts";
import { withSmallBroker, type SmallBroker } from "./small-broker.ts";
import { alarmNaming, judgeNamed } from "./told.ts";
import { pause, until } from "./waiting.ts";

const rate = 1_800;
/** What small brokers in the cloud take; an image of the lab has 614,400 bytes and a header. */
const small = { brokerBytesMax: 140_000, isTold: true, packetBytesMax: 131_072 };
/** What a broker takes that was bounded by somebody, and what the files believe of it. */
const misjudged = { brokerBytesMax: 500_000, isTold: false, packetBytesMax: 1_000_000 };
const watchedMs = 60_000;
const taskMsMax = 180_000;
const imagesMsMax = 30_000;
/** Two agents and the centre. */
const clients = 3;

export const smallPackets: Drill = {
  name: "small-packets",
  summary: `a link over a broker that takes no packet above ${small.brokerBytesMax / 1_000} kB`,
  async run(context) {
    await overBroker(small, context, inPieces);
    await overBroker(misjudged, context, tooLong);
  },
};

type Judge = (site: DrillSite, broker: SmallBroker, context: DrillContext) => Promise<void>;

const overBroker = (
  { packetBytesMax, ...bound }: typeof small,
  context: DrillContext,
  judge: Judge,
): Promise<void> =>
  withSmallBroker(bound, (broker) => {
    context.say(`the link goes over ${broker.name}, packets up to ${bound.brokerBytesMax} bytes`);
    const link = { brokerUrl: broker.url, packetBytesMax };
    return withSite(context, { lines: 2, rate, link }, (site) => judge(site, broker, context));
  });

/** Where the files say what the broker takes, nobody notices that it is little. */
async function inPieces(
  site: DrillSite,
  broker: SmallBroker,
  context: DrillContext,
): Promise<void> {
  const { findings } = context;
  await untilGreens(site, 3);
  let tasks = 0;
  const taskMs = await until("an officer has a task", taskMsMax, async () => {
    tasks = Object.keys((await site.scene()).task).length;
    return tasks > 0;
  });
  findings.check("officers get tasks", tasks > 0, `the first after ${seconds(taskMs)}`);
  await context.picture(site, "in-pieces");
  await judgeImages(site, findings);
  const { status, reasons } = await site.health();
  findings.check("/healthz is ready", status === 200, reasons.join("; "));
  findings.check(
    "the link was never cut",
    broker.connects() === clients,
    `${broker.connects()} connects of ${clients} clients at ${broker.name}`,
  );
  await judgeEnd(site, findings);
}

/** Every image that the lines have is at the centre, byte for byte: its name is its hash. */
async function judgeImages(site: DrillSite, findings: Findings): Promise<void> {
  await refreshLogs(site);
  const hashes = imagesOf(site);
  const missing = new Set(hashes);
  await until("the images are at the centre", imagesMsMax, async () => {
    for (const hash of missing) if (await site.hasImage(hash)) missing.delete(hash);
    return missing.size === 0;
  }).catch(() => undefined);
  findings.none("each image came in pieces", [...missing], `${hashes.length} images`);
}

const imagesOf = (site: DrillSite): readonly string[] =>
  [...site.logs.values()].flatMap((log) =>
    [...factsOf(log, "imaged")].map(({ fact }) => fact.imageHash),
  );

/** Where they promise too much, one image shows it, is named, and the next do no harm. */
async function tooLong(site: DrillSite, broker: SmallBroker, context: DrillContext): Promise<void> {
  const { findings, say } = context;
  const naming = alarmNaming("imagesGivenUp", site.lab.plan.lineIds);
  await until("each line has an image", taskMsMax, async () => {
    await refreshLogs(site);
    return [...site.logs.values()].every((log) => !factsOf(log, "imaged").next().done);
  });
  await judgeNamed(site, naming, findings);
  say("images are given up");
  const connectsBefore = broker.connects();
  const from = Date.now();
  await context.picture(site, "given-up");
  await pause(Math.max(0, from + watchedMs - Date.now()));
  await refreshLogs(site);
  findings.check(
    "the images that follow cut nothing",
    broker.connects() === connectsBefore,
    `${connectsBefore} connects until then, ${broker.connects() - connectsBefore} in ${seconds(watchedMs)} with ${imagesOf(site).length} images`,
  );
  const { reasons } = await site.health();
  findings.check(
    "/healthz says what length is not taken",
    reasons.some((why) => why.includes("614")),
    reasons.join("; "),
  );
  const greenMs = await untilGreens(site, 2, from);
  findings.check("parcels that need no officer go green", true, `after ${seconds(greenMs)}`);
  await judgeEnd(site, findings);
}
