import type { JournalEntry } from "../../../edge/journal/entries.ts";
import { lineConfigOf } from "../../../edge/runtime/config/read-agent-file.ts";
import { createLineHost, type LineHost } from "../../../edge/runtime/line-host.ts";
import type { Recorder } from "../../../edge/runtime/recorder.ts";
import type { Fact } from "../../../protocols/facts.ts";
import { exits } from "../../../protocols/sorting.ts";
import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import { createLineFaults, type LineFaults } from "../../../simulators/faults/faults.ts";
import type { FaultPlan } from "../../../simulators/faults/plan.ts";
import { defaultAlgorithm } from "../../../simulators/images/algorithm.ts";
import { createAttendant } from "../../../simulators/lab/attendant.ts";
import { createParcelStream } from "../../../simulators/scenarios/parcel-stream.ts";
import type { ScenarioOptions } from "../../../simulators/scenarios/options.ts";
import { createSeededEntropy } from "../../../simulators/world/chance.ts";
import { defaultLayout } from "../../../simulators/world/layout.ts";
import { createLineWorld, type LineWorld } from "../../../simulators/world/line-world.ts";
import type { LineDevices } from "../../../simulators/world/ports.ts";
import type { Evidence } from "../evidence.ts";
import { siteFiles } from "../site-files.ts";
import type { Truth } from "../truth.ts";
import { createDayCentre, type DayCentre } from "./day-centre.ts";
import { createDaySorter, type DaySorter } from "./day-sorter.ts";
import { createDaySupply } from "./day-supply.ts";
import { createDayXray, type DayXray } from "./day-xray.ts";

/** One line whose world and core meet at their ports, without a wire between. */
export interface DayLine {
  readonly world: LineWorld;
  readonly faults: LineFaults;
  readonly host: LineHost;
  start(): void;
}

export interface DayLineOptions {
  readonly seed: number;
  readonly clock: Clock;
  readonly scenario: ScenarioOptions;
  readonly faultPlan: FaultPlan;
  readonly truth: Truth;
  readonly evidence: Evidence;
  readonly onEntry: (entry: JournalEntry) => void;
  readonly onFaultFired: (name: string) => void;
  readonly onFaultMended: (name: string) => void;
}

const lineId = "L1";
const syncMs = 2;

export function createDayLine(options: DayLineOptions): DayLine {
  const { seed, clock, truth } = options;
  const entropy = (concern: string) => createSeededEntropy(seed, `day ${concern}`);
  const faults = createLineFaults({
    clock,
    entropy: entropy("faults"),
    plan: options.faultPlan,
    onFired: options.onFaultFired,
    onMended: options.onFaultMended,
  });
  const recorder = createDayRecorder(clock, (entry) => {
    options.onEntry(entry);
    if (entry.kind === "step") for (const fact of (entry.facts ?? []) as Fact[]) centre.learn(fact);
  });
  const centre = createDayCentre({
    lineId,
    clock,
    record: (entry) => recorder.record(entry),
    onClearance: () => {
      if (host.hasCommitments()) host.receive({ kind: "clearanceChanged" });
    },
    onClaimAnswer: (answer) => host.receive({ kind: "claimAnswer", answer }),
  });
  const stream = createParcelStream({
    seed,
    lineIndex: 0,
    scenario: options.scenario,
    beltSpeedMmPerS: defaultLayout.beltSpeedMmPerS,
  });
  const xray = createDayXray({
    clock,
    entropy: entropy("algorithm"),
    algorithm: defaultAlgorithm,
    hear: (event) => host.receive(event),
    onImage: truth.onImage,
    onVerdict: truth.onVerdict,
  });
  const attendant = createAttendant({
    clock,
    entropy: entropy("attendant"),
    pressReset: () => sorter.localReset(),
  });
  const silent = { scanner: false, scale: false };
  const world: LineWorld<LineDevices & { readonly daySorter: DaySorter }> = createLineWorld(
    {
      clock,
      entropy: entropy("people"),
      layout: defaultLayout,
      source: createDaySupply({
        clock,
        stream,
        centre,
        onTaken: ({ documents }) => documents && options.evidence.documentsTaken(documents),
        onStopped: options.evidence.stopped,
        onReleased: truth.onReleased,
      }),
      faults,
      oracle: truth,
      foreignParcel: () => stream.foreign(),
    },
    (machinery) => {
      const daySorter = createDaySorter({
        clock,
        machinery: {
          ...machinery,
          runBelt(run) {
            attendant.lineStands(!run);
            machinery.runBelt(run);
          },
        },
        hear: (event) => host.receiveSorter(event),
      });
      return {
        daySorter,
        sorter: daySorter.side,
        scanner: {
          read: (labels) => {
            if (silent.scanner) return;
            host.receive({ kind: "read", codes: labels.map((text) => ({ text, aim: "]C0" })) });
          },
        },
        scale: {
          settled: (weightG) => {
            if (!silent.scale) host.receive({ kind: "weight", weightG });
          },
        },
        xray: xray.side,
      };
    },
  );
  const sorter = world.devices.daySorter;
  const { config, configHash } = lineConfigOf(
    siteFiles({ lineId, ...site }, clock.wall()).role.line,
  );
  const host = createLineHost({
    config,
    configHash,
    epoch: "e1",
    clock,
    recorder,
    sorter,
    xray,
    mirror: centre.mirror,
    claim: (_lineId, passId, waybill) => centre.claim(passId, waybill),
  });
  return {
    world,
    faults,
    host,
    start() {
      for (const { deviceId } of [config.layout.scanner, ...spans(config.layout)]) {
        host.receive({ kind: "health", deviceId, state: "receiving", why: null });
      }
      host.receive({
        kind: "health",
        deviceId: config.layout.sorterId,
        state: "receiving",
        why: null,
      });
      host.receive({ kind: "xrayReady", isReady: true, why: null });
      centre.start();
      sorter.start();
      faults.start(switchesOf({ world, xray, centre, silent, evidence: options.evidence }));
    },
  };
}

