import { hash } from "node:crypto";
import { mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createFactLog, type FactLog } from "../../protocols/fact-log.ts";
import { fileReason } from "../../protocols/file-reason.ts";
import { checkJson, parseJson } from "../../protocols/json-message.ts";
import type { Log } from "../../protocols/log.ts";
import type { StoreHealth } from "../../protocols/side-stores.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { zRefusedMessage, type RefusedMessage } from "../../protocols/ui/http.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { halfSuffix, writeDurably } from "../journal/durable-file.ts";

/**
 * What other parties sent and got nothing taken of (law 17): the bytes as far as they were read, by
 * whom, when, and why not. The journal holds the whole of a message of which anything was taken.
 * Bounded in number, bytes and age; the oldest leave, and are counted.
 */
export interface RefusedMessages {
  /**
   * Resolves when it is kept, or cannot be, which is counted; never rejects. The same bytes from the
   * same sender for the same reason are counted, not kept again.
   */
  keep(refused: NewRefusal): Promise<void>;
  /** Those that are on disk, newest first. */
  list(): readonly RefusedMessage[];
  /** The bytes that are kept of one; null for an unknown id. */
  read(id: string): Promise<Uint8Array | null>;
  counters(): Readonly<Record<RefusedCounter, number>>;
  /** It looks no more whether a folder that has failed can be written again. */
  stop(): void;
}

export interface NewRefusal extends Pick<
  RefusedMessage,
  "path" | "sender" | "station" | "code" | "field" | "message"
> {
  /** What was read of it, which may be nothing. */
  readonly bytes: Uint8Array;
  /** As long as it said it was, or was. */
  readonly bytesTotal: number;
  /** Part of it was never looked at, or nothing could be told of it. */
  readonly isUnread: boolean;
}

type RefusedCounter =
  | "held"
  | "heldBytes"
  | "keptTotal"
  | "repeatedTotal"
  | "leftTotal"
  | "busyTotal"
  | "failedTotal";

export interface RefusedFolderOptions {
  /** Made if it is not there; nothing else lies in it. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly messagesMax: number;
  readonly bytesMax: number;
  /** Hears whether the folder can be written. */
  readonly health: StoreHealth;
  /** Those that came last so long ago leave. Default: 90 days. */
  readonly ageMsMax?: number;
}

/** How often is looked for those that are too old. The first time, a calendar has run for so long. */
const ageLookMs = 3_600_000;
/** A calendar that has gone another way than time by as much tells no age. */
const calendarMovedMsMax = 60_000;

/** Of a longer message so much is kept, from its beginning. */
export const refusedBytesMax = 256 * 1_024;
/** What waits for the disk beyond these bytes is refused all the same, and only counted. */
export const waitingBytesMax = 16 * 1_024 * 1_024;
/** A folder that has failed is tried again as often, since nobody may send anything meanwhile. */
const tryAgainMs = 10_000;
const trialName = "trial";
/** That one came again is written down once in this time: an alarm after a restart asks for it. */
const lastAtWrittenMs = 60_000;
const suffix = ".refused";
const newline = 0x0a;

interface Held {
  readonly message: RefusedMessage;
  readonly fileBytes: number;
  /** Its `lastAt` on disk. */
  readonly lastAtWritten: number;
}

/** One file a message: a line that tells of it, then its bytes. Rejects when the disk fails. */
export async function openRefusedFolder(options: RefusedFolderOptions): Promise<RefusedMessages> {
  await mkdir(options.folder, { recursive: true });
  const folder = new RefusedFolder(options);
  await folder.readAll();
  return folder;
}

class RefusedFolder implements RefusedMessages {
  readonly #options: RefusedFolderOptions;
  readonly #facts: FactLog;
  /** Oldest first, by id. */
  readonly #held = new Map<string, Held>();
  readonly #idBySameness = new Map<string, string>();
  /** Held before they are on disk, so that the same one is known that comes meanwhile. */
  readonly #unwritten = new Set<string>();
  readonly #totals = { keptTotal: 0, repeatedTotal: 0, leftTotal: 0, busyTotal: 0, failedTotal: 0 };
  #heldBytes = 0;
  #waitingBytes = 0;
  #last: Promise<void> = Promise.resolve();
  #made = 0;
  #trial: Timer | null = null;
  readonly #opened: { readonly wall: number; readonly monotonic: number };
  #lookForOldAt: number;

  constructor(options: RefusedFolderOptions) {
    this.#options = options;
    this.#facts = createFactLog(options);
    const { clock } = options;
    this.#opened = { wall: clock.wall(), monotonic: clock.monotonic() };
    this.#lookForOldAt = clock.monotonic() + ageLookMs;
  }

