import { deviceReason } from "../../protocols/device-reasons.ts";
import type { TraceFrame } from "../../protocols/trace.ts";

const frame = (seq: number, change: Partial<TraceFrame>): TraceFrame => ({
  seq,
  at: (1_780_000_000_000 + seq) as TraceFrame["at"],
  way: "in",
  name: null,
  text: null,
  hex: null,
  wholeLength: null,
  reason: null,
  ...change,
});

/** A read, what was made of it, two frames that were let go, one that was not taken, and what follows. */
export const traceFrames: readonly TraceFrame[] = [
  frame(1, { hex: "02 5d 43 30 41 03" }),
  frame(2, { way: "heard", text: '{"kind":"read"}' }),
  frame(5, { way: "dropped", text: "{}", reason: deviceReason("badChecksum", { detail: "02" }) }),
  frame(6, { way: "out", name: "site/L1-scanner/command", text: '{"kind":"token"}' }),
  frame(7, { way: "state", text: "closed", reason: deviceReason("connectionLost") }),
];
