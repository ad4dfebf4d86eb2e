import {
  encodeNoRead,
  encodeScannerBytes,
  encodeScannerRead,
  encodeScannerText,
  readProofCommand,
} from "../../protocols/scanner/encoder.ts";
import { encodeDmccAnswer, readNumberedCommand } from "../../protocols/scanner/dmcc.ts";
import type { ScannerFormat } from "../../protocols/scanner/format.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { createColaBEar, createCommandEar } from "./command-ear.ts";
import { createReadLatch, type Latched } from "./read-latch.ts";
import { codesSeen, healthyScanner, type SimulatedScanner } from "./scanner.ts";
import { startTicker } from "./ticker.ts";

export interface FrameScannerDevice {
  readonly link: ByteLink;
  readonly clock: Clock;
  readonly format: ScannerFormat;
  /** Must match the format's patterns. Defaults are those of the `sick` preset. */
  readonly noReadText?: string;
  readonly heartbeatText?: string;
  /** Whether it reads only what comes within its gate, which a command of the line opens. */
  readonly isTriggered?: boolean;
  /** Its own encoder; default: one that stands. */
  readonly ticks?: () => number;
  /** Its outputs: one of them for a moment at each decode. */
  readonly onDecoded?: (isGood: boolean) => void;
}

/** What a bad cable adds: bytes that begin nothing and end nothing. */
const noise = Uint8Array.from([0xff, 0x41, 0x7e, 0x80]);
const stutterBytes = 3;
const stutterPauseMs = 5;
/** What a gateway keeps of a wire that is away, the newest. */
const keptFramesMax = 20;

/** A label that is read closes the gate; else it closes by itself, and nothing was read. */
const gateMs = 500;

function createGate(clock: Clock, onMissed: () => void) {
  let closing: Timer | null = null;
  const close = (): boolean => {
    const wasOpen = closing !== null;
    closing?.cancel();
    closing = null;
    return wasOpen;
  };
  return {
    open(): void {
      close();
      closing = clock.schedule(monotonicMs(clock.monotonic() + gateMs), () => {
        closing = null;
        onMissed();
      });
    },
    /** Whether it was open. */
    close,
  };
}

/** A scanner that writes frames to a serial line or TCP connection. */
export function startFrameScanner(device: FrameScannerDevice): SimulatedScanner {
  const { link, clock, format, noReadText = "NoRead", heartbeatText = "HB" } = device;
  const { ticks = () => 0, onDecoded = () => {} } = device;
  const latch = createReadLatch({ ticks });
  let faults = healthyScanner;
  let isOpen = false;
  let isStopped = false;
  let kept: Uint8Array[] = [];

  /** When all pieces of what was said before are written: one frame never comes within another. */
  let piecesUntil = 0;

  const writeInPieces = (bytes: Uint8Array): void => {
    let dueAt = Math.max(clock.monotonic(), piecesUntil);
    for (let from = 0; from < bytes.length; from += stutterBytes) {
      clock.schedule(monotonicMs(dueAt), () => {
        if (isOpen && !isStopped) link.write(bytes.subarray(from, from + stutterBytes));
      });
      dueAt += stutterPauseMs;
    }
    piecesUntil = dueAt;
  };

  const write = (bytes: Uint8Array): void => {
    if (!isOpen || isStopped || faults.isSilent) return;
    if (faults.isNoisy) link.write(noise);
    if (faults.isStuttering || clock.monotonic() < piecesUntil) writeInPieces(bytes);
    else link.write(bytes);
  };

  const say = (due: Latched): void => {
    const codes = codesSeen(due.seen, faults);
    const isTest = due.proof.test !== undefined;
    if (faults.isSilentOnNoRead && codes.length === 0 && !isTest) return;
    const { proof } = latch.answer(due);
    const frame =
      codes.length === 0
        ? encodeNoRead(format, noReadText, proof)
        : encodeScannerRead(format, codes, proof);
    if (!isOpen && faults.isKeptByGateway) kept = [...kept, frame].slice(-keptFramesMax);
    write(frame);
    if (faults.isRepeating) write(frame);
  };

  const answer = (due: Latched): void => {
    const { answersLateMs } = faults;
    if (answersLateMs === 0) return say(due);
    clock.schedule(monotonicMs(clock.monotonic() + answersLateMs), () => say(due));
  };

  const readNow = (labels: readonly string[]): void => {
    onDecoded(codesSeen(labels, faults).length > 0);
    for (const due of latch.trigger(labels)) answer(due);
  };
  const gate = createGate(clock, () => readNow([]));

  /** A reader of DMCC says of each numbered command what has become of it, at once. */
  const answered = (text: string): string | null => {
    const { dmccCommands } = format;
    if (dmccCommands === null) return text;
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    const read = readNumberedCommand(bytes, dmccCommands);
    if (read === null) return null;
    const isGood = read !== "badChecksum";
    const isKnown = isGood && readProofCommand(format, read.text) !== null;
    const commandId = isGood ? read.commandId : 0;
    const state = isKnown ? 0 : isGood ? 101 : 103;
    const answer = encodeDmccAnswer({ commandId, state, data: "" }, dmccCommands);
    write(encodeScannerBytes(format, answer));
    return isGood ? read.text : null;
  };

  const obey = (said: string): void => {
    const text = answered(said);
    if (text === null) return;
    const command = readProofCommand(format, text);
    if (command === null || faults.isSilent) return;
    if (command.kind === "token") return latch.takeToken(command.token);
    if (command.kind === "trigger") return gate.open();
    if (command.kind === "endTrigger") return gate.close() ? readNow([]) : undefined;
    onDecoded(false);
    for (const due of latch.test(command)) answer(due);
  };
  const ear = format.framing === "cola-b" ? createColaBEar(obey) : createCommandEar(format, obey);

  link.open({
    onOpen() {
      isOpen = true;
      const late = kept;
      kept = [];
      for (const frame of late) write(frame);
    },
    onBytes: (chunk) => ear(chunk),
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
      if (faults.isSilent || (device.isTriggered === true && !gate.close())) return;
      readNow(labels);
    },
    setFaults(changes) {
      faults = { ...faults, ...changes };
      latch.setFaults(changes);
    },
    stop() {
      isStopped = true;
      gate.close();
      stopHeartbeat();
      return link.close();
    },
  };
}
