import { createCalendar } from "./calendar.ts";
import { createScriptedDevices, type ScriptedDevices } from "./line-devices.ts";
import { kindOf, waybillOf, type ParcelKind } from "./parcels.ts";
import { geometry } from "./plan.ts";

/**
 * The belts of all lines and the parcels on them. Divert commands are judged as a sorter judges
 * them, and what is not diverted rides to the belt's end.
 */
export interface Belts {
  readonly parcels: readonly Parcel[];
  /** Devices begin their sessions, and from then on show signs of life. */
  powerOn(now: number): void;
  /** Parcels are put on the belts from now on, line after line within `rampMs`. */
  induct(now: number, rampMs: number): void;
  /** The line's sorter was told that parcels may, or may not, be put on its belt. */
  permit(lineIndex: number, isPermitted: boolean): void;
  isPermittedEverywhere(): boolean;
  /** No more parcels; what is on the belts still leaves. */
  endInduction(): void;
  onBeltTotal(): number;
  /** Does everything that is due. */
  advance(now: number): void;
  /** The centre was asked for this parcel: from now on a command may name the pass. */
  bind(parcel: Parcel, passId: string): void;
  divert(lineIndex: number, command: Divert, now: number): DivertOutcome;
  /** The command as it has to be for this parcel, of a program that does not know of counts. */
  divertOf(parcel: Parcel): Divert;
}

export interface Parcel {
  readonly index: number;
  readonly kind: ParcelKind;
  readonly lineIndex: number;
  readonly inductedAt: number;
  readonly frontCount: number;
  readonly lengthMm: number;
  /** When its read, its claim's answer and its command were on this process's wire; milliseconds. */
  scannedAt: number;
  answeredAt: number;
  commandedAt: number;
  /** What was left when the command came until the sorter would have refused it. */
  marginMs: number;
  leftBy: "green" | "inspection" | null;
}

export interface Divert {
  readonly commandId: string;
  readonly passId: string;
  readonly exit: string;
  readonly epoch: string;
  readonly fireAtCount: number;
  readonly notAfterCount: number;
}

export type DivertOutcome =
  | { readonly kind: "accepted"; readonly parcel: Parcel }
  /** Too late, of another session, or for a place where that parcel is not. */
  | { readonly kind: "refused"; readonly why: "staleCount" | "staleEpoch" | "invalid" };

export interface BeltsOptions {
  readonly lineIds: readonly string[];
  readonly publish: (topic: string, payload: string, qos: 0 | 1) => void;
  /** Uniform in [0, 1), seeded. */
  readonly draw: () => number;
  /** A parcel's read waits to be written when this is called. */
  readonly onScanned: (parcel: Parcel) => void;
  readonly isScansOnly: boolean;
}

/** Devices that were never switched on together. */
const powerOnWithinMs = 250;
/** Until parcels may come. */
const vouchEveryMs = 500;

