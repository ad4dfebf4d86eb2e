import { deviceReason, type DeviceReason } from "../../../protocols/device-reasons.ts";
import {
  createIsoTcpReader,
  disconnectReasons,
  encodeConnectConfirm,
  encodeConnectRequest,
  encodeDisconnect,
  encodeIsoTcpData,
  isoTcpTpduBytes,
  tsapText,
  type IsoTcpReader,
  type IsoTcpWord,
  type Tsaps,
} from "../../../protocols/iso-tcp.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import {
  notConnected,
  type ByteLink,
  type ByteLinkHandlers,
} from "../../../protocols/transport.ts";
import { monotonicMs } from "../../../protocols/units.ts";

/** How long the other end may take to ask for the connection, or to answer. */
export const agreedWithinMs = 5_000;

/** One connection at a time, so that one number will do. */
const ownRef = 1;

type Confirm = Extract<IsoTcpWord, { kind: "connectConfirm" }>;

export interface IsoTcpOptions {
  readonly clock: Clock;
  /** Where the device is, for people. */
  readonly address: string;
  /** Whether we ask for the connection, or the device does. */
  readonly isCalling: boolean;
  readonly tsaps: Tsaps;
}

/**
 * ISO transport (RFC 1006) on a TCP connection, as the bytes within. It is open once both ends have
 * agreed; whoever is asked for under another name, or hears no packets, gives the connection up, and
 * it is made anew as after any loss. Telegrams have frames of their own, so that what a packet brings
 * is passed on as it comes.
 */
export function overIsoTcp(link: ByteLink, options: IsoTcpOptions): ByteLink {
  const { clock, address, isCalling, tsaps } = options;
  let handlers: ByteLinkHandlers | null = null;
  let reader: IsoTcpReader | null = null;
  let overdue: Timer | null = null;
  /** Null until both ends have agreed. */
  let tpduBytesMax: number | null = null;

  const forget = (): void => {
    overdue?.cancel();
    overdue = null;
    reader = null;
    tpduBytesMax = null;
  };
  const giveUp = (reason: DeviceReason): void => link.renew?.(reason);

  const begin = (): void => {
    forget();
    reader = createIsoTcpReader();
    overdue = clock.schedule(monotonicMs(clock.monotonic() + agreedWithinMs), () =>
      giveUp(deviceReason("noAnswer", { address, seconds: agreedWithinMs / 1_000 })),
    );
    if (isCalling) link.write(encodeConnectRequest(ownRef, tsaps));
  };
  const agreed = (size: number): void => {
    overdue?.cancel();
    overdue = null;
    tpduBytesMax = Math.min(size, isoTcpTpduBytes);
    handlers?.onOpen();
  };

  const requested = (request: Extract<IsoTcpWord, { kind: "connectRequest" }>): void => {
    const isMeant =
      isSame(request.tsaps.called, tsaps.called) && isSame(request.tsaps.calling, tsaps.calling);
    if (isMeant) {
      link.write(encodeConnectConfirm(request, ownRef));
      return agreed(request.tpduBytesMax);
    }
    link.write(encodeDisconnect(request.sourceRef, disconnectReasons.addressUnknown));
    const asked = `${tsapText(request.tsaps.calling)} asks for ${tsapText(request.tsaps.called)}`;
    const wanted = `${tsapText(tsaps.calling)} and ${tsapText(tsaps.called)} are configured`;
    giveUp(deviceReason("requestRefused", { address, detail: `TSAP ${asked}; ${wanted}` }));
  };

  /** A connection with somebody else is none with the device; one that names nobody is with whom we asked. */
  const confirmed = ({ named, tpduBytesMax: size }: Confirm): void => {
    const calling = named.calling ?? tsaps.calling;
    const called = named.called ?? tsaps.called;
    if (isSame(calling, tsaps.calling) && isSame(called, tsaps.called)) return agreed(size);
    const made = `${tsapText(calling)} was connected with ${tsapText(called)}`;
    const asked = `${tsapText(tsaps.calling)} asked for ${tsapText(tsaps.called)}`;
    giveUp(deviceReason("requestRefused", { address, detail: `TSAP ${made}; ${asked}` }));
  };

  const take = (word: IsoTcpWord): void => {
    const isAgreed = tpduBytesMax !== null;
    if (word.kind === "data" && isAgreed) return handlers?.onBytes(word.bytes);
    if (word.kind === "connectRequest" && !isCalling && !isAgreed) return requested(word);
    if (word.kind === "connectConfirm" && isCalling && !isAgreed) {
      if (word.destinationRef === ownRef) return confirmed(word);
    }
    if (word.kind === "disconnect") {
      const detail = `ISO transport: reason ${word.reason}`;
      const code = isAgreed ? "connectionLost" : "requestRefused";
      return giveUp(deviceReason(code, { address, detail }));
    }
    const what = word.kind === "broken" ? word.detail : `${word.kind} out of turn`;
    giveUp(deviceReason("badMessage", { address, detail: `ISO transport: ${what}` }));
  };

  return {
    open(given) {
      handlers = given;
      link.open({
        onOpen: begin,
        onBytes(chunk) {
          const reading = reader;
          for (const word of reading?.push(chunk) ?? []) {
            // Whatever a word has ended, or begun anew, hears nothing more of it.
            if (reader === reading) take(word);
          }
        },
        onClose(reason) {
          forget();
          given.onClose(reason);
        },
      });
    },
    write: (bytes) =>
      tpduBytesMax === null ? notConnected : link.write(encodeIsoTcpData(bytes, tpduBytesMax)),
    renew: (reason) => link.renew?.(reason),
    close() {
      forget();
      return link.close();
    },
  };
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);
