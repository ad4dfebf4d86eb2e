import type { ClearanceMirror } from "../line/clearance-mirror.ts";
import { secondLook } from "../line/commit.ts";
import type { DivertCommand, LineCommand } from "../line/commands.ts";
import type { LineConfig } from "../line/config.ts";
import type { LineEvent, LineEventBody } from "../line/events.ts";
import { initialLineState, type LineState } from "../line/state.ts";
import {
  logicVersion,
  nextReportCount,
  nextWakeCount,
  step,
  wantsEveryReport,
} from "../line/step.ts";
import type { SorterPort } from "../devices/sorter/sorter.ts";
import type { XrayPort } from "../devices/xray/xray.ts";
import { stepEntry } from "../journal/entries.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import type { Clock } from "../../protocols/time.ts";
import type { StationCommand } from "../../protocols/scanner/read-proof.ts";
import type { EpochMs, MonotonicMs } from "../../protocols/units.ts";
import { createBeltEstimate } from "./belt-estimate.ts";
import type { Recorder } from "./recorder.ts";

/**
 * One line's shell: stamps what comes in, lets the core think, journals both, and carries out the
 * core's commands once they are durable. Every event of the line passes through `receive`, one at
 * a time, in order of arrival.
 */
export interface LineHost {
  receive(body: LineEventBody): void;
  /** Sorter events also tell where the belt is; the core sees its feed thinned. */
  receiveSorter(event: SorterEvent): void;
  /** Something on the belt is committed and not yet diverted. */
  hasCommitments(): boolean;
  readonly state: Readonly<LineState>;
  readonly config: LineConfig;
  counters(): LineHostCounters;
  /** Takes nothing from now on: what comes late finds a journal that is being closed. */
  stop(): void;
}

export interface LineHostCounters {
  readonly eventsTotal: number;
  readonly divertsTotal: number;
  readonly commandsMissedTotal: number;
  readonly inboxEvents: number;
}

export interface LineHostOptions {
  readonly config: LineConfig;
  readonly configHash: string;
  /** Of this run of the agent; never repeats. */
  readonly epoch: string;
  readonly clock: Clock;
  readonly recorder: Recorder;
  /**
   * Called with the times of each event before it is taken, and of each command before it leaves:
   * whoever finds that time broke has all lines told first.
   */
  readonly lookAtTime: (at: MonotonicMs, wallAt: EpochMs) => void;
  readonly mirror: ClearanceMirror;
  readonly sorter: Pick<SorterPort, "send">;
  readonly xray: Pick<XrayPort, "announce"> | null;
  /** Where the tokens of this session begin, 0 to 9,999: drawn, so that no old answer fits. */
  readonly firstToken: number;
  /** Tokens and test triggers, for the reader or scale of this id. */
  readonly tellStation: (deviceId: string, command: StationCommand) => void;
  readonly claim: (lineId: string, passId: string, waybill: string) => boolean;
  /**
   * Our own code has thrown, and nobody knows what of the state still holds. The line takes nothing
   * any more; whoever runs it ends the process, so that the devices fall back to what is safe.
   */
  readonly onBug: (thrown: unknown, where: string) => void;
  /** Called with the time from the last input to the command on the wire, for metrics. */
  readonly onDivertSent?: (command: DivertCommand) => void;
}

/** What has come, and when. */
interface Arrival {
  readonly body: LineEventBody;
  readonly at: MonotonicMs;
  readonly wallAt: EpochMs;
}

/** The core sees a moving belt once a second; every change of its motion at once. */
const beltReportEveryMs = 1_000;

const late = { kind: "refused", why: "late" } as const;

