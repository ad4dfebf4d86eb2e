import { asBug } from "../../../protocols/bug.ts";
import type { JournalEntry } from "../../../edge/journal/entries.ts";
import { lineConfigOf } from "../../../edge/runtime/config/read-agent-file.ts";
import { createLineHost, type LineHost } from "../../../edge/runtime/line-host.ts";
import type { Recorder } from "../../../edge/runtime/recorder.ts";
import type { Fact } from "../../../protocols/facts.ts";
import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import { createLineFaults, type LineFaults } from "../../../simulators/faults/faults.ts";
import { defaultAlgorithm } from "../../../simulators/images/algorithm.ts";
import { createSeededEntropy } from "../../../simulators/world/chance.ts";
import type { LineWorld } from "../../../simulators/world/line-world.ts";
import { siteFiles } from "../site-files.ts";
import { createDayCentre } from "./day-centre.ts";
import { daySwitches } from "./day-switches.ts";
import { createDayWorld, type DayLineOptions } from "./day-world.ts";
import { createDayXray } from "./day-xray.ts";
import { hear } from "../hear.ts";

/** One line whose world and core meet at their ports, without a wire between. */
export interface DayLine {
  readonly world: LineWorld;
  readonly faults: LineFaults;
  readonly host: LineHost;
  start(): void;
}

const lineId = "L1";
/** From an entry until it is durable. */
const syncMs = 2;

/** What the site demands; nobody is drawn for inspection. */
export const daySite = {
  inspectionRate: 0,
  binding: "echo",
  hasScale: true,
  sorterSpeech: "json",
  xraySpeech: "messages",
  imageVerdictBy: "algorithm",
  drawSecretHex: "5a".repeat(32),
} as const;

export function createDayLine(options: DayLineOptions): DayLine {
  const { seed, clock, oracle } = options;
  const { truth, evidence, trace } = oracle;
  const faults = createLineFaults({
    clock,
    entropy: createSeededEntropy(seed, "day faults"),
    plan: options.faultPlan,
    onFired: oracle.onFaultFired,
    onMended: truth.onMended,
  });
  const recorder = createDayRecorder(clock, (entry) => {
    trace.learn(entry);
    hear(entry, truth);
    if (entry.kind === "step") for (const fact of (entry.facts ?? []) as Fact[]) centre.learn(fact);
  });
  const centre = createDayCentre({
    lineId,
    clock,
    record: (entry) => recorder.record(entry),
    onClearance: () => {
      if (host.hasCommitments()) host.receive({ kind: "clearanceChanged" });
    },
    onAnswerTold: (message) => host.receive({ kind: "answerTold", message }),
  });
  const xray = createDayXray({
    clock,
    entropy: createSeededEntropy(seed, "day algorithm"),
    algorithm: defaultAlgorithm,
    hear: (event) => host.receive(event),
    onImage: (imageHash, contents) => {
      truth.onPictured(contents);
      truth.onImage(imageHash);
    },
    onVerdict: truth.onVerdict,
  });
  const tokens = new Map<string, string>();
  const silent = { scanner: false, scale: false };
  const world = createDayWorld({
    ...options,
    faults,
    centre,
    xray,
    silent,
    tokenOf: (device) => tokens.get(`${lineId}-${device}`),
    hear: (event) => host.receive(event),
    hearSorter: (event) => host.receiveSorter(event),
  });
  const { sorter } = world.devices;
  const { role } = siteFiles({ lineId, ...daySite }, clock.wall());
  const host = createLineHost({
    ...lineConfigOf(role.line),
    epoch: "e1",
    clock,
    recorder,
    sorter,
    xray,
    mirror: centre.mirror,
    lookAtTime: () => {},
    firstToken: 0,
    tellDevice: (deviceId, command) => {
      if (command.kind === "token") tokens.set(deviceId, command.token);
    },
    claim: (_lineId, passId, waybill) => centre.claim(passId, waybill),
    onBug: (thrown, where) => {
      throw asBug(thrown, where);
    },
  });
  return {
    world,
    faults,
    host,
    start() {
      devicesAreThere(host);
      centre.start();
      sorter.start();
      faults.start(daySwitches({ world, xray, centre, silent, evidence }));
    },
  };
}

/** There are no drivers that would find out. */
function devicesAreThere(host: LineHost): void {
  const { scanner, scale, xray, sorterId } = host.config.layout;
  for (const deviceId of [scanner.deviceId, scale?.deviceId, xray?.deviceId, sorterId]) {
    if (deviceId === undefined) continue;
    host.receive({ kind: "health", deviceId, state: "receiving", reason: null });
  }
  host.receive({ kind: "xrayReady", isReady: true, reason: null });
}

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
