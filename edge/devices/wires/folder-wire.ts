import { isUtf8 } from "node:buffer";
import { rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { invariant } from "../../../protocols/bug.ts";
import { deviceReason, type DeviceReason } from "../../../protocols/device-reasons.ts";
import { fileReason } from "../../../protocols/file-reason.ts";
import type { Log } from "../../../protocols/log.ts";
import type { Clock, Timer } from "../../../protocols/time.ts";
import { notConnected, sent, wireFull } from "../../../protocols/transport.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import type { FolderReach } from "../reach.ts";
import { createWireLog } from "../wire-log.ts";
import type { Wire, WireHandlers } from "../wire.ts";
import { createFolderBacklog } from "./folder-backlog.ts";
import {
  filesIn,
  isAsSeen,
  isStillThere,
  readWhole,
  type FolderEntries,
} from "./folder-entries.ts";
import { createKeptFiles, nameBefore } from "./kept-files.ts";
import { createSettledFiles, isSameFile, type SeenFile } from "./settled-files.ts";
import { createSightings, type Coming } from "./sightings.ts";

/** What a watched folder says. */
export type FolderNews =
  /** It could be looked at: the files before this were all of a look that began then. */
  | {
      readonly kind: "looked";
      readonly beganAt: MonotonicMs;
      /** Not all of them: the others are told soon. */
      readonly isBehind?: true;
    }
  /** A whole file, under the name that it is kept by, and the one that it came with. */
  | ({
      readonly kind: "file";
      readonly name: string;
      readonly cameAs: string;
      readonly bytes: Uint8Array;
    } & Coming)
  /** One that was not read; it lies aside. */
  | { readonly kind: "notRead"; readonly name: string; readonly why: string }
  /** One that lay there before anybody looked, where these are refused; it lies aside, unread. */
  | ({ readonly kind: "old"; readonly name: string; readonly why: string } & Coming);

export type FolderOrder =
  /** Renamed into place in the folder of what is told, over an earlier file of that name. */
  | { readonly kind: "put"; readonly name: string; readonly bytes: Uint8Array }
  /** A file that was handed on belongs to nothing, and why. */
  | { readonly kind: "keepAside"; readonly name: string; readonly why: string }
  /** What lies there now is to be told from what comes: it is looked at once more, and nothing taken. */
  | { readonly kind: "glance" }
  /** From now on, what may have lain there before anybody looked is nobody's, and need not be read. */
  | { readonly kind: "refuseOld" };

type NamedOrder = Exclude<FolderOrder, { readonly kind: "glance" | "refuseOld" }>;

const fileBytesMax = 32 * 1024 * 1024;
const ordersMax = 16;
/** A disk of another computer may never answer: so long is waited for it. */
const answerMsMax = 5_000;
/** And so long at the end, for what is under way. */
export const folderStopMsMax = 2_000;

const whyNotNamed = (bytePath: Uint8Array): string =>
  isUtf8(bytePath) ? "its name has characters that nobody sees" : "its name is no UTF-8";
const whyOld = "it lay there before anybody looked";
const tooMany = ({ bytes }: SeenFile): string => `${bytes} bytes are too many`;

export interface FolderOptions {
  readonly reach: FolderReach;
  readonly clock: Clock;
  readonly log: Log;
  /** Files are read where they lie and left there, as by somebody who looks on. Default: taken. */
  readonly onlyLooks?: boolean;
  /** What lies in the folder; in tests perhaps one that does not answer. */
  readonly seeFolder?: (path: string) => Promise<FolderEntries>;
}

/**
 * A folder into which a device puts files. What a look has found whole is moved out of the device's
 * way before it is read, so that none is read twice, and handed on in the order in which it came. A
 * folder that cannot be looked at, or does not answer, is a wire that is down; a
 * file that cannot be read is told by its name, and keeps no other from being read.
 */
export function openFolderWire({
  reach,
  clock,
  log,
  onlyLooks = false,
  seeFolder = filesIn,
}: FolderOptions): Wire<FolderNews, FolderOrder> {
  const { path, tellPath, lookEveryMs, keptFilesMax } = reach;
  const settled = createSettledFiles(reach.writes);
  const backlog = createFolderBacklog(clock, lookEveryMs);
  const sightings = createSightings();
  const taken = createKeptFiles(join(path, "taken"), keptFilesMax);
  const aside = createKeptFiles(join(path, "aside"), keptFilesMax);
  const wireLog = createWireLog({ log: log.child("folder", { address: path }), clock });
  let handlers: WireHandlers<FolderNews> | null = null;
  let timer: Timer | null = null;
  /** With each thing that is under way. */
  const patiences = new Set<Timer>();
  let isUp = false;
  /** How often it could be looked at anew. */
  let opened = 0;
  let isClosed = false;
  let looking: Promise<void> = Promise.resolve();
  let glancing: Promise<void> = Promise.resolve();
  let isGlanceDue = false;
  let refusesOld = false;
  let lookedTold = monotonicMs(0);
  let ordering: Promise<void> = Promise.resolve();
  let ordersWaiting = 0;
  let lastWhy: string | null = null;
  /** What could not be moved, or is not to be: it is taken again once it is another file. */
  const leftLying = new Map<string, SeenFile>();

  const tell = (news: FolderNews): void => {
    if (!isClosed) handlers?.onMessage(news);
  };

  const open = (): void => {
    isUp = true;
    opened += 1;
    if (isClosed) return;
    wireLog.opened();
    handlers?.onState(true);
  };
  const lose = (reason: DeviceReason): void => {
    isUp = false;
    if (isClosed) return;
    wireLog.closed(reason);
    handlers?.onState(false, reason);
  };
  const cannotOpen = (detail: string): DeviceReason =>
    deviceReason("cannotOpen", { address: path, detail });
  const noAnswer = (afterMs: number): DeviceReason =>
    deviceReason("noAnswer", { seconds: afterMs / 1_000, address: path });

  /** What does not come back is a folder that does not answer. */
  const watched = <T>(work: Promise<T>): Promise<T> => {
    const patience = clock.schedule(monotonicMs(clock.monotonic() + answerMsMax), () =>
      lose(noAnswer(answerMsMax)),
    );
    patiences.add(patience);
    return work.finally(() => {
      patience.cancel();
      patiences.delete(patience);
    });
  };

  /** Whether it is done within so long. */
  const within = (ms: number, work: Promise<boolean>): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const late = clock.schedule(monotonicMs(clock.monotonic() + ms), () => resolve(false));
      work.then(resolve, reject).finally(() => late.cancel());
    });

  const beginTelling = async (to: string): Promise<void> => {
    const [own, told] = [await stat(path), await stat(to)];
    if (!told.isDirectory()) throw new Error(`${to} is no folder`);
    if (own.ino === told.ino && own.dev === told.dev) {
      throw new Error("it is the very folder that the device's files come into");
    }
  };

  /** Neither is made here: what is missing may be a disk of another computer. */
  const begin = async (): Promise<void> => {
    if (tellPath !== undefined) await beginTelling(tellPath);
    if (onlyLooks) return;
    await taken.open();
    await aside.open();
  };

  const see = async (): Promise<{ readonly beganAt: MonotonicMs; readonly files: SeenFile[] }> => {
    const beganAt = clock.monotonic();
    const { files, isWhole } = await seeFolder(path);
    sightings.note({ beganAt, endedAt: clock.monotonic(), files, isWhole });
    return { beganAt, files: [...files] };
  };

  /** What can be taken now, or why the folder cannot be looked at. */
  const seeFiles = async (): Promise<
    | { readonly beganAt: MonotonicMs; readonly files: readonly SeenFile[] }
    | { readonly why: string }
  > => {
    let at = path;
    try {
      const { beganAt, files: seen } = await see();
      at = tellPath ?? path;
      if (!isUp) await begin();
      const now = new Map(seen.map((file) => [file.name, file]));
      for (const [name, left] of leftLying) {
        const file = now.get(name);
        if (file === undefined || !isSameFile(file, left)) leftLying.delete(name);
      }
      const files = settled.settled(seen).filter(({ name }) => !leftLying.has(name));
      return { beganAt, files };
    } catch (error) {
      return { why: `${at}: ${fileReason(error)}` };
    }
  };

  const wayTo = ({ name, bytePath }: SeenFile): string | Buffer => bytePath ?? join(path, name);

  const putAside = async (
    from: string | Buffer,
    name: string,
    why: string,
  ): Promise<Extract<FolderNews, { kind: "notRead" }>> => {
    const asideName = await aside.take(from, name);
    wireLog.fileNotTaken(asideName, why);
    return { kind: "notRead", name: asideName, why };
  };

  const takeFile = async (file: SeenFile): Promise<FolderNews | null> => {
    if (onlyLooks) return readInPlace(file);
    const from = wayTo(file);
    try {
      if (file.bytePath !== undefined) {
        return await putAside(from, file.name, whyNotNamed(file.bytePath));
      }
      if (file.bytes > fileBytesMax) {
        return await putAside(from, file.name, tooMany(file));
      }
      const coming = sightings.comingOf(file);
      if (refusesOld && coming.cameAfter === null) {
        return { ...(await putAside(from, file.name, whyOld)), kind: "old", ...coming };
      }
      const name = await taken.take(from, file.name);
      const read = await readWhole(taken.pathOf(name), file);
      if (!("why" in read)) {
        return { kind: "file", name, cameAs: file.name, bytes: read, ...coming };
      }
      const news = await putAside(taken.pathOf(name), file.name, read.why);
      taken.forget(name);
      return news;
    } catch (error) {
      leftLying.set(file.name, file);
      const why = fileReason(error);
      // One file that cannot be moved keeps no other from being taken.
      if (!(await isThere())) lose(cannotOpen(`${file.name}: ${why}`));
      else wireLog.fileNotTaken(file.name, why);
      return { kind: "notRead", name: file.name, why };
    }
  };

  /** Null: whoever takes the files of this folder has taken it. */
  const readInPlace = async (file: SeenFile): Promise<FolderNews | null> => {
    const { name, bytes } = file;
    leftLying.set(name, file);
    if (bytes > fileBytesMax) return { kind: "notRead", name, why: tooMany(file) };
    const at = wayTo(file);
    const read = await readWhole(at, file);
    if (!("why" in read)) {
      return { kind: "file", name, cameAs: name, bytes: read, ...sightings.comingOf(file) };
    }
    return (await isStillThere(at)) ? { kind: "notRead", name, why: read.why } : null;
  };

  /** The folders that files are moved to. */
  const isThere = async (): Promise<boolean> => {
    try {
      const folders = await Promise.all([stat(taken.pathOf(".")), stat(aside.pathOf("."))]);
      return folders.every((folder) => folder.isDirectory());
    } catch {
      // Whatever it is that hides them.
      return false;
    }
  };

  const cannotLook = (why: string): void => {
    if (isUp || lastWhy !== why) lose(cannotOpen(why));
    lastWhy = why;
  };

  const look = async (): Promise<void> => {
    const isNew = !isUp || !backlog.isBehind();
    if (isNew) {
      const found = await watched(seeFiles());
      if (isClosed) return;
      if ("why" in found) return cannotLook(found.why);
      lastWhy = null;
      if (!isUp) open();
      backlog.found(found.beganAt, found.files);
    }
    backlog.beginTurn();
    for (let file = backlog.next(); file !== null; file = backlog.next()) {
      // It may have been written to since it was found: the next look sees whether it is whole.
      if (!isNew && !(await watched(isAsSeen(wayTo(file), file)))) continue;
      const news = await watched(takeFile(file));
      if (isClosed) return giveBack(news);
      if (news !== null) tell(news);
      // What could not be moved is named by the state of the wire, which is opened anew.
      if (!isUp) return;
    }
    tellLooked(isNew);
  };

  /** No more often than it would be looked at, however many turns there are. */
  const tellLooked = (isNew: boolean): void => {
    const isBehind = backlog.isBehind();
    if (!isNew && isBehind && clock.monotonic() < lookedTold + lookEveryMs) return;
    lookedTold = clock.monotonic();
    const beganAt = backlog.beganAt();
    tell({ kind: "looked", beganAt, ...(isBehind ? { isBehind } : {}) });
  };

  /** It was taken, and nobody is there any more who could say whose it is. */
  const giveBack = async (news: FolderNews | null): Promise<void> => {
    if (news?.kind !== "file" || onlyLooks) return;
    await obey({ kind: "keepAside", name: news.name, why: "it came as the agent stopped" }).catch(
      (error: unknown) => wireLog.fileNotTaken(news.name, fileReason(error)),
    );
  };

  const lookSoon = (inMs: number): void => {
    if (isClosed) return;
    timer = clock.schedule(monotonicMs(clock.monotonic() + inMs), () => {
      looking = look().then(() => lookSoon(isUp ? backlog.restMs() : lookEveryMs));
    });
  };

  /** It begins after it was asked for, so that one which waits is enough for all who ask. */
  const glance = (): void => {
    if (isGlanceDue) return;
    isGlanceDue = true;
    glancing = glancing
      .then(() => {
        isGlanceDue = false;
        return watched(see());
      })
      .then(
        () => {},
        (error: unknown) => {
          if (!isClosed) cannotLook(`${path}: ${fileReason(error)}`);
        },
      );
  };

  const obey = async (order: NamedOrder): Promise<void> => {
    if (onlyLooks) {
      if (order.kind === "put") throw new Error("the folder is only looked at");
      return;
    }
    if (order.kind === "keepAside") {
      await putAside(taken.pathOf(order.name), nameBefore(order.name), order.why);
      taken.forget(order.name);
      return;
    }
    invariant(tellPath !== undefined, `${path}: this device is told nothing`);
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
      if (isClosed) return notConnected;
      if (order.kind === "glance") {
        if (!isUp) return notConnected;
        glance();
        return sent;
      }
      if (order.kind === "refuseOld") {
        refusesOld = true;
        return sent;
      }
      // What belongs to nothing does not stay among what does, and there are no more than were taken.
      if (order.kind === "put") {
        if (!isUp) return notConnected;
        if (ordersWaiting >= ordersMax) return wireFull;
      }
      ordersWaiting += 1;
      const openedBefore = opened;
      const obeyed = ordering.then(() => {
        const isOld = !isUp || opened !== openedBefore;
        // Nothing that has waited for a folder is told once it is back (law 6).
        if (isOld && order.kind === "put") throw new Error("the folder was lost before");
        return obey(order);
      });
      ordering = watched(obeyed)
        .catch((error: unknown) => {
          if (isClosed) return;
          const detail = `${order.name}: ${fileReason(error)}`;
          if (order.kind === "put") handlers?.onSendFailed(detail);
          else handlers?.onDropped(cannotOpen(detail));
        })
        .finally(() => (ordersWaiting -= 1));
      return sent;
    },
    // Each look is a new one.
    revive() {},
    async close() {
      isClosed = true;
      timer?.cancel();
      for (const patience of patiences) patience.cancel();
      const isDone = Promise.all([looking, glancing, ordering]).then(() => true);
      if (!(await within(folderStopMsMax, isDone))) wireLog.closed(noAnswer(folderStopMsMax));
      wireLog.stop();
    },
  };
}
