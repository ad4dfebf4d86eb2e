import { startAgentSession, type AgentSession } from "../link/agent-session.ts";
import type { JournalSource } from "../link/journal-outbox.ts";
import type { LinkAgentEnd } from "../link/port.ts";
import type { SessionDown } from "../link/session-machine.ts";
import type { DivertCommand } from "../line/commands.ts";
import type { LineConfig } from "../line/config.ts";
import type { GenerationBegun } from "../../protocols/generation.ts";
import type { BeltMotion } from "../../protocols/link.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import type { StorageReport } from "../../protocols/storage.ts";
import type { Log } from "../../protocols/log.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import type { ImageStore } from "../images/port.ts";
import {
  connectDevices,
  devicesOf,
  reportOf,
  tellDevice,
  type DeviceReport,
  type LineDevices,
} from "./line-devices.ts";
import { createDeviceLog } from "./device-log.ts";
import { createLineAnnunciator, type LineAnnunciator } from "./line-annunciator.ts";
import { createLineCameras, type LineCameras } from "./line-cameras.ts";
import { createLineHost, type LineHost } from "./line-host.ts";
import { newLineReports, reportPauseMs, stepReports, type ReportEvent } from "./line-reports.ts";
import { startMirrorKeeper, type MirrorKeeper } from "./mirror-keeper.ts";
import type { Recorder } from "./recorder.ts";
import { storageEveryMs, type StorageWatch } from "./storage-watch.ts";
import { createTimeKeeper, type TimeKeeper } from "./time-keeper.ts";
import type { WireTraces } from "./wire-traces.ts";
import { createXrayInlet, type XrayInlet } from "./xray-inlet.ts";

/**
 * Role line: one or several lines, each with its devices, one journal and one link to the centre
 * for all of them. Autonomous: it decides from what it holds, and losing the centre only makes
 * parcels non-green.
 */
export interface LineAgent {
  readonly hosts: readonly LineHost[];
  readonly session: AgentSession;
  /** As the centre is told of it. */
  storage(): StorageReport;
  /** Of all lines, as the centre is told of them. */
  devices(): readonly DeviceReport[];
  stop(): Promise<void>;
}

interface LineEntry {
  readonly config: LineConfig;
  readonly configHash: string;
  readonly devices: LineDevices;
}

export interface LineAgentOptions {
  readonly lines: readonly LineEntry[];
  readonly epoch: string;
  /** Draws where a line's tokens begin, 0 to 9,999. */
  readonly firstToken: () => number;
  readonly chain: string;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly journal: JournalSource;
  /** Kept until the centre has them, and a while longer. */
  readonly images: ImageStore;
  /** Default: nobody looks at the disk. */
  readonly storage?: Pick<StorageWatch, "now">;
  readonly linkEnd: LinkAgentEnd;
  /** Of its devices; default: nobody can look at any. */
  readonly traces?: Pick<WireTraces, "wanted" | "stop">;
  readonly log: Log;
  /** See `LineHostOptions`. */
  readonly onBug: (thrown: unknown, where: string) => void;
  readonly onDivertSent?: (command: DivertCommand) => void;
  /** See `AgentSessionOptions`. */
  readonly onGeneration: (begun: GenerationBegun) => void;
}

