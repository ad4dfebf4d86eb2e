import type { DeviceHealthChanged, DevicePort } from "../devices/port.ts";
import { emptyClearanceMirror } from "../line/clearance-mirror.ts";
import { stepEntry } from "../journal/entries.ts";
import type { ScalePort } from "../devices/scale/scale.ts";
import type { ScannerPort } from "../devices/scanner/scanner.ts";
import type { SorterPort } from "../devices/sorter/sorter.ts";
import type { XrayPort } from "../devices/xray/xray.ts";
import { startAgentSession, type AgentSession, type SessionDown } from "../link/agent-session.ts";
import type { JournalSource } from "../link/journal-outbox.ts";
import type { LinkAgentEnd } from "../link/port.ts";
import { clearanceMachineId, stepClearance, type ClearanceEvent } from "../line/clearance-step.ts";
import type { DivertCommand } from "../line/commands.ts";
import type { LineConfig } from "../line/config.ts";
import { logicVersion } from "../line/step.ts";
import type { BeltMotion, ClearanceMessage, UpMessage } from "../../protocols/link.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import type { Log } from "../../protocols/log.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import type { ImageStore } from "../images/port.ts";
import { createDeviceLog, type DeviceLog } from "./device-log.ts";
import { createLineHost, type LineHost } from "./line-host.ts";
import type { Recorder } from "./recorder.ts";
import { createXrayInlet, type XrayInlet } from "./xray-inlet.ts";

/**
 * Role line: one or several lines, each with its devices, one journal and one link to the centre
 * for all of them. Autonomous: it decides from what it holds, and losing the centre only makes
 * parcels non-green.
 */
export interface LineAgent {
  readonly hosts: readonly LineHost[];
  readonly session: AgentSession;
  devices(lineId: string): readonly LineDevice[];
  stop(): Promise<void>;
}

export interface LineDevices {
  readonly scanner: ScannerPort;
  readonly scale: ScalePort | null;
  readonly xray: XrayPort | null;
  readonly sorter: SorterPort;
}

export interface LineDevice {
  readonly kind: "scanner" | "scale" | "xray" | "sorter";
  readonly port: Pick<DevicePort<unknown>, "deviceId" | "health" | "stop">;
}

export interface LineAgentOptions {
  readonly lines: readonly {
    readonly config: LineConfig;
    readonly configHash: string;
    readonly devices: LineDevices;
  }[];
  readonly epoch: string;
  readonly chain: string;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly journal: JournalSource;
  /** Kept until the centre has them, and a while longer. */
  readonly images: ImageStore;
  readonly linkEnd: LinkAgentEnd;
  readonly log: Log;
  /** See `LineHostOptions`. */
  readonly onBug: (thrown: unknown, where: string) => void;
  readonly onDivertSent?: (command: DivertCommand) => void;
}

/** How often the centre is told of each line's devices and belt when nothing changes. */
const reportEveryMs = 1_000;

