import { z } from "zod";
import { deviceReason } from "../../../protocols/device-reasons.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import { speak, type Dialect, type DialectOutlet } from "../dialect.ts";
import type { Carriers } from "../wires/carriers.ts";
import type { FolderNews, FolderOrder } from "../wires/folder-wire.ts";
import type { CameraHeard, StillWanted } from "./heard.ts";
import { whyNoStill } from "./still-file.ts";

export const zFilesDialect = z.strictObject({
  kind: z
    .literal("files")
    .describe(
      "A camera with a trigger of its own, which puts each still into a folder, by FTP say.",
    ),
  withinMs: z
    .number()
    .int()
    .min(100)
    .max(10_000)
    .default(800)
    .describe(
      "Milliseconds after the moment within which its file is there. Where the stills of two parcels could be meant, a file is nobody's: less than the time between two parcels, and less than half of it if one that is lost is to cost no other.",
    ),
});
export type FilesDialect = z.infer<typeof zFilesDialect>;

export const filesCarriers = (config: FilesDialect): Carriers<CameraHeard, StillWanted> => ({
  files: (folder, clock) => speak(createFilesDialect(config), folder, clock),
});

interface Awaited {
  readonly id: string;
  readonly since: MonotonicMs;
}

/** A look at its folder is a sign of life; as often is enough, and a trace has room for more. */
const aliveEveryMs = 1_000;
/** More parcels are not at one camera within that time: beyond, nothing tells whose a file is. */
export const filesAwaitedMax = 32;

/**
 * Nothing in such a file says whose it is but the time at which it came. It is the still of the one
 * moment for which one is awaited then, if it surely came after that: at the moment itself the folder is
 * looked at, and what lay there is none of its. Where several are awaited each of them may be meant, and
 * none gets it.
 *
 * That holds while each moment has its file within its time. Once one has not, or a file is nobody's,
 * each that comes may be the late one of an earlier parcel. Then all of them are nobody's, until
 * `withinMs` have passed in which none was awaited and none has come. So no file is given to another
 * parcel that comes within twice `withinMs`; one that is later cannot be told from the next parcel's.
 */
export function createFilesDialect({
  withinMs,
}: FilesDialect): Dialect<FolderNews, FolderOrder, CameraHeard, StillWanted> {
  let awaited: readonly Awaited[] = [];
  let aliveAt: MonotonicMs | null = null;
  /** Whether a file can be told to be the next parcel's. */
  let isSure = false;
  /** From then on none was awaited and none has come. */
  let quietFrom = monotonicMs(0);

  const overdue = (at: MonotonicMs): readonly Awaited[] =>
    awaited.filter(
      ({ since }, index) => since + withinMs < at || index < awaited.length - filesAwaitedMax,
    );

  const notQuietUntil = (at: number): void => {
    quietFrom = monotonicMs(Math.max(quietFrom, at));
  };

  /** Whoever is awaited gets none either: the file that comes next may be another's. */
  const doubt = (out: DialectOutlet<CameraHeard, FolderOrder>): void => {
    const given = awaited;
    awaited = [];
    for (const { id } of given) out.tell({ kind: "noStill", id });
    if (isSure) out.tell({ kind: "noted", counts: { pairingLostTotal: 1 } });
    isSure = false;
  };

  const giveUpOverdue = (at: MonotonicMs, out: DialectOutlet<CameraHeard, FolderOrder>): void => {
    if (overdue(at).length > 0) doubt(out);
  };

  /** A look that began then has told all that it found. */
  const looked = (beganAt: MonotonicMs, out: DialectOutlet<CameraHeard, FolderOrder>): void => {
    if (isSure || awaited.length > 0 || beganAt < quietFrom + withinMs) return;
    isSure = true;
    out.tell({ kind: "noted", counts: { pairingSureTotal: 1 } });
  };

  /** It may have lain there before any moment that anybody knows of. */
  const takeOld = (
    { seenAt }: Extract<FolderNews, { kind: "old" }>,
    out: DialectOutlet<CameraHeard, FolderOrder>,
  ): void => {
    const isAwaited = awaited.some(({ since }) => since <= seenAt);
    const why = !isAwaited ? "foreign" : isSure ? "early" : "unsure";
    out.tell({ kind: "noted", counts: { [`${why}FilesTotal`]: 1 } });
    doubt(out);
  };

  const takeFile = (
    file: Extract<FolderNews, { kind: "file" }>,
    out: DialectOutlet<CameraHeard, FolderOrder>,
  ): void => {
    const { name, bytes, cameAfter, seenAt } = file;
    const refuse = (why: string): void => out.answer({ kind: "keepAside", name, why });
    const why = whyNoStill(bytes);
    if (why !== null) {
      refuse(why);
      return out.tell(notRead(name, why));
    }
    const isNobodys = (because: string, counter: string): void => {
      refuse(because);
      out.tell({ kind: "noted", counts: { [counter]: 1 } });
      doubt(out);
    };
    // A moment behind its coming is not meant.
    const [one, ...others] = awaited.filter(({ since }) => since <= seenAt);
    if (one === undefined) {
      return isNobodys("no still was awaited when it came", "foreignFilesTotal");
    }
    if (!isSure) {
      return isNobodys("it may be an earlier parcel's that came late", "unsureFilesTotal");
    }
    if (others.length > 0) {
      return isNobodys(
        "stills of several parcels were awaited when it came",
        "ambiguousFilesTotal",
      );
    }
    if (cameAfter === null || cameAfter < one.since) {
      return isNobodys("it may have lain there before its moment", "earlyFilesTotal");
    }
    awaited = awaited.filter((each) => each !== one);
    out.tell({ kind: "still", id: one.id, bytes });
  };

  return {
    begin(at, out) {
      out.answer({ kind: "refuseOld" });
      // Its trigger has not waited for the folder.
      notQuietUntil(at + withinMs);
    },
    read(news, at, out) {
      giveUpOverdue(at, out);
      switch (news.kind) {
        case "looked":
          if (news.isBehind !== true) looked(news.beganAt, out);
          if (aliveAt !== null && at < aliveAt + aliveEveryMs) return;
          aliveAt = at;
          return out.tell({ kind: "alive" });
        case "old":
          notQuietUntil(at);
          return takeOld(news, out);
        case "notRead":
          notQuietUntil(at);
          return out.tell(notRead(news.name, news.why));
        case "file":
          notQuietUntil(at);
          return takeFile(news, out);
      }
    },
    write({ id }, at) {
      // What is too long ago, or one too many, is given up, which is told.
      awaited = [...awaited, { id, since: at }];
      notQuietUntil(at + withinMs);
      return { kind: "glance" };
    },
    unsent() {
      awaited = awaited.slice(0, -1);
    },
    wakeAt: () => {
      const [oldest] = awaited;
      if (oldest === undefined) return null;
      return awaited.length > filesAwaitedMax
        ? oldest.since
        : monotonicMs(oldest.since + withinMs + 1);
    },
    wake: giveUpOverdue,
    lose(out) {
      aliveAt = null;
      doubt(out);
    },
  };
}

const notRead = (name: string, why: string): CameraHeard => ({
  kind: "discarded",
  reason: deviceReason("fileNotRead", { detail: `${name}: ${why}` }),
  counts: { filesNotReadTotal: 1 },
});
