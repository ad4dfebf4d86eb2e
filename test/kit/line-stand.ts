import type { SorterCommandBody } from "../../edge/devices/sorter/sorter.ts";
import type { JournalEntry } from "../../edge/journal/entries.ts";
import { emptyClearanceMirror } from "../../edge/line/clearance-mirror.ts";
import { stepClearance } from "../../edge/line/clearance-step.ts";
import type { LineConfig } from "../../edge/line/config.ts";
import { createLineHost, type LineHost } from "../../edge/runtime/line-host.ts";
import { asBug, type Bug } from "../../protocols/bug.ts";
import type { ClaimAnswer, ClearanceMessage } from "../../protocols/link.ts";
import type { ProofCommand } from "../../protocols/scanner/read-proof.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import { sent as sentIt, type Sending } from "../../protocols/transport.ts";
import { beltCount } from "../../protocols/units.ts";
import { createVirtualClock, type VirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { benchConfig, recordOf } from "./line-bench.ts";

type WithoutNumber<T> = T extends unknown ? Omit<T, "epoch" | "seq"> : never;

/**
 * The shell around the pure line, in virtual time with a journal whose syncs the test grants: no
 * command leaves before its entry is durable, and each is looked at again before it does.
 */
export interface LineStand {
  readonly clock: VirtualClock;
  readonly host: LineHost;
  readonly entries: JournalEntry[];
  readonly sent: SorterCommandBody[];
  readonly told: readonly ProofCommand[];
  readonly claims: string[];
  readonly bugs: readonly Bug[];
  /** Makes everything recorded so far durable, or says that it is not. */
  sync(isDurable?: boolean): void;
  /** As the shell does it: in the stream, with the record, then to the line. */
  answerClaim(answer: ClaimAnswer): void;
  say(event: WithoutNumber<SorterEvent>): void;
  /** Lets time pass, with a report of the belt every 100 ms. */
  run(ms: number): void;
  /** What the sorter's wire says from now on to whatever it is given. */
  answer(sending: Sending): void;
}

export interface LineStandOptions {
  readonly leaseMs?: number;
  readonly config?: LineConfig;
}

export function createLineStand({
  leaseMs = 600_000,
  config = benchConfig,
}: LineStandOptions = {}): LineStand {
  const clock = createVirtualClock();
  const mirror = emptyClearanceMirror();
  const entries: JournalEntry[] = [];
  const sent: SorterCommandBody[] = [];
  const told: ProofCommand[] = [];
  const claims: string[] = [];
  const bugs: Bug[] = [];
  let waiting: ((isDurable: boolean) => void)[] = [];
  let answer: Sending = sentIt;
  let seq = 0;
  let count = 0;
  const host = createLineHost({
    config,
    configHash: "0".repeat(64),
    epoch: "e1",
    clock,
    lookAtTime: () => {},
    mirror,
    recorder: {
      record: (entry, then) => {
        entries.push(entry);
        if (then !== undefined) waiting.push(then);
      },
    },
    sorter: {
      send: (command) => {
        if (answer.kind === "sent") sent.push(command);
        return answer;
      },
    },
    xray: { announce: () => sentIt },
    onBug: (thrown, where) => bugs.push(asBug(thrown, where)),
    firstToken: 0,
    tellDevice: (_deviceId, command) => void told.push(command),
    claim: (_lineId, _passId, wanted) => {
      claims.push(wanted);
      return true;
    },
  });
  const stamp = { at: clock.monotonic(), wallAt: clock.wall() };
  const stream = { stream: "c-1" };
  const messages: ClearanceMessage[] = [
    { kind: "snapshotBegin", ...stream, seq: 0, claimsTotal: 0 },
    { kind: "snapshotPart", ...stream, seq: 1, claims: [] },
    { kind: "snapshotEnd", ...stream, seq: 2, leaseMs, heardAt: clock.monotonic() },
  ];
  for (const message of messages) {
    stepClearance(mirror, { kind: "clearance", ...stamp, message });
  }
  const answerClaim = (answer: ClaimAnswer): void => {
    const record = recordOf(answer.waybill);
    const message = {
      kind: "claimAnswer",
      ...stream,
      seq: 3,
      answer,
      isHeld: true,
      record,
    } as const;
    host.receive({ kind: "answerTold", message });
  };
  const say = (event: WithoutNumber<SorterEvent>): void => {
    host.receiveSorter({ epoch: "s-1", seq, ...event });
    seq += 1;
  };
  const report = (): void =>
    say({
      kind: "belt",
      count: beltCount(count),
      speedMmPerS: benchConfig.belt.speedMmPerS,
      isRunning: true,
      emergencyStop: false,
    });
  return {
    clock,
    host,
    entries,
    sent,
    claims,
    bugs,
    told,
    answerClaim,
    say,
    sync: (isDurable = true) => {
      const due = waiting;
      waiting = [];
      for (const follow of due) follow(isDurable);
    },
    run: (ms) => {
      for (let left = ms; left > 0; left -= 100) {
        const by = Math.min(100, left);
        clock.runFor(by);
        count += by;
        report();
      }
    },
    answer: (next) => {
      answer = next;
    },
  };
}
