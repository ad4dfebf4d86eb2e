import {
  darkAnnunciation,
  isSameAnnunciation,
  type Annunciation,
} from "../../../protocols/annunciator/annunciation.ts";

/** A simulated horn with a stack light, and the key that silences the horn. */
export interface SimulatedAnnunciator {
  shows(): Annunciation;
  setKey(isPressed: boolean): void;
  /** Switches what is wrong with it; stays until it is switched back. */
  setFaults(faults: Partial<AnnunciatorFaults>): void;
  /** Without power for a moment: it is dark, and has forgotten what it was told. */
  restart(): void;
  stop(): Promise<void>;
}

export interface AnnunciatorFaults {
  /** No sign of life. */
  readonly isSilent: boolean;
  /** Horn and lamps stay as they are. */
  readonly isStuck: boolean;
}

export const healthyAnnunciator: AnnunciatorFaults = { isSilent: false, isStuck: false };

/** What is lit and what sounds, whoever it is told by. */
export interface Lamps {
  shows(): Annunciation;
  take(annunciation: Annunciation): void;
  restart(): void;
  isPressed(): boolean;
  setKey(isPressed: boolean): void;
  faults(): AnnunciatorFaults;
  setFaults(faults: Partial<AnnunciatorFaults>): void;
}

/** `onChange` is told at each change of what is lit, sounds or is pressed. */
export function createLamps(onChange: (annunciation: Annunciation) => void): Lamps {
  let shown = darkAnnunciation;
  let isPressed = false;
  let faults = healthyAnnunciator;
  const show = (next: Annunciation): void => {
    if (isSameAnnunciation(next, shown)) return;
    shown = next;
    onChange(shown);
  };
  return {
    shows: () => shown,
    take: (next) => {
      if (!faults.isStuck) show(next);
    },
    restart: () => show(darkAnnunciation),
    isPressed: () => isPressed,
    setKey(next) {
      isPressed = next;
      onChange(shown);
    },
    faults: () => faults,
    setFaults(changes) {
      faults = { ...faults, ...changes };
    },
  };
}
