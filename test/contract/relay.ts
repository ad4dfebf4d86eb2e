import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A cable on loopback: whoever connects to it reaches `target`, until it is pulled. */
export interface Relay {
  readonly port: number;
  pull(): Promise<void>;
  plugIn(): Promise<void>;
}

export async function openRelay(target: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let port = 0;

  const join = (near: Socket): void => {
    const far = connect({ host: "127.0.0.1", port: target, noDelay: true });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      // Each end of the cable tells the other that it is gone, whatever it was that happened.
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  };

  const plugIn = async (): Promise<void> => {
    const next = createServer({ noDelay: true }, join);
    await new Promise<void>((resolve) => next.listen(port, "127.0.0.1", resolve));
    port = (next.address() as AddressInfo).port;
    server = next;
  };
  await plugIn();

  return {
    port,
    plugIn,
    async pull() {
      const last = server;
      server = null;
      for (const socket of sockets) socket.destroy();
      if (last !== null) await new Promise<void>((resolve) => last.close(() => resolve()));
    },
  };
}
