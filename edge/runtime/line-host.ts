import type { ClearanceMirror } from "../line/clearance-mirror.ts";
import type { LineCommand } from "../line/commands.ts";
import type { LineConfig } from "../line/config.ts";
import type { LineEvent, LineEventBody } from "../line/events.ts";
import { initialLineState, type LineState } from "../line/state.ts";
import { isReportAwaited, logicVersion, nextWakeCount, step, wakeCountNow } from "../line/step.ts";
import { stepEntry } from "../journal/entries.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import type { ToldFact } from "../../protocols/told-facts.ts";
import type { BeltCount, EpochMs, MonotonicMs } from "../../protocols/units.ts";
import { createBeltEstimate } from "./belt-estimate.ts";
import { createBeltThinning } from "./belt-thinning.ts";
import { createLineOutbox, type LineReach } from "./line-outbox.ts";
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

export interface LineHostOptions extends LineReach {
  readonly config: LineConfig;
  readonly configHash: string;
  /** Of this run of the agent; never repeats. */
  readonly epoch: string;
  readonly recorder: Recorder;
  readonly mirror: ClearanceMirror;
  /** Where the tokens of this session begin, 0 to 9,999: drawn, so that no old answer fits. */
  readonly firstToken: number;
  /**
   * Our own code has thrown, and nobody knows what of the state still holds. The line takes nothing
   * any more; whoever runs it ends the process, so that the devices fall back to what is safe.
   */
  readonly onBug: (thrown: unknown, where: string) => void;
  /** What the core has told, before it is durable: for whatever is shown at the belt. Must not throw. */
  readonly onFacts?: (facts: readonly ToldFact[]) => void;
}

/** What has come while the core was thinking, and when. */
interface Arrival {
  readonly body: LineEventBody;
  readonly at: MonotonicMs;
  readonly wallAt: EpochMs;
}

export function createLineHost(options: LineHostOptions): LineHost {
  const { config, clock, recorder } = options;
  const { lineId } = config;
  const state = initialLineState(options.mirror);
  const inbox: Arrival[] = [];
  let eventsTotal = 0;
  let isBusy = false;
  let isStopped = false;
  let hasFailed = false;

  const estimate = createBeltEstimate({
    clock,
    mmPerCount: config.belt.mmPerCount,
    onReached: () => {
      try {
        wake();
      } catch (error) {
        failed(error, "a look at what is due");
      }
    },
  });
  const count = (): BeltCount => estimate.count();
  const isNews = createBeltThinning((report) => isReportAwaited(state, config, report.count));

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
    if (isBusy) {
      inbox.push({ body, at, wallAt });
      return;
    }
    isBusy = true;
    try {
      think(body, at, wallAt);
      for (let next = inbox.shift(); next !== undefined; next = inbox.shift()) {
        think(next.body, next.at, next.wallAt);
      }
    } catch (error) {
      failed(error, "an event");
    } finally {
      isBusy = false;
    }
  };

  const outbox = createLineOutbox(options, { config, state, count, receive });

  const think = (body: LineEventBody, at: MonotonicMs, wallAt: EpochMs): void => {
    eventsTotal += 1;
    const event: LineEvent = { ...body, at, wallAt, count: count() };
    const { commands, facts } = step(state, event, config);
    const later = outbox.sendSafest(commands);
    recorder.record(
      stepEntry(lineId, event, { commands, facts }),
      commands.length === 0 ? undefined : (isDurable) => carryOutAll(later, isDurable),
    );
    estimate.wakeAt(nextWakeCount(state, config));
    options.onFacts?.(facts);
  };

  const carryOutAll = (commands: readonly LineCommand[], isDurable: boolean): void => {
    // What was decided before the bug is judged again before it leaves: by a state that is no more.
    if (hasFailed) return;
    try {
      for (const command of commands) outbox.carryOut(command, isDurable);
    } catch (error) {
      failed(error, "a command");
    }
  };

  const wake = (): void => {
    const dueAtCount = wakeCountNow(state, config);
    if (count() >= dueAtCount) receive({ kind: "countReached" });
    else estimate.wakeAt(dueAtCount);
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
    if (event.kind === "belt" && !isNews(event, clock.monotonic())) return;
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
      eventsTotal,
      divertsTotal: outbox.divertsTotal(),
      commandsMissedTotal: outbox.commandsMissedTotal(),
      inboxEvents: inbox.length,
    }),
    stop: () => {
      isStopped = true;
      estimate.stop();
    },
  };
}