  async readAll(): Promise<void> {
    const { folder } = this.#options;
    const names = await readdir(folder);
    for (const name of names.toSorted()) {
      if (name.endsWith(halfSuffix)) await rm(join(folder, name), { force: true });
      if (!name.endsWith(suffix)) continue;
      const message = await this.#headOf(name);
      if (message === null) this.#totals.failedTotal += 1;
      else this.#hold(message);
    }
    await this.#letOldestLeave();
  }

  async keep(refused: NewRefusal): Promise<void> {
    this.#lookForOld();
    const message = this.#describe(refused);
    const knownId = this.#idBySameness.get(samenessOf(message));
    if (knownId !== undefined) return this.#keepAgain(knownId, message.at, refused.bytes);
    const waitingBytes = fileBytesOf(message);
    if (this.#waitingBytes + waitingBytes > waitingBytesMax) {
      this.#totals.busyTotal += 1;
      this.#isFailing("it takes longer than messages come");
      return;
    }
    this.#waitingBytes += waitingBytes;
    this.#hold(message);
    this.#unwritten.add(message.id);
    const kept = refused.bytes.subarray(0, message.bytesKept);
    // One after the other, so that none is written after it has had to leave.
    this.#last = this.#last.then(() => this.#write(message, kept));
    await this.#last;
    this.#waitingBytes -= waitingBytes;
  }

  async #keepAgain(id: string, at: RefusedMessage["at"], bytes: Uint8Array): Promise<void> {
    this.#count(id, at);
    const held = this.#held.get(id);
    if (this.#unwritten.has(id)) await this.#last;
    // Also where the calendar was set back.
    else if (held !== undefined && Math.abs(at - held.lastAtWritten) >= lastAtWrittenMs) {
      this.#held.set(id, { ...held, lastAtWritten: at });
      this.#last = this.#last.then(() => this.#writeAgain(held.message, bytes));
      await this.#last;
    }
  }

  async #writeAgain(message: RefusedMessage, bytes: Uint8Array): Promise<void> {
    if (!this.#held.has(message.id)) return;
    try {
      // How often it came is counted anew by each run.
      await this.#writeFile({ ...message, times: 1 }, bytes.subarray(0, message.bytesKept));
      this.#works();
    } catch (error) {
      // What was written first is still there.
      this.#hasFailed(error);
    }
  }

  #writeFile(message: RefusedMessage, kept: Uint8Array): Promise<void> {
    const head = Buffer.from(`${JSON.stringify(message)}\n`);
    return writeDurably(this.#pathOf(message.id), Buffer.concat([head, kept]));
  }

