import { join } from "node:path";
import { invariant, type BugRecord } from "../../protocols/bug.ts";
import type { Log } from "../../protocols/log.ts";
import type { SideStoreWatch } from "../../protocols/side-stores.ts";
import type { Clock } from "../../protocols/time.ts";
import type { Centre } from "../centre/centre.ts";
import {
  createSegmentRoller,
  type SegmentRoller,
  type SegmentRollerOptions,
} from "../journal/segments/roller.ts";
import type { RollingStore } from "../journal/segments/rolling-store.ts";
import { createSegmentFolder, type SegmentFolder } from "../journal/segments/segment-folder.ts";
import type { SqliteJournal } from "../journal/sqlite/sqlite-journal.ts";
import type { AgentFile } from "./config/agent-file.ts";

/** Which file's records they are: each has a folder of its own, since two may hold the same chain. */
type Rolled = "journal" | "centre" | "copies";

export const segmentFolderOf = (dataDir: string, of: Rolled): SegmentFolder =>
  createSegmentFolder(join(dataDir, "segments", of));

interface RolledFile {
  /** Null where it was opened without the folder, which is a bug of ours. */
  readonly store: RollingStore | null;
  readonly folder: SegmentFolder;
}

interface JournalRollerOptions extends RolledFile {
  readonly file: Pick<AgentFile, "journal">;
  readonly of: Rolled;
  readonly mayLeaveUpTo: SegmentRollerOptions["mayLeaveUpTo"];
  readonly mayBeDroppedUpTo?: () => number;
  readonly isCalendarProved?: () => boolean;
  readonly sideStores: Pick<SideStoreWatch, "healthOf">;
  readonly clock: Clock;
  readonly log: Log;
  readonly bugs: Pick<BugRecord, "report">;
}

/** Begins to let the oldest records of a journal leave, as its program's configuration says. */
function startJournalRoller(options: JournalRollerOptions): SegmentRoller {
  const { file, of, log, store, sideStores, ...rest } = options;
  invariant(store !== null, `the ${of} file was opened without a folder for segments`);
  const roller = createSegmentRoller({
    ...rest,
    store,
    health: sideStores.healthOf("segments"),
    bounds: file.journal,
    log: log.child("segments", { journal: of }),
  });
  roller.start();
  return roller;
}

export interface AgentRollerOptions extends Pick<
  JournalRollerOptions,
  "file" | "clock" | "log" | "bugs" | "sideStores"
> {
  readonly journal: Pick<SqliteJournal, "rolling" | "acknowledgedSeq">;
  readonly folder: SegmentFolder;
  /** How far the centre holds this journal by its last word; 0 while it has not said so. */
  readonly centreHoldsSeq: () => number;
}

/**
 * Of a line agent's journal: the centre has what leaves, and has synced it. One whose backup was put
 * back lacks again what it had, so nothing is dropped but what it holds now.
 */
export const startAgentRoller = ({
  journal,
  centreHoldsSeq,
  ...options
}: AgentRollerOptions): SegmentRoller =>
  startJournalRoller({
    ...options,
    of: "journal",
    store: journal.rolling(),
    mayLeaveUpTo: () => journal.acknowledgedSeq(),
    mayBeDroppedUpTo: centreHoldsSeq,
  });

export interface CentreRollersOptions extends Pick<
  JournalRollerOptions,
  "file" | "clock" | "log" | "bugs" | "sideStores"
> {
  readonly centre: Pick<Centre, "restartsBehind" | "site">;
  readonly journal: RolledFile;
  readonly copies: RolledFile;
}

/** Of its own journal and of the copies: what a restart reads stays in their files. */
export function startCentreRollers(options: CentreRollersOptions): readonly SegmentRoller[] {
  const { centre, journal, copies, ...common } = options;
  const isCalendarProved = (): boolean => centre.site.desk.calendarDoubt() === null;
  return [
    startJournalRoller({
      ...common,
      ...journal,
      of: "centre",
      isCalendarProved,
      mayLeaveUpTo: () => centre.restartsBehind().ownSeq,
    }),
    startJournalRoller({
      ...common,
      ...copies,
      of: "copies",
      isCalendarProved,
      mayLeaveUpTo: (chain) => centre.restartsBehind().copies.get(chain) ?? 0,
    }),
  ];
}
