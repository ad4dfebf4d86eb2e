import { encodeScannerRead, encodeScannerText } from "../../protocols/scanner/encoder.ts";
import type { ScannerFormat } from "../../protocols/scanner/format.ts";
import type { Clock } from "../../protocols/time.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { codesSeen, healthyScanner, type SimulatedScanner } from "./scanner.ts";
import { startTicker } from "./ticker.ts";

export interface FrameScannerDevice {
  readonly link: ByteLink;
  readonly clock: Clock;
  readonly format: ScannerFormat;
  /** Must match the format's patterns. Defaults are those of the `sick` preset. */
  readonly noReadText?: string;
  readonly heartbeatText?: string;
}

/** What a bad cable adds: bytes that neither begin nor end a frame. */
const noise = Uint8Array.from([0xff, 0x41, 0x7e, 0x80]);
const stutterBytes = 3;
const stutterPauseMs = 5;

/** A scanner that writes frames to a serial line or TCP connection. */
export function startFrameScanner(device: FrameScannerDevice): SimulatedScanner {
  const { link, clock, format, noReadText = "NoRead", heartbeatText = "HB" } = device;
  let faults = healthyScanner;
  let isOpen = false;
  let isStopped = false;

  const writeInPieces = (bytes: Uint8Array): void => {
    for (let from = 0; from < bytes.length; from += stutterBytes) {
      const pauseMs = (from / stutterBytes) * stutterPauseMs;
      clock.schedule(monotonicMs(clock.monotonic() + pauseMs), () => {
        if (isOpen && !isStopped) link.write(bytes.subarray(from, from + stutterBytes));
      });
    }
  };

  const write = (bytes: Uint8Array): void => {
    if (!isOpen || isStopped || faults.isSilent) return;
    if (faults.isNoisy) link.write(noise);
    if (faults.isStuttering) writeInPieces(bytes);
    else link.write(bytes);
  };

  link.open({
    onOpen() {
      isOpen = true;
    },
    // This scanner's settings are fixed, so it takes no commands.
    onBytes() {},
    onClose() {
      isOpen = false;
    },
  });
  const stopHeartbeat =
    format.heartbeat === null
      ? () => {}
      : startTicker(clock, format.heartbeat.periodMs, () =>
          write(encodeScannerText(format, heartbeatText)),
        );

  return {
    read(labels) {
      const codes = codesSeen(labels, faults);
      const frame =
        codes.length === 0
          ? encodeScannerText(format, noReadText)
          : encodeScannerRead(format, codes);
      write(frame);
      if (faults.isRepeating) write(frame);
    },
    setFaults(changes) {
      faults = { ...faults, ...changes };
    },
    stop() {
      isStopped = true;
      stopHeartbeat();
      return link.close();
    },
  };
}
