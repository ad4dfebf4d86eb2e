import { createServer, type AddressInfo } from "node:net";

const host = "127.0.0.1";

/** Ports nobody listens on. All are held until all are known, so that they differ. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held = await Promise.all(Array.from({ length: count }, () => hold(0)));
  const ports = held.map(({ port }) => port);
  await Promise.all(held.map(({ release }) => release()));
  return ports;
}

/** Why nobody can listen on this port, in one sentence; null when it is free. */
export async function explainPort(port: number): Promise<string | null> {
  try {
    const { release } = await hold(port);
    await release();
    return null;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "EADDRINUSE")
      return `${port} is in use on ${host}; name another, or 0 for a free one`;
    if (code === "EACCES")
      return `${port} takes rights that you do not have; name one from 1024 up`;
    return `${port}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function hold(wanted: number): Promise<{ port: number; release: () => Promise<void> }> {
  const server = createServer();
  return new Promise((held, failed) => {
    server.once("error", failed);
    server.listen(wanted, host, () => {
      const { port } = server.address() as AddressInfo;
      held({ port, release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
