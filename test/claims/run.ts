import type { Fact } from "../../protocols/facts.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createSeededEntropy, integer } from "../../simulators/world/chance.ts";
import { clearanceMachineId, type ClearanceCommand } from "../../edge/line/clearance-step.ts";
import type { Centre } from "../../edge/centre/centre.ts";
import { startAt } from "../unit/clearance-kit.ts";
import { createCarrier } from "./carrier.ts";
import { lacksAtEnd } from "./end.ts";
import type { ScheduleResult } from "./result.ts";
import {
  drawSchedule,
  lineIds,
  type Hold,
  type Papers,
  type Restart,
  type Schedule,
} from "./schedule.ts";
import {
  bringPapers,
  bringReceipt,
  createSenders,
  placeHold,
  takeOrder,
  type Senders,
} from "./senders.ts";
import { startClaimSite, type ClaimSite } from "./site.ts";
import { createWatch, type Watch } from "./watch.ts";

export async function runSchedule(seed: number): Promise<ScheduleResult> {
  const schedule = drawSchedule(seed);
  const clock = createVirtualClock({ wallStartAt: startAt });
  const now = (): number => clock.monotonic();
  const agentIdOf = (lineId: string): string =>
    schedule.isJoined ? "agent-both" : `agent-${lineId}`;
  const { least, most } = schedule.syncMs;
  const isAlarmedNow = (pass: Parameters<typeof isAlarmed>[1]): boolean =>
    isAlarmed(site.centre(), pass);
  const watch = createWatch({
    now,
    isAlarmed: isAlarmedNow,
    syncMsMax: most,
    readMsMax: schedule.reads.msMost,
  });
  const syncs = createSeededEntropy(seed, "syncs");
  const readings = createSeededEntropy(seed, "readings");
  const carry = createCarrier(schedule, now, agentIdOf);
  const site: ClaimSite = await startClaimSite({
    seed,
    clock,
    lineIds,
    agentIdOf,
    syncMs: () => integer(syncs, least, most),
    readMs: () => integer(readings, 0, schedule.reads.msMost),
    rowsHeldMax: schedule.reads.rowsHeldMax,
    agentSyncMs: () =>
      integer(syncs, Math.min(2, schedule.agentSyncMsMost), schedule.agentSyncMsMost),
    carry: (trip) => {
      watch.carried(trip);
      return carry(trip);
    },
    onGreen: (lineId, passId) => {
      const hosts = site.agentOf(lineId)?.hosts ?? [];
      const host = hosts.find(({ config }) => config.lineId === lineId);
      const identity = host?.state.byId.get(passId)?.identity;
      const waybill = identity?.kind === "one" ? identity.waybill : null;
      watch.green({ lineId, agentId: agentIdOf(lineId), passId, waybill });
    },
    onFired: (lineId, passId) => watch.fired({ lineId, agentId: agentIdOf(lineId), passId }),
    onEntry: (agentId, entry) => {
      if (entry.kind !== "step") return;
      for (const fact of (entry.facts ?? []) as Fact[]) {
        const isRelease = fact.kind === "decided" && fact.exit === "green";
        if (isRelease && fact.waybill !== null) watch.released(fact.waybill);
      }
      if (entry.lineId !== clearanceMachineId) return;
      for (const command of (entry.commands ?? []) as ClearanceCommand[]) {
        if (command.kind === "snapshotWanted") watch.gap(agentId, command.why);
      }
    },
    onDown: (agentId, message) => watch.down(agentId, message),
  });
  const senders = createSenders(() => site.centre());
  const befalling: Befalling = { site, watch, senders };
  for (const { atMs, act } of happenings(schedule, befalling)) {
    await site.runFor(atMs - clock.monotonic());
    act();
  }
  await site.runFor(schedule.endMs - clock.monotonic());
  return {
    seed,
    wrong: [...watch.wrong, ...lacksAtEnd({ schedule, site, greens: watch.greens, now: now() })],
    parcels: schedule.parcels.length,
    holds: schedule.holds.length,
    restarts: schedule.restarts.length,
    ...watch.counts(),
  };
}

/** An alarm says that this pass may be released. */
const isAlarmed = (
  centre: Centre | null,
  pass: { readonly lineId: string; readonly passId: string },
): boolean =>
  [...(centre?.site.scene.alarms.values() ?? [])].some(
    ({ code, lineId, passId }) =>
      code === "doubtUnconfirmed" && lineId === pass.lineId && passId === pass.passId,
  );