export function createLineHost(options: LineHostOptions): LineHost {
  const { config, clock, recorder, sorter } = options;
  const { lineId } = config;
  const state = initialLineState(options.mirror);
  const inbox: Arrival[] = [];
  const totals = { events: 0, diverts: 0, missed: 0 };
  let isBusy = false;
  let isStopped = false;
  let hasFailed = false;
  let lastReport: { event: Extract<SorterEvent, { kind: "belt" }>; at: number } | null = null;

  const estimate = createBeltEstimate({
    clock,
    mmPerCount: config.belt.mmPerCount,
    onReached: () => receive({ kind: "countReached" }),
  });

  const failed = (thrown: unknown, what: string): void => {
    isStopped = true;
    hasFailed = true;
    inbox.length = 0;
    estimate.stop();
    options.onBug(thrown, `line ${lineId}, ${what}`);
  };

  const receive = (body: LineEventBody): void => {
    if (isStopped) return;
    const at = clock.monotonic();
    const wallAt = clock.wall();
    options.lookAtTime(at, wallAt);
    inbox.push({ body, at, wallAt });
    if (isBusy) return;
    isBusy = true;
    try {
      for (let next = inbox.shift(); next !== undefined; next = inbox.shift()) think(next);
    } catch (error) {
      failed(error, "an event");
    } finally {
      isBusy = false;
    }
  };

  const think = ({ body, at, wallAt }: Arrival): void => {
    totals.events += 1;
    const event: LineEvent = { ...body, at, wallAt, count: estimate.count() };
    const { commands, facts } = step(state, event, config);
    // What can only make an outcome safer waits for no disk.
    const later: LineCommand[] = [];
    for (const command of commands) {
      if (command.kind === "abort" || command.kind === "cancelAll") sorter.send(command);
      else later.push(command);
    }
    recorder.record(
      stepEntry(lineId, event, { commands, facts }),
      later.length === 0 ? undefined : (isDurable) => carryOutAll(later, isDurable),
    );
    estimate.wakeAt(nextWakeCount(state, config));
  };

  const carryOutAll = (commands: readonly LineCommand[], isDurable: boolean): void => {
    // What was decided before the bug is judged again before it leaves: by a state that is no more.
    if (hasFailed) return;
    try {
      for (const command of commands) carryOut(command, isDurable);
    } catch (error) {
      failed(error, "a command");
    }
  };

  /** The outbox's second look: only what is durable, still wanted and in time leaves. */
  const carryOut = (command: LineCommand, isDurable: boolean): void => {
    switch (command.kind) {
      case "divert":
        return divert(command, isDurable);
      case "announce":
        if (isDurable) options.xray?.announce(command.announcement);
        return;
      case "claim":
        if (isDurable) options.claim(lineId, command.passId, command.waybill);
        return;
      case "readToken":
        // Not sent at all is as good as sent too late: the read then proves nothing.
        if (isDurable)
          options.tellStation(command.deviceId, { kind: "token", token: command.token });
        return;
      case "testRead":
        if (isDurable) options.tellStation(command.deviceId, { kind: "test", test: command.test });
        return;
      case "belt":
        // The belt may be stopped whatever the disk does, but not started.
        if (isDurable || !command.run) sorter.send(command);
        return;
      case "induction":
        if (isDurable || !command.isPermitted) sorter.send(command);
        return;
      case "abort":
      case "cancelAll":
        sorter.send(command);
    }
  };

  const divert = (command: DivertCommand, isDurable: boolean): void => {
    const { commandId } = command;
    const count = estimate.count();
    const now = { at: clock.monotonic(), count };
    options.lookAtTime(now.at, clock.wall());
    const wanted = secondLook({ state, config, event: now }, command);
    // The core takes it back itself, and says why.
    if (wanted === "expired") receive({ kind: "clearanceChanged" });
    if (wanted !== "yes") return;
    const isInTime = isDurable && count <= command.notAfterCount;
    const sending = isInTime ? sorter.send(command) : late;
    if (sending.kind === "sent") {
      totals.diverts += 1;
      options.onDivertSent?.(command);
      return;
    }
    totals.missed += 1;
    receive({ kind: "commandMissed", commandId, why: sending.why });
  };

  const receiveSorter = (event: SorterEvent): void => {
    try {
      takeSorter(event);
    } catch (error) {
      failed(error, "a sorter's event");
    }
  };

  const takeSorter = (event: SorterEvent): void => {
    if (isStopped) return;
    estimate.observe(event);
    if (event.kind === "belt") {
      const at = clock.monotonic();
      const isNews =
        lastReport === null ||
        at - lastReport.at >= beltReportEveryMs ||
        event.epoch !== lastReport.event.epoch ||
        event.isRunning !== lastReport.event.isRunning ||
        event.emergencyStop !== lastReport.event.emergencyStop ||
        event.speedMmPerS !== lastReport.event.speedMmPerS ||
        event.count >= nextReportCount(state, config) ||
        wantsEveryReport(state);
      if (!isNews) return;
      lastReport = { event, at };
    }
    receive({ kind: "sorter", event });
  };

  recorder.record({
    kind: "open",
    lineId,
    logicVersion,
    wallAt: clock.wall(),
    config,
  });
  receive({
    kind: "opened",
    epoch: options.epoch,
    configHash: options.configHash,
    logicVersion,
    firstToken: options.firstToken,
  });

  return {
    receive,
    receiveSorter,
    hasCommitments: () => state.passes.some((pass) => pass.commitment !== null),
    state,
    config,
    counters: () => ({
      eventsTotal: totals.events,
      divertsTotal: totals.diverts,
      commandsMissedTotal: totals.missed,
      inboxEvents: inbox.length,
    }),
    stop: () => {
      isStopped = true;
      estimate.stop();
    },
  };
}
