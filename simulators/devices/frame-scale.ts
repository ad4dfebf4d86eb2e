import type { Clock } from "../../protocols/time.ts";
import type { ScannerFormat } from "../../protocols/scanner/format.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import {
  encodeScannerRead,
  encodeScannerText,
  readProofCommand,
} from "../../protocols/scanner/encoder.ts";
import { createCommandEar } from "./command-ear.ts";
import { createReadLatch } from "./read-latch.ts";
import type { SimulatedScale } from "./scale.ts";
import { startTicker } from "./ticker.ts";

export interface FrameScaleDevice {
  readonly link: ByteLink;
  readonly clock: Clock;
  readonly format: ScannerFormat;
  /** It measures too: three edges in millimetres follow the grams. Default: it does not. */
  readonly measures?: boolean;
}

/** What a bad cable adds: bytes that begin nothing and end nothing. */
const noise = Uint8Array.from([0x41, 0x7e, 0x80]);

/** Of what it cannot measure it says nothing. */
const noEdges = { length: 0, width: 0, height: 0 };

/** A scale that writes one frame a parcel: the token that it was sent, and grams. */
export function startFrameScale(device: FrameScaleDevice): SimulatedScale {
  const { link, clock, format, measures = false } = device;
  const latch = createReadLatch({ ticks: () => 0 });
  let isSilent = false;
  let isNoisy = false;
  let isBlind = false;
  let isOpen = false;
  let isStopped = false;

  const write = (bytes: Uint8Array): void => {
    if (!isOpen || isStopped || isSilent) return;
    if (isNoisy) link.write(noise);
    link.write(bytes);
  };
  const ear = createCommandEar(format, (text) => {
    const command = readProofCommand(format, text);
    if (command?.kind === "token") latch.takeToken(command.token);
  });
  link.open({
    onOpen() {
      isOpen = true;
    },
    onBytes: (chunk) => ear(chunk),
    onClose() {
      isOpen = false;
    },
  });
  const stopHeartbeat =
    format.heartbeat === null
      ? () => {}
      : startTicker(clock, format.heartbeat.periodMs, () => write(encodeScannerText(format, "HB")));

  return {
    settled(weightG, edgesMm) {
      if (isSilent) return;
      const { length, width, height } = (isBlind ? undefined : edgesMm) ?? noEdges;
      const edges = measures ? [length, width, height] : [];
      for (const due of latch.trigger([weightG, ...edges].map(String))) {
        const { seen, proof } = latch.answer(due);
        const codes = seen.map((text) => ({ text, aim: null }));
        // Nothing weighed is nothing said: a scale knows no "no read".
        if (codes.length > 0) write(encodeScannerRead(format, codes, proof));
      }
    },
    setFaults({ isSilent: silent, isNoisy: noisy, isBlind: blind, lag }) {
      if (silent !== undefined) isSilent = silent;
      if (noisy !== undefined) isNoisy = noisy;
      if (blind !== undefined) isBlind = blind;
      if (lag !== undefined) latch.setFaults({ lag });
    },
    stop() {
      isStopped = true;
      stopHeartbeat();
      return link.close();
    },
  };
}
