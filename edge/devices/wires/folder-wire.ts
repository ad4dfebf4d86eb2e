import { lstat, opendir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deviceReason } from "../../../protocols/device-reasons.ts";
import { fileReason, isMissing } from "../../../protocols/file-reason.ts";
import type { Log } from "../../../protocols/log.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import { notConnected, sent, wireFull } from "../../../protocols/transport.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import type { FolderReach } from "../reach.ts";
import { createWireLog } from "../wire-log.ts";
import type { Wire, WireHandlers } from "../wire.ts";
import { createKeptFiles } from "./kept-files.ts";
import { createSettledFiles, isHalfName, isSameFile, type SeenFile } from "./settled-files.ts";

/** What a watched folder says. */
export type FolderNews =
  /** It could be looked at: the files before this were all of this look. */
  | { readonly kind: "looked" }
  /** A whole file, under the name that it is kept by. */
  | { readonly kind: "file"; readonly name: string; readonly bytes: Uint8Array }
  /** One that was not read; it lies aside. */
  | { readonly kind: "notRead"; readonly name: string; readonly why: string };

export type FolderOrder =
  /** Renamed into place in the folder of what is told, over an earlier file of that name. */
  | { readonly kind: "put"; readonly name: string; readonly bytes: Uint8Array }
  /** A file that was handed on belongs to nothing. */
  | { readonly kind: "keepAside"; readonly name: string };

/** So many entries are looked at, and the others once those are gone. */
const entriesMax = 2_000;
const filesPerLookMax = 4;
const fileBytesMax = 32 * 1024 * 1024;
const ordersMax = 16;

