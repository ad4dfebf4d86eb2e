import { encodeJson } from "../../protocols/json-message.ts";
import type { ScannerLifeMessage, ScannerReadMessage } from "../../protocols/scanner/messages.ts";
import type { Clock } from "../../protocols/time.ts";
import type { MessageBus } from "../../protocols/transport.ts";
import { codesSeen, healthyScanner, type SimulatedScanner } from "./scanner.ts";
import { startTicker } from "./ticker.ts";

export interface MessageScannerDevice {
  readonly bus: MessageBus;
  /** Topics are `{base}/read` and `{base}/life`. */
  readonly base: string;
  readonly clock: Clock;
  /** Default 1,000. */
  readonly lifePeriodMs?: number;
}

const noise = new TextEncoder().encode('{"seq":');

/** A scanner that publishes a message a read. */
export function startMessageScanner(device: MessageScannerDevice): SimulatedScanner {
  const { bus, base, clock, lifePeriodMs = 1_000 } = device;
  let faults = healthyScanner;
  let readSeq = 0;
  let lifeSeq = 0;
  let isStopped = false;

  const publish = (topic: string, message: ScannerReadMessage | ScannerLifeMessage): void => {
    if (isStopped || faults.isSilent) return;
    if (faults.isNoisy) bus.publish(`${base}/${topic}`, noise);
    bus.publish(`${base}/${topic}`, encodeJson(message), { qos: 1 });
  };
  const stopLife = startTicker(clock, lifePeriodMs, () => publish("life", { seq: lifeSeq++ }));

  return {
    read(labels) {
      const message = { seq: readSeq++, codes: codesSeen(labels, faults) };
      publish("read", message);
      if (faults.isRepeating) publish("read", message);
    },
    setFaults(changes) {
      faults = { ...faults, ...changes };
    },
    stop() {
      isStopped = true;
      stopLife();
      return bus.close();
    },
  };
}
