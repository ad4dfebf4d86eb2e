import type { Clock } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import type { ParcelSource, PhysicalParcel } from "../world/ports.ts";
import type { DocumentPlan, ParcelStream, PlannedParcel } from "./parcel-stream.ts";

/**
 * Sends what a parcel's papers say. Done when whoever takes them has answered, or could not be
 * reached: carriers do not wait for computers. Never rejects.
 */
export interface DocumentPost {
  /** Order, receipt, waybill, manifest, then the carrier's acceptance. */
  send(plan: DocumentPlan): Promise<void> | void;
  /** A customs receipt with this status for what was sent before. */
  sendReceipt(plan: DocumentPlan, status: number): Promise<void> | void;
}

export interface Forwarding extends ParcelSource {
  /** Begins to send documents ahead, so that the first parcels have theirs. */
  start(): void;
  stop(): void;
}

export interface ForwardingOptions {
  readonly clock: Clock;
  readonly stream: ParcelStream;
  readonly post: DocumentPost;
  /** Parcels whose documents are sent before they come: how far ahead papers are. */
  readonly parcelsAhead: number;
  /** After the answer, the time until the papers are at the line. */
  readonly settleMs: number;
  /** A parcel has become available. */
  onAvailable(): void;
  /** The parcel is about to be put on the belt. */
  onReleased?(parcel: PlannedParcel): void;
}

interface Waiting {
  readonly parcel: PlannedParcel;
  /** Its papers are at the line by now, or are meant to be late. */
  isAvailable: boolean;
}

/**
 * Carriers bring parcels after their papers: each parcel waits until its documents have been
 * answered and had time to reach the line. Late papers are sent once the parcel is on the belt.
 */
export function createForwarding(options: ForwardingOptions): Forwarding {
  const { clock, stream, post } = options;
  const waiting: Waiting[] = [];
  let isStopped = true;

  const later = (afterMs: number, act: () => void): void => {
    clock.schedule(monotonicMs(clock.monotonic() + afterMs), () => {
      if (!isStopped) act();
    });
  };

  const deliver = (sent: Promise<void> | void, then: () => void): void => {
    if (sent === undefined) return then();
    void sent.then(then);
  };

  const announce = (entry: Waiting): void => {
    const { documents } = entry.parcel;
    if (documents === null || documents.lateS !== null) {
      entry.isAvailable = true;
      return;
    }
    deliver(post.send(documents), () =>
      later(options.settleMs, () => {
        entry.isAvailable = true;
        if (waiting[0] === entry) options.onAvailable();
      }),
    );
  };

  const fill = (): void => {
    while (waiting.length < options.parcelsAhead) {
      const entry: Waiting = { parcel: stream.next(), isAvailable: false };
      waiting.push(entry);
      announce(entry);
    }
  };

  const followUp = ({ documents }: PlannedParcel): void => {
    if (documents === null) return;
    const { lateS, receipt } = documents;
    if (lateS !== null) later(lateS * 1_000, () => deliver(post.send(documents), () => {}));
    if (receipt === null) return;
    const afterS = receipt.afterS + (lateS ?? 0);
    later(afterS * 1_000, () => deliver(post.sendReceipt(documents, receipt.status), () => {}));
  };

  return {
    start() {
      isStopped = false;
      fill();
    },
    stop() {
      isStopped = true;
    },
    next(): PhysicalParcel | null {
      const first = waiting[0];
      if (isStopped || first === undefined || !first.isAvailable) return null;
      waiting.shift();
      options.onReleased?.(first.parcel);
      followUp(first.parcel);
      fill();
      return first.parcel.physical;
    },
  };
}
