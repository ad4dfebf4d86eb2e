import type { SorterPort } from "../devices/sorter/sorter.ts";
import type { XrayPort } from "../devices/xray/xray.ts";
import { secondLook } from "../line/commit.ts";
import type { DivertCommand, LineCommand } from "../line/commands.ts";
import type { LineConfig } from "../line/config.ts";
import type { LineEventBody } from "../line/events.ts";
import { mayStart } from "../line/machine.ts";
import type { LineState } from "../line/state.ts";
import type { ProofCommand } from "../../protocols/scanner/read-proof.ts";
import type { Clock } from "../../protocols/time.ts";
import type { BeltCount, EpochMs, MonotonicMs } from "../../protocols/units.ts";

/** Where a line's commands go. */
export interface LineReach {
  readonly clock: Clock;
  /**
   * Called with the times of each event before it is taken, and of each command before it leaves:
   * whoever finds that time broke has all lines told first.
   */
  readonly lookAtTime: (at: MonotonicMs, wallAt: EpochMs) => void;
  readonly sorter: Pick<SorterPort, "send">;
  readonly xray: Pick<XrayPort, "announce"> | null;
  /** Tokens and test triggers, for the reader or scale of this id. */
  readonly tellDevice: (deviceId: string, command: ProofCommand) => void;
  /** One that does not leave is a claim that nobody grants: the line waits, and doubts (law 1). */
  readonly claim: (lineId: string, passId: string, waybill: string) => void;
  /** Called when a divert command is on the wire, for metrics. */
  readonly onDivertSent?: (command: DivertCommand) => void;
}

/** The line whose commands they are. */
export interface OutboxLine {
  readonly config: LineConfig;
  readonly state: LineState;
  readonly count: () => BeltCount;
  readonly receive: (body: LineEventBody) => void;
}

/** The core's commands on their way to the devices (law 5). */
export interface LineOutbox {
  /** What can only make an outcome safer waits for no disk. It leaves now; the rest is given back. */
  sendSafest(commands: readonly LineCommand[]): readonly LineCommand[];
  /** The second look, once the batch is synced or has failed: only what is still right leaves. */
  carryOut(command: LineCommand, isDurable: boolean): void;
  divertsTotal(): number;
  commandsMissedTotal(): number;
}

const late = { kind: "refused", why: "late" } as const;

export function createLineOutbox(reach: LineReach, line: OutboxLine): LineOutbox {
  const { clock, sorter } = reach;
  const { config, state } = line;
  let divertsTotal = 0;
  let commandsMissedTotal = 0;

  const divert = (command: DivertCommand, isDurable: boolean): void => {
    const count = line.count();
    const now = { at: clock.monotonic(), count };
    reach.lookAtTime(now.at, clock.wall());
    const wanted = secondLook({ state, config, event: now }, command);
    // The core takes it back itself, and says why.
    if (wanted === "expired") line.receive({ kind: "clearanceChanged" });
    if (wanted !== "yes") return;
    const isInTime = isDurable && count <= command.notAfterCount;
    const sending = isInTime ? sorter.send(command) : late;
    if (sending.kind === "sent") {
      divertsTotal += 1;
      reach.onDivertSent?.(command);
      return;
    }
    commandsMissedTotal += 1;
    line.receive({ kind: "commandMissed", commandId: command.commandId, why: sending.why });
  };

  return {
    sendSafest(commands) {
      const later: LineCommand[] = [];
      for (const command of commands) {
        if (command.kind === "abort" || command.kind === "cancelAll") sorter.send(command);
        else later.push(command);
      }
      return later;
    },
    carryOut(command, isDurable) {
      if (command.kind === "divert") divert(command, isDurable);
      else if (command.kind === "belt" && command.run && !mayStart(state)) return;
      else if (isDurable || isSafeUnwritten(command)) send(command, reach, config.lineId);
    },
    divertsTotal: () => divertsTotal,
    commandsMissedTotal: () => commandsMissedTotal,
  };
}

type OtherCommand = Exclude<LineCommand, DivertCommand>;

/** Whether a command may leave though its record could not be made durable. */
function isSafeUnwritten(command: OtherCommand): boolean {
  switch (command.kind) {
    // The belt may be stopped whatever the disk does, but not started.
    case "belt":
      return !command.run;
    case "induction":
      return !command.isPermitted;
    case "abort":
    case "cancelAll":
      return true;
    // A token not sent at all is as good as sent too late: the read then proves nothing.
    case "triggerRead":
    case "endTrigger":
    case "readToken":
    case "testRead":
    case "announce":
    case "claim":
      return false;
  }
}

function send(command: OtherCommand, reach: LineReach, lineId: string): void {
  switch (command.kind) {
    case "announce":
      return void reach.xray?.announce(command.announcement);
    case "claim":
      return reach.claim(lineId, command.passId, command.waybill);
    case "triggerRead":
      return reach.tellDevice(command.deviceId, { kind: "trigger" });
    case "endTrigger":
      return reach.tellDevice(command.deviceId, { kind: "endTrigger" });
    case "readToken":
      return reach.tellDevice(command.deviceId, { kind: "token", token: command.token });
    case "testRead":
      return reach.tellDevice(command.deviceId, { kind: "test", test: command.test });
    case "belt":
    case "induction":
    case "abort":
    case "cancelAll":
      return void reach.sorter.send(command);
  }
}
