import { expect, test } from "vitest";
import { encodeScannerRead, encodeScannerText } from "../../protocols/scanner/encoder.ts";
import { sent } from "../../protocols/transport.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { labScannerFormat } from "../../simulators/devices/lab-formats.ts";
import { startFrameScanner } from "../../simulators/devices/scanner-frames.ts";

/**
 * Goal: a scanner that writes in pieces says one thing after the other. Method: its sign of life is
 * due while it is still writing a read; what came over the wire is joined again.
 */
test.each([true, false])(
  "a sign of life waits for the read before it, also where the stutter ends meanwhile: %s",
  (goesOn) => {
    const clock = createVirtualClock();
    let bytes: readonly number[] = [];
    const scanner = startFrameScanner({
      clock,
      format: labScannerFormat,
      link: {
        open: (handlers) => handlers.onOpen(),
        write: (more) => {
          bytes = [...bytes, ...more];
          return sent;
        },
        close: async () => {},
      },
    });
    const periodMs = labScannerFormat.heartbeat?.periodMs ?? 0;
    clock.runFor(periodMs - 10);
    const code = { text: "RB123456785GB", aim: "]C1" };
    scanner.setFaults({ isStuttering: true });
    scanner.read([code.text]);
    if (!goesOn) scanner.setFaults({ isStuttering: false });
    clock.runFor(500);
    const life = encodeScannerText(labScannerFormat, "HB");
    const frame = encodeScannerRead(labScannerFormat, [code], {});
    const end = frame.slice(-8);
    expect(bytes.length).toBeGreaterThan(30);
    expect(bytes.slice(-life.length)).toEqual([...life]);
    expect(bytes.slice(-life.length - end.length, -life.length)).toEqual([...end]);
  },
);
