import { delayMsMax } from "../../devices/sorter/event-order.ts";
import {
  counterOf,
  countsPerMsMax,
  halfTurnCounts,
  isMapped,
} from "../../devices/sorter/open-sorter.ts";
import type { AgentFile } from "./agent-file.ts";
import { error, note, type Finding } from "./finding.ts";
import type { LineFile } from "./line-file.ts";

/**
 * A sorter's counter that wraps tells two places on the belt apart only within half a turn. What the
 * line trusts, and what it commands, must lie within that.
 */
export function checkCounter({ line, devices }: AgentFile["lines"][number]): Finding[] {
  const counter = counterOf(devices.sorter);
  if (counter === null) return [];
  const { belt, tracking, commit, layout } = line;
  const { staleAfterMs } = devices.sorter;
  const findings: Finding[] = [];
  const halfTurn = halfTurnCounts(devices.sorter);
  const silenceMs = Math.floor(halfTurn / countsPerMsMax(belt));
  const name = `a counter of ${counter.bits} bits at ${belt.mmPerCount} mm a count`;
  if (staleAfterMs > silenceMs) {
    findings.push(
      error(
        "devices.sorter.staleAfterMs",
        `${name} may turn by half within ${silenceMs} ms, so that nobody could tell where the belt is while the sorter still counts as heard: take a wider counter or a coarser encoder`,
      ),
    );
  }
  const swingMs = Math.max(...layout.diverters.map((diverter) => diverter.swingMs));
  const aheadMm =
    commit.windowMm +
    (belt.speedMmPerS * (commit.leadMs + swingMs)) / 1_000 +
    tracking.earlyMm +
    tracking.lengthMmMax +
    tracking.lateMm;
  const halfTurnMm = halfTurn * belt.mmPerCount;
  if (aheadMm > halfTurnMm) {
    findings.push(
      error(
        "commit.windowMm",
        `commands would name counts up to ${Math.round(aheadMm)} mm ahead, and beyond ${Math.round(halfTurnMm)} mm ${name} cannot tell what is ahead from what is past`,
      ),
    );
  }
  const behindMm = imageBehindMm(line);
  if (behindMm > halfTurnMm) {
    findings.push(
      error(
        "layout.xray.toMm",
        `an image may be told of a parcel that entered the X-ray up to ${Math.round(behindMm)} mm before the last one announced, and beyond ${Math.round(halfTurnMm)} mm ${name} cannot tell which turn its count is of: take a wider counter or a coarser encoder`,
      ),
    );
  }
  const hasMap = isMapped(devices.sorter.dialect);
  // A map knows how old each of its counts is.
  const isGateOpen = !hasMap && delayMsMax * countsPerMsMax(belt) > halfTurn;
  findings.push(
    note(
      `devices.sorter.dialect.${hasMap ? "count" : "counter"}`,
      `${name} tells where the belt is over silences of up to ${(silenceMs / 1_000).toFixed(1)} s; after a longer one the belt is unknown${isGateOpen ? ", and no count is ever refused for being too far off" : ""}`,
    ),
  );
  return findings;
}

/**
 * How far before the last announced parcel one may have entered whose image is still awaited: it has
 * been through the tunnel and its image was late, and the other was announced a second of belt ahead.
 */
function imageBehindMm({ belt, tracking, layout: { xray } }: LineFile): number {
  if (xray === null) return 0;
  const { earlyMm, lateMm, lengthMmMax, eventLateMs } = tracking;
  const ranMm = (belt.speedMmPerS * (1_000 + eventLateMs)) / 1_000;
  return xray.toMm - xray.fromMm + lengthMmMax + ranMm + earlyMm + lateMm;
}
