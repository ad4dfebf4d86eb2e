import { z } from "zod";
import { withoutNoReads } from "../../../protocols/barcode/no-read.ts";
import {
  createSsiParser,
  ssiAck,
  ssiCode,
  ssiResend,
  ssiStartSession,
  ssiStopSession,
  type SsiDecoded,
  type SsiFrame,
} from "../../../protocols/scanner/ssi.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import type { MonotonicMs } from "../../../protocols/units.ts";
import { speak, unreadable, type Dialect, type DialectOutlet } from "../dialect.ts";
import { createFrameDialect, discardedBytes } from "../frame-dialect.ts";
import { createByteWire } from "../wires/byte-wire.ts";
import type { Carriers } from "../wires/carriers.ts";
import type { ScannerHeard } from "./heard.ts";

/** Zebra SSI: each code in a packet that is acknowledged. */
export const zZebraSsiDialect = z.strictObject({
  kind: z
    .literal("zebra-ssi")
    .describe(
      "Zebra SSI, packets with ACK and NAK. Packeted decode data and the handshake have to be switched on at the reader.",
    ),
});

/** A packet of 255 bytes lasts 270 ms at 9,600 baud; between two of its bytes there is no pause. */
const interByteTimeoutMs = 50;
/** A decoder sends again at once what it was asked for. */
const resentWithinMs = 500;

export const zebraSsiCarriers: Carriers<ScannerHeard, ProofCommand> = {
  bytes: (link, clock) => speak(createDialect(), createByteWire(link), clock),
};

const nothing = new Uint8Array(0);
/** The decoder takes no token, and has nothing to send back. */
const packets: Readonly<Record<ProofCommand["kind"], Uint8Array>> = {
  trigger: ssiStartSession,
  endTrigger: ssiStopSession,
  token: nothing,
  test: nothing,
};

type Outlet = DialectOutlet<ScannerHeard, Uint8Array>;

function createDialect(): Dialect<Uint8Array, Uint8Array, ScannerHeard, ProofCommand> {
  const reads = createSsiReads();
  let askedAgainAt: MonotonicMs | null = null;

  const take = (frame: SsiFrame, at: MonotonicMs, out: Outlet): void => {
    switch (frame.kind) {
      case "answer":
        return out.tell({ kind: "ack" });
      case "refusal":
        // A trigger that is said again comes too late for the parcel that it was for.
        return out.tell({ kind: "refused", detail: frame.why });
      case "other":
        out.answer(ssiAck);
        return out.tell({ kind: "life" });
      case "damaged":
        askedAgainAt = at;
        out.answer(ssiResend);
        return out.tell(discardedBytes(frame));
      case "discarded":
        return out.tell(discardedBytes(frame));
      case "decoded": {
        const isAskedFor = askedAgainAt !== null && at - askedAgainAt <= resentWithinMs;
        askedAgainAt = null;
        out.answer(ssiAck);
        return out.tell(reads.take(frame, isAskedFor));
      }
    }
  };
  const taking = (at: MonotonicMs, out: Outlet) => ({
    tell: (frame: SsiFrame) => take(frame, at, out),
    answer: (bytes: Uint8Array) => out.answer(bytes),
  });
  const frames = createFrameDialect<SsiFrame, SsiFrame, ProofCommand>({
    parser: createSsiParser(),
    interByteTimeoutMs,
    meaningOf: (frame) => frame,
    write: ({ kind }) => packets[kind],
  });

  return {
    read: (chunk, at, out) => frames.read(chunk, at, taking(at, out)),
    write: (said, at) => frames.write(said, at),
    wakeAt: () => frames.wakeAt?.() ?? null,
    wake: (at, out) => frames.wake?.(at, taking(at, out)),
    lose(out) {
      askedAgainAt = null;
      frames.lose?.({
        tell: (frame) => {
          if (frame.kind !== "answer" && "bytes" in frame) out.tell(discardedBytes(frame));
        },
        answer: () => {},
      });
    },
  };
}

/**
 * Which packets are reads. One that is sent again on the decoder's own account, because no
 * acknowledgement came, is of a moment ago: as a read of now it would be the next parcel's. So it
 * counts only right after it was asked for, and never where it has been told already.
 */
function createSsiReads() {
  let lastTold: string | null = null;
  let isWithin = false;

  return {
    take(packet: SsiDecoded, isAskedFor: boolean): ScannerHeard {
      const said = JSON.stringify([packet.symbology, packet.data]);
      if (packet.isRetransmit && said === lastTold) return { kind: "repeat" };
      const isPart = isWithin || packet.isContinued;
      isWithin = packet.isContinued;
      if (isPart) return unreadable("a code in several packets");
      if (packet.isRetransmit && !isAskedFor) {
        return unreadable("sent again without being asked: nobody knows of when it is");
      }
      const code = ssiCode(packet);
      if (code === null) return unreadable(`a code of ${packet.data.length} characters`);
      lastTold = said;
      return { kind: "read", codes: withoutNoReads([code]), proof: {} };
    },
  };
}
