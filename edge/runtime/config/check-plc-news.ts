import { lifeEveryMs } from "../../devices/sorter/plc-map/machine.ts";
import type { AgentFile } from "./agent-file.ts";
import { error, type Finding } from "./finding.ts";

const dialectKey = "devices.sorter.dialect";

/** To write a command and have it judged, as the slowest that was measured at a server on a network. */
const commandMs = 50;
/**
 * A subscription that tells nothing any more is found out within so many of `everyMsMax`
 * (`edge/devices/wires/opcua/subscribed-reads.ts`).
 */
const silencesMax = 5;

/** Whether a line whose sorter is read on news stands its being read as seldom as it may be. */
export function checkPlcNews({ line, devices }: AgentFile["lines"][number]): Finding[] {
  const { dialect, reach, staleAfterMs } = devices.sorter;
  if (dialect.kind !== "plc-map" || dialect.subscription === undefined) return [];
  const { pollMs, ackMs, subscription } = dialect;
  const { everyMsMax, samplingMs } = subscription;
  const { leadMs, deviceLeadMs } = line.commit;
  const findings: Finding[] = [];
  const neededMs = 2 * (everyMsMax + pollMs) + commandMs;
  if (neededMs > leadMs - deviceLeadMs) {
    findings.push(
      error(
        `${dialectKey}.subscription.everyMsMax`,
        `what the belt does may be known two readings late, and with a command that is ${neededMs} ms; ${leadMs - deviceLeadMs} are left of commit.leadMs before the controller refuses it`,
      ),
    );
  }
  if (silencesMax * everyMsMax > staleAfterMs - lifeEveryMs) {
    findings.push(
      error(
        `${dialectKey}.subscription.everyMsMax`,
        `a subscription that has died is noticed after ${silencesMax * everyMsMax} ms, and the sorter counts as silent after ${staleAfterMs - lifeEveryMs}; staleAfterMs less ${lifeEveryMs} must not be less`,
      ),
    );
  }
  const answerMs = everyMsMax + 2 * pollMs;
  if (answerMs > ackMs) {
    findings.push(
      error(
        `${dialectKey}.ackMs`,
        `it must be at least ${answerMs}: so long an answer may stand before it is read, and meanwhile the command would be written again`,
      ),
    );
  }
  const unmet = (key: string, askedMs: number): Finding =>
    error(key, `${askedMs} ms is more than subscription.everyMsMax, so it would always be polled`);
  if (samplingMs > everyMsMax) {
    findings.push(unmet(`${dialectKey}.subscription.samplingMs`, samplingMs));
  }
  if (reach.kind === "opcua" && reach.publishingIntervalMs > everyMsMax) {
    findings.push(unmet("devices.sorter.reach.publishingIntervalMs", reach.publishingIntervalMs));
  }
  return findings;
}
