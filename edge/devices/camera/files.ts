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
      "Milliseconds after the moment within which its file is there. Where the stills of two parcels could be meant, a file is nobody's: less than the time between two parcels.",
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
/** More parcels are not at one camera within that time. */
const awaitedMax = 64;

/**
 * Nothing in such a file says whose it is but the time at which it came. It is the still of the one
 * moment for which one is awaited then; where several are, each of them may be meant, and none gets it.
 */
export function createFilesDialect({
  withinMs,
}: FilesDialect): Dialect<FolderNews, FolderOrder, CameraHeard, StillWanted> {
  let awaited: readonly Awaited[] = [];
  let aliveAt: MonotonicMs | null = null;

  const overdue = (at: MonotonicMs): readonly Awaited[] =>
    awaited.filter(({ since }) => since + withinMs < at);

  const giveUp = (
    given: readonly Awaited[],
    out: DialectOutlet<CameraHeard, FolderOrder>,
  ): void => {
    awaited = awaited.filter((each) => !given.includes(each));
    for (const { id } of given) out.tell({ kind: "noStill", id });
  };

  const takeFile = (
    { name, bytes }: Extract<FolderNews, { kind: "file" }>,
    out: DialectOutlet<CameraHeard, FolderOrder>,
  ): void => {
    const refuse = (why: string): void => out.answer({ kind: "keepAside", name, why });
    const why = whyNoStill(bytes);
    if (why !== null) {
      refuse(why);
      return out.tell(notRead(name, why));
    }
    const [one, ...others] = awaited;
    if (one === undefined) {
      refuse("no still was awaited when it came");
      return out.tell({ kind: "noted", counts: { foreignFilesTotal: 1 } });
    }
    if (others.length > 0) {
      refuse("stills of several parcels were awaited when it came");
      out.tell({ kind: "noted", counts: { ambiguousFilesTotal: 1 } });
      return giveUp(awaited, out);
    }
    awaited = [];
    out.tell({ kind: "still", id: one.id, bytes });
  };

  return {
    read(news, at, out) {
      switch (news.kind) {
        case "looked":
          if (aliveAt !== null && at < aliveAt + aliveEveryMs) return;
          aliveAt = at;
          return out.tell({ kind: "alive" });
        case "notRead":
          return out.tell(notRead(news.name, news.why));
        case "file":
          giveUp(overdue(at), out);
          return takeFile(news, out);
      }
    },
    write({ id }, at) {
      // The oldest is given up by its time.
      awaited = [...awaited, { id, since: at }].slice(-awaitedMax);
      return null;
    },
    wakeAt: () => {
      const [oldest] = awaited;
      return oldest === undefined ? null : monotonicMs(oldest.since + withinMs + 1);
    },
    wake(at, out) {
      giveUp(overdue(at), out);
    },
    lose(out) {
      aliveAt = null;
      giveUp(awaited, out);
    },
  };
}

const notRead = (name: string, why: string): CameraHeard => ({
  kind: "discarded",
  reason: deviceReason("fileNotRead", { detail: `${name}: ${why}` }),
  counts: { filesNotReadTotal: 1 },
});