  #hasFailed(error: unknown): void {
    this.#isFailing(fileReason(error));
    this.#totals.failedTotal += 1;
    this.#facts.tell({
      subject: this.#options.folder,
      is: fileReason(error),
      level: "error",
      message: "a refused message cannot be kept",
      fields: { error },
    });
  }

  #works(): void {
    this.#options.health.works();
    this.stop();
  }

  #isFailing(why: string): void {
    const { health, clock } = this.#options;
    health.failed(why);
    if (this.#trial !== null) return;
    this.#trial = clock.schedule(monotonicMs(clock.monotonic() + tryAgainMs), () => {
      this.#trial = null;
      this.#last = this.#last.then(() => this.#tryAgain());
    });
  }

  async #tryAgain(): Promise<void> {
    const path = join(this.#options.folder, trialName);
    try {
      // As large as the largest, so that there is room for what comes then.
      await writeDurably(path, Buffer.alloc(refusedBytesMax));
      await rm(path, { force: true });
      this.#works();
    } catch (error) {
      this.#isFailing(fileReason(error));
    }
  }

  stop(): void {
    this.#trial?.cancel();
    this.#trial = null;
  }

  async #write(message: RefusedMessage, kept: Uint8Array): Promise<void> {
    try {
      if (!this.#held.has(message.id)) return;
      await this.#writeFile(message, kept);
      this.#totals.keptTotal += 1;
      this.#works();
      await this.#letOldestLeave();
    } catch (error) {
      this.#drop(message.id);
      this.#hasFailed(error);
    } finally {
      this.#unwritten.delete(message.id);
    }
  }

  list(): readonly RefusedMessage[] {
    this.#lookForOld();
    return [...this.#held.values()]
      .flatMap(({ message }) => (this.#unwritten.has(message.id) ? [] : [message]))
      .toReversed();
  }

  async read(id: string): Promise<Uint8Array | null> {
    if (!this.#held.has(id)) return null;
    const content = await readFile(this.#pathOf(id)).catch((error: unknown) => {
      this.#facts.tell({
        subject: id,
        is: fileReason(error),
        level: "error",
        message: "a refused message cannot be read",
        fields: { id, error },
      });
      return null;
    });
    return content === null ? null : content.subarray(content.indexOf(newline) + 1);
  }

  counters(): Readonly<Record<RefusedCounter, number>> {
    this.#lookForOld();
    return { held: this.#held.size, heldBytes: this.#heldBytes, ...this.#totals };
  }

  #describe(refused: NewRefusal): RefusedMessage {
    const { bytes, bytesTotal, message, ...facts } = refused;
    const at = this.#options.clock.wall();
    this.#made += 1;
    return {
      ...facts,
      message: message.slice(0, wordsMax),
      // In the order of time, also among those of one moment.
      id: `${String(at).padStart(15, "0")}-${String(this.#made).padStart(9, "0")}`,
      at,
      sha256: bytes.length === 0 ? null : hash("sha256", bytes, "hex"),
      bytesTotal: Math.max(bytesTotal, bytes.length),
      bytesKept: Math.min(bytes.length, refusedBytesMax),
      times: 1,
      lastAt: at,
    };
  }

  #count(id: string, lastAt: RefusedMessage["at"]): void {
    this.#totals.repeatedTotal += 1;
    const held = this.#held.get(id);
    if (held === undefined) return;
    const { message } = held;
    this.#held.set(id, { ...held, message: { ...message, times: message.times + 1, lastAt } });
  }

  #hold(message: RefusedMessage): void {
    const fileBytes = fileBytesOf(message);
    this.#held.set(message.id, { message, fileBytes, lastAtWritten: message.lastAt });
    this.#idBySameness.set(samenessOf(message), message.id);
    this.#heldBytes += fileBytes;
  }

  #drop(id: string): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    this.#idBySameness.delete(samenessOf(held.message));
    this.#heldBytes -= held.fileBytes;
  }

  async #letOldestLeave(): Promise<void> {
    const { messagesMax, bytesMax } = this.#options;
    while (this.#held.size > messagesMax || this.#heldBytes > bytesMax) {
      const [oldest] = this.#held.keys();
      if (oldest === undefined) return;
      this.#drop(oldest);
      this.#totals.leftTotal += 1;
      await rm(this.#pathOf(oldest), { force: true });
    }
  }

  /**
   * Now and then. By a calendar that was set since the start nothing leaves: it may be what was set
   * wrong, and what is gone is gone.
   */
  #lookForOld(): void {
    const { clock, ageMsMax = 90 * 86_400_000 } = this.#options;
    const [wall, monotonic] = [clock.wall(), clock.monotonic()];
    if (monotonic < this.#lookForOldAt) return;
    this.#lookForOldAt = monotonic + ageLookMs;
    const movedMs = wall - this.#opened.wall - (monotonic - this.#opened.monotonic);
    if (Math.abs(movedMs) > calendarMovedMsMax) return;
    for (const [id, { message }] of this.#held) {
      if (wall - message.lastAt < ageMsMax || this.#unwritten.has(id)) continue;
      this.#drop(id);
      this.#totals.leftTotal += 1;
      this.#last = this.#last.then(() => this.#remove(id));
    }
  }

  /** One that cannot be removed is found again by the next run, and as old. */
  async #remove(id: string): Promise<void> {
    try {
      await rm(this.#pathOf(id), { force: true });
    } catch (error) {
      this.#hasFailed(error);
    }
  }

  async #headOf(name: string): Promise<RefusedMessage | null> {
    const file = await open(join(this.#options.folder, name), "r");
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytesMax), 0, headBytesMax, 0);
      const end = buffer.subarray(0, bytesRead).indexOf(newline);
      const json = parseJson(buffer.subarray(0, Math.max(end, 0)));
      const read = json.kind === "ok" ? checkJson(zRefusedMessage, json.value) : json;
      return read.kind === "ok" && `${read.value.id}${suffix}` === name ? read.value : null;
    } finally {
      await file.close();
    }
  }

  #pathOf(id: string): string {
    return join(this.#options.folder, `${id}${suffix}`);
  }
}

/** Words in an answer repeat no more of what was sent. */
const wordsMax = 500;
const headBytesMax = 8_192;

const fileBytesOf = (message: RefusedMessage): number =>
  message.bytesKept + JSON.stringify(message).length;

/** Of what was never read nobody knows whether it is the same. */
const samenessOf = (message: RefusedMessage): string => {
  const { id, path, sender, station, code, sha256, bytesTotal } = message;
  const isUnseen = sha256 === null && (bytesTotal > 0 || message.isUnread === true);
  return JSON.stringify([path, sender, station, code, sha256, bytesTotal, isUnseen ? id : null]);
};