export function startLineAgent(options: LineAgentOptions): LineAgent {
  const { clock } = options;
  const lines = new Map<string, Line>();
  const reports = newLineReports(options.lines.map(({ config }) => config.lineId));
  const deviceLog = createDeviceLog(options.log.child("devices"), clock);
  let timer: Timer | null = null;
  let storageTimer: Timer | null = null;

  const time = createTimeKeeper({
    clock,
    log: options.log.child("time"),
    lines: options.lines.map(({ config }) => config),
    onBreak: (broken) => {
      // What the program's own standstill has cost a lease, the monotonic clock has counted.
      if (broken.why !== "stalled") keeper.breakTime(broken);
      const { why, byMs } = broken;
      for (const { host } of lines.values()) host.receive({ kind: "timeBreak", why, byMs });
    },
  });

  const keeper = startMirrorKeeper({
    clock,
    lookAtTime: time.look,
    recorder: options.recorder,
    onSnapshotWanted: (why) => session.snapshotWanted(why),
    onAnswerTold: (message) =>
      lines.get(message.answer.lineId)?.host.receive({ kind: "answerTold", message }),
    onClaimAnswered: (answer) =>
      lines.get(answer.lineId)?.host.receive({ kind: "claimAnswer", answer }),
    onLearned: () => {
      for (const { host } of lines.values()) {
        if (host.hasCommitments()) host.receive({ kind: "clearanceChanged" });
      }
    },
    onDoubtTaken: (place) => session.clearanceTaken(place),
  });

  const session = startAgentSession({
    end: options.linkEnd,
    clock,
    chain: options.chain,
    lineIds: reports.lineIds,
    journal: options.journal,
    clearancePlace: () => keeper.place(),
    readImage: (_passId, sha256) => options.images.read(sha256),
    kindOfImage: (sha256) => options.images.kindOf(sha256),
    onTraceWanted: (wanted) => options.traces?.wanted(wanted) ?? null,
    onGeneration: options.onGeneration,
    onDown: (message) => handDown(message, { keeper, lines, onBug: options.onBug }),
    log: options.log.child("link"),
  });

  const tellCentre = (event: ReportEvent): void => {
    for (const effect of stepReports(reports, event)) {
      if (effect.kind === "motion") session.motion(effect.belts);
      else session.health(effect.lineId, healthOf(lines.get(effect.lineId)));
    }
  };

  for (const entry of options.lines) {
    const { lineId } = entry.config;
    const line = createLine(entry, options, { keeper, session, time });
    lines.set(lineId, line);
    connectDevices(line.devices, {
      ...line,
      deviceLog,
      onBelt: (event) => tellCentre({ kind: "belt", belt: motionOf(lineId, event, clock) }),
    });
  }

  const reportOn = (): void => {
    tellCentre({ kind: "due" });
    timer = clock.schedule(monotonicMs(clock.monotonic() + reportPauseMs(reports)), reportOn);
  };
  reportOn();

  const storage = (): StorageReport => {
    let imagesNotKept = 0;
    for (const { inlet } of lines.values()) imagesNotKept += inlet.imagesNotKept();
    return { ...(options.storage?.now() ?? { disk: null, logs: [] }), imagesNotKept };
  };

  const tellStorage = (): void => {
    session.storage(storage());
    const dueAt = monotonicMs(clock.monotonic() + storageEveryMs);
    storageTimer = clock.schedule(dueAt, tellStorage);
  };
  tellStorage();

  return {
    hosts: [...lines.values()].map(({ host }) => host),
    session,
    storage,
    devices: () => [...lines.values()].flatMap(healthOf),
    stop: async () => {
      timer?.cancel();
      storageTimer?.cancel();
      time.stop();
      deviceLog.stop();
      options.traces?.stop();
      for (const { host, annunciator, cameras } of lines.values()) {
        host.stop();
        annunciator?.stop();
        cameras.stop();
      }
      const devices = [...lines.values()].flatMap((line) => devicesOf(line.devices));
      await Promise.all(devices.map(({ port }) => port.stop()));
      await session.stop();
    },
  };
}

interface Line {
  readonly host: LineHost;
  readonly devices: LineDevices;
  readonly inlet: XrayInlet;
  readonly annunciator: LineAnnunciator | null;
  readonly cameras: LineCameras;
}

