import { deviceReason } from "../../../protocols/device-reasons.ts";
import { decodeJson } from "../../../protocols/json-message.ts";
import { zScannerLifeMessage, zScannerReadMessage } from "../../../protocols/scanner/messages.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { MessageBus } from "../../../protocols/transport.ts";
import type { ScannerPort, ScannerRead } from "./scanner.ts";
import { createOutlet } from "../outlet.ts";

export interface MessageScannerOptions {
  readonly deviceId: string;
  readonly bus: MessageBus;
  /** Topics are `{base}/read` and `{base}/life`. */
  readonly base: string;
  readonly clock: Clock;
  readonly staleAfterMs: number;
  readonly downAfterMs: number;
}

/** A read of 16 codes of 128 characters stays below this, however it is escaped. */
const messageBytesMax = 16 * 1024;

/** A scanner on MQTT. Health is the age of the last good message, life or read. */
export function createMessageScanner(options: MessageScannerOptions): ScannerPort {
  const { deviceId, bus, base, clock, staleAfterMs, downAfterMs } = options;
  const outlet = createOutlet<ScannerRead>({ clock, staleAfterMs, downAfterMs });
  const { health } = outlet;
  let lastSeq: number | null = null;

  const refuse = (topic: string, why: string): void => {
    health.note("discardedTotal");
    health.remark(deviceReason("badMessage", { detail: `${topic} ${why}` }));
  };

  const takeLife = (topic: string, payload: Uint8Array): void => {
    const life = decodeJson(zScannerLifeMessage, payload, messageBytesMax);
    if (life.kind === "invalid") return refuse(topic, life.why);
    health.note("framesTotal");
    health.heard();
  };

  const takeRead = (topic: string, payload: Uint8Array): void => {
    const read = decodeJson(zScannerReadMessage, payload, messageBytesMax);
    if (read.kind === "invalid") return refuse(topic, read.why);
    const { seq, codes } = read.value;
    health.note("framesTotal");
    health.heard();
    // Delivered twice by a broker is still one parcel; after a restart the scanner begins at 0.
    if (seq === lastSeq && seq !== 0) return health.note("repeatedTotal");
    const isInOrder = lastSeq === null || seq === 0 || seq === lastSeq + 1;
    if (!isInOrder) health.note("sequenceGapsTotal");
    lastSeq = seq;
    if (codes.length === 0) health.note("noReadsTotal");
    outlet.emit({ kind: "read", codes });
  };

  return {
    deviceId,
    health: () => health.health(),
    start(sink) {
      outlet.start(sink);
      bus.subscribe(`${base}/life`, takeLife);
      bus.subscribe(`${base}/read`, takeRead);
      bus.onState((isConnected, reason) => {
        if (isConnected) outlet.wireOpened();
        else health.fault(reason ?? deviceReason("notConnected"));
      });
    },
    stop() {
      outlet.stop();
      return bus.close();
    },
  };
}
