import type { DeviceHealth } from "../../edge/devices/port.ts";
import type { ScannerPort } from "../../edge/devices/scanner/scanner.ts";
import type { SorterPort } from "../../edge/devices/sorter/sorter.ts";
import type { LineConfig } from "../../edge/line/config.ts";
import type { LineDevices } from "../../edge/runtime/line-devices.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import { exits, type Exit } from "../../protocols/sorting.ts";
import type { Clock } from "../../protocols/time.ts";
import { beltCount, monotonicMs, type BeltCount } from "../../protocols/units.ts";
import { benchConfig } from "../kit/line-bench.ts";

/**
 * A scanner and a sorter that do what healthy ones do, on a belt that never stands: one count is a
 * millisecond and a millimetre. No X-ray and no scale are fitted, so that nothing but documents and
 * claims decides.
 */
export interface ScriptedLine {
  readonly devices: LineDevices;
  /** A parcel's front reaches the induction eye now. */
  put(waybill: string): void;
  /** Where each parcel that is gone has left, in the order they were put. */
  exits(): readonly (Exit | null)[];
}

export interface ScriptedLineOptions {
  readonly lineId: string;
  readonly clock: Clock;
  /** A parcel is sent to green: called when the command reaches the sorter. */
  readonly onGreen: (passId: string) => void;
  /** The green diverter fires for this pass. */
  readonly onFired: (passId: string) => void;
}

export const scriptedConfig = (lineId: string): LineConfig => ({
  ...benchConfig,
  lineId,
  layout: {
    ...benchConfig.layout,
    scanner: { ...benchConfig.layout.scanner, deviceId: `${lineId}-scanner` },
    sorterId: `${lineId}-sorter`,
    scale: null,
    xray: null,
  },
  rules: { ...benchConfig.rules, imageVerdictBy: "algorithm", weight: null },
  waybills: { carriers: [{ carrier: "bench", pattern: "WB[0-9]+N[0-9]+" }] },
});

const lengthMm = 400;
const reportMs = 250;
const receiving: DeviceHealth = { state: "receiving", reason: null, counters: {} };

type WithoutNumber<T> = T extends unknown ? Omit<T, "epoch" | "seq"> : never;

interface Pending {
  readonly exit: Exit;
  readonly passId: string;
  isFired: boolean;
}

interface Body {
  exit: Exit | null;
}

