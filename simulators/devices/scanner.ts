import type { ScannedCode } from "../../protocols/barcode/scanned-code.ts";
import { healthyLatch, type LatchFaults } from "./read-latch.ts";
import type { ScannerSide } from "../world/ports.ts";

/** A simulated scanner: the world shows it labels, and it says on its wire what it saw. */
export interface SimulatedScanner extends ScannerSide {
  /** Switches what is wrong with it; stays until it is switched back. */
  setFaults(faults: Partial<ScannerFaults>): void;
  stop(): Promise<void>;
}

export interface ScannerFaults extends LatchFaults {
  /** Without power: no reads and no sign of life. */
  readonly isSilent: boolean;
  /** Alive, and sees no code on any parcel. */
  readonly isBlind: boolean;
  /** Reads one character of each code wrongly. */
  readonly isMisreading: boolean;
  /** Disturbances on the line in front of every frame or message. */
  readonly isNoisy: boolean;
  /** Frames come in pieces with pauses between them. */
  readonly isStuttering: boolean;
  /** Says everything twice. */
  readonly isRepeating: boolean;
  /** A gateway before it keeps what it says while the wire is away, and says it afterwards. */
  readonly isKeptByGateway: boolean;
  /** It is set up to give each answer so long after its trigger; only readers of frames can be. */
  readonly answersLateMs: number;
  /** It is set up to say nothing where it saw no code, unless it was a test. */
  readonly isSilentOnNoRead: boolean;
}

export const healthyScanner: ScannerFaults = {
  ...healthyLatch,
  isSilent: false,
  isBlind: false,
  isMisreading: false,
  isNoisy: false,
  isStuttering: false,
  isRepeating: false,
  isKeptByGateway: false,
  answersLateMs: 0,
  isSilentOnNoRead: false,
};

/**
 * What a scanner with these faults makes of the labels in its beam. A label may begin with its AIM
 * identifier (`]C1...`); others are taken for plain Code 128.
 */
export function codesSeen(labels: readonly string[], faults: ScannerFaults): ScannedCode[] {
  if (faults.isBlind) return [];
  return labels.map((label) => {
    const aim = /^\][A-Za-z][0-9A-Za-z]/.exec(label)?.[0];
    const text = aim === undefined ? label : label.slice(aim.length);
    return { text: faults.isMisreading ? misread(text) : text, aim: aim ?? "]C0" };
  });
}

/** Reads the last digit as the next higher one, as a smudge on a bar would make it. */
function misread(text: string): string {
  return text.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10));
}
