import { connect } from "node:net";
import type { Clock } from "../../../../protocols/time.ts";
import { monotonicMs } from "../../../../protocols/units.ts";

/** Whoever has not answered by then is not what stands in the way. */
const answerMsMax = 1_000;
/** Of OPC UA over TCP, where the address names none. */
const portDefault = 4_840;

/**
 * Asks the network itself why a server was not reached: of one that is to show its certificate
 * first, the library (node-opcua 2.186.4) says that it hung up, also where nobody was there. Null
 * where somebody is.
 */
export function socketError(endpointUrl: string, clock: Clock): Promise<Error | null> {
  const url = URL.parse(endpointUrl);
  if (url === null) return Promise.resolve(null);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return new Promise((resolve) => {
    const socket = connect({ host, port: url.port === "" ? portDefault : Number(url.port) });
    const tell = (error: Error | null): void => {
      overdue.cancel();
      socket.destroy();
      resolve(error);
    };
    const overdue = clock.schedule(monotonicMs(clock.monotonic() + answerMsMax), () => tell(null));
    socket.once("connect", () => tell(null));
    socket.once("error", tell);
  });
}
