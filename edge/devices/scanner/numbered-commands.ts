import { encodeDmccCommand, type DmccCommands } from "../../../protocols/scanner/dmcc.ts";
import { encodeScannerBytes, proofCommandText } from "../../../protocols/scanner/encoder.ts";
import type { ScannerFormat } from "../../../protocols/scanner/format.ts";
import type { ScannerFrame } from "../../../protocols/scanner/frames.ts";
import { createScannerParser } from "../../../protocols/scanner/parser.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import { unreadable, type Dialect, type DialectOutlet } from "../dialect.ts";
import { createFrameDialect } from "../frame-dialect.ts";
import { meaningOfFrame } from "./frame-meaning.ts";
import type { ScannerHeard } from "./heard.ts";

/** A token, a trigger and its end: more of one parcel do not wait. */
const waitingMax = 4;
/** Then they begin anew with 1; no answer is so late. */
const commandIdMax = 9_999;
const nothing = new Uint8Array(0);

type Outlet = DialectOutlet<ScannerHeard, Uint8Array>;

interface Waiting {
  readonly command: ProofCommand;
  readonly text: string;
  readonly since: MonotonicMs;
}

/**
 * A reader of DMCC whose commands bear numbers. One command is open at a time, and the next one waits
 * for its answer; what has waited for too long is dropped, since a trigger that comes late is for a
 * parcel that has gone on. An answer to any other command than the open one, or the last trigger, is
 * told and means nothing: whatever it carries was seen of another parcel.
 */
export function createNumberedDialect(
  format: ScannerFormat,
  settings: DmccCommands,
): Dialect<Uint8Array, Uint8Array, ScannerHeard, ProofCommand> {
  const { answerWithinMs } = settings;
  let lastId = 0;
  let open: { readonly id: number; readonly untilAt: MonotonicMs } | null = null;
  let waiting: Waiting[] = [];
  /** Of whose number a read may be. */
  let triggeredId: number | null = null;

  const begin = ({ command, text }: Waiting, at: MonotonicMs): Uint8Array => {
    lastId = (lastId % commandIdMax) + 1;
    open = { id: lastId, untilAt: monotonicMs(at + answerWithinMs) };
    if (command.kind !== "token") triggeredId = lastId;
    return encodeScannerBytes(format, encodeDmccCommand(text, lastId, settings));
  };

  const goOn = (at: MonotonicMs, out: Outlet): void => {
    open = null;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (at - next.since <= answerWithinMs) return out.answer(begin(next, at));
      out.tell(dropped(next));
    }
  };

  const take = (frame: ScannerFrame, at: MonotonicMs, out: Outlet): void => {
    const { kind } = frame;
    // Its own reads and signs of life bear no number, and neither does what it refuses to read.
    if (kind === "discarded" || frame.commandId === undefined)
      return out.tell(meaningOfFrame(frame));
    const { commandId } = frame;
    const isOpen = open !== null && open.id === commandId;
    const isRead = kind === "read" || kind === "noRead";
    const isOurs = isOpen || (isRead && (commandId === null || commandId === triggeredId));
    // A reader that could not read a command has no number to answer with.
    const isRefused = kind === "refusal" && (commandId === null || commandId === 0);
    out.tell(isOurs || isRefused ? meaningOfFrame(frame) : unreadable(othersAnswer(commandId)));
    if (isOpen || (isRefused && open !== null)) goOn(at, out);
  };
  const othersAnswer = (commandId: number | null): string =>
    `an answer to command ${commandId ?? "without a number"}, with ${open === null ? "none" : open.id} open`;

  const taking = (at: MonotonicMs, out: Outlet) => ({
    tell: (frame: ScannerFrame) => take(frame, at, out),
    answer: (bytes: Uint8Array) => out.answer(bytes),
  });
  const frames = createFrameDialect<ScannerFrame, ScannerFrame, ProofCommand>({
    parser: createScannerParser(format),
    interByteTimeoutMs: format.interByteTimeoutMs,
    meaningOf: (frame) => frame,
    write: () => nothing,
  });

  return {
    read: (chunk, at, out) => frames.read(chunk, at, taking(at, out)),
    refuses: () => (waiting.length < waitingMax ? null : "wireFull"),
    write(command, at) {
      const text = proofCommandText(format, command);
      if (text === null) return nothing;
      const said: Waiting = { command, text, since: at };
      if (open === null) return begin(said, at);
      waiting.push(said);
      return null;
    },
    unsent() {
      open = null;
    },
    wakeAt() {
      const cutAt = frames.wakeAt?.() ?? null;
      if (open === null || cutAt === null) return open?.untilAt ?? cutAt;
      return cutAt < open.untilAt ? cutAt : open.untilAt;
    },
    wake(at, out) {
      const cutAt = frames.wakeAt?.() ?? null;
      if (cutAt !== null && cutAt <= at) frames.wake?.(at, taking(at, out));
      if (open === null || open.untilAt > at) return;
      const detail = `no answer to command ${open.id} within ${answerWithinMs} ms`;
      out.tell({ kind: "unanswered", detail });
      goOn(at, out);
    },
    lose(out) {
      open = null;
      waiting = [];
      triggeredId = null;
      frames.lose?.({ tell: (frame) => out.tell(meaningOfFrame(frame)), answer: () => {} });
    },
  };
}

const dropped = ({ text }: Waiting): ScannerHeard => ({
  kind: "unanswered",
  detail: `${text} waited for too long, and was not sent`,
});
