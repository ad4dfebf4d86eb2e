import {
  greensLeft,
  judgeEnd,
  refreshLogs,
  untilGreens,
  withSite,
  type Drill,
  type DrillContext,
} from "./drill.ts";
import type { DrillSite } from "./site.ts";
import { withSmallBroker, type SmallBroker } from "./small-broker.ts";
import { pause } from "./waiting.ts";

const rate = 1_200;
/** Longer than any image of the lab. */
const brokerBytesMax = 1_000_000;
const minuteMs = 60_000;

/**
 * A broker ends a connection when another comes with the same client id. Both sites have agents,
 * lines and devices of the same names, and one of them is a single program with both roles.
 */
export const neighbours: Drill = {
  name: "neighbours",
  summary: "two sites of the same names on one broker, one of them a single program",
  run: (context) =>
    withSmallBroker({ brokerBytesMax, isTold: true }, (broker) => {
      const shared = { lines: 1, rate, brokerUrl: broker.url };
      context.say(`both sites meet at ${broker.name}`);
      return withSite(context, { ...shared, site: "north", isCentreWithLine: true }, (north) =>
        withSite(context, { ...shared, site: "south" }, (south) =>
          judgeNeighbours([north, south], broker, context),
        ),
      );
    }),
};

async function judgeNeighbours(
  sites: readonly DrillSite[],
  broker: SmallBroker,
  { findings, say, minutes }: DrillContext,
): Promise<void> {
  await Promise.all(sites.map((site) => untilGreens(site, 2)));
  const connectsBefore = broker.connects();
  const from = Date.now();
  say(`both are watched for ${minutes} min`);
  await pause(minutes * minuteMs);
  findings.check(
    "nobody drives anybody out",
    broker.connects() === connectsBefore,
    `${connectsBefore} connects until then, ${broker.connects() - connectsBefore} in ${minutes} min`,
  );
  for (const site of sites) {
    const { site: name } = site.lab.plan;
    await refreshLogs(site);
    const greens = greensLeft(site, "L1", from);
    findings.check(`${name}: parcels go green meanwhile`, greens > 0, `${greens}`);
    const { status, reasons } = await site.health();
    findings.check(`${name}: /healthz is ready`, status === 200, reasons.join("; "));
    await judgeEnd(site, findings);
  }
}
