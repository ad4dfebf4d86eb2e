import type { Belt } from "./belt.ts";
import type { BeltStatus } from "./ports.ts";

/** The belt's drive: it runs when asked to, unless the emergency stop or a fault holds it. */
export interface Drive {
  status(): BeltStatus;
  ask(run: boolean): void;
  /** Cuts the power, so the belt stops at once. */
  setEmergencyStop(isPressed: boolean): void;
  setFault(isStopped: boolean): void;
}

export function createDrive(belt: Belt, speedMmPerS: number, onChanged: () => void): Drive {
  let isAsked = false;
  let emergencyStop = false;
  let hasFault = false;

  const apply = (): void => {
    const run = isAsked && !emergencyStop && !hasFault;
    belt.drive(run ? speedMmPerS : 0, emergencyStop);
  };

  return {
    status: () => ({
      speedMmPerS: belt.speedMmPerS(),
      isRunning: belt.isRunning(),
      emergencyStop,
    }),
    ask(run) {
      isAsked = run;
      apply();
    },
    setEmergencyStop(isPressed) {
      if (isPressed === emergencyStop) return;
      emergencyStop = isPressed;
      apply();
      onChanged();
    },
    setFault(isStopped) {
      hasFault = isStopped;
      apply();
    },
  };
}
