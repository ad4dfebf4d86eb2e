import { isMapped } from "../../devices/sorter/open-sorter.ts";
import { modbusTimesOf } from "../../devices/sorter/plc-map-modbus-time.ts";
import { answerMsMax } from "../../devices/sorter/plc-map/machine.ts";
import type { AgentFile } from "./agent-file.ts";
import { latchPollMsMax } from "./check-plc-map.ts";
import { error, note, type Finding } from "./finding.ts";

/**
 * A serial line may be too slow for its line. What the belt does is known two polls late at the most,
 * or five with latches (`edge/devices/sorter/README.md`, rule 6), and a command needs its own time
 * after that.
 */
export function checkModbusTime({ line, devices }: AgentFile["lines"][number]): Finding[] {
  const { dialect, reach } = devices.sorter;
  if (!isMapped(dialect) || dialect.kind !== "plc-map-modbus") return [];
  if (reach.kind !== "serial") return [];
  const { pollMs, commandMs } = modbusTimesOf(dialect, reach);
  const takes = `at ${reach.baudRate} baud the map's registers take ${Math.ceil(pollMs)} ms to read`;
  const key = "devices.sorter.reach.baudRate";
  if (pollMs > answerMsMax) {
    const sentence = `${takes}, and what takes more than ${answerMsMax} ms proves nothing: take a faster line, fewer registers or a smaller ring`;
    return [error(key, sentence)];
  }
  const { leadMs, deviceLeadMs } = line.commit;
  if (dialect.latches !== undefined && pollMs > latchPollMsMax(line)) {
    const sentence = `${takes}, and more than ${latchPollMsMax(line)} ms do not tell the closest parcels apart`;
    return [error(key, sentence)];
  }
  const everyMs = Math.max(pollMs, dialect.pollMs);
  const polls = dialect.latches === undefined ? 2 : 5;
  const neededMs = Math.ceil(polls * everyMs + commandMs);
  const sentence = `${takes} and a command ${Math.ceil(commandMs)} ms to write, without the time that the controller needs`;
  if (neededMs > leadMs - deviceLeadMs) {
    return [
      error(
        "commit.leadMs",
        `${sentence}: ${polls} polls and a command are ${neededMs} ms, and ${leadMs - deviceLeadMs} are left before the controller refuses it; take a faster line, fewer registers, or more leadMs`,
      ),
    ];
  }
  return [note(key, sentence)];
}