export function createScriptedLine(options: ScriptedLineOptions): ScriptedLine {
  const { lineId, clock } = options;
  const { trackingEyes, diverters, end, inductionEyeId, scanner } = scriptedConfig(lineId).layout;
  const bodies: Body[] = [];
  const pending = new Map<string, Pending>();
  let hear: Parameters<SorterPort["start"]>[0] = () => {};
  let hearReads: Parameters<ScannerPort["start"]>[0] = () => {};
  let token: string | null = null;
  let seq = 0;
  /** A sorter begins anew with each agent that it hears. */
  let sessions = 0;

  const count = (): BeltCount => beltCount(clock.monotonic());
  const at = (ms: number, act: () => void): void =>
    void clock.schedule(monotonicMs(Math.max(ms, clock.monotonic())), act);
  const tell = (event: WithoutNumber<SorterEvent>): void => {
    seq += 1;
    hear({ ...event, epoch: `s${sessions}`, seq });
  };
  const report = (session: number): void => {
    if (session !== sessions) return;
    const moving = { speedMmPerS: 1_000, isRunning: true, emergencyStop: false };
    tell({ kind: "belt", count: count(), ...moving });
    at(clock.monotonic() + reportMs, () => report(session));
  };

  const sorter: SorterPort = {
    deviceId: `${lineId}-sorter`,
    health: () => receiving,
    // Loss of life cancels what has not fired.
    stop: () => {
      hear = () => {};
      sessions += 1;
      pending.clear();
      return Promise.resolve();
    },
    start: (sink) => {
      hear = sink;
      sessions += 1;
      seq = 0;
      sink({ kind: "healthChanged", health: receiving });
      tell({ kind: "session", count: count() });
      for (const exit of exits) tell({ kind: "chute", exit, state: "ready", fillPct: 0 });
      report(sessions);
    },
    send: (command) => {
      const session = sessions;
      if (command.kind === "divert") {
        const { commandId, exit, passId, fireAtCount, notAfterCount } = command;
        if (exit === "green") options.onGreen(passId);
        at(clock.monotonic() + 2, () => {
          if (session !== sessions) return;
          if (count() > notAfterCount)
            return tell({ kind: "refused", commandId, why: "staleCount" });
          pending.set(commandId, { exit, passId, isFired: false });
          tell({ kind: "accepted", commandId });
          at(fireAtCount, () => fire(commandId));
        });
      } else if (command.kind === "abort") {
        const { commandId } = command;
        at(clock.monotonic() + 2, () => {
          const known = pending.get(commandId);
          if (known === undefined || known.isFired) return;
          pending.delete(commandId);
          tell({ kind: "cancelled", commandId, why: "aborted" });
        });
      }
      return { kind: "sent" };
    },
  };

  /** The parcel whose front is next before this diverter. */
  const fire = (commandId: string): void => {
    const command = pending.get(commandId);
    if (command === undefined) return;
    command.isFired = true;
    if (command.exit === "green") options.onFired(command.passId);
    tell({ kind: "fired", commandId, count: count() });
    fired.set(command.exit, (fired.get(command.exit) ?? 0) + 1);
  };
  const fired = new Map<Exit, number>();

  const scannerPort: ScannerPort = {
    deviceId: `${lineId}-scanner`,
    health: () => receiving,
    stop: () => {
      hearReads = () => {};
      return Promise.resolve();
    },
    start: (sink) => {
      hearReads = sink;
      sink({ kind: "healthChanged", health: receiving });
    },
    tell: (command) => {
      if (command.kind === "token") token = command.token;
      if (command.kind === "test") {
        const { test } = command;
        at(clock.monotonic() + 20, () => hearReads({ kind: "read", codes: [], proof: { test } }));
      }
      return { kind: "sent" };
    },
  };

  const eye = (eyeId: string, frontMs: number): void => {
    tell({ kind: "eye", eyeId, isBlocked: true, count: count() });
    at(frontMs + lengthMm, () => tell({ kind: "eye", eyeId, isBlocked: false, count: count() }));
  };

  return {
    devices: {
      scanner: scannerPort,
      witness: null,
      scale: null,
      xray: null,
      sorter,
      annunciator: null,
      cameras: [],
    },
    put: (waybill) => {
      const frontMs = clock.monotonic();
      const body: Body = { exit: null };
      bodies.push(body);
      const pass = (mm: number, act: () => void): void => {
        at(frontMs + mm, () => {
          if (body.exit === null) act();
        });
      };
      eye(inductionEyeId, frontMs);
      pass(scanner.atMm + lengthMm / 2, () => {
        const proof = token === null ? {} : { token };
        hearReads({ kind: "read", codes: [{ text: waybill, aim: null }], proof });
      });
      for (const { eyeId, atMm } of trackingEyes) pass(atMm, () => eye(eyeId, frontMs + atMm));
      for (const { exit, atMm, chuteEyeId, chuteTravelMm } of diverters) {
        // The blade is out a little before the front is there; parcels are far enough apart.
        pass(atMm, () => {
          const blades = fired.get(exit) ?? 0;
          if (blades === 0) return;
          fired.set(exit, blades - 1);
          body.exit = exit;
          const mouthMs = frontMs + atMm + chuteTravelMm;
          at(mouthMs, () => eye(chuteEyeId, mouthMs));
        });
      }
      pass(end.atMm, () => {
        body.exit = end.exit;
        eye(end.eyeId, frontMs + end.atMm);
      });
    },
    exits: () => bodies.map(({ exit }) => exit),
  };
}
