import type { TraceFrame } from "../../../protocols/trace.ts";
import type { TraceView } from "../../../protocols/ui/trace.ts";

/** What the list shows, oldest first: frames, and how many are missing between two of them. */
export type TraceRow =
  | { readonly kind: "frame"; readonly key: string; readonly frame: TraceFrame }
  | { readonly kind: "leftOut"; readonly key: string; readonly total: number };

export interface TraceRows {
  /** Null until one is told of. */
  readonly trace: number | null;
  /** Of the newest frame that was told. */
  readonly afterSeq: number;
  readonly rows: readonly TraceRow[];
}

export const noRows: TraceRows = { trace: null, afterSeq: 0, rows: [] };

/** More than anybody reads back, and few enough for a weak panel. */
export const traceRowsMax = 300;

/**
 * With what was told since. Another trace, or a controller that was started anew, counts from 1: what was
 * told stays, and its frames are asked for again from their beginning.
 */
export function withTold(before: TraceRows, view: TraceView): TraceRows {
  const isAnew = before.trace !== null && before.trace !== view.trace;
  if ((isAnew && before.afterSeq > 0) || view.lastSeq < before.afterSeq) {
    return { ...before, trace: view.trace, afterSeq: 0 };
  }
  const rows = [...before.rows];
  let { afterSeq } = before;
  for (const frame of view.frames) {
    const total = frame.seq - afterSeq - 1;
    const key = `${view.trace}.${frame.seq}`;
    if (total > 0) rows.push({ kind: "leftOut", key: `${key}-`, total });
    rows.push({ kind: "frame", key, frame });
    afterSeq = frame.seq;
  }
  return { trace: view.trace, afterSeq, rows: rows.slice(-traceRowsMax) };
}

/** What came so far is not shown any more; what comes is. */
export const cleared = (before: TraceRows): TraceRows => ({ ...before, rows: [] });