export function createBelts(options: BeltsOptions): Belts {
  const { publish, draw, isScansOnly } = options;
  const calendar = createCalendar();
  const parcels: Parcel[] = [];
  const byPass = new Map<string, Parcel>();
  const lines = options.lineIds.map((lineId) =>
    createScriptedDevices({ lineId, calendar, publish, isScansOnly }),
  );
  const permitted = lines.map(() => false);
  let isInducting = false;
  let leftTotal = 0;

  /** Front and rear at an eye. */
  const passEye = (line: ScriptedDevices, parcel: Parcel, eye: { id: string; atMm: number }) => {
    for (const isFront of [true, false]) {
      const count = parcel.frontCount + eye.atMm + (isFront ? 0 : parcel.lengthMm);
      calendar.add(line.timeOf(count), () => line.eye(eye.id, isFront, count));
    }
  };

  /** Its front is at the diverter: out of it, or on to the end. */
  const leave = (line: ScriptedDevices, parcel: Parcel): void => {
    const { green, chuteTravelMm, endMm } = geometry;
    leftTotal += 1;
    if (Number.isNaN(parcel.commandedAt)) {
      parcel.leftBy = "inspection";
      return passEye(line, parcel, { id: "end", atMm: endMm });
    }
    parcel.leftBy = "green";
    passEye(line, parcel, { id: green.chuteEyeId, atMm: green.atMm + chuteTravelMm });
  };

  const ride = (line: ScriptedDevices, parcel: Parcel): void => {
    const at = (mm: number, act: () => void): void =>
      calendar.add(line.timeOf(parcel.frontCount + mm), act);
    passEye(line, parcel, { id: "induction", atMm: 0 });
    at(geometry.readMm, () => {
      const label = parcel.kind === "noRead" ? null : waybillOf(parcel.index);
      line.read(label, parcel.frontCount + geometry.readMm);
      options.onScanned(parcel);
    });
    at(geometry.green.atMm, () => leave(line, parcel));
  };

  const inductAt = (lineIndex: number, line: ScriptedDevices, frontCount: number): void =>
    calendar.add(line.timeOf(frontCount), (inductedAt) => {
      if (!isInducting) return;
      const nextCount = frontCount + drawMm(geometry.pitchMm);
      inductAt(lineIndex, line, nextCount);
      if (permitted[lineIndex] !== true) return;
      const index = parcels.length;
      const parcel: Parcel = {
        index,
        kind: kindOf(index),
        lineIndex,
        inductedAt,
        frontCount,
        lengthMm: drawMm(geometry.lengthMm),
        scannedAt: Number.NaN,
        answeredAt: Number.NaN,
        commandedAt: Number.NaN,
        marginMs: Number.NaN,
        leftBy: null,
      };
      parcels.push(parcel);
      ride(line, parcel);
    });

  const vouchUntilPermitted = (lineIndex: number, line: ScriptedDevices, at: number): void => {
    if (permitted[lineIndex] === true) return;
    line.vouch(at);
    calendar.add(at + vouchEveryMs, (next) => vouchUntilPermitted(lineIndex, line, next));
  };

  const drawMm = ({ from, to }: { readonly from: number; readonly to: number }): number =>
    from + Math.floor(draw() * (to - from + 1));

  return {
    parcels,
    powerOn(now) {
      for (const [lineIndex, line] of lines.entries()) {
        calendar.add(now + draw() * powerOnWithinMs, (at) => {
          line.powerOn(at);
          vouchUntilPermitted(lineIndex, line, at);
        });
      }
    },
    induct(now, rampMs) {
      isInducting = true;
      for (const [lineIndex, line] of lines.entries()) {
        inductAt(lineIndex, line, line.countAt(now + draw() * rampMs) + 1);
      }
    },
    permit(lineIndex, isPermitted) {
      permitted[lineIndex] = isPermitted;
    },
    isPermittedEverywhere: () => permitted.every(Boolean),
    endInduction() {
      isInducting = false;
    },
    onBeltTotal: () => parcels.length - leftTotal,
    advance: (now) => calendar.run(now),
    bind: (parcel, passId) => byPass.set(passId, parcel),
    divert(lineIndex, command, now) {
      const line = lines[lineIndex];
      if (line === undefined) return { kind: "refused", why: "invalid" };
      const { commandId, fireAtCount, notAfterCount } = command;
      const outcome = judge(line, byPass.get(command.passId), { ...command, lineIndex, now });
      if (outcome.kind === "refused") {
        line.refused(commandId, outcome.why);
        return outcome;
      }
      const { parcel } = outcome;
      parcel.commandedAt = now;
      parcel.marginMs = line.timeOf(notAfterCount) - now;
      line.accepted(commandId);
      calendar.add(line.timeOf(fireAtCount), () => line.fired(commandId, fireAtCount));
      return outcome;
    },
    divertOf(parcel) {
      const fireAtCount = dueCountOf(parcel);
      return {
        commandId: `c${parcel.index}`,
        passId: String(parcel.index),
        exit: "green",
        epoch: lines[parcel.lineIndex]?.epoch ?? "",
        fireAtCount,
        notAfterCount: fireAtCount - (geometry.deviceLeadMs * geometry.speedMmPerS) / 1_000,
      };
    },
  };
}

/** The diverter is out a little before the front is there. */
function dueCountOf({ frontCount }: Parcel): number {
  const swingCounts = (geometry.swingMs * geometry.speedMmPerS) / 1_000;
  return frontCount + geometry.green.atMm - geometry.earlyMm - swingCounts;
}

function judge(
  line: ScriptedDevices,
  parcel: Parcel | undefined,
  command: Divert & { readonly lineIndex: number; readonly now: number },
): DivertOutcome {
  const { epoch, exit, fireAtCount, notAfterCount, lineIndex, now } = command;
  if (epoch !== line.epoch) return { kind: "refused", why: "staleEpoch" };
  if (parcel === undefined || parcel.lineIndex !== lineIndex || exit !== "green") {
    return { kind: "refused", why: "invalid" };
  }
  if (line.countAt(now) > notAfterCount) return { kind: "refused", why: "staleCount" };
  // A command that would take another parcel than it names is as wrong as one to another exit.
  if (Math.abs(dueCountOf(parcel) - fireAtCount) > 1) return { kind: "refused", why: "invalid" };
  return { kind: "accepted", parcel };
}