export function startLineAgent(options: LineAgentOptions): LineAgent {
  const { clock, recorder, images } = options;
  const lines = new Map<
    string,
    { host: LineHost; devices: LineDevices; inlet: XrayInlet; belt: BeltMotion | null }
  >();
  const deviceLog = createDeviceLog(options.log.child("devices"), clock);
  let timer: Timer | null = null;

  const mirror = emptyClearanceMirror();
  recorder.record({
    kind: "open",
    lineId: clearanceMachineId,
    logicVersion,
    wallAt: clock.wall(),
    config: {},
  });

  const learnClearance = (message: ClearanceMessage): void => {
    const event: ClearanceEvent = {
      kind: "clearance",
      at: clock.monotonic(),
      wallAt: clock.wall(),
      message,
    };
    const outputs = stepClearance(mirror, event);
    recorder.record(stepEntry(clearanceMachineId, event, outputs));
    for (const { why } of outputs.commands) session.snapshotWanted(why);
    for (const { host } of lines.values()) {
      if (host.hasCommitments()) host.receive({ kind: "clearanceChanged" });
    }
  };

  const onDown = (message: SessionDown): void => {
    switch (message.kind) {
      case "clearance":
        return learnClearance(message.message);
      case "claimAnswer":
        lines.get(message.lineId)?.host.receive({ kind: "claimAnswer", answer: message });
        return;
      case "officerVerdict":
        lines.get(message.verdict.lineId)?.host.receive(message);
    }
  };

  const session = startAgentSession({
    end: options.linkEnd,
    clock,
    chain: options.chain,
    lineIds: options.lines.map(({ config }) => config.lineId),
    journal: options.journal,
    clearancePlace: () => ({
      stream: mirror.phase === "current" ? mirror.stream : null,
      seq: mirror.seq,
    }),
    readImage: (_passId, sha256) => images.read(sha256),
    onDown: (message) => {
      try {
        onDown(message);
      } catch (error) {
        options.onBug(error, "a message of the centre");
      }
    },
    log: options.log.child("link"),
  });

  for (const { config, configHash, devices } of options.lines) {
    const host = createLineHost({
      config,
      configHash,
      epoch: options.epoch,
      clock,
      recorder,
      sorter: devices.sorter,
      xray: devices.xray,
      mirror,
      claim: (lineId, passId, waybill) => session.claim(lineId, passId, waybill),
      onBug: options.onBug,
      ...(options.onDivertSent === undefined ? {} : { onDivertSent: options.onDivertSent }),
    });
    const inlet = createXrayInlet({
      images,
      receive: (body) => host.receive(body),
      onStored: ({ passId, imageHash, bytes }) => {
        if (passId !== null) session.image(passId, imageHash, bytes);
      },
    });
    const line = { host, devices, inlet, belt: null as BeltMotion | null };
    lines.set(config.lineId, line);
    const onBelt = (event: Extract<SorterEvent, { kind: "belt" }>): void => {
      const isNews =
        line.belt === null ||
        line.belt.isRunning !== event.isRunning ||
        line.belt.speedMmPerS !== event.speedMmPerS;
      const { count, speedMmPerS, isRunning, emergencyStop } = event;
      line.belt = {
        lineId: config.lineId,
        count,
        speedMmPerS,
        isRunning,
        emergencyStop,
        wallAt: clock.wall(),
      };
      if (isNews) session.motion([line.belt]);
    };
    connect(host, devices, { inlet, onBelt, deviceLog });
  }

  const reported = [...lines.entries()];
  let nextReported = 0;
  /** One line after the other: hundreds at once would hold up all of their belts. */
  const report = (): void => {
    const [lineId, line] = reported[nextReported] ?? [];
    if (lineId !== undefined && line !== undefined) {
      const told = line.inlet.counters();
      session.health(
        lineId,
        devicesOf(line.devices).map((device) =>
          reportOf(device, device.kind === "xray" ? told : {}),
        ),
      );
    }
    if (nextReported === 0) {
      const belts = reported.flatMap(([, { belt }]) => (belt === null ? [] : [belt]));
      if (belts.length > 0) session.motion(belts);
    }
    nextReported = (nextReported + 1) % reported.length;
    const dueAt = clock.monotonic() + reportEveryMs / reported.length;
    timer = clock.schedule(monotonicMs(dueAt), report);
  };
  report();

  return {
    hosts: [...lines.values()].map(({ host }) => host),
    session,
    devices: (lineId) => {
      const line = lines.get(lineId);
      return line === undefined ? [] : devicesOf(line.devices);
    },
    stop: async () => {
      timer?.cancel();
      deviceLog.stop();
      await Promise.all(
        [...lines.values()].flatMap(({ devices, host }) => {
          host.stop();
          return devicesOf(devices).map(({ port }) => port.stop());
        }),
      );
      await session.stop();
    },
  };
}

interface Wiring {
  readonly inlet: XrayInlet;
  readonly deviceLog: DeviceLog;
  readonly onBelt: (event: Extract<SorterEvent, { kind: "belt" }>) => void;
}

/** From each device's events to what the core calls them. */
function connect(host: LineHost, devices: LineDevices, wiring: Wiring): void {
  const { scanner, scale, xray, sorter } = devices;
  const health = (deviceId: string, { health }: DeviceHealthChanged): void => {
    wiring.deviceLog.tell(deviceId, health);
    host.receive({ kind: "health", deviceId, state: health.state, reason: health.reason });
  };

  scanner.start((event) => {
    if (event.kind === "healthChanged") health(scanner.deviceId, event);
    else host.receive({ kind: "read", codes: event.codes });
  });
  scale?.start((event) => {
    if (event.kind === "healthChanged") health(scale.deviceId, event);
    else host.receive({ kind: "weight", weightG: event.weightG });
  });
  xray?.start((event) => {
    if (event.kind === "healthChanged") health(xray.deviceId, event);
    else wiring.inlet.take(event);
  });
  sorter.start((event) => {
    if (event.kind === "healthChanged") health(sorter.deviceId, event);
    else if (event.kind === "gap") host.receive({ kind: "sorterGap", missed: event.missed });
    else {
      if (event.kind === "belt") wiring.onBelt(event);
      host.receiveSorter(event);
    }
  });
}

function devicesOf({ scanner, scale, xray, sorter }: LineDevices): LineDevice[] {
  const devices: LineDevice[] = [{ kind: "scanner", port: scanner }];
  if (scale !== null) devices.push({ kind: "scale", port: scale });
  if (xray !== null) devices.push({ kind: "xray", port: xray });
  devices.push({ kind: "sorter", port: sorter });
  return devices;
}

type DeviceReport = Extract<UpMessage, { kind: "health" }>["devices"][number];

/** `own` are counters that this side of the wire keeps about the device. */
function reportOf({ kind, port }: LineDevice, own: Readonly<Record<string, number>>): DeviceReport {
  const { state, reason, counters } = port.health();
  const all = { ...counters, ...own };
  return { id: port.deviceId, deviceKind: kind, health: state, reason, counters: all };
}
