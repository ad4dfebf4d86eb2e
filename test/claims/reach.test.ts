/**
 * Goal: what a line is told and what it journals grows with its own parcels, not with the site's (law
 * 12). Method: the same parcels on each line of a site of one and of forty, in virtual time; the bytes
 * that go down and the bytes that are journalled, for each parcel.
 */
import { expect, it } from "vitest";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { startAt } from "../unit/clearance-kit.ts";
import { bringPapers, bringReceipt } from "./senders.ts";
import { startClaimSite } from "./site.ts";

const parcelsPerLine = 6;
const gapMs = 4_000;
const beltMs = 36_000;
const ratioMax = 1.1;

async function bytesFor(linesTotal: number) {
  const clock = createVirtualClock({ wallStartAt: startAt });
  const bytes = { down: 0, journalled: 0, greens: 0 };
  const lineIds = Array.from({ length: linesTotal }, (_, index) => `M${10 + index}`);
  const site = await startClaimSite({
    seed: 1,
    clock,
    lineIds,
    syncMs: () => 2,
    carry: () => [2],
    onGreen: () => (bytes.greens += 1),
    onEntry: (_agentId, entry) => (bytes.journalled += JSON.stringify(entry).length),
    onDown: (_agentId, message) => (bytes.down += JSON.stringify(message).length),
  });
  await site.runFor(2_000);
  for (let number = 0; number < parcelsPerLine; number += 1) {
    for (const [index, lineId] of lineIds.entries()) {
      const waybill = `WB${10 + index}N${number}`;
      const centre = site.centre();
      if (centre === null) throw new Error("no centre runs");
      bringPapers(waybill)(centre, () => {});
      bringReceipt({ waybill })(centre, () => {});
      site.lines.get(lineId)?.put(waybill);
    }
    await site.runFor(gapMs);
  }
  await site.runFor(beltMs);
  const parcels = linesTotal * parcelsPerLine;
  expect(bytes.greens).toBe(parcels);
  return { down: bytes.down / parcels, journalled: bytes.journalled / parcels };
}

it("law 12: forty lines cost each parcel what one line does", { timeout: 60_000 }, async () => {
  const [one, forty] = [await bytesFor(1), await bytesFor(40)];
  const ratios = { down: forty.down / one.down, journalled: forty.journalled / one.journalled };
  console.log(
    `bytes a parcel on one line: ${one.down.toFixed(0)} down, ${one.journalled.toFixed(0)} in the ` +
      `line's journal; 40 lines over 1: ${ratios.down.toFixed(3)} and ${ratios.journalled.toFixed(3)}`,
  );
  expect(ratios.down).toBeLessThan(ratioMax);
  expect(ratios.journalled).toBeLessThan(ratioMax);
});