export interface FolderOptions {
  readonly reach: FolderReach;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * A folder into which a device puts files. Each look takes a few whole files, moves them out of the
 * device's way before they are read, so that none is read twice, and hands them on in the order in
 * which they came. A folder that cannot be looked at is a wire that is down.
 */
export function openFolderWire({
  reach,
  clock,
  log,
}: FolderOptions): Wire<FolderNews, FolderOrder> {
  const { path, tellPath, lookEveryMs, keptFilesMax } = reach;
  const settled = createSettledFiles(reach.writes);
  const taken = createKeptFiles(join(path, "taken"), keptFilesMax);
  const aside = createKeptFiles(join(path, "aside"), keptFilesMax);
  const wireLog = createWireLog({ log: log.child("folder", { address: path }), clock });
  let handlers: WireHandlers<FolderNews> | null = null;
  let timer: Timer | null = null;
  let isUp = false;
  let isClosed = false;
  let looking: Promise<void> = Promise.resolve();
  let ordering: Promise<void> = Promise.resolve();
  let ordersWaiting = 0;
  let lastWhy: string | null = null;
  const stuck = new Map<string, SeenFile>();

  const tell = (news: FolderNews): void => {
    if (!isClosed) handlers?.onMessage(news);
  };

  const turn = (isOpen: boolean, why = ""): void => {
    isUp = isOpen;
    if (isClosed) return;
    if (isOpen) {
      wireLog.opened();
      handlers?.onState(true);
    } else {
      const reason = deviceReason("cannotOpen", { address: path, detail: why });
      wireLog.closed(reason);
      handlers?.onState(false, reason);
    }
  };

  /** Neither is made here: what is missing may be a disk of another computer. */
  const begin = async (): Promise<void> => {
    if (!(await stat(tellPath)).isDirectory()) throw new Error(`${tellPath} is no folder`);
    await taken.open();
    await aside.open();
  };

  /** What can be taken now, or why the folder cannot be looked at. */
  const seeFiles = async (): Promise<readonly SeenFile[] | { readonly why: string }> => {
    let at = path;
    try {
      const seen = await filesIn(path);
      at = tellPath;
      if (!isUp) await begin();
      // What could not be moved is tried again once it is another file.
      for (const name of stuck.keys()) {
        const now = seen.find((file) => file.name === name);
        if (now === undefined || !isSameFile(now, stuck.get(name) ?? now)) stuck.delete(name);
      }
      const whole = settled.settled(seen).filter(({ name }) => !stuck.has(name));
      return whole.slice(0, filesPerLookMax);
    } catch (error) {
      return { why: `${at}: ${fileReason(error)}` };
    }
  };

  const takeFile = async (file: SeenFile): Promise<FolderNews> => {
    const notRead = (name: string, why: string): FolderNews => ({ kind: "notRead", name, why });
    const from = join(path, file.name);
    try {
      if (file.bytes > fileBytesMax) {
        return notRead(await aside.take(from, file.name), `${file.bytes} bytes are too many`);
      }
      const name = await taken.take(from, file.name);
      const keptAt = taken.pathOf(name);
      const bytes = new Uint8Array(await readFile(keptAt));
      const after = await seenAt(keptAt, file.name);
      if (bytes.length === file.bytes && isSameFile(after, file)) {
        return { kind: "file", name, bytes };
      }
      const asideName = await aside.take(keptAt, file.name);
      taken.forget(name);
      return notRead(asideName, "it was still being written");
    } catch (error) {
      stuck.set(file.name, file);
      const why = fileReason(error);
      turn(false, `${from}: ${why}`);
      return notRead(file.name, why);
    }
  };

  const look = async (): Promise<void> => {
    const files = await seeFiles();
    if (isClosed) return;
    if ("why" in files) {
      if (isUp || lastWhy !== files.why) turn(false, files.why);
      lastWhy = files.why;
      return;
    }
    lastWhy = null;
    if (!isUp) turn(true);
    for (const file of files) {
      tell(await takeFile(file));
      // What could not be moved is named by the state of the wire, which is opened anew.
      if (isClosed || !isUp) return;
    }
    tell({ kind: "looked" });
  };

  const lookSoon = (inMs: number): void => {
    if (isClosed) return;
    timer = clock.schedule(monotonicMs(clock.monotonic() + inMs), () => {
      looking = look().then(() => lookSoon(lookEveryMs));
    });
  };

  const obey = async (order: FolderOrder): Promise<void> => {
    if (order.kind === "keepAside") {
      await aside.take(taken.pathOf(order.name), order.name.replace(/^\d{9}-/, ""));
      taken.forget(order.name);
      return;
    }
    const half = join(tellPath, `.${order.name}.new`);
    await writeFile(half, order.bytes);
    await rename(half, join(tellPath, order.name));
  };

  return {
    open(given) {
      handlers = given;
      lookSoon(0);
    },
    send(order) {
      if (!isUp || isClosed) return notConnected;
      if (ordersWaiting >= ordersMax) return wireFull;
      ordersWaiting += 1;
      ordering = ordering
        .then(() => obey(order))
        .catch((error: unknown) => {
          if (isClosed) return;
          const detail = `${order.name}: ${fileReason(error)}`;
          if (order.kind === "put") handlers?.onSendFailed(detail);
          else handlers?.onDropped(deviceReason("cannotOpen", { address: path, detail }));
        })
        .finally(() => (ordersWaiting -= 1));
      return sent;
    },
    // Each look is a new one.
    revive() {},
    async close() {
      isClosed = true;
      timer?.cancel();
      wireLog.stop();
      await looking;
      await ordering;
    },
  };
}

/** Files of a device, whatever has another kind or a name of a half-written one left out. */
async function filesIn(folder: string): Promise<readonly SeenFile[]> {
  const found: SeenFile[] = [];
  let entries = 0;
  for await (const entry of await opendir(folder)) {
    entries += 1;
    if (entries > entriesMax) {
      if (found.length > 0) return found;
      throw new Error(`more than ${entriesMax} entries, and no file to take among them`);
    }
    if (!entry.isFile() || isHalfName(entry.name)) continue;
    try {
      found.push(await seenAt(join(folder, entry.name), entry.name));
    } catch (error) {
      // The device has taken it back meanwhile.
      if (!isMissing(error)) throw error;
    }
  }
  return found;
}

async function seenAt(path: string, name: string): Promise<SeenFile> {
  const { size, mtimeMs, ino } = await lstat(path);
  return { name, bytes: size, changedAtMs: mtimeMs, inode: ino };
}