/** A line that has begun its session and hears no device yet. */
function createLine(
  { config, configHash, devices }: LineEntry,
  options: LineAgentOptions,
  {
    keeper,
    session,
    time,
  }: {
    readonly keeper: MirrorKeeper;
    readonly session: AgentSession;
    readonly time: TimeKeeper;
  },
): Line {
  let begun: LineHost | null = null;
  const annunciator = createAnnunciation({ config, configHash, devices }, options, {
    session,
    state: () => begun?.state ?? null,
  });
  const cameras = createLineCameras({
    lineId: config.lineId,
    cameras: devices.cameras,
    clock: options.clock,
    log: options.log.child("cameras"),
    images: options.images,
    receive: (body) => begun?.receive(body),
    onStored: (passId, imageHash, bytes) => void session.image(passId, imageHash, bytes),
  });
  const host = createLineHost({
    config,
    configHash,
    epoch: options.epoch,
    clock: options.clock,
    recorder: options.recorder,
    lookAtTime: time.look,
    sorter: devices.sorter,
    xray: devices.xray,
    mirror: keeper.mirror,
    firstToken: options.firstToken(),
    tellDevice: (deviceId, command) => tellDevice(devices, deviceId, command),
    claim: (lineId, passId, waybill) => void session.claim(lineId, passId, waybill),
    onBug: options.onBug,
    ...(options.onDivertSent === undefined ? {} : { onDivertSent: options.onDivertSent }),
    ...(annunciator === null && devices.cameras.length === 0
      ? {}
      : {
          onFacts: (facts) => {
            annunciator?.take(facts);
            cameras.take(facts);
          },
        }),
  });
  begun = host;
  const inlet = createXrayInlet({
    images: options.images,
    clock: options.clock,
    receive: (body) => host.receive(body),
    onStored: ({ passId, imageHash, bytes }) => {
      if (passId !== null) session.image(passId, imageHash, bytes);
    },
  });
  return { host, devices, inlet, annunciator, cameras };
}

/** Null where the line has no horn and no light. */
function createAnnunciation(
  { config, devices }: LineEntry,
  { clock, log }: LineAgentOptions,
  line: { readonly session: AgentSession; readonly state: () => LineHost["state"] | null },
): LineAnnunciator | null {
  if (devices.annunciator === null) return null;
  const { port, horn } = devices.annunciator;
  return createLineAnnunciator({
    lineId: config.lineId,
    sorterId: config.layout.sorterId,
    clock,
    log: log.child("annunciator"),
    port,
    horn,
    state: line.state,
    isCentreHeard: () => line.session.isCentreHeard(),
  });
}

interface DownTo {
  readonly keeper: MirrorKeeper;
  readonly lines: ReadonlyMap<string, Line>;
  readonly onBug: LineAgentOptions["onBug"];
}

function handDown(message: SessionDown, { keeper, lines, onBug }: DownTo): void {
  try {
    switch (message.kind) {
      case "clearance":
        return keeper.learn(message.message);
      case "officerVerdict":
        return lines.get(message.verdict.lineId)?.host.receive(message);
      case "journalDoubted": {
        const code = message.doubt?.code ?? null;
        for (const { host } of lines.values()) host.receive({ kind: "journalDoubted", code });
      }
    }
  } catch (error) {
    onBug(error, "a message of the centre");
  }
}

/** What the inlet has lost is told as the X-ray's: nobody else would show it. */
function healthOf(line: Line | undefined): DeviceReport[] {
  if (line === undefined) return [];
  const lost = line.inlet.counters();
  return devicesOf(line.devices).map((device) => {
    if (device.kind === "camera") {
      return reportOf(device, line.cameras.counters(device.port.deviceId));
    }
    return reportOf(device, device.kind === "xray" ? lost : {});
  });
}

function motionOf(
  lineId: string,
  { count, speedMmPerS, isRunning, emergencyStop }: Extract<SorterEvent, { kind: "belt" }>,
  clock: Clock,
): BeltMotion {
  return { lineId, count, speedMmPerS, isRunning, emergencyStop, wallAt: clock.wall() };
}
