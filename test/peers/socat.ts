import { lstatSync } from "node:fs";
import { startPeer, type RunningPeer } from "./peer.ts";

/** A serial-device server: what a device says over TCP comes out of a terminal, and back. */
export interface SocatLine {
  /** The terminal is gone, as when a USB adapter is pulled. */
  unplug(): Promise<void>;
  replug(): Promise<void>;
}

export async function openSocatLine(path: string, tcpPort: number): Promise<SocatLine> {
  let running: RunningPeer | null = null;
  const replug = async (): Promise<void> => {
    running = await startPeer({
      program: "socat",
      args: [`PTY,link=${path},rawer`, `TCP:127.0.0.1:${tcpPort},nodelay`],
      isReady: () => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
    });
  };
  await replug();
  return {
    replug,
    unplug: async () => {
      const stopped = running;
      running = null;
      await stopped?.stop();
    },
  };
}
