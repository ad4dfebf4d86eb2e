import { signal } from "@preact/signals";
import type { JSX } from "preact";

/**
 * The trace of a device is a script of its own, with words of its own: hardly anybody opens one. Null
 * until it is wanted and there.
 */
export const traceDrawer = signal<((props: TraceProps) => JSX.Element) | null>(null);
/** Whose trace is open. */
export const tracedDevice = signal<string | null>(null);

interface TraceProps {
  readonly deviceId: string;
  readonly onClose: () => void;
}

export const closeTrace = (): void => {
  tracedDevice.value = null;
};

export async function openTrace(deviceId: string): Promise<void> {
  tracedDevice.value = deviceId;
  // A centre that is away has no trace either: who asks again gets it.
  const loaded = await import("./trace-drawer.tsx").catch(() => null);
  if (loaded === null) closeTrace();
  else traceDrawer.value = loaded.TraceDrawer;
}
