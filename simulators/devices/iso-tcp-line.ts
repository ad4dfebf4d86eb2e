import {
  createIsoTcpReader,
  encodeConnectConfirm,
  encodeConnectRequest,
  encodeIsoTcpData,
  type IsoTcpReader,
  type IsoTcpWord,
  type Tsaps,
} from "../../protocols/iso-tcp.ts";
import { notConnected, type ByteLink } from "../../protocols/transport.ts";

/** A controller's number for the one connection that it has. */
const controllerRef = 0x4431;

/**
 * A controller's ISO transport (RFC 1006) on its TCP line. One that listens takes whoever asks for it
 * by its TSAP and says nothing to anybody else; one that calls asks the line for its connection.
 */
export function isoTcpLine(line: ByteLink, tsaps: Tsaps, isCalling: boolean): ByteLink {
  let reader: IsoTcpReader = createIsoTcpReader();
  let sizeAgreed = 0;
  const meant = tsaps.called.toString();

  return {
    open(handlers) {
      const open = (tpduBytes: number): void => {
        sizeAgreed = tpduBytes;
        handlers.onOpen();
      };
      const take = (word: IsoTcpWord): void => {
        if (word.kind === "data" && sizeAgreed > 0) handlers.onBytes(word.bytes);
        if (word.kind === "connectConfirm" && isCalling) open(word.tpduBytesMax);
        if (word.kind !== "connectRequest" || isCalling) return;
        if (word.tsaps.called.toString() !== meant) return;
        line.write(encodeConnectConfirm(word, controllerRef));
        open(word.tpduBytesMax);
      };
      line.open({
        onOpen() {
          reader = createIsoTcpReader();
          sizeAgreed = 0;
          if (isCalling) line.write(encodeConnectRequest(controllerRef, tsaps));
        },
        onBytes(chunk) {
          for (const word of reader.push(chunk)) take(word);
        },
        onClose(reason) {
          const wasOpen = sizeAgreed > 0;
          sizeAgreed = 0;
          if (wasOpen) handlers.onClose(reason);
        },
      });
    },
    write: (bytes) =>
      sizeAgreed === 0 ? notConnected : line.write(encodeIsoTcpData(bytes, sizeAgreed)),
    close: () => line.close(),
  };
}
