import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { ReadStream } from "node:tty";
import * as nodePty from "node-pty";
import { deviceReason } from "../../protocols/device-reasons.ts";
import {
  notConnected,
  sent,
  wireFull,
  type ByteLink,
  type ByteLinkHandlers,
  type Sending,
} from "../../protocols/transport.ts";

declare module "node-pty" {
  /**
   * In the library, missing from its types. Never call `destroy` on what it returns: having no
   * process of its own, it would send SIGHUP to process -1, which is every process there is.
   */
  export function open(options: { encoding: null }): {
    readonly master: ReadStream;
    readonly slave: ReadStream;
    readonly ptsName: string;
    readonly fd: number;
  };
}

/** A serial cable without hardware: a device holds this end, the agent opens the other by path. */
export interface PtyLine {
  readonly link: ByteLink;
  /** The agent's end vanishes, as when a USB adapter is pulled. */
  unplug(): void;
  /** It comes back under the same path; the device behind the path is a new one. */
  replug(): void;
}

interface Pair {
  readonly master: ReadStream;
  readonly masterFd: number;
  /** Keeps the agent's end alive while no agent has it open; never read, so it eats no byte. */
  readonly keeperFd: number;
}

/** Opens the pair at once; `linkPath` is a symbolic link to the agent's end. */
export function openPtyLine(linkPath: string): PtyLine {
  let handlers: ByteLinkHandlers | null = null;
  let pair: Pair | null = null;

  const unplug = (reason: string): void => {
    if (pair === null) return;
    const { master, keeperFd } = pair;
    pair = null;
    rmSync(linkPath, { force: true });
    master.destroy();
    closeSync(keeperFd);
    handlers?.onClose(deviceReason("connectionLost", { detail: reason }));
  };

  const plug = (): void => {
    if (pair !== null) return;
    const opened = openPair();
    pair = opened;
    pointTo(linkPath, opened.path);
    opened.master.on("data", (bytes: Buffer) => {
      if (pair === opened) handlers?.onBytes(bytes);
    });
    opened.master.on("error", (error) => {
      if (pair === opened) unplug(error.message);
    });
    handlers?.onOpen();
  };

  plug();
  return {
    link: {
      open(given) {
        handlers = given;
        if (pair !== null) given.onOpen();
      },
      write: (bytes) => (pair === null ? notConnected : writeNow(pair.masterFd, bytes)),
      async close() {
        handlers = null;
        unplug("closed");
      },
    },
    unplug: () => unplug("unplugged"),
    replug: plug,
  };
}

function openPair(): Pair & { readonly path: string } {
  const { master, slave, ptsName, fd } = nodePty.open({ encoding: null });
  const keeperFd = openSync(ptsName, constants.O_RDWR | constants.O_NOCTTY);
  // Until an agent sets the line up it must be raw, so that nothing is echoed back to the device.
  slave.setRawMode(true);
  // The library would otherwise read, and so take away, what is meant for the agent.
  slave.destroy();
  return { master, masterFd: fd, keeperFd, path: ptsName };
}

/** Replaces the link in one step, so that an agent finds the old path or the new one. */
function pointTo(linkPath: string, path: string): void {
  mkdirSync(dirname(linkPath), { recursive: true });
  const newPath = `${linkPath}.new`;
  rmSync(newPath, { force: true });
  symlinkSync(path, newPath);
  renameSync(newPath, linkPath);
}

/**
 * The descriptor does not block: what the line cannot take now is lost, as on a real line that
 * nobody reads, and does not arrive minutes later.
 */
function writeNow(fd: number, bytes: Uint8Array): Sending {
  try {
    return writeSync(fd, bytes) === bytes.length ? sent : wireFull;
  } catch {
    return wireFull;
  }
}
