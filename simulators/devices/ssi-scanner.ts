import { encodeSsiDecoded } from "../../protocols/scanner/ssi.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import { monotonicMs } from "../../protocols/units.ts";

export interface SsiScannerDevice {
  readonly link: ByteLink;
  readonly clock: Clock;
  /** How long it waits for an answer before it sends again. Default 2 s. */
  readonly answerWithinMs?: number;
}

export interface SsiScannerFaults {
  /** Damages one byte of the next so many packets. */
  readonly damages: number;
  /** Hears nothing of the next so many answers. */
  readonly missesAnswers: number;
  /** Broken bytes in front of every packet. */
  readonly isNoisy: boolean;
}

export interface SimulatedSsiScanner {
  /** A label in the beam, of Code 128. */
  read(label: string): void;
  setFaults(faults: Partial<SsiScannerFaults>): void;
  stop(): Promise<void>;
}

const ack = "04d00400ff28";
const nak = "05d1040001ff25";
const answerBytesMax = 7;
const noise = Uint8Array.of(0xff, 0x04, 0xf3, 0x41, 0x00);
const resendsMax = 2;
const code128 = 3;

/** A decoder that sends a packet for each label, and again when it is asked to or hears nothing. */
export function startSsiScanner(device: SsiScannerDevice): SimulatedSsiScanner {
  const { link, clock, answerWithinMs = 2_000 } = device;
  let faults: SsiScannerFaults = { damages: 0, missesAnswers: 0, isNoisy: false };
  let waiting: { readonly label: string; tries: number }[] = [];
  let heard = "";
  let isOpen = false;
  let isStopped = false;
  let timer: Timer | null = null;

  const send = (): void => {
    const [first] = waiting;
    if (first === undefined || !isOpen || isStopped) return;
    const packet = encodeSsiDecoded({
      symbology: code128,
      data: first.label,
      isRetransmit: first.tries > 0,
      isContinued: false,
    });
    first.tries += 1;
    if (faults.damages > 0) {
      faults = { ...faults, damages: faults.damages - 1 };
      packet[packet.length - 3] = (packet.at(-3) ?? 0) ^ 0x01;
    }
    if (faults.isNoisy) link.write(noise);
    link.write(packet);
    timer?.cancel();
    timer = clock.schedule(monotonicMs(clock.monotonic() + answerWithinMs), again);
  };
  const next = (): void => {
    timer?.cancel();
    waiting = waiting.slice(1);
    send();
  };
  const again = (): void => {
    if ((waiting[0]?.tries ?? 0) > resendsMax) next();
    else send();
  };
  const obey = (answer: string): void => {
    heard = "";
    if (faults.missesAnswers > 0) {
      faults = { ...faults, missesAnswers: faults.missesAnswers - 1 };
      return;
    }
    if (answer === ack) next();
    else again();
  };

  link.open({
    onOpen() {
      isOpen = true;
    },
    onBytes(chunk) {
      for (const byte of chunk) {
        heard = (heard + byte.toString(16).padStart(2, "0")).slice(-2 * answerBytesMax);
        for (const answer of [ack, nak]) if (heard.endsWith(answer)) obey(answer);
      }
    },
    onClose() {
      isOpen = false;
      waiting = [];
      timer?.cancel();
    },
  });

  return {
    read(label) {
      if (!isOpen) return;
      waiting.push({ label, tries: 0 });
      if (waiting.length === 1) send();
    },
    setFaults(changes) {
      faults = { ...faults, ...changes };
    },
    stop() {
      isStopped = true;
      timer?.cancel();
      return link.close();
    },
  };
}
