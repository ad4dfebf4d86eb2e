import type { ByteLink } from "../../../protocols/transport.ts";
import type { Wire } from "../wire.ts";

/** A serial line or TCP connection, as chunks of bytes. It opens itself again, so nothing revives. */
export const createByteWire = (link: ByteLink): Wire<Uint8Array, Uint8Array> => ({
  open: (handlers) =>
    link.open({
      onOpen: () => handlers.onState(true),
      onBytes: (chunk) => handlers.onMessage(chunk),
      onClose: (reason) => handlers.onState(false, reason),
    }),
  send: (bytes) => link.write(bytes),
  revive() {},
  close: () => link.close(),
});