interface Happening {
  readonly atMs: number;
  readonly act: () => void;
}

interface Befalling {
  readonly site: ClaimSite;
  readonly watch: Watch;
  readonly senders: Senders;
}

function happenings(schedule: Schedule, befalling: Befalling): readonly Happening[] {
  const { parcels, papers, holds, weather, restarts } = schedule;
  const { site } = befalling;
  return [
    ...parcels.map(({ lineId, atMs, waybill }) => ({
      atMs,
      act: () => site.lines.get(lineId)?.put(waybill),
    })),
    ...papers.flatMap((each) => papersCome(each, befalling)),
    ...holds.flatMap((hold, index) => holdComes(hold, `C${index}`, befalling)),
    ...weather.flatMap(({ lineId, fromMs, toMs, kind }): Happening[] =>
      kind !== "cut"
        ? []
        : [
            { atMs: fromMs, act: () => site.link.cut(site.agentIdOf(lineId)) },
            { atMs: toMs, act: () => site.link.restore(site.agentIdOf(lineId)) },
          ],
    ),
    ...restarts.flatMap((restart) => restartComes(restart, befalling)),
  ].toSorted((one, other) => one.atMs - other.atMs);
}

function papersCome(papers: Papers, { watch, senders }: Befalling): readonly Happening[] {
  const { waybill, atMs, receiptAtMs } = papers;
  let isWhole = receiptAtMs === atMs;
  const come = (): void =>
    senders.bring(bringPapers(waybill), () => {
      if (!isWhole) watch.waits(waybill);
    });
  const receiptComes = (): void => {
    isWhole = true;
    watch.waitsNoMore(waybill);
    senders.bring(bringReceipt(papers), () => watch.founded(waybill));
  };
  const whole = { atMs, act: come };
  return receiptAtMs === null ? [whole] : [whole, { atMs: receiptAtMs, act: receiptComes }];
}

/** Whoever controls is told which lines have confirmed; for customs' words nobody waits. */
function holdComes(
  hold: Hold,
  id: string,
  { site, watch, senders }: Befalling,
): readonly Happening[] {
  const { waybill, by, atMs, takenAtMs } = hold;
  let isPlaced = false;
  let isLifted = false;
  const come = (): void =>
    senders.bring(
      (centre, then) =>
        centre.site.desk.look(waybill, (view) => {
          if (view === null) return then(false);
          isPlaced = by === "control" || view.manifest !== null;
          if (isPlaced) placeHold(hold, id)(centre, then);
          else then(true);
        }),
      (centre) => {
        if (!isPlaced || isLifted) return;
        watch.held({ id, waybill, isUnasked: by !== "control" });
        if (by === "refusal") watch.waits(waybill);
        if (by !== "control") return;
        void centre.doubts.heldBack(waybill).then((heldBack) => {
          if (site.centre() === centre) watch.answered({ id, waybill }, heldBack);
          // A dead centre answers nobody.
          else come();
        });
      },
    );
  const placed = { atMs, act: come };
  if (takenAtMs === null) return [placed];
  const lift = (): void => {
    isLifted = true;
    watch.lifted({ id, waybill });
    watch.waitsNoMore(waybill);
    senders.bring(takeOrder(hold), () => {});
  };
  return [placed, { atMs: takenAtMs, act: lift }];
}

function restartComes(
  { of, fromMs, toMs, isSyncThrough }: Restart,
  { site, watch, senders }: Befalling,
): readonly Happening[] {
  if (of === "centre") {
    const start = (): void =>
      void site.startCentre().then(() => {
        if (site.centre() === null) return;
        watch.centreRuns();
        senders.bringAgain();
      });
    const kill = (): void => {
      site.killCentre({ isSyncThrough });
      watch.centreKilled();
    };
    return [
      { atMs: fromMs, act: kill },
      { atMs: toMs, act: start },
    ];
  }
  const agentId = site.agentIdOf(of);
  return [
    { atMs: fromMs, act: () => site.killAgent(agentId, { isSyncThrough }) },
    { atMs: toMs, act: () => site.startAgent(agentId) },
  ];
}
