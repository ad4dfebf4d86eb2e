import { Bug } from "../../protocols/bug.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { startAt } from "../unit/clearance-kit.ts";
import { bringPapers, bringReceipt } from "./senders.ts";
import { startClaimSite } from "./site.ts";

/** What each parcel costs its line, in bytes; the same parcels on every line, in virtual time. */
export interface BytesAParcel {
  /** From the centre to the line's agent. */
  readonly down: number;
  /** In the journal of the agent. */
  readonly journalled: number;
}

const parcelsPerLine = 6;
const gapMs = 4_000;
const beltMs = 36_000;

/** Every parcel is released, or this throws: bytes of a line that does nothing mean nothing. */
export async function bytesAParcel(linesTotal: number): Promise<BytesAParcel> {
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
      if (centre === null) throw new Bug("no centre runs");
      bringPapers(waybill)(centre, () => {});
      bringReceipt({ waybill })(centre, () => {});
      site.lines.get(lineId)?.put(waybill);
    }
    await site.runFor(gapMs);
  }
  await site.runFor(beltMs);
  const parcels = linesTotal * parcelsPerLine;
  if (bytes.greens !== parcels)
    throw new Bug(`${bytes.greens} of ${parcels} parcels were released`);
  return { down: bytes.down / parcels, journalled: bytes.journalled / parcels };
}
