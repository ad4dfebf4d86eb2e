import { untilLoaded } from "./agent-kill.ts";
import { judgeDoubted } from "./doubted.ts";
import { judgeEnd, refreshLogs, untilGreens, withSite, type Drill } from "./drill.ts";
import { factsOf } from "./journal-log.ts";
import type { Findings } from "./report.ts";
import type { DrillSite } from "./site.ts";
import { alarmNaming, judgeBack, judgeNamed, judgeOver } from "./told.ts";
import { firedDiverts } from "./truth-audit.ts";
import { until } from "./waiting.ts";
import { onBeltAt, type Journey } from "./witness-log.ts";

const lineId = "L1";
const rate = 3_600;
const loadedFrom = 12;
const pressedMs = 45_000;
const leftMsMax = 120_000;
const releasedMsMax = 120_000;
/** From being asked to press until it is pressed. */
const pressMsMax = 500;
/** Behind the X-ray, where all evidence of a parcel is there, and before the first diverter. */
const stretch = { fromMm: 7_500, toMm: 25_000 };

export const emergencyStop: Drill = {
  name: "emergency-stop",
  summary: "press the emergency stop, and swap two parcels of like length before the restart",
  run: (context) =>
    withSite(context, { lines: 2, rate }, async (site) => {
      const { findings, say } = context;
      await untilGreens(site, 2);
      await untilLoaded(site, lineId, loadedFrom);
      const pressedAt = Date.now();
      await site.breakFor("emergencyStop", pressedMs / 1_000, lineId);
      say("the emergency stop is pressed");
      const naming = alarmNaming("emergencyStop", [lineId]);
      await judgeNamed(site, naming, findings);
      await context.picture(site, "pressed");
      const swapped = await site.swap(lineId, stretch.fromMm, stretch.toMm);
      const told = swapped.map(({ truthId, lengthMm }) => `${truthId} of ${lengthMm} mm`);
      findings.check("two parcels of like length change places", true, told.join(", "));
      await judgeOver(site, naming, findings, releasedMsMax);
      const goesOnAt = Date.now();
      say("the emergency stop is released");
      const bodies = await untilLeft(site, pressedAt);
      await judgeSwapped(site, swapped, bodies, findings);
      await judgeBelt(site, bodies, pressedAt, findings);
      await judgeBack(site, findings, goesOnAt);
      await judgeEnd(site, findings);
    }),
};

/** Who was on the belt when it was stopped, once they have all left it. */
async function untilLeft(site: DrillSite, pressedAt: number): Promise<readonly Journey[]> {
  let bodies: readonly Journey[] = [];
  await until("what was on the belt has left it", leftMsMax, () => {
    bodies = onBeltAt(site.witness(), lineId, pressedAt);
    return bodies.every(({ end }) => end !== null);
  });
  return bodies;
}

async function judgeSwapped(
  site: DrillSite,
  swapped: readonly { readonly truthId: string }[],
  bodies: readonly Journey[],
  findings: Findings,
): Promise<void> {
  await refreshLogs(site);
  const ends = swapped.map(({ truthId }) => bodies.find((body) => body.truthId === truthId));
  const exits = ends.map((body) => `${body?.truthId} in ${body?.end?.exit}`);
  findings.check(
    "both of them are in inspection",
    ends.length === 2 && ends.every((body) => body?.end?.exit === "inspection"),
    exits.join(", "),
  );
  const labels = new Set(ends.flatMap((body) => body?.labels ?? []));
  const log = site.logs.get(lineId);
  const others: string[] = [];
  for (const { fact } of log === undefined ? [] : factsOf(log, "decided")) {
    if (fact.waybill === null || !labels.has(fact.waybill)) continue;
    others.push(`${fact.waybill} ${fact.reasons.map(({ code }) => code).join(" ")}`);
  }
  findings.check("what was held against them", true, others.join("; "));
}

/** Hands could reach all of it, so that nobody goes elsewhere whose diverter had not moved yet. */
async function judgeBelt(
  site: DrillSite,
  bodies: readonly Journey[],
  pressedAt: number,
  findings: Findings,
): Promise<void> {
  await judgeDoubted(site, "handled", { lineIds: [lineId], min: loadedFrom, findings });
  const log = site.logs.get(lineId);
  if (log === undefined) return;
  const fired = firedDiverts(site.witness(), lineId, log).filter(
    ({ firedAt }) => firedAt <= pressedAt + pressMsMax,
  );
  const elsewhere = bodies.filter(({ end }) => end?.exit !== "inspection");
  const unfired = elsewhere.filter(
    ({ labels, end }) =>
      !fired.some(
        ({ waybill, exit }) => exit === end?.exit && waybill !== null && labels.includes(waybill),
      ),
  );
  findings.none(
    "the belt's contents went to inspection, but for whom the diverter was out",
    unfired.map(({ truthId, end }) => `${truthId} in ${end?.exit}`),
    `${bodies.length} bodies, ${elsewhere.length} of them diverted`,
  );
}