const site = {
  inspectionRate: 0,
  imageVerdictBy: "algorithm",
  drawSecretHex: "5a".repeat(32),
} as const;

const spans = ({ scale, xray }: LineHost["config"]["layout"]): { readonly deviceId: string }[] =>
  [scale, xray].filter((span) => span !== null);

/** Everything is durable a moment after it was recorded; nothing is kept. */
function createDayRecorder(clock: Clock, onEntry: (entry: JournalEntry) => void): Recorder {
  let waiting: ((isDurable: boolean) => void)[] = [];
  return {
    record(entry, then) {
      onEntry(entry);
      if (then === undefined) return;
      waiting.push(then);
      if (waiting.length > 1) return;
      clock.schedule(monotonicMs(clock.monotonic() + syncMs), () => {
        const batch = waiting;
        waiting = [];
        for (const each of batch) each(true);
      });
    },
  };
}

/** A verdict this late finds its parcel beyond the last diverter. */
const verdictLateByMs = 40_000;

/** What can be broken here: the world, and what the simple devices leave out. */
function switchesOf(line: {
  readonly world: LineWorld;
  readonly xray: DayXray;
  readonly centre: DayCentre;
  readonly silent: { scanner: boolean; scale: boolean };
  readonly evidence: Evidence;
}): Parameters<LineFaults["start"]>[0] {
  const { world, xray, centre, silent, evidence } = line;
  return {
    beltStopped: (isOn) => world.setDriveFault(isOn),
    emergencyStop: (isOn) => world.setEmergencyStop(isOn),
    encoderSlips: (isOn, strength) => world.hands.slipEncoder(isOn ? 0.9 + 0.2 * strength : 1),
    chuteBlocked: (isOn, strength) => {
      for (const [index, exit] of exits.entries()) {
        if (!isOn || index === Math.floor(strength * exits.length)) {
          world.hands.blockChute(exit, isOn);
        }
      }
    },
    scannerSilent: (isOn) => void (silent.scanner = isOn),
    scaleSilent: (isOn) => void (silent.scale = isOn),
    xrayImagesLost: (isOn) => void (xray.faults.losesImages = isOn),
    algorithmSilent: (isOn) => void (xray.faults.losesVerdicts = isOn),
    verdictsLate: (isOn) => void (xray.faults.verdictLateByMs = isOn ? verdictLateByMs : 0),
    linkCut: (isOn) => {
      evidence.linkChanged(!isOn);
      centre.setCut(isOn);
    },
  };
}
